"""Enable and Target: what is refused, and that nothing typed is lost by it."""

from collections.abc import Callable
from datetime import timedelta
from html import unescape
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.enums import MethodKind, RequiredStrength, TargetSide
from accounts.models import Group, GroupMember, MethodTarget, Tenant, User
from audit.enums import Event, Outcome
from audit.models import AuditEvent
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


def test_somebody_elses_change_is_shown_beside_ones_own(world: SimpleNamespace, open_page: Open) -> None:
    mine, theirs = open_page(), open_page(world.grace)
    theirs.press(None, q="hires").press("Add New hires").press("Save")
    mine.press(None, q="contractors").press("Add Contractors", is_enabled=None).press("Save")
    assert mine.response.status_code == 409
    assert "Someone changed this policy while you were editing. Grace Hollis saved on" in mine.words
    assert "Include New hires Contractors" in mine.words
    assert "Enable On Off" in mine.words
    assert lists(world)["include"] == {"New hires"}
    assert "Contractors" in mine.form.fields.get("q", "") + mine.words
    assert "is_enabled" not in mine.form.fields
    mine.press("Save")
    assert lists(world)["include"] == {"Contractors"}
    assert not policy(world).is_enabled


def test_saving_twice_saves_once(world: SimpleNamespace, open_page: Open) -> None:
    page = open_page().press(None, q="hires").press("Add New hires")
    sent = page.form.sent("Save", {})
    for _ in range(2):
        page.show(page.client.post(URL, sent, follow=True))
        assert "Policy saved." in page.words
    assert AuditEvent.objects.filter(event=Event.TAP_POLICY_CHANGED).count() == 1


@pytest.mark.parametrize("version", ["", "0", "-1", "999", "x", "9" * 10_000, "٣", "1.5", "\x00"])
def test_a_version_nobody_gave_out_overwrites_nothing(world: SimpleNamespace, open_page: Open, version: str) -> None:
    page = open_page().press("Save", version=version, is_enabled=None)
    assert page.response.status_code == 409
    assert policy(world).is_enabled


LINES = {
    "nonsense": "nonsense",
    "NUL": "group:\x00",
    "unknown": f"group:{uuid4()} user:{uuid4()}",
    "not an id": "user:123 group:zzzz",
    "10,000 characters": "x" * 10_000,
    "odd Unicode": "user:\u202e\U0001f600\ufffe",
    "upper case": f"GROUP:{uuid4()}",
}


@pytest.mark.parametrize("text", LINES.values(), ids=LINES.keys())
@pytest.mark.parametrize("field", ["include", "exclude", "add", "remove"])
def test_lines_nobody_offered_are_left_out(world: SimpleNamespace, open_page: Open, field: str, text: str) -> None:
    page = open_page()
    page.press(None, **{field: text, "reach": "selected"})
    assert page.response.status_code == 200
    assert page.form.fields["include"] == ""


def test_a_line_that_is_gone_meanwhile_is_not_saved(world: SimpleNamespace, open_page: Open) -> None:
    page = (
        open_page().press(None, q="contractors").press("Add Contractors").press(None, q="hires").press("Add New hires")
    )
    sent = page.form.sent("Save", {})
    Group.objects.get(name="Contractors").delete()
    page.show(page.client.post(URL, sent, follow=True))
    assert page.response.status_code == 422
    assert "One of the groups or users no longer exists." in page.words
    assert "A group or user no longer exists. It was taken out of the list below." in page.words
    assert lists(world)["include"] == {"everybody"}
    page.press("Save")
    assert lists(world)["include"] == {"New hires"}


def test_a_group_or_user_of_another_tenant_is_as_if_it_did_not_exist(world: SimpleNamespace, open_page: Open) -> None:
    """E09: no name of the other tenant is told, and nothing of it is stored."""
    theirs = Group.objects.create(tenant=world.fabrikam, name="Fabrikam secrets", created_at=clock.now())
    page = open_page()
    for line in (f"group:{theirs.pk}", f"user:{world.zed.pk}"):
        page.press(None, include=line, reach="selected", find="1", q="Fabrikam secrets")
        assert page.form.fields["include"] == ""
        assert "Zed Almeida" not in page.words
        assert "No groups or users match" in page.words
        page.press("Save", include=line, reach="selected")
        assert page.response.status_code == 422
    assert lists(world)["include"] == {"everybody"}


def test_a_list_has_a_longest_length(world: SimpleNamespace, open_page: Open) -> None:
    tenant, now = world.contoso, clock.now()
    groups = [Group(tenant=tenant, name=f"G{n}", name_key=f"g{n}", created_at=now) for n in range(201)]
    Group.objects.bulk_create(groups)
    keys = [f"group:{group.pk}" for group in groups]
    page = open_page().press("Save", include=" ".join(keys), reach="selected")
    assert page.response.status_code == 422
    assert "The include list holds up to 200 lines." in page.words
    page.press("Save", include=" ".join(keys[:200]), reach="selected")
    assert len(lists(world)["include"]) == 200


@pytest.mark.parametrize("who", ["priya", "amir", "rosa"])
def test_who_may_look_but_not_change_sees_that(world: SimpleNamespace, open_page: Open, who: str) -> None:
    """A09: controls disabled, no Save bar, and a POST is refused and recorded."""
    user = getattr(world, who)
    page = open_page(user)
    words = "You can view this policy but not change it. Needs: Authentication Policy Administrator."
    assert words in page.words
    assert page.form.buttons == {}
    assert "is_enabled" not in page.form.fields
    assert "Break glass" in " ".join(PlainBrowser(page.client, f"{URL}?list=exclude", "policy").words.split())
    answer = page.client.post(URL, {"save": "1", "version": policy(world).version, "reach": "selected"})
    assert answer.status_code == 403
    assert policy(world).is_enabled
    event = AuditEvent.objects.get(event=Event.ACCESS_DENIED, actor_id=user.id)
    assert (event.outcome, event.detail) == (Outcome.DENIED, {"act": "policy:change"})


