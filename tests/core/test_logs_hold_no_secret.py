"""A02, T15: whatever the product is given or gives that opens a door, no line of its log holds it, at any level."""

import json
import logging
import re
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.test import Client
from django.urls import reverse
from time_machine import TimeMachineFixture

from config import worker
from core import clock
from core.secrets import group
from notices.links import denial_link
from notices.models import Notice
from oidc.enums import Permission
from tests.authmethods.center import add_url, code_in, filled_in, text_of
from tests.bulk.test_pages import fill_in
from tests.conftest import SignIn
from tests.drive import enter_pass, enter_password
from tests.oidc.flow import REDIRECT, App, application_of, new_secret

Written = Callable[[], list[Any]]
PASSWORD = "hunter2 hunter2 hunter2"
WRONG = "WRNGWRNG"


class Seen(dict[str, str]):
    """Every secret that was given or received, by what it is."""

    def take(self, name: str, secret: str) -> str:
        assert len(secret) >= 8, name
        self[name] = secret
        return secret


def in_any_spelling(secret: str) -> list[str]:
    return [secret, secret[::-1], " ".join(group(secret)), "-".join(group(secret)), urlencode({"": secret})[1:]]


@pytest.fixture
def seen() -> Seen:
    return Seen()


@pytest.mark.parametrize("fails", [False, True], ids=["all goes well", "and then everything fails"])
def test_no_line_holds_a_secret(
    world: SimpleNamespace,
    as_: SignIn,
    seen: Seen,
    written: Written,
    monkeypatch: pytest.MonkeyPatch,
    time_machine: TimeMachineFixture,
    *,
    fails: bool,
) -> None:
    """Driven through every door that takes one; then again with a database that answers nothing, for the traces."""
    time_machine.move_to(clock.now())
    pages(world, as_, seen)
    handed_out(world, as_, seen)
    programs(world, as_, seen, time_machine)
    if fails:
        with monkeypatch.context() as broken:
            broken.setattr("django.db.backends.utils.CursorWrapper.execute", out_of_order)
            stumbling(seen)
    worker.run_due()
    said = [str(line) for line in written()]
    assert any("/signin/pass/ 302" in line for line in said)
    assert any("/oauth2/v2.0/token 200" in line for line in said)
    assert any("Traceback" in line for line in said) is fails
    assert len(seen) > 14
    for name, secret in seen.items():
        held = [line for line in said if any(one.lower() in line.lower() for one in in_any_spelling(secret))]
        assert held == [], name


def pages(world: SimpleNamespace, as_: SignIn, seen: Seen) -> None:
    """Issue, sign in with a pass and a password, rightly and wrongly, by mistake in the address, and say "not me"."""
    grace = as_(world.grace)
    seen.take("session cookie", grace.cookies[settings.SIGN_IN_COOKIE].value)
    code = seen.take("pass", code_in(grace.post(add_url(world.mia), filled_in(grace, world.mia, once="no"))))
    browser = Client()
    assert enter_pass(browser, world.mia.upn, seen.take("wrong pass", WRONG)).status_code == 200
    assert enter_pass(browser, world.mia.upn, code).status_code == 302
    for name in (settings.SIGN_IN_COOKIE, settings.CSRF_COOKIE_NAME):
        seen.take(f"{name} of the browser", browser.cookies[name].value)
    browser.get(f"/{code}")
    browser.get(reverse("signin:identify"), {"code": code, "next": f"/?pass={code}"})
    world.user2.password = make_password(seen.take("password", PASSWORD))
    world.user2.save()
    assert enter_password(Client(), world.user2.upn, PASSWORD).status_code == 302
    enter_password(Client(), world.user2.upn, seen.take("wrong password", PASSWORD[::-1].upper()))
    notice = Notice.objects.filter(person=world.mia).first()
    assert notice is not None
    link = denial_link(notice.id)
    seen.take("link of a mail", link.partition("notice=")[2])
    assert Client().get(link.removeprefix(settings.PUBLIC_URL)).status_code == 200


