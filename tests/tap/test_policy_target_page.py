"""Enable and Target: who may use passes, edited in a form that works without JavaScript."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.urls import reverse

from accounts.enums import TargetSide
from accounts.models import MethodTarget, User
from core import clock
from tap.actions import Issued
from tap.models import TapPolicy
from tests.conftest import SignIn
from tests.plain_browser import PlainBrowser

GivePass = Callable[..., Issued]
Open = Callable[..., PlainBrowser]
URL = "/center/authentication-methods/policies/temporary-access-pass/"


@pytest.fixture
def open_page(world: SimpleNamespace, as_: SignIn) -> Open:
    def open_it(user: User | None = None) -> PlainBrowser:
        return PlainBrowser(as_(user or world.paul), URL, "policy")

    return open_it


def policy(world: SimpleNamespace) -> TapPolicy:
    return TapPolicy.objects.get(tenant=world.contoso)


def lists(world: SimpleNamespace) -> dict[str, set[str]]:
    rows = MethodTarget.objects.filter(tenant=world.contoso).select_related("group", "user")
    named = [(row.side, row.group.name if row.group else row.user.upn if row.user else "everybody") for row in rows]
    return {side: {name for one, name in named if one == side} for side in TargetSide.values}


def include_group(world: SimpleNamespace, name: str) -> None:
    everybody = MethodTarget.objects.filter(tenant=world.contoso, side=TargetSide.INCLUDE)
    everybody.update(group=world.groups[name])


def test_its_address_is_the_one_people_know() -> None:
    assert reverse("tap:policy_target") == URL


def test_it_shows_what_is_stored(open_page: Open) -> None:
    page = open_page()
    assert page.response.status_code == 200
    assert "Enabled" in page.words
    assert "Include (1)" in page.words
    assert "Exclude (1)" in page.words
    assert page.form.fields["is_enabled"] == "on"
    assert page.form.fields["reach"] == "everyone"


def test_it_finds_adds_removes_and_saves_only_at_save(world: SimpleNamespace, open_page: Open) -> None:
    page = open_page().press(None, q="hires", reach="selected")
    assert "1 result for “hires”" in page.words
    page.press("Add New hires").press(None, q="mia fontaine").press("Add Mia Fontaine")
    assert "Include (2)" in page.words
    assert lists(world) == {"include": {"everybody"}, "exclude": {"Break glass"}}
    page.press("Remove Mia Fontaine").press("Save")
    assert "Policy saved. It applies at once to new sign-ins." in page.words
    assert lists(world) == {"include": {"New hires"}, "exclude": {"Break glass"}}
    assert "Last changed by Paul Lindqvist on" in page.words


def test_enter_in_the_search_box_searches_and_saves_nothing(world: SimpleNamespace, open_page: Open) -> None:
    page = open_page().press(None, q="contractors", is_enabled=None)
    assert "1 result for “contractors”" in page.words
    assert "is_enabled" not in page.form.fields
    assert policy(world).is_enabled


@pytest.mark.parametrize(
    ("term", "words"),
    [("xyzzy", "No groups or users match “xyzzy”. Check the spelling."), ("n", "Type at least 2 letters")],
)
def test_it_says_when_nothing_is_found(open_page: Open, term: str, words: str) -> None:
    assert words in open_page().press(None, q=term).words


def test_a_search_is_shown_as_text(open_page: Open) -> None:
    page = open_page().press(None, q="<b>x</b>")
    assert "<b>x</b>" not in page.response.content.decode()
    assert "match “<b>x</b>”" in page.words


def test_the_exclude_list_is_edited_alike(world: SimpleNamespace, open_page: Open) -> None:
    page = open_page().press("Exclude (1)")
    assert "Break glass" in page.words
    page.press(None, q="contractors").press("Add Contractors").press("Remove Break glass").press("Save")
    assert lists(world) == {"include": {"everybody"}, "exclude": {"Contractors"}}


def test_what_is_typed_on_one_list_stays_when_the_other_is_shown(world: SimpleNamespace, open_page: Open) -> None:
    page = open_page().press(None, q="hires").press("Add New hires", is_enabled=None)
    page.press("Exclude (1)").press("Include (1)")
    assert "New hires" in page.words
    assert page.form.fields["reach"] == "selected"
    assert "is_enabled" not in page.form.fields


def test_an_empty_include_list_says_what_that_means(world: SimpleNamespace, open_page: Open) -> None:
    page = open_page().press(None, reach="selected")
    words = "No groups yet. Nobody can use a Temporary Access Pass until you add a group or choose All users."
    assert words in page.words
    page.press("Save")
    assert lists(world)["include"] == set()


def test_a_group_in_both_lists_is_pointed_out(world: SimpleNamespace, open_page: Open) -> None:
    page = open_page().press(None, q="hires").press("Add New hires").press("Exclude (1)")
    page.press(None, q="hires").press("Add New hires")
    assert "New hires is included and excluded. Exclude wins: its members can't use a pass." in page.words
    page.press(None, q="mia fontaine").press("Add Mia Fontaine").press("Include (1)")
    page.press(None, q="mia fontaine").press("Add Mia Fontaine")
    assert "Mia Fontaine is included and excluded. Exclude wins: this person can't use a pass." in page.words


def test_adding_twice_adds_once(open_page: Open) -> None:
    page = open_page()
    for _ in range(2):
        page.press(None, q="hires").press("Add New hires")
    assert "Include (1)" in page.words


def test_turning_off_asks_first_with_the_counts(world: SimpleNamespace, give_pass: GivePass, open_page: Open) -> None:
    for user in (world.mia, world.tapuser):
        give_pass(user)
    give_pass(world.user2, starts_at=clock.now() + timedelta(days=1))
    give_pass(world.breakglass)
    page = open_page().press("Save", is_enabled=None)
    assert "Turn off Temporary Access Pass?" in page.words
    assert "2 active passes stop working and 1 scheduled pass will not start." in page.words
    assert policy(world).is_enabled
    page.press("Turn off")
    assert not policy(world).is_enabled
    assert "Policy saved." in page.words
    assert "Disabled" in page.words


def test_cancel_keeps_what_was_typed(world: SimpleNamespace, give_pass: GivePass, open_page: Open) -> None:
    give_pass(world.mia)
    page = open_page().press(None, q="hires").press("Add New hires").press("Save", is_enabled=None)
    page.press("Cancel")
    assert "Turn off Temporary Access Pass?" not in page.words
    assert "is_enabled" not in page.form.fields
    assert "New hires" in page.words
    assert policy(world).is_enabled


def test_turning_off_asks_nothing_when_nothing_stops(world: SimpleNamespace, open_page: Open) -> None:
    open_page().press("Save", is_enabled=None)
    assert not policy(world).is_enabled


@pytest.mark.parametrize("narrowing", ["fewer included", "more excluded", "nobody included"])
def test_narrowing_the_target_asks_first_with_the_count(
    world: SimpleNamespace, give_pass: GivePass, open_page: Open, narrowing: str
) -> None:
    for user in (world.mia, world.tapuser, world.gil):
        give_pass(user)
    page = open_page()
    if narrowing == "fewer included":
        page.press(None, q="hires").press("Add New hires").press("Save")
        stopped = "2 active passes stop working."
    elif narrowing == "more excluded":
        page.press("Exclude (1)").press(None, q="everyone").press("Add Everyone new").press("Save")
        stopped = "2 active passes stop working."
    else:
        page.press("Save", reach="selected")
        stopped = "3 active passes stop working."
    assert "Change who can use a pass?" in page.words
    assert stopped in page.words
    assert lists(world) == {"include": {"everybody"}, "exclude": {"Break glass"}}
    version = policy(world).version
    page.form.buttons.pop("Cancel")
    page.show(page.client.post(URL, page.form.sent(None, {"confirmed": "1", "find": None}), follow=True))
    assert policy(world).version == version + 1


def test_widening_the_target_asks_nothing(world: SimpleNamespace, give_pass: GivePass, open_page: Open) -> None:
    include_group(world, "New hires")
    give_pass(world.mia)
    give_pass(world.tapuser)
    open_page().press("Save", reach="everyone")
    assert lists(world)["include"] == {"everybody"}


def test_swapping_groups_that_hold_the_same_people_asks_nothing(
    world: SimpleNamespace, give_pass: GivePass, open_page: Open
) -> None:
    include_group(world, "New hires")
    give_pass(world.tapuser)
    page = open_page().press("Remove New hires").press(None, q="everyone").press("Add Everyone new").press("Save")
    assert "Policy saved." in page.words


def test_a_count_that_would_be_too_long_is_capped(
    world: SimpleNamespace, give_pass: GivePass, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tap.queries.MOST_COUNTED", 2)
    for user in (world.mia, world.tapuser, world.user2):
        give_pass(user)
    assert "2+ active passes stop working." in open_page().press("Save", is_enabled=None).words
