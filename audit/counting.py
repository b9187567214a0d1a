"""What the log's events are to those who count: every act is an event, so one place counts them all."""

from collections.abc import Mapping
from functools import partial

from django.db import transaction

from audit.enums import Event, Outcome
from audit.reasons import REASONS
from core.metrics import Counter

EVENTS = Counter(
    "events",
    "Audit events written, by name, outcome and reason (other: one without words).",
    "event",
    "outcome",
    "reason",
)
SIGN_INS = Counter("sign_ins", "Sign-ins, by method and result (success, refused).", "method", "result")

# By the names of accounts.enums.MethodKind, which a successful sign-in names itself.
REFUSALS: Mapping[Event, str] = {
    Event.PASS_REFUSED: "TemporaryAccessPass",
    Event.PASSKEY_REFUSED: "Fido2",
    Event.PASSWORD_REFUSED: "Password",
}


def count(event: Event, outcome: Outcome, reason: str = "", *, method: object = None, times: int = 1) -> None:
    """Count an event once it stands: with the transaction that is open, or at once."""
    transaction.on_commit(partial(_count, event, outcome, reason, method, times))


def _count(event: Event, outcome: Outcome, reason: str, method: object, times: int) -> None:
    EVENTS.count(event.value, outcome.value, reason if not reason or reason in REASONS else "other", by=times)
    if event == Event.SIGNED_IN:
        SIGN_INS.count(str(method), "success")
    elif event in REFUSALS:
        SIGN_INS.count(REFUSALS[event], "refused")
