"""The admin center's Home, the lists behind its figures, and the list of methods."""

from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.enums import MethodKind, TargetSide
from accounts.models import MethodTarget, RoleAssignment, User
from accounts.targeting import scope_in, scopes_of, targets_of
from authmethods import queries
from authmethods.models import Passkey
from authmethods.queries import EDGES, TimesToPasskey
from authmethods.rules import suggested_lifetimes
from core import clock
from core.errors import NotUsable
from tap import actions as tap
from tap.actions import Issued
from tap.models import TapPolicy, TemporaryAccessPass
from tests.authmethods.center import plain_text_of, text_of
from tests.conftest import OPERATOR, SignIn

GivePass = Callable[..., Issued]
HOME = "authmethods:home"
MOST_QUERIES = 8
NOON = datetime(2026, 11, 24, 12, tzinfo=ZoneInfo("Europe/Berlin"))


@pytest.fixture
def noon() -> object:
    with time_machine.travel(NOON, tick=False):
        yield


def ended(user: User, how: str, at: datetime, **more: object) -> TemporaryAccessPass:
    """Write a pass that ended at a moment: used, expired or deleted."""
    facts: dict[str, object] = {"starts_at": at - timedelta(hours=1), "ends_at": at, "lifetime_in_minutes": 60}
    if how == "used":
        facts |= {"first_used_at": at, "last_used_at": at, "use_count": 1, "ends_at": at + timedelta(minutes=5)}
    if how == "deleted":
        facts |= {"deleted_at": at, "ends_at": at + timedelta(minutes=5)}
    facts |= {"tenant_id": user.tenant_id, "created_at": at, "is_usable_once": True, "issued_by": "Grace"} | more
    return TemporaryAccessPass.objects.create(user=user, **facts)


def passkey_of(user: User, at: datetime) -> Passkey:
    return Passkey.objects.create(
        tenant_id=user.tenant_id,
        user=user,
        credential_id=uuid4().bytes,
        public_key=b"key",
        sign_count=0,
        aaguid=uuid4(),
        is_backup_eligible=False,
        is_backed_up=False,
        name="Key",
        created_at=at,
    )


def people(world: SimpleNamespace, count: int) -> list[User]:
    made = [
        User(tenant=world.contoso, upn=f"p{number}@contoso.com", display_name=f"P {number}", created_at=clock.now())
        for number in range(count)
    ]
    for person in made:
        person.fill_keys()
    return User.objects.bulk_create(made)


def tiles(client: Client) -> dict[str, tuple[str, str, str]]:
    return {str(tile.label): (tile.value, tile.note, tile.url) for tile in client.get(reverse(HOME)).context["tiles"]}


@pytest.mark.usefixtures("noon")
def test_its_tiles_count_and_lead_to_the_list_of_what_they_count(
    world: SimpleNamespace, as_: SignIn, give_pass: GivePass
) -> None:
    give_pass(world.mia)
    give_pass(world.gil, lifetime_in_minutes=480)
    give_pass(world.fred, starts_at=NOON + timedelta(days=7))
    ended(world.tapuser, "used", NOON - timedelta(days=2))
    ended(world.user2, "expired", NOON - timedelta(days=1))
    ended(world.user3, "expired", NOON - timedelta(days=20))
    with pytest.raises(NotUsable):
        tap.verify(OPERATOR, upn=world.mia.upn, typed="WRNGWRNG")
    grace, shown = as_(world.grace), tiles(as_(world.grace))
    assert {name: value for name, (value, _, _) in shown.items()} == {
        "Active": "2",
        "Not yet valid": "1",
        "Used, one-time": "1",
        "Expired unused": "1",
        "Blocked sign-ins": "1",
    }
    assert shown["Active"][1] == "1 ends within the hour"
    assert shown["Not yet valid"][1] == "Next starts 1 Dec, 12:00"
    assert shown["Expired unused"][1] == "50% of those that ended, last 14 days"
    lists = {"Active": world.mia, "Not yet valid": world.fred, "Used, one-time": world.tapuser}
    lists |= {"Expired unused": world.user2, "Blocked sign-ins": world.mia}
    for name, person in lists.items():
        answer = grace.get(shown[name][2])
        assert person.display_name in plain_text_of(answer), name


def test_it_says_how_it_goes_only_when_there_are_passes(world: SimpleNamespace, as_: SignIn) -> None:
    page = plain_text_of(as_(world.grace).get(reverse(HOME)))
    assert "No passes yet. Issue one to see how it goes." in page
    assert "How passes ended" not in page


