"""Ways to a state of a page that its address alone does not show."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast
from uuid import uuid4

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.authority import Actor
from accounts.enums import Campaign, Interrupt, MethodKind, Role, TargetSide
from accounts.models import MethodTarget, RoleAssignment
from audit.actions import record
from audit.enums import Event, Outcome
from authmethods.models import RegistrationCampaign, RegistrationSnooze
from bulk.models import Batch
from tap.models import TapPolicy
from tests.authmethods.center import fields_at
from tests.drive import name_oneself
from tests.look.seeded import LONG, NOW
from tests.oidc.flow import App, application_of
from tests.plain_browser import PlainBrowser

Opener = Callable[[Client, SimpleNamespace, str], HttpResponse]


def got(client: Client, world: SimpleNamespace, address: str) -> HttpResponse:
    """Just open it."""
    return cast("HttpResponse", client.get(address))


def posted(**fields: str) -> Opener:
    """Send a form with these fields."""
    return lambda client, world, address: cast("HttpResponse", client.post(address, fields))


def asked_about(who: str) -> Opener:
    """Choose a member of the cast to give a role to: the page asks before it does."""
    return lambda client, world, address: got(client, world, f"{address}?holder=user:{getattr(world, who).pk}")


def nothing_typed(client: Client, world: SimpleNamespace, address: str) -> HttpResponse:
    return cast("HttpResponse", client.post(address, {"username": ""}))


def named(upn: str, **fields: str) -> Opener:
    """Type a user name, go to the step, and send it if there are fields."""

    def open_it(client: Client, world: SimpleNamespace, address: str) -> HttpResponse:
        name_oneself(client, upn)
        return cast("HttpResponse", client.post(address, fields) if fields else client.get(address))

    return open_it


def wrong_pass(client: Client, world: SimpleNamespace, address: str) -> HttpResponse:
    return named(world.tapuser.upn, secret="WRNGWRNG")(client, world, address)


def too_many(client: Client, world: SimpleNamespace, address: str) -> HttpResponse:
    name_oneself(client, world.tapuser.upn)
    answers = (client.post(address, {"secret": "WRNGWRNG"}) for _ in range(30))
    return cast("HttpResponse", next(answer for answer in answers if answer.status_code != 200))


def by_one_time_pass(world: SimpleNamespace) -> dict[str, Any]:
    issued = world.pass_of_tapuser
    return {
        "method": MethodKind.TEMPORARY_ACCESS_PASS,
        "credential_id": issued.pk,
        "ends_at": issued.ends_at,
        "registration_ends_at": NOW + timedelta(minutes=9),
    }


def too_late(world: SimpleNamespace) -> dict[str, Any]:
    return by_one_time_pass(world) | {"registration_ends_at": NOW}


def by_password(world: SimpleNamespace) -> dict[str, Any]:
    return {"method": MethodKind.PASSWORD}


def by_one_off_password(world: SimpleNamespace) -> dict[str, Any]:
    return by_password(world) | {"interrupt": Interrupt.NEW_PASSWORD}


def policy_off(client: Client, world: SimpleNamespace, address: str) -> HttpResponse:
    TapPolicy.objects.filter(tenant=world.contoso).update(is_enabled=False)
    return cast("HttpResponse", client.get(address))


def campaign_on(client: Client, world: SimpleNamespace, address: str) -> HttpResponse:
    settings = {"is_enabled": True, "is_default": False, "changed_at": NOW}
    RegistrationCampaign.objects.create(tenant=world.contoso, **settings)
    MethodTarget.objects.create(tenant=world.contoso, method=Campaign.REGISTRATION, side=TargetSide.INCLUDE)
    return cast("HttpResponse", client.get(address))


def campaign_insists(client: Client, world: SimpleNamespace, address: str) -> HttpResponse:
    RegistrationSnooze.objects.create(user=world.tapuser, times=3, until=NOW)
    return campaign_on(client, world, address)


def one_time_required(client: Client, world: SimpleNamespace, address: str) -> HttpResponse:
    TapPolicy.objects.filter(tenant=world.contoso).update(is_usable_once=True)
    return cast("HttpResponse", client.get(address))


def chosen(who: str) -> Opener:
    """Choose a person in Home's panel."""
    return lambda client, world, address: cast("HttpResponse", client.get(address, {"user": getattr(world, who).pk}))


def _add(client: Client, world: SimpleNamespace, address: str, **changed: Any) -> HttpResponse:
    return cast("HttpResponse", client.post(address, fields_at(client, address, **changed)))


def mistakes_in_a_pass(client: Client, world: SimpleNamespace, address: str) -> HttpResponse:
    wrong = {"duration": "custom", "amount": "900", "unit": "hours", "delayed": "on", "start": "yesterday"}
    return _add(client, world, address, **wrong)


def pass_created(client: Client, world: SimpleNamespace, address: str) -> HttpResponse:
    return _add(client, world, address)


