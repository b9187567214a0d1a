"""What its people sign in with, what became of it, and what was recorded."""

import secrets
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from accounts.enums import MethodKind, SessionEnd, UserKind
from accounts.sessions import LONGEST
from audit.activities import ACTIVITIES
from audit.enums import Event, Outcome
from config.scale.bulk import Row
from config.scale.organisation import FIRST, Organisation, one_in, scatter
from config.scale.people import FEWEST, kind_of
from core.secrets import make_code, protect

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
MODELS = tuple(uuid.uuid5(uuid.NAMESPACE_DNS, f"model-{number}.example") for number in range(4))
PASSKEY = (
    "id", "tenant_id", "user_id", "credential_id", "public_key", "sign_count", "aaguid", "transports",
    "is_backup_eligible", "is_backed_up", "name", "created_at", "last_used_at",
)  # fmt: skip
PASS = (
    "id", "tenant_id", "user_id", "created_at", "starts_at", "lifetime_in_minutes", "ends_at", "is_usable_once",
    "verifier", "issuer_id", "issued_by", "first_used_at", "last_used_at", "use_count", "last_used_from", "locked_at",
    "deleted_at", "replaced_by_id",
)  # fmt: skip
SESSION = (
    "id", "tenant_id", "user_id", "token_digest", "method", "amr", "authenticated_at", "last_seen_at", "ends_at",
    "revoked_at", "revoked_reason", "address", "user_agent",
)  # fmt: skip
EVENT = (
    "at", "tenant_id", "event", "activity", "is_sign_in", "outcome", "actor_id", "actor_name", "target_id", "target_name",
    "address", "detail",
)  # fmt: skip
BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"


def passkeys(made: Organisation) -> Iterator[Row]:
    """Yield the passkeys: three people in ten have one, one in twenty has two."""
    public_key = secrets.token_bytes(77)
    for number, user_id in enumerate(made.ids):
        if kind_of(number) is UserKind.EXTERNAL_GUEST:
            continue
        for which in range((number % 10 in range(3)) + one_in(20, number)):
            at = made.now - scatter(number + which, 700) * DAY
            yield (
                uuid.uuid4(), made.tenant_id, user_id, secrets.token_bytes(32), public_key, scatter(number, 400),
                MODELS[number % 4], ["internal"], True, number % 2 == 0, ("Laptop", "Phone")[which], at,
                min(made.now, at + scatter(number, 30) * DAY),
            )  # fmt: skip


@dataclass(frozen=True)
class Pass:
    """The state of a pass; times are counted from now."""

    starts: timedelta
    minutes: int = 60
    is_once: bool = True
    used: timedelta | None = None
    is_locked: bool = False


# Of a hundred passes that people have at a moment.
SHARES: Mapping[range, Pass] = {
    range(5): Pass(starts=-20 * MINUTE),
    range(5, 7): Pass(starts=3 * DAY, minutes=480),
    range(7, 67): Pass(starts=-2 * DAY, used=-2 * DAY + 5 * MINUTE),
    range(67, 92): Pass(starts=-3 * DAY),
    range(92, 97): Pass(starts=-4 * DAY, minutes=480, is_once=False, used=-4 * DAY + 9 * MINUTE),
    range(97, 98): Pass(starts=-40 * MINUTE, is_locked=True),
    range(98, 100): Pass(starts=-30 * MINUTE, minutes=480, is_once=False, used=-10 * MINUTE),
}


def passes(made: Organisation) -> Iterator[Row]:
    """Yield the passes: one person in ten has one, in whatever state; some of those had another that it replaced."""
    # One right-looking verifier for all: bound to nothing, it never matches any code.
    verifier = protect(make_code(8), context=made.domain)
    for number in range(FEWEST, made.size):
        if kind_of(number) is UserKind.EXTERNAL_GUEST:
            continue
        turn = number // 10
        if one_in(10, number, 3):
            # The first thousand have more live ones: they fill a page in any organisation.
            place = turn % 100 if number >= FIRST or one_in(5, turn, 2) else turn % 7
            state = next(state for share, state in SHARES.items() if place in share)
            # Nobody's pass is as old to the minute as the next one's.
            state = replace(state, starts=state.starts - scatter(number, 14) * MINUTE)
            pass_id = uuid.uuid4()
            yield _pass(made, number, pass_id, state, verifier)
            if turn % 4 == 0:
                yield _pass(made, number, uuid.uuid4(), Pass(starts=-6 * DAY), verifier, replaced_by=pass_id)
        elif one_in(30, number, 4):
            at = made.now - scatter(number, 13) * DAY
            yield _pass(made, number, uuid.uuid4(), Pass(starts=at - made.now), verifier, deleted_at=at + 3 * MINUTE)


def _pass(
    made: Organisation,
    number: int,
    pass_id: uuid.UUID,
    state: Pass,
    verifier: str,
    *,
    replaced_by: uuid.UUID | None = None,
    deleted_at: datetime | None = None,
) -> Row:
    starts = made.now + state.starts
    ends = starts + state.minutes * MINUTE
    used = None if state.used is None else max(made.now + state.used, starts)
    is_over = ends <= made.now or replaced_by or deleted_at or (used and state.is_once)
    issuer = number % 4
    return (
        pass_id, made.tenant_id, made.ids[number], min(starts, made.now), starts, state.minutes, ends, state.is_once,
        "" if is_over else verifier, made.ids[issuer], made.upns[issuer], used, used, 0 if used is None else 1,
        made.address_of(number) if used else "", made.now - 30 * MINUTE if state.is_locked else None, deleted_at,
        replaced_by,
    )  # fmt: skip


def sessions(made: Organisation) -> Iterator[Row]:
    """Yield sign-in sessions: one person in ten has one of these days, of which one in five is live."""
    for number in range(6, made.size, 10):
        is_live = number // 10 % 5 == 0
        method = MethodKind.FIDO2 if number % 3 else MethodKind.PASSWORD
        at = made.now - (scatter(number, 50) * MINUTE if is_live else scatter(number, 60) * DAY + 13 * HOUR)
        ended = None if is_live else at + 2 * HOUR
        yield (
            uuid.uuid4(), made.tenant_id, made.ids[number], secrets.token_hex(32), method.value, method.amr, at,
            ended or made.now, at + LONGEST, ended, SessionEnd.SIGNED_OUT.value if ended else "",
            made.address_of(number), BROWSER,
        )  # fmt: skip


def events(made: Organisation) -> Iterator[Row]:
    """Yield what was recorded in the last ninety days: an event for every second person, oldest first."""
    number_of_events = made.size // 2
    for count in range(number_of_events):
        number = scatter(count, made.size)
        at = made.now - 90 * DAY + 90 * DAY * count / number_of_events
        is_issue = count % 5 == 0
        actor = count % 4 if is_issue else number
        event = Event.PASS_ISSUED if is_issue else Event.PASS_REFUSED if count % 11 == 0 else Event.SIGNED_IN
        outcome = Outcome.FAILURE if event is Event.PASS_REFUSED else Outcome.SUCCESS
        activity = ACTIVITIES[event]
        yield (
            at, made.tenant_id, event.value, activity.name, activity.is_sign_in, outcome.value, made.ids[actor],
            made.upns[actor], made.ids[number], made.upns[number], made.address_of(number), {},
        )  # fmt: skip
