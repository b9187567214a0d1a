"""Attempt limits: how many are heard, how long the next waits, what a success gives back."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.db import transaction

from core import limits
from core.errors import TooMany
from core.limits import Lane
from core.models import AttemptLane
from tests.together import together

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
GROWING = Lane("growing", limit=5, window=900, first_wait=30)
FIXED = Lane("fixed", limit=3, window=600, is_shared=True)
OTHER = Lane("other", limit=50, window=600)


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def attempt(*lanes: Lane, at: float = 0) -> dict[str, int]:
    return limits.reserve(lanes, now=after(at))


def wait(*lanes: Lane, at: float = 0) -> int:
    """Try, be refused, and return the wait that is told."""
    with pytest.raises(TooMany) as refused:
        attempt(*lanes, at=at)
    return refused.value.retry_after


def rows() -> list[tuple[object, ...]]:
    return list(AttemptLane.objects.order_by("key").values_list())


def keys(lanes: Sequence[Lane]) -> set[str]:
    return {lane.key for lane in lanes}


@pytest.mark.django_db
def test_it_hears_five_and_lets_the_sixth_wait() -> None:
    """C02."""
    assert [attempt(GROWING, at=number)["growing"] for number in range(5)] == [1, 2, 3, 4, 5]
    assert wait(GROWING, at=4) == 30
    assert wait(GROWING, at=33) == 1
    assert attempt(GROWING, at=34)["growing"] == 6


@pytest.mark.django_db
def test_the_wait_doubles_up_to_an_hour_and_no_window_cuts_it_short() -> None:
    """C02: 30 s, doubled at every further attempt; each is heard at the very second that was told, and none before."""
    for _ in range(5):
        attempt(GROWING)
    moment, waits = 0, []
    for _ in range(10):
        waits.append(wait(GROWING, at=moment))
        moment += waits[-1]
        assert wait(GROWING, at=moment - 1) == 1
        attempt(GROWING, at=moment)
    assert waits == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]


@pytest.mark.django_db
def test_it_forgets_attempts_when_their_window_is_over() -> None:
    for _ in range(4):
        attempt(GROWING)
    assert attempt(GROWING, at=899)["growing"] == 5
    assert wait(GROWING, at=900) == 29
    for _ in range(2):
        attempt(OTHER)
    assert attempt(OTHER, at=600)["other"] == 1


@pytest.mark.django_db
def test_it_forgets_a_lane_that_waited_once_nobody_has_tried_for_a_window() -> None:
    for _ in range(6):
        attempt(GROWING, at=30 * (AttemptLane.objects.filter(count=5).exists()))
    assert attempt(GROWING, at=30 + 60 + 899)["growing"] == 7
    assert attempt(GROWING, at=30 + 60 + 899 + 120 + 900)["growing"] == 1


@pytest.mark.django_db
@pytest.mark.parametrize("fraction", [0.0, 0.1, 0.5, 0.999])
def test_whoever_waits_as_long_as_told_is_heard(fraction: float) -> None:
    """C02: Retry-After is true, whatever part of a second has passed."""
    for _ in range(5):
        attempt(GROWING, at=fraction)
    asked_at = 7.4 + fraction
    told = wait(GROWING, at=asked_at)
    assert told <= 30
    attempt(GROWING, at=asked_at + told)


@pytest.mark.django_db
def test_a_network_waits_until_its_window_is_over() -> None:
    """C02: 30 in 10 minutes over all accounts, and 100 in an hour."""
    accounts = (limits.account_lanes(method="pass", account=f"p{number}", network="n") for number in range(1000))
    for number in range(30):
        attempt(*next(accounts), at=number)
    assert wait(*next(accounts), at=100) == 500
    for tenth in (600, 1200, 1800):
        for _ in range(30 if tenth < 1800 else 10):
            attempt(*next(accounts), at=tenth)
    assert wait(*next(accounts), at=1900) == 3600 - 1900
    assert attempt(*next(accounts), at=3600)


@pytest.mark.django_db
def test_look_ups_are_counted_apart() -> None:
    """C05: 20 a minute; they leave what is typed as a secret alone."""
    for _ in range(20):
        attempt(*limits.lookup_lanes("n"))
    assert wait(*limits.lookup_lanes("n"), at=1) == 59
    assert attempt(*limits.network_lanes("n"), at=1)
    assert attempt(*limits.lookup_lanes("n"), at=60)


@pytest.mark.django_db
def test_a_credential_is_never_heard_again_after_a_hundred() -> None:
    """C01: consecutive failures of one pass, however slowly; NIST SP 800-63B-4 §3.2.2."""
    lane = limits.credential_lane("pass:1")
    day = 86_400
    counts = [attempt(lane, at=day * number)[lane.key] for number in range(100)]
    assert counts == list(range(1, 101))
    assert wait(lane, at=day * 100) > day * 365
    assert wait(lane, at=day * 700)


@pytest.mark.django_db
def test_an_attempt_that_is_refused_leaves_no_trace_in_the_other_lanes() -> None:
    attempt(OTHER)
    for _ in range(5):
        attempt(GROWING)
    before = rows()
    new = Lane("new", limit=5, window=60)
    for _ in range(3):
        assert wait(OTHER, GROWING, new, at=1) == 29
    assert rows() == before


@pytest.mark.django_db
def test_it_tells_the_longest_of_several_waits() -> None:
    for _ in range(3):
        attempt(FIXED)
    for _ in range(5):
        attempt(GROWING)
    assert wait(GROWING, at=10) == 20
    assert wait(GROWING, FIXED, at=10) == 590


@pytest.mark.django_db
def test_a_success_begins_own_lanes_anew_and_takes_its_attempt_out_of_shared_ones() -> None:
    for _ in range(2):
        attempt(FIXED, GROWING)
    for _ in range(2):
        attempt(GROWING)
    attempt(FIXED, GROWING)
    assert wait(GROWING) == 30
    assert wait(FIXED) == 600
    limits.release([FIXED, GROWING])
    assert attempt(GROWING, at=1)["growing"] == 1
    assert attempt(FIXED, at=1)["fixed"] == 3
    assert wait(FIXED, at=2) == 598


@pytest.mark.django_db
def test_a_success_starts_the_next_window_too() -> None:
    attempt(GROWING)
    limits.release([GROWING])
    for _ in range(4):
        attempt(GROWING, at=890)
    assert attempt(GROWING, at=910)["growing"] == 5


@pytest.mark.django_db
def test_giving_back_what_was_never_taken_changes_nothing() -> None:
    limits.release([FIXED, GROWING])
    limits.release([])
    assert rows() == []
    attempt(FIXED)
    limits.release([FIXED])
    limits.release([FIXED])
    assert attempt(FIXED)["fixed"] == 1


@pytest.mark.django_db
def test_a_lane_can_be_begun_anew() -> None:
    for _ in range(5):
        attempt(GROWING, OTHER)
    limits.forget([GROWING])
    assert attempt(GROWING, OTHER) == {"growing": 1, "other": 6}


@pytest.mark.django_db
def test_every_method_account_and_network_has_lanes_of_its_own() -> None:
    """C03: failures of one method never touch another."""
    ways = [
        limits.account_lanes(method=method, account=account, network=network)
        for method in ("pass", "password")
        for account in ("mia@contoso.com", "mia@fabrikam.com")
        for network in ("10.0.0.0/24", "10.0.1.0/24")
    ]
    own = [keys([lane for lane in lanes if not lane.is_shared]) for lanes in ways]
    assert len(set.union(*own)) == 8 + 4  # by network, and over all networks
    assert all(len(lanes) == 4 for lanes in ways)
    assert {frozenset(keys([lane for lane in lanes if lane.is_shared])) for lanes in ways} == {
        frozenset(keys(limits.network_lanes(network))) for network in ("10.0.0.0/24", "10.0.1.0/24")
    }


@pytest.mark.django_db
def test_the_table_does_not_say_whom_it_is_about() -> None:
    attempt(*limits.account_lanes(method="pass", account="mia@contoso.com", network="10.0.0.0/24"))
    assert all(re.fullmatch("[0-9a-f]{64}", str(key)) for key, *_ in rows())


@pytest.mark.django_db
def test_housekeeping_forgets_what_is_over_and_nothing_else() -> None:
    attempt(Lane("quiet", limit=5, window=60))
    for _ in range(5):
        attempt(GROWING)
    assert limits.forget_old(now=after(60)) == 0
    assert limits.forget_old(now=after(61)) == 1
    assert [row[0] for row in rows()] == ["growing"]
    assert limits.forget_old(now=after(30 + 900)) == 0
    assert limits.forget_old(now=after(30 + 901)) == 1


@pytest.mark.django_db
def test_an_attempt_is_one_statement_in_one_transaction(django_assert_num_queries: object) -> None:
    lanes = [*limits.account_lanes(method="pass", account="mia", network="n"), limits.credential_lane("pass:1")]
    with django_assert_num_queries(3):  # type: ignore[operator]  # with the savepoint that a test's transaction makes of ours
        attempt(*lanes)


@pytest.mark.django_db(transaction=True)
def test_parallel_attempts_are_counted_exactly() -> None:
    """C01: a thousand at once find no gap between counting and checking."""
    lanes = [Lane("counted", limit=40, window=900), FIXED_MANY]
    answers = together([partial(attempt, *lanes) for _ in range(100)], at_once=20)
    heard = [answer["counted"] for answer in answers if isinstance(answer, dict)]
    assert sorted(heard) == list(range(1, 41))
    assert all(isinstance(answer, TooMany) for answer in answers if not isinstance(answer, dict))
    assert AttemptLane.objects.get(pk=FIXED_MANY.key).count == 40


FIXED_MANY = Lane("many", limit=1000, window=600, is_shared=True)


@pytest.mark.django_db(transaction=True)
def test_attempts_and_successes_at_once_never_wait_for_each_other_in_a_circle() -> None:
    shared = [Lane(f"shared{number}", limit=10_000, window=600, is_shared=True) for number in (3, 1, 4, 2, 5)]

    def sign_in(number: int) -> bool:
        lanes = [Lane(f"own{number}", limit=5, window=900, first_wait=30), *shared]
        limits.reserve(lanes, now=NOON)
        with transaction.atomic():
            limits.release(lanes)
        return True

    answers = together([partial(sign_in, number % 7) for number in range(160)], at_once=16)
    assert [answer for answer in answers if answer is not True and not isinstance(answer, TooMany)] == []
    assert {row.count for row in AttemptLane.objects.all()} == {0}
