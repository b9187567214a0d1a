"""What time does to passes. Everything is judged at use: nothing depends on this."""

from datetime import datetime

from django.db import connection, transaction

from audit.actions import Detail, System, record
from audit.enums import Event
from core import secrets
from core.retention import thin_out
from tap import telling
from tap.models import TemporaryAccessPass

AT_ONCE = 200  # passes in one transaction: a sign-in that waits for it does not wait long


def end_expired(*, now: datetime) -> int:
    """Cut the verifiers of expired passes to their remnants, record each end, tell of unused ones; return how many.

    Each end is recorded once, whoever does this. A pass that was used for its one sign-in, locked, deleted or replaced
    has ended before that, and has no verifier left.
    """
    ended = 0
    while count := _end_some(now):
        ended += count
    return ended


def forget_history(*, before: datetime) -> int:
    """Delete closed passes that would have ended ``before``, and return how many. The audit log still tells of them."""
    return thin_out(TemporaryAccessPass.objects.history(before))


def _end_some(now: datetime) -> int:
    features = connection.features
    with transaction.atomic():
        passes = (
            TemporaryAccessPass.objects.select_for_update(
                skip_locked=features.has_select_for_update_skip_locked,
                of=("self",) if features.has_select_for_update_of else (),
            )
            .select_related("user", "issuer")
            .filter(ends_at__lte=now)
            .exclude(verifier="")[:AT_ONCE]
        )
        for issued in passes:
            issued.remnant, issued.verifier = secrets.remnant_of(issued.verifier), ""
            detail: Detail = {"pass": str(issued.id), "ends_at": issued.ends_at.isoformat(), "uses": issued.use_count}
            record(Event.PASS_EXPIRED, actor=System(), target=issued.user, detail=detail)
        telling.unused(issued for issued in passes if issued.first_used_at is None)
        return TemporaryAccessPass.objects.bulk_update(list(passes), ["remnant", "verifier"])
