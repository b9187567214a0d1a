"""Whether a pass works, and if not, why: one reason, by precedence."""

from datetime import UTC, datetime, timedelta
from itertools import combinations
from uuid import uuid4

import pytest

from accounts.enums import TargetSide
from accounts.targeting import Scope, Target
from tap.enums import Block, Usability
from tap.models import TapPolicy, TemporaryAccessPass
from tap.rules import State, usability

START = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
END = START + timedelta(minutes=60)
EVERYBODY = Target(TargetSide.INCLUDE)
IN_SCOPE = Scope(included_by=EVERYBODY)


def a_pass(**facts: object) -> TemporaryAccessPass:
    plain = {"id": uuid4(), "starts_at": START, "ends_at": END, "lifetime_in_minutes": 60, "is_usable_once": False}
    return TemporaryAccessPass(**(plain | facts))


def policy(**settings: object) -> TapPolicy:
    return TapPolicy(**({"is_enabled": True} | settings))


# What can be wrong with a one-time pass, most final first, with what makes it so.
FACTS: dict[Usability, dict[str, object]] = {
    Usability.ONE_TIME_USED: {"first_used_at": START},
    Usability.EXPIRED: {"ends_at": START - timedelta(seconds=1)},
    Usability.LOCKED: {"locked_at": START},
    Usability.DISABLED_BY_POLICY: {"is_enabled": False},
    Usability.NOT_YET_VALID: {"starts_at": START + timedelta(hours=1)},
}
EVERY_MIX = [mix for size in range(len(FACTS) + 1) for mix in combinations(FACTS, size)]


@pytest.mark.parametrize("mix", EVERY_MIX, ids=lambda mix: "+".join(mix) or "nothing wrong")
def test_it_names_the_most_final_reason_of_every_mix(mix: tuple[Usability, ...]) -> None:
    facts: dict[str, object] = {"is_usable_once": True, "ends_at": END}
    for one in mix:
        facts |= FACTS[one]
    rules = policy(is_enabled=facts.pop("is_enabled", True))
    expected = mix[0] if mix else Usability.ENABLED_BY_POLICY
    assert usability(a_pass(**facts), rules, IN_SCOPE, now=START).usability is expected


def test_a_multiple_use_pass_stays_usable_after_a_sign_in() -> None:
    state = usability(a_pass(first_used_at=START), policy(), IN_SCOPE, now=START)
    assert state == State(Usability.ENABLED_BY_POLICY)
    assert state.is_usable


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (START - timedelta(seconds=1), Usability.NOT_YET_VALID),
        (START, Usability.ENABLED_BY_POLICY),
        (END - timedelta(microseconds=1), Usability.ENABLED_BY_POLICY),
        (END, Usability.EXPIRED),
        (END + timedelta(seconds=1), Usability.EXPIRED),
    ],
)
def test_it_works_from_its_start_until_just_before_its_end(moment: datetime, expected: Usability) -> None:
    """A06: valid in [start, start + lifetime)."""
    assert usability(a_pass(), policy(), IN_SCOPE, now=moment).usability is expected


GROUP_IN, GROUP_OUT = Target(TargetSide.INCLUDE, group_id=uuid4()), Target(TargetSide.EXCLUDE, group_id=uuid4())


@pytest.mark.parametrize(
    ("settings", "scope", "issuer_may", "expected"),
    [
        ({}, IN_SCOPE, True, Block.NONE),
        ({"is_enabled": False}, IN_SCOPE, True, Block.METHOD_OFF),
        ({"is_enabled": False}, Scope(), True, Block.METHOD_OFF),
        ({}, Scope(), True, Block.NOT_IN_SCOPE),
        ({}, Scope(included_by=GROUP_IN, excluded_by=GROUP_OUT), True, Block.EXCLUDED),
        ({}, Scope(excluded_by=GROUP_OUT), True, Block.EXCLUDED),
        ({"is_usable_once": True}, IN_SCOPE, True, Block.ONE_TIME_REQUIRED),
        ({"is_usable_once": True}, Scope(), True, Block.NOT_IN_SCOPE),
        ({}, IN_SCOPE, False, Block.ISSUER_RIGHTS),
        ({"is_enabled": False}, IN_SCOPE, False, Block.ISSUER_RIGHTS),
    ],
)
def test_it_says_which_part_of_the_policy_stops_a_multiple_use_pass(
    settings: dict[str, bool], scope: Scope, issuer_may: bool, expected: Block
) -> None:
    state = usability(a_pass(), policy(**settings), scope, now=START, issuer_may=issuer_may)
    assert state.block is expected
    stopped = expected is not Block.NONE
    assert state.usability is (Usability.DISABLED_BY_POLICY if stopped else Usability.ENABLED_BY_POLICY)


def test_a_one_time_pass_satisfies_a_policy_that_demands_one() -> None:
    assert usability(a_pass(is_usable_once=True), policy(is_usable_once=True), IN_SCOPE, now=START).is_usable


def test_the_names_of_the_reasons_are_those_of_the_graph_api() -> None:
    graph = {"EnabledByPolicy", "DisabledByPolicy", "Expired", "NotYetValid", "OneTimeUsed"}
    assert {one.value for one in Usability} - {"Locked"} == graph
