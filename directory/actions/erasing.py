"""Erasing people who were deleted long ago. Housekeeping: that they cannot be restored is judged at use."""

from datetime import datetime

from django.db import transaction

from accounts.authority import Actor
from audit.actions import record
from audit.enums import Event
from directory import queries
from tap import ending

AT_ONCE = 200
HOUSEKEEPING = Actor(is_operator=True, request_id="housekeeping")


def erase_deleted(*, now: datetime) -> int:
    """Erase people, up to AT_ONCE, who can no longer be restored, and return how many that were. Events about them stay."""
    people = list(queries.to_erase(now)[:AT_ONCE])
    if not people:
        return 0
    with transaction.atomic(durable=True):
        ids = [user.id for user in people]
        ending.end_issued_by(HOUSEKEEPING, ids)
        for user in people:
            record(Event.USER_ERASED, actor=HOUSEKEEPING, target=user)
        queries.to_erase(now).filter(pk__in=ids).order_by().delete()
    return len(ids)