@pytest.mark.parametrize("who", ["grace", "paul"])
def test_who_may_change_it_can(world: SimpleNamespace, open_page: Open, who: str) -> None:
    open_page(getattr(world, who)).press("Save", is_enabled=None)
    assert not policy(world).is_enabled


@pytest.mark.parametrize("who", ["mia", "gil", "sam"])
def test_who_holds_no_role_does_not_see_it(world: SimpleNamespace, as_: SignIn, who: str) -> None:
    assert as_(getattr(world, who)).get(URL).status_code == 403


def test_each_tenant_sees_and_changes_its_own(world: SimpleNamespace, open_page: Open) -> None:
    """E09."""
    page = open_page(world.zed)
    assert "Exclude (0)" in page.words
    page.press("Save", is_enabled=None)
    assert policy(world).is_enabled
    assert not TapPolicy.objects.get(tenant=world.fabrikam).is_enabled


def test_a_visitor_is_sent_to_sign_in(world: SimpleNamespace, client: Client) -> None:
    assert client.get(URL).status_code == 302
    assert client.post(URL, {"save": "1"}).status_code == 302
    assert policy(world).is_enabled


def test_a_stale_sign_in_loses_nothing_typed(world: SimpleNamespace, open_page: Open) -> None:
    """A10: the form comes back with everything typed and a way to confirm, and from there back to what was typed."""
    page = open_page().press(None, q="hires").press("Add New hires", is_enabled=None)
    sent = page.form.sent("Save", {})
    with time_machine.travel(clock.now() + timedelta(minutes=59), tick=False):
        page.client.get(URL)
    with time_machine.travel(clock.now() + timedelta(minutes=61), tick=False):
        page.show(page.client.post(URL, sent))
        assert page.response.status_code == 403
        assert "Nothing was saved yet. You signed in a while ago. Confirm that it's you." in page.words
        assert "New hires" in page.words
        assert "is_enabled" not in page.form.fields
        back = confirm_target(page)
        assert back.startswith(URL)
        again = PlainBrowser(page.client, back, "policy")
        assert "New hires" in again.words
        assert "is_enabled" not in again.form.fields
    assert policy(world).is_enabled


def confirm_target(page: PlainBrowser) -> str:
    """Return the address that the link to confirm leads back to."""
    html = page.response.content.decode()
    start = html.index(reverse("signin:confirm"))
    link = unescape(html[start : html.index('"', start)])
    return parse_qs(urlsplit(link).query)["next"][0]


@pytest.mark.parametrize("draft", ["", "x", "x" * 900, "eyJhIjoxfQ:1abc:zzz"])
def test_a_draft_we_did_not_sign_is_not_shown(open_page: Open, draft: str) -> None:
    page = open_page()
    page.show(page.client.get(URL, {"draft": draft}))
    assert page.form.fields["reach"] == "everyone"


def test_a_pass_session_changes_nothing_where_a_lasting_method_is_demanded(world: SimpleNamespace, as_: SignIn) -> None:
    """A10."""
    Tenant.objects.filter(pk=world.contoso.pk).update(issuer_strength=RequiredStrength.LASTING_METHOD)
    page = PlainBrowser(as_(world.paul, MethodKind.TEMPORARY_ACCESS_PASS), URL, "policy")
    page.press("Save", is_enabled=None)
    assert page.response.status_code == 403
    assert "The way you signed in is not strong enough for this." in page.words
    assert policy(world).is_enabled


def test_the_event_tells_old_and_new(world: SimpleNamespace, open_page: Open) -> None:
    open_page().press(None, q="hires").press("Add New hires").press("Save", is_enabled=None)
    event = AuditEvent.objects.get(event=Event.TAP_POLICY_CHANGED)
    assert (event.actor_name, event.target_name) == ("paul@contoso.com", "Contoso")
    assert (event.detail["old"]["enabled"], event.detail["new"]["enabled"]) == (True, False)
    new_hires = str(world.groups["New hires"].pk)
    assert [one["group"] for one in event.detail["new"]["targets"] if one["side"] == "include"] == [new_hires]


def test_it_asks_the_database_a_constant_number_of_questions(
    world: SimpleNamespace, give_pass: GivePass, open_page: Open
) -> None:
    """At most eight for a page, the confirmation of a change included, however long the lists."""
    for number in range(30):
        group = Group.objects.create(tenant=world.contoso, name=f"Team {number}", created_at=clock.now())
        GroupMember.objects.create(group=group, user=world.mia)
        MethodTarget.objects.create(
            tenant=world.contoso, method=MethodKind.TEMPORARY_ACCESS_PASS, side="exclude", group=group
        )
    for user in (world.tapuser, world.user2, world.user3, world.gil):
        give_pass(user)
    page = open_page()
    with CaptureQueriesContext(connection) as shown:
        page.client.get(URL)
    with CaptureQueriesContext(connection) as asked:
        page.client.post(URL, page.form.sent("Save", {"is_enabled": None}))
    assert len(shown) <= 8
    assert len(asked) <= 8
