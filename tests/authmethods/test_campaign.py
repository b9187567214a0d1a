"""The registration campaign: who is asked to add a passkey after signing in with a pass, and what he may do first."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from time_machine import TimeMachineFixture

from accounts.enums import MethodKind, TargetSide
from accounts.targeting import Scope, Target
from audit.enums import Event
from audit.models import AuditEvent
from authmethods import rules
from authmethods.campaign import campaign_of
from authmethods.enums import Ask
from authmethods.method_policies import change_campaign
from authmethods.models import RegistrationCampaign, RegistrationSnooze
from core import clock
from tap.actions import Issued
from tests.authmethods.steps import actor, begin, finish, make_key
from tests.conftest import SignIn

EVERYBODY = Target(TargetSide.INCLUDE)
IN, OUT = Scope(EVERYBODY), Scope()
INFO, ASKED = reverse("authmethods:security_info"), reverse("signin:interrupt")
TARGET, CONFIGURE = reverse("authmethods:campaign_target"), reverse("authmethods:campaign_configure")
Give = Callable[..., Issued]


@pytest.mark.parametrize(
    ("is_on", "scope", "has_lasting", "skipped", "asked_again_in", "ask"),
    [
        (True, IN, False, 0, None, Ask.MAY_SKIP),
        (True, IN, False, 2, -1, Ask.MAY_SKIP),
        (True, IN, False, 2, 1, Ask.NOTHING),
        (True, IN, False, 3, 0, Ask.MUST),
        (True, IN, True, 9, 0, Ask.MAY_SKIP),
        (True, OUT, False, 3, 0, Ask.NOTHING),
        (True, Scope(EVERYBODY, Target(TargetSide.EXCLUDE)), False, 0, None, Ask.NOTHING),
        (False, IN, False, 3, 0, Ask.NOTHING),
    ],
)
def test_who_is_asked(
    is_on: bool, scope: Scope, has_lasting: bool, skipped: int, asked_again_in: int | None, ask: Ask
) -> None:
    now = clock.now()
    snooze = None
    if asked_again_in is not None:
        snooze = RegistrationSnooze(times=skipped, until=now + timedelta(days=asked_again_in))
    campaign = RegistrationCampaign(is_enabled=is_on)
    assert rules.registration_ask(campaign, scope, has_lasting_method=has_lasting, snooze=snooze, now=now) is ask


def run(world: SimpleNamespace, as_: SignIn, targets: list[Target] | None = None, **wanted: Any) -> None:
    """Start the campaign of Contoso."""
    version = campaign_of(world.contoso.id).version
    change_campaign(actor(as_(world.paul)), version=version, settings={"is_enabled": True} | wanted, targets=targets)


def arrive(issued: Issued, wanted: str = "") -> Client:
    """Sign in with a pass, as far as the answer of its page."""
    client = Client()
    client.get(reverse("signin:identify"), {"next": wanted} if wanted else {})
    client.post(reverse("signin:identify"), {"username": issued.issued.user.upn})
    answer = client.post(reverse("signin:tap"), {"secret": issued.code})
    assert (answer.status_code, answer["Location"]) == (302, ASKED)
    return client


def test_without_a_campaign_everybody_goes_where_he_wanted(world: SimpleNamespace, give_pass: Give) -> None:
    client = arrive(give_pass(world.mia))
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get(ASKED)["Location"] == INFO
    assert len(asked) <= 3, "the session, the roles, and whether there is a campaign"
    assert client.get(INFO).status_code == 200
    sessions = reverse("authmethods:sessions")
    assert arrive(give_pass(world.mia), wanted=sessions).get(ASKED)["Location"] == sessions


def test_whoever_is_asked_opens_nothing_else(world: SimpleNamespace, as_: SignIn, give_pass: Give) -> None:
    run(world, as_, snooze_days=3)
    client = arrive(give_pass(world.mia), wanted=reverse("authmethods:sessions"))
    with CaptureQueriesContext(connection) as asked:
        page = client.get(ASKED)
    assert len(asked) <= 8, [one["sql"] for one in asked]
    assert "Skip for now" in page.content.decode()
    for url in (INFO, reverse("authmethods:sessions"), reverse("authmethods:overview")):
        assert client.get(url)["Location"].startswith(ASKED)
    assert client.post(reverse("authmethods:sign_out_everywhere"), {"keep": "this"})["Location"] == ASKED
    assert client.get("/healthz").status_code == 200, "what is for anybody stays so"
    assert client.get(reverse("authmethods:not_me")).status_code == 410
    answer = client.get(INFO, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()["redirect"]) == (403, ASKED)
    assert client.get(reverse("authmethods:passkey_create")).status_code == 200
    assert client.post(ASKED)["Location"] == reverse("authmethods:sessions"), "where the person wanted to go"
    assert client.get(INFO).status_code == 200
    event = AuditEvent.objects.get(event=Event.REGISTRATION_SKIPPED)
    assert (event.target_id, event.detail["times"]) == (world.mia.id, 1)


def test_nobody_gets_round_it_by_another_address(world: SimpleNamespace, as_: SignIn, give_pass: Give) -> None:
    """The question need not have been seen: a session with a pass begins held where a campaign runs."""
    run(world, as_, targets=[EVERYBODY, Target(TargetSide.EXCLUDE, user_id=world.gil.id)])
    client = arrive(give_pass(world.mia))
    assert client.get(reverse("authmethods:sessions"))["Location"].startswith(ASKED)
    assert client.get(INFO)["Location"].startswith(ASKED)
    excluded = arrive(give_pass(world.gil))
    led = excluded.get(INFO)["Location"]
    assert led.startswith(ASKED)
    assert excluded.get(led)["Location"] == INFO
    assert excluded.get(INFO).status_code == 200
    version = campaign_of(world.contoso.id).version
    change_campaign(actor(as_(world.paul)), version=version, settings={"is_enabled": False})
    assert arrive(give_pass(world.user3)).get(INFO).status_code == 200


def test_who_is_not_held_skips_nothing(world: SimpleNamespace, as_: SignIn) -> None:
    run(world, as_)
    assert as_(world.mia, MethodKind.PASSWORD).post(ASKED)["Location"] == INFO
    assert not RegistrationSnooze.objects.exists()


def test_an_added_passkey_ends_the_asking(world: SimpleNamespace, as_: SignIn, give_pass: Give) -> None:
    run(world, as_)
    client = arrive(give_pass(world.mia))
    assert client.get(ASKED).status_code == 200
    finish(client, make_key().register(begin(client)))
    assert client.get(INFO)["Location"].startswith(ASKED)
    assert client.get(ASKED)["Location"] == INFO
    assert client.get(INFO).status_code == 200
    assert arrive(give_pass(world.mia)).get(ASKED)["Location"] == INFO, "nor is it asked again"


def test_skipping_three_times_is_enough(
    world: SimpleNamespace, as_: SignIn, give_pass: Give, time_machine: TimeMachineFixture
) -> None:
    """Except for whoever could do without a pass: nothing stands in his way."""
    run(world, as_, snooze_days=2)
    for skipped in range(rules.MOST_SKIPS):
        time_machine.move_to(clock.now() + timedelta(days=2), tick=False)
        client = arrive(give_pass(world.mia))
        assert client.get(ASKED).status_code == 200, skipped
        client.post(ASKED)
        assert arrive(give_pass(world.mia)).get(ASKED)["Location"] == INFO, "not within two days"
    time_machine.move_to(clock.now() + timedelta(days=2), tick=False)
    client = arrive(give_pass(world.mia))
    assert "Skip for now" not in client.get(ASKED).content.decode()
    assert client.post(ASKED)["Location"] == ASKED
    assert "You have skipped this as often" in client.get(ASKED).content.decode()
    world.mia.set_password("four unusual words here")
    world.mia.save()
    assert "Skip for now" in client.get(ASKED).content.decode()


def test_whoever_is_excluded_or_came_otherwise_is_not_asked(
    world: SimpleNamespace, as_: SignIn, give_pass: Give
) -> None:
    hires = world.groups["New hires"].id
    run(world, as_, targets=[EVERYBODY, Target(TargetSide.EXCLUDE, group_id=hires)])
    assert arrive(give_pass(world.tapuser)).get(ASKED)["Location"] == INFO
    assert as_(world.mia, MethodKind.FIDO2).get(ASKED)["Location"] == INFO
    assert as_(world.mia, MethodKind.PASSWORD).get(INFO).status_code == 200


def test_where_registering_is_off_nobody_is_asked(world: SimpleNamespace, as_: SignIn, give_pass: Give) -> None:
    from authmethods.method_policies import change_passkey_policy
    from authmethods.policy import policy_of

    run(world, as_)
    client = arrive(give_pass(world.mia))
    assert client.get(ASKED).status_code == 200
    off = {"is_self_service_allowed": False}
    change_passkey_policy(actor(as_(world.paul)), version=policy_of(world.contoso.id).version, settings=off)
    assert client.get(ASKED)["Location"] == INFO, "nobody stays held by what he cannot do"


def test_when_the_window_is_over_the_page_says_so(
    world: SimpleNamespace, as_: SignIn, give_pass: Give, time_machine: TimeMachineFixture
) -> None:
    """B04: the ten minutes of a one-time pass."""
    run(world, as_)
    client = arrive(give_pass(world.mia, is_usable_once=True))
    assert "10 minutes</b> left" in client.get(ASKED).content.decode()
    time_machine.move_to(clock.now() + timedelta(minutes=11), tick=False)
    assert "Time to add a method is over." in client.get(ASKED).content.decode()


def test_policy_administrators_run_it(world: SimpleNamespace, as_: SignIn) -> None:
    paul = as_(world.paul)
    hires = world.groups["New hires"].id
    form = {
        "version": 1,
        "is_enabled": "on",
        "reach": "selected",
        "include": f"group:{hires}",
        "exclude": "",
        "save": "1",
    }
    assert paul.post(TARGET, form).status_code == 302
    campaign = campaign_of(world.contoso.id)
    assert (campaign.is_enabled, campaign.is_default, campaign.version) == (True, False, 2)
    stale = paul.post(CONFIGURE, {"version": 1, "snooze_days": 7, "save": "1"})
    assert stale.status_code == 409
    assert "After 7 days" in stale.content.decode()
    assert paul.post(CONFIGURE, {"version": 2, "snooze_days": 7, "save": "1"}).status_code == 302
    assert paul.post(CONFIGURE, {"version": 3, "snooze_days": 15, "save": "1"}).status_code == 422
    assert campaign_of(world.contoso.id).snooze_days == 7
    event = AuditEvent.objects.filter(event=Event.CAMPAIGN_CHANGED).latest("id")
    assert (event.detail["old"]["snooze_days"], event.detail["new"]["snooze_days"]) == (1, 7)
    assert campaign_of(world.fabrikam.id).version == 1
    for page in (TARGET, CONFIGURE):
        assert "Registration campaign" in as_(world.rosa).get(page).content.decode()
        assert as_(world.rosa).post(page, form).status_code == 403
        assert as_(world.mia).get(page).status_code == 403


def test_the_sign_in_itself_asks_nothing_more(world: SimpleNamespace, as_: SignIn, give_pass: Give) -> None:
    """Design §7: the campaign costs the POST of a pass no statement."""

    def statements() -> int:
        issued, client = give_pass(world.mia), Client()
        client.post(reverse("signin:identify"), {"username": world.mia.upn})
        with CaptureQueriesContext(connection) as sent:
            client.post(reverse("signin:tap"), {"secret": issued.code})
        assert client.cookies[settings.SIGN_IN_COOKIE].value
        return len(sent)

    before = statements()
    run(world, as_)
    assert statements() == before