@pytest.mark.usefixtures("noon")
def test_it_counts_each_pass_on_the_day_it_ended_in_the_readers_calendar(
    world: SimpleNamespace, as_: SignIn, give_pass: GivePass
) -> None:
    crowd = people(world, 6)
    ended(crowd[0], "used", NOON)
    ended(crowd[1], "deleted", NOON)
    ended(crowd[2], "deleted", NOON, first_used_at=NOON - timedelta(days=3))
    ended(crowd[3], "expired", NOON.replace(hour=0, minute=30))  # still the day before in UTC
    ended(crowd[4], "expired", NOON - timedelta(days=13))
    ended(crowd[5], "used", NOON - timedelta(days=14))
    chart = as_(world.grace).get(reverse(HOME)).context["ends"]
    rows = {label: values for label, values in chart.rows() if any(values)}
    assert [str(series.name) for series in chart.series] == ["Used", "Expired unused", "Deleted"]
    assert len(chart.labels) == 14
    assert rows == {"11": (0, 1, 0), "21": (1, 0, 0), "24": (1, 1, 1)}


@pytest.mark.usefixtures("noon")
def test_it_says_how_long_people_take_to_a_passkey_and_who_has_none(world: SimpleNamespace, as_: SignIn) -> None:
    crowd = people(world, 5)
    for person, minutes in zip(crowd, (1, 3, 5, 25, None), strict=True):
        ended(person, "used", NOON - timedelta(hours=2))
        if minutes:
            passkey_of(person, NOON - timedelta(hours=2) + timedelta(minutes=minutes, seconds=10))
    passkey_of(crowd[0], NOON - timedelta(days=100))  # an old one is not what the pass led to
    ended(crowd[4], "used", NOON - timedelta(hours=1), deleted_at=NOON)  # a second pass makes no second person
    grace = as_(world.grace)
    answer = grace.get(reverse(HOME))
    page, times = plain_text_of(answer), answer.context["times"]
    assert (times.people, times.share, times.bars) == (5, 80, [1, 1, 1, 0, 0, 0, 1, 0])
    assert "Median 4 min 10 s" in page
    assert "80% registered a passkey 25 min 90th percentile" in page
    assert "1 person signed in with a pass but has no passkey yet. Review" in page
    review = grace.get(reverse("authmethods:without_passkey"))
    assert [row["person"] for row in review.context["rows"]] == [crowd[4]]


def test_it_links_the_five_that_end_first(world: SimpleNamespace, as_: SignIn, give_pass: GivePass) -> None:
    for index, person in enumerate(people(world, 7)):
        give_pass(person, lifetime_in_minutes=60 + 10 * index)
    answer = as_(world.grace).get(reverse(HOME))
    assert [row["person"].display_name for row in answer.context["rows"]] == [f"P {number}" for number in range(5)]
    assert "View all 7" in plain_text_of(answer)


def test_it_warns_while_the_method_is_off(world: SimpleNamespace, as_: SignIn) -> None:
    TapPolicy.objects.filter(tenant=world.contoso).update(is_enabled=False)
    page = plain_text_of(as_(world.grace).get(reverse(HOME)))
    assert "Temporary Access Pass is turned off. Nobody can sign in with a pass, and no pass can be issued." in page


@pytest.mark.parametrize("who", ["grace", "priya", "amir", "rosa", "paul"])
def test_it_shows_each_role_what_it_may_see(world: SimpleNamespace, as_: SignIn, give_pass: GivePass, who: str) -> None:
    """Amir sees members' passes only; Paul none at all."""
    give_pass(world.mia)
    give_pass(world.noor)
    answer = as_(getattr(world, who)).get(reverse(HOME))
    page = text_of(answer)
    assert ("Issue a pass" in page) is (who in ("grace", "priya", "amir"))
    if who == "paul":
        assert "Passes are not shown to you." in page
        assert not any(name in answer.context for name in ("tiles", "rows", "figures"))
        assert world.mia.display_name not in page
    else:
        assert answer.context["tiles"][0].value == ("1" if who == "amir" else "2")
        assert (world.noor.display_name in page.replace(getattr(world, who).display_name, "")) is (who != "amir")


@pytest.mark.parametrize("name", ["home", "without_passkey", "blocked", "policies", "issue"])
def test_a_person_without_a_role_sees_nothing(world: SimpleNamespace, as_: SignIn, name: str) -> None:
    assert as_(world.mia).get(reverse(f"authmethods:{name}")).status_code == 403


@pytest.mark.parametrize("name", ["without_passkey", "blocked"])
def test_lists_of_people_are_closed_to_who_may_not_see_passes(world: SimpleNamespace, as_: SignIn, name: str) -> None:
    assert as_(world.paul).get(reverse(f"authmethods:{name}")).status_code == 403
    assert as_(world.rosa).get(reverse(f"authmethods:{name}")).status_code == 200


