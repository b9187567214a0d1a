"""Changing the keys that lie outside the database (docs/operations-keys.md): a new one, what still needs the old one, and
the words that tell an operator what to put where. Each server reads its keys when it starts.
"""

import base64
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.management.base import CommandError
from django.db.models import Count, Max, Q

from notices.links import LIFE
from oidc import keys
from tap.models import LONGEST_LIFETIME, TemporaryAccessPass

# What SECRET_KEY signs or names lives no longer than that: links in mails, and the count of wrong codes of a pass.
LONGEST_SIGNED = max(LIFE, timedelta(minutes=LONGEST_LIFETIME)) + timedelta(days=1)
STAMP = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True)
class Home:
    """Where this process found a secret. ``path`` only where the product itself made the file and may write it."""

    name: str
    words: str
    path: Path | None = None

    def write(self, text: str) -> None:
        """Replace what the file holds, in one step."""
        if self.path is None:
            raise CommandError(f"{self.name} is not kept in DATA_DIR.")
        draft = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(text, encoding="utf-8")
        draft.replace(self.path)


@dataclass(frozen=True)
class Depending:
    """What still needs one pepper."""

    name: str
    passes: int
    until: datetime | None
    signing_keys: int
    remnants: int

    @property
    def is_needed(self) -> bool:
        """True where somebody could not sign in, or no token be signed, without it."""
        return bool(self.passes or self.signing_keys)


def home_of(name: str) -> Home:
    """Return where ``name`` comes from."""
    if os.environ.get(name):
        return Home(name, f"{name} in the environment")
    if given := os.environ.get(f"{name}_FILE"):
        return Home(name, f"the file {given} ({name}_FILE)")
    if settings.IS_LOCAL:
        path = Path(settings.DATA_DIR, name.lower())
        return Home(name, f"the file {path}", path)
    return Home(name, f"{name} (not set yet; {name}_FILE may name a file instead)")


def new_pepper(*, now: datetime) -> str:
    """Return an entry for PEPPER_KEYS with a name that tells its age."""
    return f"k{now:%Y%m%d%H%M%S}:{base64.b64encode(secrets.token_bytes(32)).decode()}"


def new_secret_key(*, now: datetime) -> str:
    """Return a SECRET_KEY that begins with the time it was made, so that it can be said how long the one before counts."""
    return f"{now.strftime(STAMP)}.{secrets.token_urlsafe(48)}"


def counts_since(secret_key: str) -> datetime | None:
    """Return when a key was made; None for one that does not say."""
    try:
        return datetime.strptime(secret_key.partition(".")[0], STAMP).replace(tzinfo=UTC)
    except ValueError:
        return None


def passes_older_than(since: datetime, *, now: datetime) -> int:
    """Return how many passes were made before ``since`` and can still be guessed at."""
    return TemporaryAccessPass.objects.standing(now).filter(created_at__lt=since).count()


def peppers_needed(*, now: datetime) -> list[Depending]:
    """Return what still needs each pepper of the ring, in its order, then each that is needed and gone under the name ``?``."""
    names = [name for name, _ in settings.PEPPER_KEYS]
    found = [_depending(name, Q(verifier__startswith=f"{name}$"), now=now) for name in names]
    strange = Q(verifier__contains="$")
    for name in names:
        strange &= ~Q(verifier__startswith=f"{name}$")
    lost = _depending("?", strange, now=now)
    return found + ([lost] if lost.is_needed else [])


def _depending(name: str, of_pass: Q, *, now: datetime) -> Depending:
    live = TemporaryAccessPass.objects.standing(now).filter(of_pass)
    passes = live.aggregate(many=Count("pk"), until=Max("ends_at"))
    prefix = f"{name}$"
    return Depending(
        name,
        passes["many"],
        passes["until"],
        keys.live_at(now).filter(sealed_private__startswith=prefix).count(),
        TemporaryAccessPass.objects.open().filter(remnant__startswith=prefix).count(),
    )


def without(name: str) -> Sequence[str]:
    """Return the entries of PEPPER_KEYS but for one."""
    return [f"{one}:{base64.b64encode(key).decode()}" for one, key in settings.PEPPER_KEYS if one != name]
