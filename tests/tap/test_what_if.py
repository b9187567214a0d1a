"""What-if: before a policy is saved, whom and which passes it would reach; one person before and after."""

from collections.abc import Callable, Collection
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.enums import MethodKind, TargetSide, UserKind
from accounts.models import Group, GroupMember, MethodTarget, User
from accounts.queries import crossing
from accounts.targeting import Target, scopes_of, targets_of
from audit.models import AuditEvent
from core import clock
from tap.actions import Issued
from tap.models import TapPolicy
from tests.conftest import SignIn
from tests.plain_browser import PlainBrowser

GivePass = Callable[..., Issued]
Open = Callable[..., PlainBrowser]
TARGET = "/center/authentication-methods/policies/temporary-access-pass/"
CONFIGURE = f"{TARGET}configure/"
IN, OUT = TargetSide.INCLUDE, TargetSide.EXCLUDE
EVERYBODY = Target(IN)


@pytest.fixture
def open_page(world: SimpleNamespace, as_: SignIn) -> Open:
    def open_it(user: User | None = None, url: str = TARGET) -> PlainBrowser:
        return PlainBrowser(as_(user or world.grace), url, "policy")

    return open_it


def group(world: SimpleNamespace, name: str, side: TargetSide = IN) -> Target:
    return Target(side, group_id=world.groups[name].id)


def upns(people: Collection[Any]) -> set[str]:
    return {one.upn.partition("@")[0] for one in people}


LISTS: dict[str, Callable[[SimpleNamespace], list[Target]]] = {
    "nobody": lambda world: [],
    "everybody": lambda world: [EVERYBODY],
    "everybody but break glass": lambda world: [EVERYBODY, group(world, "Break glass", OUT)],
    "new hires": lambda world: [group(world, "New hires")],
    "new hires without tap user": lambda world: [
        group(world, "New hires"), Target(OUT, user_id=world.tapuser.id)
    ],
    "contractors and mia": lambda world: [group(world, "Contractors"), Target(IN, user_id=world.mia.id)],
    "an outer group": lambda world: [Target(IN, group_id=world.outer.id)],
    "everybody but an outer group": lambda world: [EVERYBODY, Target(OUT, group_id=world.outer.id)],
    "mia twice": lambda world: [Target(IN, user_id=world.mia.id), Target(OUT, user_id=world.mia.id)],
}  # fmt: skip


@pytest.mark.parametrize("after", list(LISTS))
@pytest.mark.parametrize("before", list(LISTS))
def test_who_gains_and_who_loses_is_what_the_rule_says(world: SimpleNamespace, before: str, after: str) -> None:
    """The statement agrees with accounts.targeting for each person, nested groups among them."""
    world.outer = Group.objects.create(tenant=world.contoso, name="Outer", created_at=clock.now())
    GroupMember.objects.create(group=world.outer, child=world.groups["New hires"])
    GroupMember.objects.create(group=world.outer, user=world.user3)
    # Contains each other: no page stores this, and no statement may run for ever on it.
    GroupMember.objects.create(group=world.groups["New hires"], child=world.outer)
    old, new = LISTS[before](world), LISTS[after](world)
    people = list(User.objects.filter(tenant=world.contoso).exclude(kind=UserKind.EXTERNAL_GUEST))
    was = {user for user, scope in scopes_of([one.id for one in people], old).items() if scope.is_in}
    becomes = {user for user, scope in scopes_of([one.id for one in people], new).items() if scope.is_in}
    gains, loses = crossing(world.contoso.id, old, new)
    assert {one.id for one in gains.people} == becomes - was
    assert {one.id for one in loses.people} == was - becomes
    assert (gains.count.number, gains.count.is_more) == (len(becomes - was), False)


