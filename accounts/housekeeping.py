"""What time does to sign-in sessions. Everything is judged at use: nothing depends on this."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from accounts.models import SignInSession

STEP, STEPS = 500, 10  # rows looked at in one go, and goes before something else has its turn


@dataclass(frozen=True)
class Place:
    """A place in the order in which sessions ended."""

    ended: datetime
    id: UUID


BEGINNING = Place(datetime.min.replace(tzinfo=UTC), UUID(int=0))


def forget_sessions(*, before: datetime, behind: Place) -> tuple[int, Place]:
    """Delete the sessions that ended ``before``, with what hangs on them, and return how many that were.

    Each person's latest one stays: it is his last sign-in. So the work goes on ``behind`` the place where it left off,
    or it would look through all of those again and again. Also returns that place; from the end it is the beginning.
    """
    later = SignInSession.objects.filter(user=OuterRef("user"), authenticated_at__gt=OuterRef("authenticated_at"))
    gone = 0
    for _step in range(STEPS):
        rows = (
            SignInSession.objects.filter(
                Q(ends_at__gt=behind.ended) | Q(ends_at=behind.ended, pk__gt=behind.id),
                ends_at__gte=behind.ended,
                ends_at__lt=before,
            )
            .order_by("ends_at", "pk")
            .values_list("ends_at", "pk", Exists(later))[:STEP]
        )
        seen = list(rows)
        over = [key for _ended, key, is_followed in seen if is_followed]
        SignInSession.objects.filter(pk__in=over).delete()
        gone += len(over)
        if len(seen) < STEP:
            return gone, BEGINNING
        behind = Place(*seen[-1][:2])
    return gone, behind
