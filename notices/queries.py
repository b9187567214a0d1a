"""Who is to be told, and where."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

from accounts.enums import Role
from accounts.memberships import holders_of_any
from accounts.models import Group, Tenant, User
from core.sql import Columns, time_parameter
from notices import rules
from notices.models import Notice, NoticeSettings

ALARMED = (Role.GLOBAL_ADMINISTRATOR, Role.PRIVILEGED_AUTHENTICATION_ADMINISTRATOR)
MOST_READERS = 100
MOST_LISTED = 20

NOTICE, PERSON, TENANT = Columns(Notice, "notice"), Columns(User, "person"), Columns(Tenant, "tenant")
DUE = f"""
SELECT {NOTICE}, {PERSON}, {TENANT}
FROM notices_notice notice
JOIN accounts_tenant tenant ON tenant.id = notice.tenant_id
LEFT JOIN accounts_user person ON person.id = notice.person_id
WHERE notice.next_try_at <= %s AND NOT EXISTS (
    SELECT 1 FROM notices_notice earlier
    WHERE earlier.person_id = notice.person_id
        AND earlier.next_try_at IS NOT NULL AND earlier.due_at < notice.due_at
)
ORDER BY notice.next_try_at
LIMIT 1
"""  # noqa: S608  names of our own models


@dataclass(frozen=True)
class Reader:
    """One address, and how whoever reads there wants to read."""

    address: str
    language: str
    zone: ZoneInfo


def longest_due(*, now: datetime) -> Notice | None:
    """Return what is to be sent next. Of what waits for one person only the earliest counts: he reads things in order."""
    with connection.cursor() as cursor:
        cursor.execute(DUE, [time_parameter(now)])
        found = cursor.fetchone()
    if found is None:
        return None
    row = iter(found)
    notice, person, tenant = NOTICE.read(row), PERSON.read(row), TENANT.read(row)
    assert notice is not None  # noqa: S101  a row found is a notice
    assert tenant is not None  # noqa: S101  of a tenant
    notice.person, notice.tenant = person, tenant
    return notice


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


def changes_of_lists(
    tenant_id: UUID, before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]
) -> list[tuple[str, str, list[str], int]]:
    """Return who was added to which list of a policy or removed from it: names, the first of them, and how many it were."""
    changed = [("added", one) for one in after if one not in before]
    changed += [("removed", one) for one in before if one not in after]
    groups = {one["group"] for _, one in changed if one["group"]}
    users = {one["user"] for _, one in changed if one["user"]}
    names = {
        str(pk): name for pk, name in Group.objects.filter(tenant_id=tenant_id, pk__in=groups).values_list("pk", "name")
    }
    people = User.objects.filter(tenant_id=tenant_id, pk__in=users)
    names |= {str(pk): name for pk, name in people.values_list("pk", "display_name")}
    found: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for change, one in changed:
        key = one["group"] or one["user"]
        found[change, one["side"]].append(names.get(key, key))
    return [(*where, listed[:MOST_LISTED], len(listed)) for where, listed in found.items()]


def _readers(tenant: Tenant, people: list[User]) -> list[Reader]:
    found = [_reader(tenant, person.mail, person) for person in people if rules.usable([person.mail])]
    return list({reader.address: reader for reader in found}.values())


def _reader(tenant: Tenant, address: str, person: User | None = None) -> Reader:
    language = person.language_or(settings.LANGUAGE_CODE) if person else settings.LANGUAGE_CODE
    return Reader(address, language, tenant.zone_for(person.time_zone if person else ""))
