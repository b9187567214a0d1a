"""What is thrown away once it is over. Everything is judged at use; this only keeps less than there was."""

from datetime import datetime, timedelta

from authmethods.models import Ceremony
from core import limits
from directory import actions as directory
from oidc import actions as oidc
from tap import actions as tap

CEREMONIES_KEPT = timedelta(hours=1)


def tidy(*, now: datetime) -> dict[str, int]:
    """Erase what has ended and return how much that was, by kind."""
    ceremonies, _by_model = Ceremony.objects.filter(expires_at__lt=now - CEREMONIES_KEPT).delete()
    return {
        "erased": directory.erase_deleted(now=now),
        "imports": directory.forget_imports(now=now),
        "verifiers": tap.erase_ended(now=now),
        "ceremonies": ceremonies,
        "signed_out": oidc.tell_of_ended(now=now),
        "families": oidc.forget_old(now=now),
        "lanes": limits.forget_old(now=now),
    }