def pass_created_later(client: Client, world: SimpleNamespace, address: str) -> HttpResponse:
    TapPolicy.objects.filter(tenant=world.contoso).update(default_length=48)
    return _add(client, world, address)


def pass_shown(client: Client, world: SimpleNamespace, address: str) -> HttpResponse:
    form = fields_at(client, address)
    client.post(address, form)
    return cast("HttpResponse", client.post(address, form))


def pass_lived(client: Client, world: SimpleNamespace, address: str) -> HttpResponse:
    """Have a pass behind somebody from its making to the passkey, as it is recorded, and a new one that replaced it."""
    by, person, issued = Actor(user_id=world.grace.pk, name="Grace Hollis"), world.mia, str(uuid4())
    dates = {"starts_at": (NOW + timedelta(minutes=5)).isoformat(), "ends_at": (NOW + timedelta(hours=8)).isoformat()}
    made = {"pass": issued, "lifetime_in_minutes": 480, "one_time": False, "note": "INC-7", **dates}
    for event, detail in (
        (Event.PASS_ISSUED, made), (Event.PASS_VIEWED, {"pass": issued}), (Event.PASS_USED, {"pass": issued}),
        (Event.PASSKEY_REGISTERED, {"pass": issued, "name": LONG}),
    ):  # fmt: skip
        record(event, actor=by, target=person, detail=detail)  # type: ignore[arg-type]
        refused = {"outcome": Outcome.FAILURE, "reason": "wrong_code", "detail": {"pass": issued}}
        record(Event.PASS_REFUSED, actor=Actor(), target=person, **refused)  # type: ignore[arg-type]
    return cast("HttpResponse", client.get(address, {"pass": issued}))


def at_the_desk(role: Role, by: Opener = got) -> Opener:
    """Give the caller a role beside his place at the support desk first."""

    def open_it(client: Client, world: SimpleNamespace, address: str) -> HttpResponse:
        RoleAssignment.objects.create(tenant=world.contoso, user=world.sam, role=role)
        return by(client, world, address)

    return open_it


def _policy(client: Client, address: str) -> PlainBrowser:
    return PlainBrowser(client, address, "policy")


def policy_pressed(button: str | None, **typed: str | None) -> Opener:
    """Press a button of the policy's form."""

    def press(client: Client, world: SimpleNamespace, address: str) -> HttpResponse:
        return cast("HttpResponse", _policy(client, address).press(button, **typed).response)

    return press


def in_both_lists(client: Client, world: SimpleNamespace, address: str) -> HttpResponse:
    page = _policy(client, address).press(None, q="break", reach="selected")
    return cast("HttpResponse", page.press("Add Break glass").response)


def turn_off(client: Client, world: SimpleNamespace, address: str) -> HttpResponse:
    return policy_pressed("Save", is_enabled=None)(client, world, address)


def one_time_asked(client: Client, world: SimpleNamespace, address: str) -> HttpResponse:
    return policy_pressed("Save", is_usable_once="on")(client, world, address)


def mistakes_in_the_policy(client: Client, world: SimpleNamespace, address: str) -> HttpResponse:
    return policy_pressed("Save", default_length="3")(client, world, address)


def policy_conflict(client: Client, world: SimpleNamespace, address: str) -> HttpResponse:
    mine = _policy(client, reverse("tap:policy_configure"))
    TapPolicy.objects.filter(tenant=world.contoso).update(
        version=99, default_length=12, changed_by="Paul Lindqvist", changed_at=NOW
    )
    return cast("HttpResponse", mine.press("Save", default_length="10").response)


def batch_in(state: str) -> Opener:
    """Open a batch when it is that far."""

    def open_it(client: Client, world: SimpleNamespace, address: str) -> HttpResponse:
        Batch.objects.filter(pk=world.batch.pk).update(state=state, started_at=NOW)
        return got(client, world, address)

    return open_it


def models_restricted(client: Client, world: SimpleNamespace, address: str) -> HttpResponse:
    return policy_pressed("Save", is_key_restricted="on", enforcement="allow")(client, world, address)


def asked_to_agree(scope: str) -> Opener:
    """Arrive from an application that wants something."""

    def arrive(client: Client, world: SimpleNamespace, address: str) -> HttpResponse:
        app = App(application_of(world.contoso), browser=client)
        return app.authorize(scope=f"openid profile offline_access {scope}")

    return arrive


def device_asked(client: Client, world: SimpleNamespace, address: str) -> HttpResponse:
    started = App(application_of(world.contoso)).start_device()
    return cast("HttpResponse", client.post(address, {"code": started["user_code"]}))


def device_let_in(client: Client, world: SimpleNamespace, address: str) -> HttpResponse:
    asked: Any = device_asked(client, world, reverse("oidc:device"))
    return cast("HttpResponse", client.post(address, {"device": asked.context["device"], "answer": "agree"}))
