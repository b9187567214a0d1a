"""What a pass may be and whether it works. Pure: the policy, the scope and the time are arguments.

Source: the specification's table of settings; Graph's temporaryAccessPassAuthenticationMethod (usability reasons).
"""

import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from accounts.enums import UserKind
from accounts.targeting import Scope, Target, can_shrink
from tap.enums import Block, Usability
from tap.models import LONGEST_CODE, LONGEST_LIFETIME, SHORTEST_CODE, SHORTEST_LIFETIME, TapPolicy, TemporaryAccessPass

REGISTRATION_WINDOW = timedelta(minutes=10)  # after signing in with a one-time pass
FURTHEST_START = timedelta(days=365)
CLOCK_SKEW = timedelta(minutes=5)  # a start this little in the past is a slow clock, not a mistake
MOST_WRONG_CODES = 20  # from anywhere, before administrators are told (the account's lane waits from then on)
LONGEST_REASON = 200  # characters
# Shown where the policy is set, so it must never open anything: a new pass with this code is made again.
EXAMPLE = "HW4RTK9MXQ7DBN3ZVC8YGF5LSP6JAU2EHW4RTK9MXQ7DBN3Z"
SETTINGS = ("minimum_lifetime", "maximum_lifetime", "default_lifetime", "is_usable_once", "default_length")


class PassProblem(StrEnum):
    """What is wrong with a pass somebody asks for."""

    METHOD_OFF = "method_off"
    EXTERNAL_GUEST = "external_guest"
    USER_DISABLED = "user_disabled"
    LIFETIME_OUT_OF_RANGE = "lifetime_out_of_range"
    START_IN_PAST = "start_in_past"
    START_TOO_FAR = "start_too_far"
    ONE_TIME_REQUIRED = "one_time_required"
    REASON_NOT_PLAIN = "reason_not_plain"


class PolicyProblem(StrEnum):
    """What is wrong with the value of one policy field."""

    OUT_OF_RANGE = "out_of_range"
    MINIMUM_ABOVE_MAXIMUM = "minimum_above_maximum"
    DEFAULT_OUTSIDE = "default_outside"


@dataclass(frozen=True)
class State:
    """Whether a pass works at a moment, and if the policy stops it, which part."""

    usability: Usability
    block: Block = Block.NONE

    @property
    def is_usable(self) -> bool:
        """Graph's isUsable."""
        return self.usability is Usability.ENABLED_BY_POLICY


def usability(
    issued: TemporaryAccessPass, policy: TapPolicy, scope: Scope, *, now: datetime, issuer_may: bool = True
) -> State:
    """Judge an open pass. The order is the precedence: final facts first.

    ``issuer_may`` is False where the person became an administrator and the issuer could not issue to him any more.
    """
    if issued.is_usable_once and issued.first_used_at is not None:
        return State(Usability.ONE_TIME_USED)
    if now >= issued.ends_at:
        return State(Usability.EXPIRED)
    if issued.locked_at is not None:
        return State(Usability.LOCKED)
    block = policy_block(issued, policy, scope) if issuer_may else Block.ISSUER_RIGHTS
    if block is not Block.NONE:
        return State(Usability.DISABLED_BY_POLICY, block)
    if now < issued.starts_at:
        return State(Usability.NOT_YET_VALID)
    return State(Usability.ENABLED_BY_POLICY)


def policy_block(issued: TemporaryAccessPass, policy: TapPolicy, scope: Scope) -> Block:
    """Say which part of the policy stops this pass."""
    if not policy.is_enabled:
        return Block.METHOD_OFF
    if scope.excluded_by is not None:
        return Block.EXCLUDED
    if scope.included_by is None:
        return Block.NOT_IN_SCOPE
    if policy.is_usable_once and not issued.is_usable_once:
        return Block.ONE_TIME_REQUIRED
    return Block.NONE


