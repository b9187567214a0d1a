"""Who is to be told, and where."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.conf import settings

from accounts.enums import Role
from accounts.memberships import holders_of_any
from accounts.models import Tenant, User
from notices import rules
from notices.models import Notice, NoticeSettings

ALARMED = (Role.GLOBAL_ADMINISTRATOR, Role.PRIVILEGED_AUTHENTICATION_ADMINISTRATOR)
MOST_READERS = 100


@dataclass(frozen=True)
class Reader:
    """One address, and how whoever reads there wants to read."""

    address: str
    language: str
    zone: ZoneInfo


def readers_of(notice: Notice) -> list[Reader]:
    """Return everybody who is to have the mail, as things are now."""
    if notice.person is not None:
        return _readers(notice.tenant, [notice.person])
    also = [str(address) for address in notice.facts.get("also_to", [])]
    chosen = addresses_for_administrators(notice.tenant)
    if chosen:
        return [_reader(notice.tenant, address) for address in rules.usable([*chosen, *also])]
    holders = User.objects.filter(pk__in=holders_of_any(notice.tenant_id, ALARMED), is_enabled=True).exclude(mail="")
    found = _readers(notice.tenant, list(holders.order_by("pk")[:MOST_READERS]))
    return found + [_reader(notice.tenant, address) for address in rules.usable(also)]


def addresses_for_administrators(tenant: Tenant) -> list[str]:
    """Return the addresses a tenant has named for what administrators should know; none: it has not."""
    stored = NoticeSettings.objects.filter(tenant=tenant).first()
    return list(stored.addresses) if stored else []


def _readers(tenant: Tenant, people: list[User]) -> list[Reader]:
    found = [_reader(tenant, person.mail, person) for person in people if rules.usable([person.mail])]
    return list({reader.address: reader for reader in found}.values())


def _reader(tenant: Tenant, address: str, person: User | None = None) -> Reader:
    language = person.language_or(settings.LANGUAGE_CODE) if person else settings.LANGUAGE_CODE
    return Reader(address, language, zone_of(tenant, person))


def zone_of(tenant: Tenant, person: User | None = None) -> ZoneInfo:
    """Return the time zone of a person, or else of his organisation."""
    names = ((person.time_zone if person else ""), tenant.time_zone, settings.TIME_ZONE)
    return next(zone for name in names if (zone := _zone(name)) is not None)


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (KeyError, ValueError, OSError):
        return None