def handed_out(world: SimpleNamespace, as_: SignIn, seen: Seen) -> None:
    """Make a one-off password and a batch of passes, and use what was made."""
    grace = as_(world.grace)
    shown = grace.post(reverse("authmethods:reset_password_of", args=[world.user2.id]), {"seen": ""})
    one_off = seen.take("one-off password", shown.context["made"].password)
    assert enter_password(Client(), world.user2.upn, one_off).status_code == 302
    batch = fill_in(grace, names="gil@contoso.com").context["batch"]
    started = grace.post(reverse("bulk:start", args=[batch.pk]), {"on_open": "replace"})
    key = re.search(r'id="hand-over-key"[^>]*>([^<]+)<', text_of(started))
    assert key is not None
    seen.take("key of a batch", key[1])
    worker.run_due(["long"])
    other = as_(world.grace)
    page = other.get(reverse("bulk:batch", args=[batch.pk]))
    wanted = {"form": "zip", "password": seen.take("password of a file", page.context["password"])}
    assert other.post(reverse("bulk:hand_over", args=[batch.pk]), wanted | {"key": key[1]}).status_code == 200


def programs(world: SimpleNamespace, as_: SignIn, seen: Seen, time_machine: TimeMachineFixture) -> None:
    """Do what applications, devices and clients of the API do."""
    secret = seen.take("client secret", new_secret())
    app = App(
        application_of(world.contoso, secret=secret, given=(Permission.USER_READ,)), secret, browser=as_(world.mia)
    )
    seen.take("code verifier", app.verifier)
    code = seen.take("authorization code", app.code())
    Client().get(REDIRECT.replace("https://app.example.com", ""), {"code": code})
    tokens = app.redeem(code)
    for name in ("access_token", "refresh_token", "id_token"):
        seen.take(name, tokens[name])
    seen.take("second refresh token", app.refresh(tokens["refresh_token"])["refresh_token"])
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert Client().get("/graph/v1.0/me", headers=headers).status_code == 200
    parts = {"requests": [{"id": "1", "method": "GET", "url": "/me"}]}
    Client().post("/graph/v1.0/$batch", json.dumps(parts), "application/json", headers=headers)
    Client().get("/graph/v1.0/me", {"access_token": tokens["access_token"]})
    app.browser.get(f"{app.base}/logout", {"id_token_hint": tokens["id_token"]})
    app = App(application_of(world.contoso), browser=as_(world.mia))
    started = app.start_device()
    for name in ("device_code", "user_code"):
        seen.take(name, started[name])
    page = app.browser.post("/devicelogin", {"code": started["user_code"]})
    app.browser.post("/devicelogin/answer", {"device": page.context["device"], "answer": "agree"})
    time_machine.shift(timedelta(seconds=6))
    assert app.poll(started["device_code"])["status"] == 200


def out_of_order(*_: object) -> None:
    raise RuntimeError("the database is out of order")


def stumbling(seen: Seen) -> None:
    """Send them once more, where nothing works."""
    logging.getLogger("gatepass").debug("from here on everything fails")
    client = Client(raise_request_exception=False)
    client.cookies[settings.SIGN_IN_COOKIE] = seen["session cookie"]
    assert client.get(reverse("signin:identify"), {"code": seen["pass"]}).status_code == 500
    client.cookies.clear()
    client.post(reverse("signin:identify"), {"username": "mia@contoso.com", "secret": seen["pass"]})
    client.post(reverse("signin:tap"), {"secret": seen["pass"]})
    client.post(reverse("signin:password"), {"secret": seen["password"]})
    client.get("/graph/v1.0/me", headers={"Authorization": f"Bearer {seen['access_token']}"})
    form = {
        "grant_type": "refresh_token",
        "refresh_token": seen["refresh_token"],
        "client_secret": seen["client secret"],
    }
    client.post("/common/oauth2/v2.0/token", form | {"client_id": "12345678-1234-1234-1234-123456789abc"})