def issue_problem(*, policy: TapPolicy, kind: UserKind, is_enabled: bool) -> PassProblem | None:
    """Say why nobody can have a pass now, whatever its settings. Being out of scope is no reason (design §4)."""
    if kind is UserKind.EXTERNAL_GUEST:
        return PassProblem.EXTERNAL_GUEST
    if not is_enabled:
        return PassProblem.USER_DISABLED
    return None if policy.is_enabled else PassProblem.METHOD_OFF


def lifetime_problem(minutes: int, policy: TapPolicy) -> PassProblem | None:
    """Say what is wrong with a lifetime: it must lie within the policy's limits."""
    within = policy.minimum_lifetime <= minutes <= policy.maximum_lifetime
    return None if within else PassProblem.LIFETIME_OUT_OF_RANGE


def start_problem(starts_at: datetime, *, now: datetime) -> PassProblem | None:
    """Say what is wrong with a start: not in the past (clock skew aside) and not more than a year ahead."""
    if starts_at < now - CLOCK_SKEW:
        return PassProblem.START_IN_PAST
    return PassProblem.START_TOO_FAR if starts_at > now + FURTHEST_START else None


def one_time_problem(*, is_usable_once: bool, policy: TapPolicy) -> PassProblem | None:
    """Say whether a multiple-use pass is asked for where the policy demands one-time ones."""
    return PassProblem.ONE_TIME_REQUIRED if policy.is_usable_once and not is_usable_once else None


def reason_problem(reason: str) -> PassProblem | None:
    """Say what is wrong with the note an issuer leaves: one line of text that every database and page can show."""
    is_plain = all(unicodedata.category(char) not in ("Cc", "Cs") for char in reason)
    return None if is_plain and len(reason) <= LONGEST_REASON else PassProblem.REASON_NOT_PLAIN


def example_code(length: int) -> str:
    """Return what a code of that length looks like, and what no pass ever is."""
    return EXAMPLE[:length]


def default_settings() -> dict[str, int | bool]:
    """Return the specification's defaults, by field name."""
    fresh = TapPolicy()
    return {name: getattr(fresh, name) for name in SETTINGS}


def can_stop_passes(
    before: TapPolicy, after: TapPolicy, lists: Collection[Target], proposed: Collection[Target]
) -> bool:
    """Say whether a change of policy could stop a pass that works: only then is anything worth counting."""
    if not before.is_enabled:
        return False
    if not after.is_enabled or (after.is_usable_once and not before.is_usable_once):
        return True
    return can_shrink(lists, proposed)


def policy_problems(
    *,
    minimum_lifetime: int,
    maximum_lifetime: int,
    default_lifetime: int,
    default_length: int,
) -> Mapping[str, PolicyProblem]:
    """Say which settings cannot be, by field name. Ranges: 10–43,200 minutes, 8–48 characters, minimum ≤ default ≤ maximum."""
    problems: dict[str, PolicyProblem] = {}
    lifetimes = {
        "minimum_lifetime": minimum_lifetime,
        "maximum_lifetime": maximum_lifetime,
        "default_lifetime": default_lifetime,
    }
    for name, minutes in lifetimes.items():
        if not SHORTEST_LIFETIME <= minutes <= LONGEST_LIFETIME:
            problems[name] = PolicyProblem.OUT_OF_RANGE
    if not SHORTEST_CODE <= default_length <= LONGEST_CODE:
        problems["default_length"] = PolicyProblem.OUT_OF_RANGE
    if problems.keys() & {"minimum_lifetime", "maximum_lifetime"}:
        return problems
    if minimum_lifetime > maximum_lifetime:
        problems["minimum_lifetime"] = PolicyProblem.MINIMUM_ABOVE_MAXIMUM
    elif "default_lifetime" not in problems and not minimum_lifetime <= default_lifetime <= maximum_lifetime:
        problems["default_lifetime"] = PolicyProblem.DEFAULT_OUTSIDE
    return problems