def test_a_blocked_sign_in_of_an_administrator_is_hidden_from_who_may_not_see_his_pass(
    world: SimpleNamespace, as_: SignIn, give_pass: GivePass
) -> None:
    for person in (world.priya, world.mia):
        give_pass(person)
        with pytest.raises(NotUsable):
            tap.verify(OPERATOR, upn=person.upn, typed="WRNGWRNG")
    url = reverse("authmethods:blocked")
    assert [row["person"] for row in as_(world.amir).get(url).context["rows"]] == [world.mia]
    assert {row["person"] for row in as_(world.grace).get(url).context["rows"]} == {world.mia, world.priya}
    assert "Wrong pass" in plain_text_of(as_(world.grace).get(url))
    assert as_(world.zed).get(url).context["rows"] == []
    assert reverse("authmethods:why", args=[world.mia.id]) in text_of(as_(world.amir).get(url))


def test_counts_stop_where_they_are_no_longer_worth_it(
    world: SimpleNamespace, as_: SignIn, give_pass: GivePass, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "MOST_COUNTED", 3)
    for person in people(world, 5):
        give_pass(person)
    assert tiles(as_(world.grace))["Active"][0] == "3+"


@pytest.mark.parametrize("name", ["home", "issue", "without_passkey", "blocked", "policies"])
def test_its_queries_do_not_grow_with_the_tenant(
    world: SimpleNamespace,
    as_: SignIn,
    give_pass: GivePass,
    django_assert_max_num_queries: Callable[..., object],
    name: str,
) -> None:
    for person in [*people(world, 30), world.priya]:
        give_pass(person)
        ended(person, "used", clock.now(), replaced_by=TemporaryAccessPass.objects.get(user=person))
    for client in (as_(world.grace), as_(world.amir)):
        with django_assert_max_num_queries(MOST_QUERIES):  # type: ignore[attr-defined]
            assert client.get(reverse(f"authmethods:{name}")).status_code == 200


def test_the_list_of_methods_says_for_whom_each_is_on(world: SimpleNamespace, as_: SignIn) -> None:
    url, paul = reverse("authmethods:policies"), as_(world.paul)
    page = plain_text_of(paul.get(url))
    assert "All users, except 1 group Enabled" in page
    assert reverse("tap:policy_target") in text_of(paul.get(url))
    MethodTarget.objects.filter(tenant=world.contoso).delete()
    for one in ({"group": world.groups["New hires"]}, {"user": world.mia}, {"user": world.gil}):
        MethodTarget.objects.create(
            tenant=world.contoso, method=MethodKind.TEMPORARY_ACCESS_PASS, side=TargetSide.INCLUDE, **one
        )
    TapPolicy.objects.filter(tenant=world.contoso).update(is_enabled=False)
    assert "1 group and 2 users Disabled" in plain_text_of(paul.get(url))
    MethodTarget.objects.filter(tenant=world.contoso).delete()
    assert "Nobody Disabled" in plain_text_of(paul.get(url))


# --- what the pages stand on ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("least", "default", "most", "offered"),
    [
        (60, 60, 480, [60, 120, 240, 480]),
        (60, 60, 60, [60]),
        (10, 60, 43_200, [10, 60, 240, 2880, 43_200]),
        (10, 10, 15, [10, 15]),
        (45, 50, 55, [45, 50, 55]),
        (10, 60, 1440, [10, 30, 60, 240, 1440]),
    ],
)
def test_it_suggests_the_policys_figures_and_round_ones_between(
    least: int, default: int, most: int, offered: list[int]
) -> None:
    assert suggested_lifetimes(least=least, default=default, most=most) == offered


@pytest.mark.parametrize(
    ("minutes", "place"), [(0, 0), (1, 0.5), (2, 1), (3, 1.5), (20, 6), (40, 6.5), (60, 7.5), (600, 7.5)]
)
def test_a_median_stands_in_its_bar(minutes: int, place: float) -> None:
    times = TimesToPasskey([minutes * 60.0], 1)
    assert times.median_place == place
    assert sum(times.bars[: len(EDGES) + 1]) == 1
    assert times.bars[min(int(place), len(EDGES))] == 1


@pytest.mark.parametrize("who", ["mia", "tapuser", "gil", "user3", "breakglass", "grace"])
def test_one_persons_scope_is_what_it_is_among_many(world: SimpleNamespace, who: str) -> None:
    """Both ways to ask: nested groups, exclude over include, by name and through all."""
    method, user = MethodKind.TEMPORARY_ACCESS_PASS, getattr(world, who)
    MethodTarget.objects.filter(tenant=world.contoso, group=None).delete()
    groups, line = world.groups, {"tenant": world.contoso, "method": method}
    MethodTarget.objects.create(side=TargetSide.INCLUDE, group=groups["Everyone new"], **line)
    MethodTarget.objects.create(side=TargetSide.INCLUDE, user=world.breakglass, **line)
    MethodTarget.objects.create(side=TargetSide.EXCLUDE, user=world.gil, **line)
    among_many = scopes_of([user.id], targets_of(user.tenant_id, method))[user.id]
    assert scope_in(user, method) == among_many
    assert among_many.is_in is (who in ("tapuser", "user3"))
    assert RoleAssignment.objects.filter(user=world.grace).exists()
