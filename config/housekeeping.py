"""What is thrown away once it is over, and what time has to do. Everything is judged at use; nothing waits for this."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings

from accounts.housekeeping import BEGINNING, forget_sessions
from audit import checkpoints, signing
from audit.pruning import prune
from audit.sealing import seal_all
from authmethods.models import Ceremony
from bulk import actions as bulk
from core import limits
from core.retention import thin_out
from directory import actions as directory
from notices import actions as notices
from oidc import actions as oidc
from tap.housekeeping import end_expired, forget_history

CEREMONIES_KEPT = timedelta(hours=1)
_REACHED = {"sessions": BEGINNING}  # in this process; the next one begins at the beginning


def tidy(*, now: datetime) -> dict[str, int]:
    """Erase what has ended, seal what was recorded, and return how much that was, by kind."""
    return {
        "erased": directory.erase_deleted(now=now),
        "imports": directory.forget_imports(now=now),
        "passes": end_expired(now=now),
        "ceremonies": thin_out(Ceremony.objects.filter(expires_at__lt=now - CEREMONIES_KEPT)),
        "notices": notices.forget_old(now=now),
        "batches": bulk.forget_old(now=now),
        "signed_out": oidc.tell_of_ended(now=now),
        "families": oidc.forget_old(now=now),
        "sessions": _after(settings.SESSION_RETENTION_DAYS, now, _forget_sessions),
        "lanes": limits.forget_old(now=now),
        "sealed": seal_all(),
    }


def keep_records(*, now: datetime) -> dict[str, int]:
    """Once an hour: sign where every chain of the audit log stands, and remove what need not be kept any longer."""
    return {
        "checkpoints": checkpoints.keep() if signing.is_set() else 0,
        "removed": _after(settings.AUDIT_RETENTION_DAYS if signing.is_set() else 0, now, lambda day: prune(before=day)),
        "old_passes": _after(settings.PASS_RETENTION_DAYS, now, lambda day: forget_history(before=day)),
    }


def _after(days: int, now: datetime, forget: Callable[[datetime], int]) -> int:
    """Forget what is older than so many days; with 0 nothing ever is."""
    return forget(now - timedelta(days=days)) if days else 0


def _forget_sessions(before: datetime) -> int:
    """Go on where the last round of this process left off."""
    gone, _REACHED["sessions"] = forget_sessions(before=before, behind=_REACHED["sessions"])
    return gone
