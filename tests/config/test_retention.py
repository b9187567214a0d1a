"""What is over goes after a while, in small pieces and by an index; nothing else goes with it."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.db.models import QuerySet
from pytest_django import Settings

from accounts import housekeeping
from accounts.models import SignInSession
from accounts.queries import sign_ins_of
from config import housekeeping as worker
from config.housekeeping import keep_records, tidy
from core import clock, retention
from core.models import AttemptLane
from oidc.models import TokenFamily
from tap.actions import Issued
from tap.housekeeping import forget_history
from tap.models import TemporaryAccessPass
from tests.conftest import SignIn

pytestmark = pytest.mark.django_db
NOW = clock.now()


def days_ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


@pytest.fixture(autouse=True)
def few_at_once(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let a few rows be many, so that every test goes through several rounds."""
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    monkeypatch.setattr(housekeeping, "STEP", 2)
    yield
    worker._REACHED["sessions"] = housekeeping.BEGINNING


def sessions_of(as_: SignIn, world: SimpleNamespace) -> dict[str, list[float]]:
    """Sign people in, some of them long ago; return how many days ago each session of each person ended."""
    made: dict[str, list[float]] = {
        "mia": [400, 200, 100, 1],
        "user2": [300],
        "user3": [200, 95],
        "tapuser": [50, 40],
        "gil": [91, -0.1],
    }
    for name, all_ended in made.items():
        for ended in all_ended:
            session = as_(getattr(world, name)).sign_in_session  # type: ignore[attr-defined]
            session.authenticated_at, session.ends_at = days_ago(ended + 0.5), days_ago(ended)
            session.save()
    return made


def left(world: SimpleNamespace, name: str) -> list[float]:
    ends = SignInSession.objects.filter(user=getattr(world, name)).order_by("ends_at").values_list("ends_at", flat=True)
    return [round((NOW - end).total_seconds() / 86_400, 1) for end in ends]


def test_sign_ins_go_after_their_time_but_for_each_persons_latest(world: SimpleNamespace, as_: SignIn) -> None:
    made = sessions_of(as_, world)
    oldest = SignInSession.objects.filter(user=world.mia).order_by("ends_at").first()
    kept = sign_ins_of(world.user2.pk, now=clock.now()).last
    assert tidy(now=NOW)["sessions"] == 5
    assert [left(world, name) for name in made] == [[1], [300], [95], [50, 40], [-0.1]]
    assert not SignInSession.objects.filter(pk=oldest.pk).exists()  # type: ignore[union-attr]
    assert sign_ins_of(world.user2.pk, now=clock.now()).last == kept


def test_a_round_that_is_cut_short_goes_on_where_it_left_off(
    world: SimpleNamespace, as_: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the latest sign-ins of many people, which stay, would be looked at every time, and nothing behind them."""
    sessions_of(as_, world)
    monkeypatch.setattr(housekeeping, "STEPS", 1)
    rounds = [tidy(now=NOW)["sessions"] for _round in range(8)]
    assert sum(rounds) == 5
    assert rounds[0] == 1  # 400 days ago; 300 stays
    assert tidy(now=NOW)["sessions"] == 0


def test_zero_keeps_everything(
    world: SimpleNamespace, as_: SignIn, settings: Settings, give_pass: Callable[..., Issued]
) -> None:
    sessions_of(as_, world)
    settings.SESSION_RETENTION_DAYS = settings.PASS_RETENTION_DAYS = 0
    before = SignInSession.objects.count()
    later = NOW + timedelta(days=5000)
    assert (tidy(now=later)["sessions"], keep_records(now=later)["old_passes"]) == (0, 0)
    assert SignInSession.objects.count() == before


def test_closed_passes_go_and_none_opens_again_by_it(world: SimpleNamespace, give_pass: Callable[..., Issued]) -> None:
    """The first of three ends last: while it is there, neither it nor what it points to may lose the other."""
    first, second, third = (give_pass(world.mia).issued.pk for _number in range(3))
    for key, ended in ((first, 10), (second, 500), (third, 450)):
        TemporaryAccessPass.objects.filter(pk=key).update(
            created_at=days_ago(600), starts_at=days_ago(600), ends_at=days_ago(ended)
        )
    gone = give_pass(world.user2).issued
    TemporaryAccessPass.objects.filter(pk=gone.pk).update(
        starts_at=days_ago(600), ends_at=days_ago(400), deleted_at=days_ago(401)
    )
    assert forget_history(before=days_ago(365)) == 1
    assert set(TemporaryAccessPass.objects.values_list("pk", flat=True)) == {first, second, third}
    TemporaryAccessPass.objects.filter(pk=first).update(ends_at=days_ago(366))
    assert [keep_records(now=NOW)["old_passes"] for _hour in range(3)] == [1, 1, 0]  # one link of a chain an hour
    # What he has stays, however old: it is what is shown of him.
    assert list(TemporaryAccessPass.objects.open().values_list("pk", flat=True)) == [third]


def test_one_round_ends_though_there_is_more(monkeypatch: pytest.MonkeyPatch) -> None:
    AttemptLane.objects.bulk_create(AttemptLane(key=str(n), count=1, blocked_until=0, forget_at=n) for n in range(9))
    monkeypatch.setattr(retention, "ROUNDS", 3)
    rows = AttemptLane.objects.filter(forget_at__lt=8)
    assert [retention.thin_out(rows) for _round in range(3)] == [6, 2, 0]
    assert AttemptLane.objects.get().key == "8"


def test_what_changed_meanwhile_stays() -> None:
    """An attempt that begins a lane anew while it is being forgotten still counts."""
    AttemptLane.objects.create(key="a", count=1, blocked_until=0, forget_at=1)

    class Late(QuerySet[AttemptLane]):
        def values_list(self, *_fields: object, **_words: object) -> list[str]:  # type: ignore[override]
            AttemptLane.objects.update(forget_at=100)
            return ["a"]

    retention.thin_out(Late(AttemptLane).filter(forget_at__lt=50))
    assert AttemptLane.objects.filter(key="a").exists()


@pytest.mark.parametrize(
    ("rows", "index"),
    [
        (lambda: TemporaryAccessPass.objects.history(NOW), "pass_history_by_end"),
        (lambda: SignInSession.objects.filter(ends_at__lt=NOW).order_by("ends_at", "pk"), "session_by_end"),
        (lambda: TokenFamily.objects.filter(began_at__lt=NOW).order_by("began_at"), "family_by_begin"),
    ],
)
def test_it_is_found_by_its_index(rows: Callable[[], QuerySet[SignInSession]], index: str) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
    plan = rows()[:500].explain()
    assert "USE TEMP B-TREE" not in plan
    assert index in plan
