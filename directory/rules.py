"""What people, groups, domains and organisations may be called and hold. Pure: what is there already is an argument."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings

from accounts.enums import UserKind
from accounts.models import Tenant, User
from core.clock import time_zones
from core.text import is_mail_address

RESTORABLE = timedelta(days=30)
LONGEST_NAME = 256  # characters of a person's or group's name
LONGEST_LOCAL = 64
LONGEST_UPN = 254  # leaves room for the id that is put before a deleted person's
LONGEST_MAIL = 254
LONGEST_DESCRIPTION = 1024
LONGEST_TENANT_NAME = 120
LONGEST_SERVICE_DESK = 200
LONGEST_DOMAIN = 253

# Letters that look alike in two scripts would give two people one name, so the part before the @ is ASCII.
LOCAL = re.compile(r"[A-Za-z0-9!#'^_~-]+(\.[A-Za-z0-9!#'^_~-]+)*")
LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
DOMAIN = re.compile(rf"({LABEL}\.)+(?=[a-z0-9-]*[a-z]){LABEL}")
# Signs that turn the writing direction of what follows: with them a name shows as another one.
TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

MINUTES = {"methods_fresh_minutes": (1, 60), "admin_fresh_minutes": (5, 720)}


class Problem(StrEnum):
    """What is wrong with a value."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    NOT_PLAIN = "not_plain"
    NO_DOMAIN = "no_domain"
    LOCAL_PART = "local_part"
    FOREIGN_DOMAIN = "foreign_domain"
    MAIL = "mail"
    KIND = "kind"
    LANGUAGE = "language"
    TIME_ZONE = "time_zone"
    DOMAIN_NAME = "domain_name"
    MINUTES = "minutes"
    FORMULA = "formula"
    CELLS = "cells"
    TWICE = "twice"
    TAKEN = "taken"
    GROUP_UNKNOWN = "group_unknown"
    GROUP_DENIED = "group_denied"


@dataclass(frozen=True)
class Profile:
    """What somebody's account says of him."""

    display_name: str
    upn: str
    mail: str = ""
    kind: UserKind = UserKind.MEMBER
    language: str = ""
    time_zone: str = ""

    @classmethod
    def of(cls, user: User) -> "Profile":
        """Return what the account says now."""
        values = {field.name: getattr(user, field.name) for field in fields(cls)}
        return cls(**values | {"kind": UserKind(user.kind)})


PROFILE_FIELDS = tuple(field.name for field in fields(Profile))


def cleaned(profile: Profile) -> Profile:
    """Return what is stored of what was typed: no spaces around, one form of each letter, the domain in small letters."""
    local, at, domain = profile.upn.strip().rpartition("@")
    return Profile(
        display_name=one_line(profile.display_name),
        upn=f"{local}{at}{domain.lower()}",
        mail=profile.mail.strip(),
        kind=profile.kind,
        language=profile.language.strip(),
        time_zone=profile.time_zone.strip(),
    )


def one_line(text: str) -> str:
    """Return ``text`` in composed letters with single spaces."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def profile_problems(profile: Profile, *, changed: Iterable[str], domains: Collection[str]) -> Mapping[str, Problem]:
    """Say what is wrong with the ``changed`` fields of a cleaned profile; ``domains``: the verified ones of the tenant."""
    found = {
        "display_name": name_problem(profile.display_name, longest=LONGEST_NAME),
        "upn": upn_problem(profile.upn, domains=domains),
        "mail": _mail_problem(profile.mail),
        "kind": None if profile.kind in (UserKind.MEMBER, UserKind.INTERNAL_GUEST) else Problem.KIND,
        "language": None if profile.language in {"", *dict(settings.LANGUAGES)} else Problem.LANGUAGE,
        "time_zone": time_zone_problem(profile.time_zone) if profile.time_zone else None,
    }
    return {name: problem for name in changed if (problem := found[name]) is not None}


def upn_problem(upn: str, *, domains: Collection[str]) -> Problem | None:
    """Say what is wrong with a user name: letters, digits and some signs before the @, a verified domain behind it."""
    local, at, domain = upn.rpartition("@")
    if not upn:
        return Problem.EMPTY
    if not at or not local:
        return Problem.NO_DOMAIN
    if len(upn) > LONGEST_UPN or len(local) > LONGEST_LOCAL:
        return Problem.TOO_LONG
    if not LOCAL.fullmatch(local):
        return Problem.LOCAL_PART
    return None if domain in domains else Problem.FOREIGN_DOMAIN


def name_problem(name: str, *, longest: int, may_be_empty: bool = False) -> Problem | None:
    """Say what is wrong with one line of text that people read."""
    if not name:
        return None if may_be_empty else Problem.EMPTY
    if len(name) > longest:
        return Problem.TOO_LONG
    return None if is_plain(name) else Problem.NOT_PLAIN


def is_plain(text: str) -> bool:
    """True for text that every database keeps and every page shows as it was meant."""
    return not any(unicodedata.category(char) in ("Cc", "Cs") or char in TURNS for char in text)


def time_zone_problem(name: str) -> Problem | None:
    """Say whether there is no such time zone."""
    return None if name in time_zones() else Problem.TIME_ZONE


def domain_problem(name: str) -> Problem | None:
    """Say what is wrong with a domain's name: DNS labels in small ASCII letters, two at least."""
    return None if len(name) <= LONGEST_DOMAIN and DOMAIN.fullmatch(name) else Problem.DOMAIN_NAME


def tenant_problems(tenant: Tenant) -> Mapping[str, Problem]:
    """Say which settings of an organisation cannot be, by field name."""
    found: dict[str, Problem | None] = {
        "name": name_problem(tenant.name, longest=LONGEST_TENANT_NAME),
        "service_desk": name_problem(tenant.service_desk, longest=LONGEST_SERVICE_DESK, may_be_empty=True),
        "time_zone": time_zone_problem(tenant.time_zone),
    }
    for name, (least, most) in MINUTES.items():
        found[name] = None if least <= getattr(tenant, name) <= most else Problem.MINUTES
    return {name: problem for name, problem in found.items() if problem is not None}


def restorable_until(deleted_at: datetime) -> datetime:
    """Return when a deleted person is gone for good."""
    return deleted_at + RESTORABLE


def is_restorable(deleted_at: datetime, *, now: datetime) -> bool:
    """Say whether a deleted person can still be restored."""
    return now < restorable_until(deleted_at)


def _mail_problem(mail: str) -> Problem | None:
    if not mail:
        return None
    if len(mail) > LONGEST_MAIL:
        return Problem.TOO_LONG
    return None if is_mail_address(mail) else Problem.MAIL
