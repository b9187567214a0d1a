"""Attempts at somebody's secret: counted before anything is verified, and an auditor learns when they are heard no more."""

from collections.abc import Sequence

from accounts.authority import Actor
from accounts.enums import MethodKind
from accounts.models import User
from audit.actions import record
from audit.enums import Event, Outcome
from core import clock, limits


def reserve(actor: Actor, lanes: Sequence[limits.Lane], *, method: MethodKind, target: User | None) -> dict[str, int]:
    """Count one attempt in every lane and return the counts by key. Raises TooMany.

    One event for each attempt that closes a lane, none for those that a closed lane refuses: otherwise whoever guesses
    could write as many as he likes (docs/decisions/0010).
    """

    def closing(full: list[limits.Lane]) -> None:
        record(
            Event.ATTEMPTS_THROTTLED,
            actor=actor,
            target=target,
            outcome=Outcome.FAILURE,
            reason="attempt_limit",
            detail={"method": method.value, "limits": [lane.name for lane in full]},
        )

    return limits.reserve(lanes, now=clock.now(), on_closing=closing)
