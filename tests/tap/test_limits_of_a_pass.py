"""What a pass and the policy may ask for: every bound, and one step beyond it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.enums import UserKind
from tap.models import TapPolicy
from tap.rules import (
    PassProblem,
    PolicyProblem,
    default_settings,
    issue_problem,
    lifetime_problem,
    one_time_problem,
    policy_problems,
    reason_problem,
    start_problem,
)

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
OUT, IN = PassProblem.LIFETIME_OUT_OF_RANGE, None


@pytest.mark.parametrize(
    ("minimum", "maximum", "minutes", "expected"),
    [
        (60, 480, 59, OUT),
        (60, 480, 60, IN),
        (60, 480, 61, IN),
        (60, 480, 480, IN),
        (60, 480, 481, OUT),
        (10, 43_200, 9, OUT),
        (10, 43_200, 10, IN),
        (10, 43_200, 43_200, IN),
        (10, 43_200, 43_201, OUT),
        (90, 90, 89, OUT),
        (90, 90, 90, IN),
        (90, 90, 91, OUT),
        (10, 43_200, 0, OUT),
        (10, 43_200, -60, OUT),
        (10, 43_200, 10**30, OUT),
    ],
)
def test_a_lifetime_lies_within_the_policy(
    minimum: int, maximum: int, minutes: int, expected: PassProblem | None
) -> None:
    """A05: min-1, min, max, max+1."""
    rules = TapPolicy(minimum_lifetime=minimum, maximum_lifetime=maximum, default_lifetime=minimum)
    assert lifetime_problem(minutes, rules) is expected


@pytest.mark.parametrize(
    ("offset", "expected"),
    [
        (timedelta(minutes=-5, microseconds=-1), PassProblem.START_IN_PAST),
        (timedelta(minutes=-5), None),
        (timedelta(), None),
        (timedelta(days=365), None),
        (timedelta(days=365, microseconds=1), PassProblem.START_TOO_FAR),
        (timedelta(days=27_000), PassProblem.START_TOO_FAR),
    ],
)
def test_a_start_is_neither_past_nor_far_ahead(offset: timedelta, expected: PassProblem | None) -> None:
    """A05: the past and the far future are refused; a clock that is a little slow is not."""
    assert start_problem(NOW + offset, now=NOW) is expected


@pytest.mark.parametrize(
    ("demanded", "asked", "expected"),
    [
        (False, False, None),
        (False, True, None),
        (True, True, None),
        (True, False, PassProblem.ONE_TIME_REQUIRED),
    ],
)
def test_one_time_use_can_be_demanded(demanded: bool, asked: bool, expected: PassProblem | None) -> None:
    """A05: "one-time only" cannot be bypassed for one pass."""
    assert one_time_problem(is_usable_once=asked, policy=TapPolicy(is_usable_once=demanded)) is expected


@pytest.mark.parametrize(
    ("kind", "is_enabled", "is_on", "expected"),
    [
        (UserKind.MEMBER, True, True, None),
        (UserKind.INTERNAL_GUEST, True, True, None),
        (UserKind.EXTERNAL_GUEST, True, True, PassProblem.EXTERNAL_GUEST),
        (UserKind.EXTERNAL_GUEST, False, False, PassProblem.EXTERNAL_GUEST),
        (UserKind.MEMBER, False, True, PassProblem.USER_DISABLED),
        (UserKind.MEMBER, True, False, PassProblem.METHOD_OFF),
    ],
)
def test_who_can_have_a_pass_at_all(
    kind: UserKind, is_enabled: bool, is_on: bool, expected: PassProblem | None
) -> None:
    """A08: external guests and disabled users cannot; nobody can while the method is off."""
    assert issue_problem(policy=TapPolicy(is_enabled=is_on), kind=kind, is_enabled=is_enabled) is expected


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("", None),
        ("x" * 200, None),
        ("x" * 201, PassProblem.REASON_NOT_PLAIN),
        ("\u0646\u0633\u064a \u0647\u0627\u062a\u0641\u0647 \u200f\U0001f469\u200d\U0001f4bb", None),
        ("a\x00b", PassProblem.REASON_NOT_PLAIN),
        ("a\nb", PassProblem.REASON_NOT_PLAIN),
        ("\ud800", PassProblem.REASON_NOT_PLAIN),
    ],
    ids=["none", "200", "201", "right to left and joined", "NUL", "two lines", "half a character"],
)
def test_a_reason_is_one_line_of_text(reason: str, expected: PassProblem | None) -> None:
    assert reason_problem(reason) is expected


def problems(**settings: int) -> dict[str, PolicyProblem]:
    defaults = {"minimum_lifetime": 60, "maximum_lifetime": 480, "default_lifetime": 60, "default_length": 8}
    return dict(policy_problems(**(defaults | settings)))


RANGE = PolicyProblem.OUT_OF_RANGE


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, {}),
        ({"minimum_lifetime": 9}, {"minimum_lifetime": RANGE}),
        ({"minimum_lifetime": 10}, {}),
        ({"maximum_lifetime": 43_200}, {}),
        ({"maximum_lifetime": 43_201}, {"maximum_lifetime": RANGE}),
        ({"minimum_lifetime": 43_200, "maximum_lifetime": 43_200, "default_lifetime": 43_200}, {}),
        ({"minimum_lifetime": 10, "maximum_lifetime": 10, "default_lifetime": 10}, {}),
        ({"minimum_lifetime": 481}, {"minimum_lifetime": PolicyProblem.MINIMUM_ABOVE_MAXIMUM}),
        ({"minimum_lifetime": 480, "default_lifetime": 480}, {}),
        ({"default_lifetime": 59}, {"default_lifetime": PolicyProblem.DEFAULT_OUTSIDE}),
        ({"default_lifetime": 480}, {}),
        ({"default_lifetime": 481}, {"default_lifetime": PolicyProblem.DEFAULT_OUTSIDE}),
        ({"default_lifetime": 9}, {"default_lifetime": RANGE}),
        ({"default_length": 7}, {"default_length": RANGE}),
        ({"default_length": 48}, {}),
        ({"default_length": 49}, {"default_length": RANGE}),
        ({"default_length": -1}, {"default_length": RANGE}),
        (
            {"minimum_lifetime": 0, "maximum_lifetime": 0, "default_lifetime": 0, "default_length": 0},
            {
                "minimum_lifetime": RANGE,
                "maximum_lifetime": RANGE,
                "default_lifetime": RANGE,
                "default_length": RANGE,
            },
        ),
    ],
)
def test_the_settings_of_the_policy_have_bounds(settings: dict[str, int], expected: dict[str, PolicyProblem]) -> None:
    """A05: each lifetime 10 to 43,200 minutes, minimum ≤ default ≤ maximum; length 8 to 48."""
    assert problems(**settings) == expected


@settings(deadline=None)  # a machine with much else to do is no finding
@given(*[st.integers(-100, 50_000)] * 3, st.integers(-5, 60))
def test_settings_without_a_problem_are_exactly_those_the_database_accepts(
    minimum: int, maximum: int, default: int, length: int
) -> None:
    """A05: the rule and the constraint say the same."""
    accepted = 10 <= minimum <= default <= maximum <= 43_200 and 8 <= length <= 48
    found = problems(
        minimum_lifetime=minimum, maximum_lifetime=maximum, default_lifetime=default, default_length=length
    )
    assert (not found) is accepted


def test_the_defaults_are_those_of_the_specification() -> None:
    assert default_settings() == {
        "minimum_lifetime": 60,
        "maximum_lifetime": 480,
        "default_lifetime": 60,
        "is_usable_once": False,
        "default_length": 8,
    }
    assert TapPolicy().is_enabled is False