def test_it_counts_no_further_than_is_worth_it(world: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accounts.queries.crossings.COUNTED", 3)
    monkeypatch.setattr("accounts.queries.crossings.NAMED", 2)
    _, loses = crossing(world.contoso.id, [EVERYBODY], [])
    assert (len(loses.people), loses.more, loses.count.number, loses.count.is_more) == (2, 1, 3, True)
    monkeypatch.setattr("accounts.queries.crossings.LOOKED_AT_MOST", 1)
    gains, _ = crossing(world.contoso.id, [], [EVERYBODY])
    assert (gains.count.number, gains.count.is_more) == (2, True)


def test_another_organisations_people_are_in_no_answer(world: SimpleNamespace) -> None:
    """E09: whatever ids a form names."""
    theirs = Group.objects.create(tenant=world.fabrikam, name="Theirs", created_at=clock.now())
    GroupMember.objects.create(group=theirs, user=world.vera_home)
    foreign = [Target(IN, group_id=theirs.id), Target(IN, user_id=world.zed.id)]
    gains, loses = crossing(world.contoso.id, [], foreign)
    assert not gains.people
    assert not loses.people


def test_it_says_who_loses_which_passes_stop_and_whose(
    world: SimpleNamespace, give_pass: GivePass, open_page: Open
) -> None:
    for person in (world.tapuser, world.mia):
        give_pass(person, is_usable_once=False)
    page = open_page()
    page.press("Preview effects", reach="selected", include=f"group:{world.groups['Contractors'].id}")
    for said in (
        "Effects of your changes", "Nothing is saved yet.", "Nobody gains it.", "Tap User", "mia@contoso.com",
        "2 active passes stop working.", "Not in a group the policy includes",
    ):  # fmt: skip
        assert said in page.words, said
    assert page.response.context["preview"].issuers == [("The operator of this installation", 2)]
    lost = page.response.context["preview"].loses
    assert "gil" not in upns(lost.people)
    assert {"tapuser", "mia"} <= upns(lost.people)
    assert lost.count.is_more is False


def test_nothing_is_written_and_the_draft_stays(world: SimpleNamespace, give_pass: GivePass, open_page: Open) -> None:
    give_pass(world.tapuser)
    page = open_page()
    events, stored = AuditEvent.objects.count(), targets_of(world.contoso.id, MethodKind.TEMPORARY_ACCESS_PASS)
    with CaptureQueriesContext(connection) as asked:
        page.press("Preview effects", is_enabled=None)
    assert all(query["sql"].lstrip("( \n").upper().startswith(("SELECT", "WITH")) for query in asked)
    assert "1 active pass stops working." in page.words
    page.press("Back to editing")
    assert "is_enabled" not in page.form.fields
    assert "Effects of your changes" not in page.words
    assert AuditEvent.objects.count() == events
    assert TapPolicy.objects.get(tenant=world.contoso).is_enabled
    assert targets_of(world.contoso.id, MethodKind.TEMPORARY_ACCESS_PASS) == stored


def test_requiring_one_time_use_names_the_passes(world: SimpleNamespace, give_pass: GivePass, open_page: Open) -> None:
    give_pass(world.tapuser, is_usable_once=False)
    give_pass(world.mia, is_usable_once=True)
    page = open_page(url=CONFIGURE)
    page.press("Preview effects", is_usable_once="on")
    stops = page.response.context["stops"]
    assert [issued.user.upn for issued, _, _ in stops] == ["tapuser@contoso.com"]
    assert "Nobody loses it." in page.words


def test_a_setting_that_cannot_be_is_pointed_out_first(open_page: Open) -> None:
    page = open_page(url=CONFIGURE)
    page.press("Preview effects", minimum_lifetime="0")
    assert page.response.status_code == 422
    assert "Effects of your changes" not in page.words


def test_one_person_is_shown_before_and_after(world: SimpleNamespace, give_pass: GivePass, open_page: Open) -> None:
    give_pass(world.user3)
    page = open_page()
    page.press("Preview effects", exclude=f"group:{world.groups['Contractors'].id}")
    page.form_id = "effects"
    page.press(None, who="user3")
    page.press(
        "Show User 3" if "Show User 3" in page.form.buttons else next(b for b in page.form.buttons if "Show" in b)
    )
    for said in (
        "Your changes make a difference to", "Can use a pass", "Through the line All users.", "It works at this moment.",
        "Can't use a pass", "Excluded. Through the group Contractors.",
    ):  # fmt: skip
        assert said in page.words, said
    assert page.response.context["one"]["is_changed"]


@pytest.mark.parametrize(("target", "status"), [("zed", 404), ("vera_home", 404), ("grace", 200), ("priya", 200)])
def test_one_person_of_the_own_organisation_only(world: SimpleNamespace, as_: SignIn, target: str, status: int) -> None:
    """E09."""
    sent = {"person": str(getattr(world, target).id), "is_enabled": "on", "reach": "everyone", "version": "1"}
    assert as_(world.grace).post(TARGET, sent).status_code == status
    assert as_(world.grace).post(TARGET, sent | {"person": "nobody"}).status_code == 404


def test_who_may_not_see_passes_sees_numbers_only(world: SimpleNamespace, give_pass: GivePass, open_page: Open) -> None:
    """A08: a policy administrator can neither issue nor see passes; he learns how many his change would stop."""
    issued = give_pass(world.tapuser).issued
    page = open_page(world.paul)
    page.press("Preview effects", is_enabled=None)
    assert "1 active pass stops working." in page.words
    assert page.response.context["stops"] == []
    assert page.response.context["preview"].issuers == []
    assert str(issued.id) not in page.response.content.decode()
    answer = page.client.post(TARGET, {"person": str(world.tapuser.id), "reach": "everyone", "version": "1"})
    assert [row["works"] for row in answer.context["one"]["rows"]] == ["", ""]


@pytest.mark.parametrize("name", ["rosa", "amir", "tapuser"])
def test_who_may_not_change_the_policy_previews_nothing(world: SimpleNamespace, as_: SignIn, name: str) -> None:
    """A08: it is a POST of a draft, and a draft is for who may save it."""
    client = as_(getattr(world, name))
    assert client.post(TARGET, {"preview": "1"}).status_code == 403
    assert client.post(CONFIGURE, {"preview": "1"}).status_code == 403
    assert b"Preview effects" not in client.get(TARGET).content


def test_it_costs_the_same_whatever_there_is(world: SimpleNamespace, as_: SignIn, give_pass: GivePass) -> None:
    client, hires = as_(world.grace), world.groups["New hires"]
    MethodTarget.objects.filter(tenant=world.contoso, side=IN).update(group=hires)
    everybody = {"preview": "1", "is_enabled": "on", "reach": "everyone", "version": "1"}
    nobody = {"preview": "1", "reach": "selected", "include": f"group:{world.groups['Contractors'].id}", "version": "1"}
    one = everybody | {"person": str(world.tapuser.id)}

    def costs() -> list[int]:
        numbers = []
        for sent in (everybody, nobody, one):
            with CaptureQueriesContext(connection) as asked:
                assert client.post(TARGET, sent).status_code == 200
            numbers.append(len(asked))
        return numbers

    give_pass(world.tapuser)
    before = costs()
    for person in (world.user2, world.user3, world.mia, world.gil):
        give_pass(person)
    assert costs() == before
    assert max(before) <= 8, before
