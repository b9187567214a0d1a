"""The page that tells a help desk why somebody can't use a pass."""

import re
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from audit.models import AuditEvent
from core import clock, limits
from tap.actions import Issued
from tap.models import TapPolicy, TemporaryAccessPass
from tests.conftest import SignIn
from tests.drive import enter_pass

GivePass = Callable[..., Issued]


def page(client: Any, user: Any) -> str:
    response = client.get(reverse("authmethods:why", args=[user.id]))
    assert response.status_code == 200, response.status_code
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_it_says_yes_where_nothing_stops(world: SimpleNamespace, as_: SignIn, give_pass: GivePass) -> None:
    give_pass(world.tapuser)
    words = page(as_(world.amir), world.tapuser)
    assert "Tap can sign in with the pass now." in words
    assert "Through the line All users." in words


def test_it_names_every_rule_that_stops(world: SimpleNamespace, as_: SignIn, give_pass: GivePass) -> None:
    give_pass(world.tapuser, starts_at=clock.now() + timedelta(days=1), is_usable_once=False)
    TapPolicy.objects.filter(tenant=world.contoso).update(is_enabled=False, is_usable_once=True)
    words = page(as_(world.amir), world.tapuser)
    assert "Tap can't use a pass now. The Temporary Access Pass policy is off for everybody." in words
    assert "2 more rules stand in the way." in words
    assert "It is for any number of sign-ins, and the policy now requires one-time use." in words
    assert "It starts on" in words


def test_it_names_the_group_that_excludes(world: SimpleNamespace, as_: SignIn) -> None:
    words = page(as_(world.grace), world.breakglass)
    assert "Break can't use a pass now. Excluded. Through the group Break glass." in words


def test_it_leads_to_what_mends(world: SimpleNamespace, as_: SignIn) -> None:
    client = as_(world.amir)
    response = client.get(reverse("authmethods:why", args=[world.mia.id]))
    assert reverse("authmethods:add_method", args=[world.mia.id]) in response.content.decode()
    reader = as_(world.rosa).get(reverse("authmethods:why", args=[world.mia.id]))
    assert reverse("authmethods:add_method", args=[world.mia.id]) not in reader.content.decode()


@pytest.mark.parametrize(
    ("spoil", "leads_to"),
    [
        ({"policy": {"is_enabled": False}}, "tap:policy_target"),
        ({"policy": {"is_usable_once": True}}, "authmethods:add_method"),
        ({"user": {"is_enabled": False}}, "accounts:user"),
        ({"pass": {"starts_at": "2099-01-01T00:00Z", "ends_at": "2099-01-02T00:00Z"}}, "authmethods:add_method"),
        ({"pass": {"locked_at": "2026-01-01T00:00Z"}}, "authmethods:add_method"),
    ],
)
def test_each_rule_leads_to_what_mends_it(
    world: SimpleNamespace, as_: SignIn, give_pass: GivePass, spoil: dict[str, dict[str, Any]], leads_to: str
) -> None:
    made = give_pass(world.tapuser, is_usable_once=False)
    rows = {
        "policy": TapPolicy.objects.filter(tenant=world.contoso),
        "user": User.objects.filter(pk=world.tapuser.pk),
        "pass": TemporaryAccessPass.objects.filter(pk=made.issued.pk),
    }
    for what, values in spoil.items():
        rows[what].update(**values)
    answer = as_(world.grace).get(reverse("authmethods:why", args=[world.tapuser.id]))
    (row,) = [row for row in answer.context["rows"] if row.finding.stops]
    assert row.mend.url == reverse(leads_to, args=[] if leads_to == "tap:policy_target" else [world.tapuser.id])


