"""The support desk: who may come in, what he sees, and that he sees nothing of anybody else's organisation."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse

from accounts.authority import SUPPORT, Actor, Reason, decide
from accounts.enums import Act, MethodKind, Standing
from accounts.models import SignInSession, User
from audit.enums import Event
from audit.models import AuditEvent
from core import clock
from tap.actions import Issued
from tap.models import TemporaryAccessPass
from tests.authmethods.center import plain_text_of, text_of
from tests.conftest import SignIn
from tests.support.desk import lists, page_of_row, person_url, rows_of, singles

GivePass = Callable[..., Issued]
INDEX = "/admin/"
LONG_AGO = timedelta(minutes=61)


@pytest.mark.parametrize("method", list(MethodKind))
def test_only_a_fresh_multi_factor_sign_in_opens_it(world: SimpleNamespace, as_: SignIn, method: MethodKind) -> None:
    """B08: a password alone is asked for more; so is a sign-in of an hour ago."""
    client = as_(world.sam, method)
    status = client.get(INDEX).status_code
    assert status == (302 if method is MethodKind.PASSWORD else 200)
    SignInSession.objects.filter(user=world.sam).update(authenticated_at=clock.now() - LONG_AGO)
    answer = client.get(f"{INDEX}accounts/user/?q=tap")
    assert answer.status_code == 302
    assert answer["Location"] == f"{reverse('signin:confirm')}?next=%2Fadmin%2Faccounts%2Fuser%2F%3Fq%3Dtap"


@pytest.mark.parametrize("name", ["tapuser", "grace", "priya", "rosa", "zed"])
def test_a_role_alone_opens_nothing_here(world: SimpleNamespace, as_: SignIn, name: str) -> None:
    """A08: default deny; the refusal is recorded."""
    client = as_(getattr(world, name))
    for address in (INDEX, *lists(), *singles()):
        assert client.get(address).status_code == 403, address
    refused = AuditEvent.objects.filter(event=Event.ACCESS_DENIED, actor_id=getattr(world, name).id)
    assert {event.detail["act"] for event in refused} == {Act.SUPPORT_VIEW.value}


def test_support_staff_without_a_role_reach_one_act_only(world: SimpleNamespace) -> None:
    """A09: whatever is added to the acts later is not theirs by itself."""
    assert set(SUPPORT) == {Act.SUPPORT_VIEW}
    sam = Actor(user_id=world.sam.id, is_support_staff=True)
    others = [act for act in Act if act not in (Act.SUPPORT_VIEW, Act.OWN_METHODS_CHANGE)]
    for act in others:
        for standing in Standing:
            assert decide(sam, act, standing, now=clock.now()).reason is Reason.NO_ROLE


@pytest.mark.parametrize(
    "address", [INDEX, "/admin/accounts/user/", "/admin/login/?next=/admin/tap/temporaryaccesspass/"]
)
def test_it_has_no_door_of_its_own(world: SimpleNamespace, address: str) -> None:
    """C04–C08: signing in happens on one page, with its limits; this one shows no form and takes none."""
    answer = Client().get(address)
    assert answer.status_code == 302
    assert answer["Location"].startswith(f"{reverse('signin:identify')}?next=")
    sent = Client().post("/admin/login/", {"username": world.sam.upn, "password": "Correct-Horse-9-Battery"})
    assert sent.status_code == 302
    assert not sent.cookies.get("gatepass")
    for name in ("password_change", "jsi18n", "autocomplete", "logout", "view_on_site"):
        with pytest.raises(NoReverseMatch):
            reverse(f"admin:{name}")


def test_the_way_in_leads_nowhere_else(world: SimpleNamespace, as_: SignIn) -> None:
    client = as_(world.sam)
    assert client.get("/admin/login/?next=https://evil.example/")["Location"] == INDEX
    assert client.get("/admin/login/?next=/admin/accounts/group/")["Location"] == "/admin/accounts/group/"


def test_he_sees_everything_of_his_organisation(world: SimpleNamespace, as_: SignIn, give_pass: GivePass) -> None:
    rows = rows_of(world, as_, give_pass)
    client = as_(world.sam)
    assert len(rows) == len(lists())
    for address in (*lists(), *singles()):
        assert client.get(address, {"q": "tapuser"}).status_code == 200, address
    for what, row in rows.items():
        assert client.get(page_of_row(row)).status_code == 200, what
    words = plain_text_of(client.get(person_url(world.tapuser)))
    for said in ("tapuser@contoso.com", "Blue key", "Multiple use", "Active", "The operator of this installation"):
        assert said in words
    assert "203.0.113.9" in plain_text_of(client.get(person_url(world.tapuser, "sessions")))
    history = plain_text_of(client.get(person_url(world.tapuser, "history")))
    assert (
        "Create Temporary Access Pass The operator of this installation Tap User Success Multiple use, 1 hour"
        in history
    )
    assert "New hires directly" in plain_text_of(client.get(person_url(world.tapuser, "groups")))


def test_he_sees_what_stops_a_pass_and_only_the_ways_out_that_are_his(world: SimpleNamespace, as_: SignIn) -> None:
    add = person_url(world.mia, "issue")
    answer = as_(world.sam).get(person_url(world.mia, "why"))
    assert "Mia can't use a pass now." in plain_text_of(answer)
    assert "Is there a pass? No" in plain_text_of(answer)
    assert add not in text_of(answer)
    User.objects.filter(pk=world.amir.pk).update(is_support_staff=True)
    assert add in text_of(as_(world.amir).get(person_url(world.mia, "why")))


def test_nothing_of_another_organisation(world: SimpleNamespace, as_: SignIn, give_pass: GivePass) -> None:
    """E09: their rows stand in no list and are not found by any address."""
    theirs = rows_of(world, as_, give_pass, other=True)
    client = as_(world.sam)
    for address in lists():
        words = plain_text_of(client.get(address)) + plain_text_of(client.get(address, {"q": "vera@fabrikam.com"}))
        assert "Fabrikam" not in words, address
        assert not set(theirs.values()) & set(client.get(address).context["cl"].page.rows), address
    for address in singles():
        assert "Fabrikam" not in plain_text_of(client.get(address)), address
    for what, row in theirs.items():
        assert client.get(page_of_row(row)).status_code == 404, what
    for view in ("sessions", "groups", "history", "why", "issue", "disable", "enable", "end_sessions"):
        assert client.get(person_url(world.vera_home, view)).status_code == 404, view
    assert client.get(person_url(world.vera_home, "delete_pass", theirs["pass"].pk)).status_code == 404


def test_no_page_shows_what_opens_anything(world: SimpleNamespace, as_: SignIn, give_pass: GivePass) -> None:
    """D06: no verifier, remnant, key, digest, hint, handle or password stands on any page."""
    rows = rows_of(world, as_, give_pass)
    code = give_pass(world.user2)
    User.objects.filter(pk=world.tapuser.pk).update(password="argon2$argon2id$hash-of-a-password")
    TemporaryAccessPass.objects.update(verifier="verifier-of-a-pass", remnant="remnant-of-a-pass")
    client = as_(world.sam)
    pages = [*lists(), *singles(), *(page_of_row(row) for row in rows.values())]
    pages += [person_url(world.tapuser, view) for view in ("sessions", "groups", "history", "why")]
    digest = SignInSession.objects.filter(user=world.tapuser)[0].token_digest
    handle = bytes(world.tapuser.webauthn_handle)
    for address in pages:
        body = text_of(client.get(address, {"q": "tapuser"} if address in lists() else {}))
        for secret in ("hash-of-a", "verifier-of", "remnant-of", "key material", "credential-of", "xyz", "d" * 32, digest,
                       code.code, handle.hex(), str(handle)):  # fmt: skip
            assert secret not in body, (address, secret)


@pytest.mark.parametrize(
    "asked", ["verifier__startswith=a", "password__startswith=a", "user__password__startswith=a", "_to_field=verifier",
              "o=1", "e=1", "all=", "p=99", "_facets=True", "page=nonsense", "q=%00", "_popup=1"],
)  # fmt: skip
def test_no_address_asks_about_what_is_not_shown(
    world: SimpleNamespace, as_: SignIn, give_pass: GivePass, asked: str
) -> None:
    """D06: a filter by a hash would tell it letter by letter."""
    give_pass(world.tapuser)
    client = as_(world.sam)
    for address in ("/admin/tap/temporaryaccesspass/", "/admin/accounts/user/"):
        answer = client.get(f"{address}?{asked}")
        if asked.startswith("_to_field") or asked == "q=%00":
            assert answer.status_code == 400
        else:
            assert [row.pk for row in answer.context["cl"].page.rows] == [
                row.pk for row in client.get(address).context["cl"].page.rows
            ]


def test_nothing_is_added_changed_or_deleted(world: SimpleNamespace, as_: SignIn, give_pass: GivePass) -> None:
    """A09: no address of Django's admin writes, and its own log stays empty."""
    rows = rows_of(world, as_, give_pass)
    client = as_(world.sam)
    counts = {type(row): type(row)._default_manager.count() for row in rows.values()}
    for address in lists():
        assert client.post(address, {"action": "delete_selected", "_selected_action": "1"}).status_code == 405
        assert client.get(f"{address}add/").status_code == 404
    for row in rows.values():
        page = page_of_row(row)
        assert client.post(page, {"display_name": "Somebody Else", "_save": "1"}).status_code == 405
        assert client.post(page.replace("/change/", "/delete/"), {"post": "yes"}).status_code == 404
    assert {type(row): type(row)._default_manager.count() for row in rows.values()} == counts
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize(
    ("typed", "found"), [("tapuser@contoso.com", "Tap User"), ("ap us", "Tap User"), ("mia", "Mia")]
)
def test_somebody_is_found_by_a_part_of_a_name(world: SimpleNamespace, as_: SignIn, typed: str, found: str) -> None:
    client = as_(world.sam)
    rows = client.get("/admin/accounts/user/", {"q": typed}).context["cl"].page.rows
    assert [row.display_name.startswith(found) for row in rows] == [True]


