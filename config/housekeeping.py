"""What is thrown away once it is over, and what time has to do. Everything is judged at use; nothing waits for this."""

from datetime import datetime, timedelta

from django.conf import settings

from audit import checkpoints, signing
from audit.pruning import prune
from audit.sealing import seal_all
from authmethods.models import Ceremony
from bulk import actions as bulk
from core import limits
from directory import actions as directory
from notices import actions as notices
from oidc import actions as oidc
from tap.housekeeping import end_expired

CEREMONIES_KEPT = timedelta(hours=1)


def tidy(*, now: datetime) -> dict[str, int]:
    """Erase what has ended, seal what was recorded, and return how much that was, by kind."""
    ceremonies, _by_model = Ceremony.objects.filter(expires_at__lt=now - CEREMONIES_KEPT).delete()
    return {
        "erased": directory.erase_deleted(now=now),
        "imports": directory.forget_imports(now=now),
        "passes": end_expired(now=now),
        "ceremonies": ceremonies,
        "notices": notices.forget_old(now=now),
        "batches": bulk.forget_old(now=now),
        "signed_out": oidc.tell_of_ended(now=now),
        "families": oidc.forget_old(now=now),
        "lanes": limits.forget_old(now=now),
        "sealed": seal_all(),
    }


def keep_records(*, now: datetime) -> dict[str, int]:
    """Once an hour: sign where every chain of the audit log stands, and remove what need not be kept any longer."""
    if not signing.is_set():
        return {}
    days = settings.AUDIT_RETENTION_DAYS
    return {
        "checkpoints": checkpoints.keep(),
        "removed": prune(before=now - timedelta(days=days)) if days else 0,
    }