@pytest.mark.parametrize(
    ("spoil", "who", "told"),
    [
        ("account", "amir", "None of your roles allows it. Needs: User Administrator or Global Administrator."),
        ("policy", "amir", "Needs: Authentication Policy Administrator or Global Administrator."),
        ("pass", "rosa", "Needs: Authentication Administrator, Privileged Authentication Administrator or Global"),
    ],
)
def test_who_cannot_mend_it_is_told_who_can(
    world: SimpleNamespace, as_: SignIn, spoil: str, who: str, told: str
) -> None:
    if spoil == "account":
        User.objects.filter(pk=world.tapuser.pk).update(is_enabled=False)
    elif spoil == "policy":
        TapPolicy.objects.filter(tenant=world.contoso).update(is_enabled=False)
    assert told in page(as_(getattr(world, who)), world.tapuser)


def test_it_tells_that_attempts_wait(world: SimpleNamespace, as_: SignIn, give_pass: GivePass) -> None:
    give_pass(world.tapuser)
    lane = limits.account_lane(method="pass", account=world.tapuser.upn_key)
    for _ in range(lane.limit):
        limits.reserve([lane], now=clock.now())
    assert "Too many wrong attempts: none is heard until" in page(as_(world.amir), world.tapuser)


def test_who_typed_wrongly_five_times_waits_there_and_a_new_pass_ends_it(
    world: SimpleNamespace, as_: SignIn, give_pass: GivePass, client: Client
) -> None:
    """The commonest call: the sign-in says "too many attempts", so the page may not say that everything is fine."""
    give_pass(world.tapuser)
    for _ in range(5):
        enter_pass(client, world.tapuser.upn, "AAAA2222")
    words = page(as_(world.amir), world.tapuser)
    assert "Tap can't use a pass now. Too many wrong attempts from 127.0.0.1" in words
    again = give_pass(world.tapuser)
    assert "Tap can sign in with the pass now." in page(as_(world.amir), world.tapuser)
    assert enter_pass(client, world.tapuser.upn, again.code).status_code == 302


def test_what_others_typed_there_is_no_matter_of_a_new_pass(
    world: SimpleNamespace, as_: SignIn, give_pass: GivePass, client: Client
) -> None:
    give_pass(world.tapuser)
    for _ in range(5):
        enter_pass(client, world.tapuser.upn, "AAAA2222")
    lanes = limits.network_lanes("127.0.0.0/24")
    for _ in range(25):
        limits.reserve(lanes, now=clock.now())
    answer = as_(world.amir).get(reverse("authmethods:why", args=[world.tapuser.id]))
    (row,) = [row for row in answer.context["rows"] if row.finding.stops]
    assert "another network does" in row.found
    assert row.mend is None


def test_a_guest_from_elsewhere_is_offered_no_pass(world: SimpleNamespace, as_: SignIn) -> None:
    answer = as_(world.amir).get(reverse("authmethods:why", args=[world.vera_external.id]))
    assert [row.mend for row in answer.context["rows"] if row.finding.stops] == [None, None]


def test_a_federated_domain_is_explained(world: SimpleNamespace, as_: SignIn) -> None:
    assert "fed.contoso.com is federated" in page(as_(world.amir), world.fred)


@pytest.mark.parametrize(
    ("actor", "target", "status"),
    [
        ("amir", "tapuser", 200),
        ("rosa", "priya", 200),
        ("amir", "priya", 403),
        ("paul", "tapuser", 403),
        ("mia", "tapuser", 403),
        ("zed", "tapuser", 404),
    ],
)
def test_only_who_may_see_passes_sees_it(
    world: SimpleNamespace, as_: SignIn, actor: str, target: str, status: int
) -> None:
    """E09: another tenant's person is not found."""
    client = as_(getattr(world, actor))
    assert client.get(reverse("authmethods:why", args=[getattr(world, target).id])).status_code == status


def test_asking_changes_nothing_and_costs_little(world: SimpleNamespace, as_: SignIn, give_pass: GivePass) -> None:
    give_pass(world.tapuser)
    client = as_(world.amir)
    events = AuditEvent.objects.count()
    with CaptureQueriesContext(
        connection,
    ) as asked:
        page(client, world.tapuser)
    assert len(asked) <= 8, [query["sql"] for query in asked]
    assert all(query["sql"].lstrip().upper().startswith(("SELECT", "WITH")) for query in asked)
    assert AuditEvent.objects.count() == events