def test_a_history_is_read_page_by_page(world: SimpleNamespace, as_: SignIn) -> None:
    client, person = as_(world.sam), world.tapuser
    for number in range(60):
        AuditEvent.objects.create(
            at=clock.now(), tenant_id=person.tenant_id, event=Event.SIGNED_IN, outcome="failure", reason=f"no-{number}-",
            actor_id=person.id, actor_name=person.upn, target_id=person.id if number % 2 else None,
        )  # fmt: skip
    first = client.get(person_url(person, "history"))
    assert text_of(first).count("no-") == 50
    second = client.get(person_url(person, "history"), {"page": first.context["page"].next})
    seen = text_of(first) + text_of(second)
    assert all(seen.count(f"no-{number}-") == 1 for number in range(60))
    assert client.get(person_url(person, "history"), {"page": "９" * 40}).status_code == 200


def test_a_page_costs_the_same_for_one_row_and_many(world: SimpleNamespace, as_: SignIn, give_pass: GivePass) -> None:
    client = as_(world.sam)
    rows = rows_of(world, as_, give_pass)

    def cost(address: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address).status_code == 200
        assert not [query["sql"] for query in asked if 'COUNT(*) AS "__count" FROM "' in query["sql"]]
        return len(asked)

    pages = [
        *lists(),
        *singles(),
        *(page_of_row(row) for row in rows.values()),
        *(person_url(world.tapuser, view) for view in ("sessions", "groups", "history", "why")),
    ]
    before = {address: cost(address) for address in pages}
    for person in (world.user2, world.user3, world.mia, world.gil):
        give_pass(person)
        as_(person)
    assert {address: cost(address) for address in pages} == before
    assert max(before.values()) <= 8, before
