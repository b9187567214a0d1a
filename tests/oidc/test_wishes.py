"""What an application may wish about the sign-in, and how it is asked once for each wish."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from django.conf import settings
from django.test import Client
from time_machine import TimeMachineFixture

from accounts.enums import MethodKind
from core import clock
from oidc import rules
from oidc.rules import Need, SignedIn
from tests.conftest import SignIn
from tests.oidc.flow import App, application_of, told

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
GRACE = SignedIn("grace", "grace@contoso.com", MethodKind.FIDO2, NOW - timedelta(minutes=10))
PASS = SignedIn("grace", "grace@contoso.com", MethodKind.TEMPORARY_ACCESS_PASS, NOW - timedelta(minutes=10))
BEFORE, AFTER = NOW - timedelta(minutes=20), NOW - timedelta(minutes=5)


@pytest.mark.parametrize(
    ("words", "subject", "signed_in", "asked_at", "need"),
    [
        ({}, "", None, None, Need.SIGN_IN),
        ({}, "", GRACE, None, None),
        ({"prompt": "login"}, "", GRACE, None, Need.SIGN_IN),
        ({"prompt": "login"}, "", GRACE, BEFORE, None),
        ({"prompt": "login"}, "", GRACE, AFTER, Need.SIGN_IN),
        ({"prompt": "select_account"}, "", GRACE, None, Need.SIGN_IN),
        ({"prompt": "consent"}, "", GRACE, None, None),
        ({"max_age": "600"}, "", GRACE, None, None),
        ({"max_age": "599"}, "", GRACE, None, Need.SIGN_IN),
        ({"max_age": "0"}, "", GRACE, None, Need.SIGN_IN),
        ({"max_age": "0"}, "", GRACE, BEFORE, None),
        ({"login_hint": "Grace@Contoso.com"}, "", GRACE, None, None),
        ({"login_hint": "amir@contoso.com"}, "", GRACE, None, Need.SIGN_IN),
        ({"login_hint": "amir@contoso.com"}, "", GRACE, BEFORE, None),
        ({}, "grace", GRACE, None, None),
        ({}, "amir", GRACE, None, Need.SIGN_IN),
        ({}, "amir", GRACE, BEFORE, Need.OTHER_PERSON),
        ({"acr_values": "phr"}, "", GRACE, None, None),
        ({"acr_values": "phr"}, "", PASS, None, Need.SIGN_IN),
        ({"acr_values": "phr"}, "", PASS, BEFORE, Need.STRONGER),
        ({"acr_values": "phr mfa"}, "", PASS, None, None),
        ({"acr_values": "multi-factor"}, "", PASS, BEFORE, Need.STRONGER),
        ({"acr_values": "urn:unknown"}, "", PASS, None, None),
    ],
)
def test_need_of(
    words: dict[str, str], subject: str, signed_in: SignedIn | None, asked_at: datetime | None, need: Need | None
) -> None:
    """E06: prompt, max_age, acr_values, login_hint and id_token_hint, each asked for once."""
    wishes = rules.read_wishes(words, subject=subject)
    assert rules.need_of(wishes, signed_in, asked_at=asked_at, now=NOW) is need


@pytest.mark.parametrize(
    "uri",
    [
        "https://a.example/cb",
        "https://a.example:8443/cb?x=1",
        "http://localhost",
        "http://127.0.0.1:8400/cb",
        "http://[::1]/",
    ],
)
def test_addresses_that_may_be_registered(uri: str) -> None:
    assert rules.redirect_is_sound(uri)


@pytest.mark.parametrize(
    "uri",
    [
        "http://a.example/cb",
        "https://*.example/cb",
        "https://a.example/cb#x",
        "https://user@a.example/cb",
        "javascript:alert(1)",
        "data:text/html,x",
        "myapp://callback",
        "https:///cb",
        "https://a.example:port/",
        "http://localhost.evil.example/",
        "https://ä.example/",
        "https://a.example/" + "x" * 500,
        "/callback",
        "",
    ],
)
def test_addresses_that_may_not(uri: str) -> None:
    """E01: no wildcard, no plain http but on one's own machine, no scheme of one's own."""
    assert not rules.redirect_is_sound(uri)


def sign_in_again(browser: Client, as_: SignIn, user: object, method: MethodKind = MethodKind.FIDO2) -> None:
    browser.cookies[settings.SIGN_IN_COOKIE] = as_(user, method).cookies[settings.SIGN_IN_COOKIE].value  # type: ignore[arg-type]


def test_it_asks_once_and_comes_back(world: SimpleNamespace, as_: SignIn, time_machine: TimeMachineFixture) -> None:
    """E06: prompt=login makes a new sign-in, whose auth_time the ID token tells."""
    time_machine.move_to(clock.now(), tick=False)
    app = App(application_of(world.contoso), browser=as_(world.mia))
    app.code()
    time_machine.shift(timedelta(minutes=3))
    away = app.authorize(prompt="login", login_hint="mia@contoso.com")
    asked = parse_qs(urlsplit(away["Location"]).query)
    assert (urlsplit(away["Location"]).path, asked["username"]) == ("/signin/", ["mia@contoso.com"])
    assert urlsplit(app.browser.get(asked["next"][0])["Location"]).path == "/signin/", "coming back without is no use"
    sign_in_again(app.browser, as_, world.mia)
    tokens = app.redeem(told(app.browser.get(asked["next"][0]))["code"])
    claims = jwt.decode(tokens["id_token"], options={"verify_signature": False})
    assert claims["auth_time"] == int(clock.now().timestamp())
    time_machine.shift(timedelta(seconds=2))
    assert told(app.authorize(prompt="none", max_age="1"))["error"] == "login_required"


def test_a_silent_request_shows_nothing(world: SimpleNamespace, as_: SignIn) -> None:
    """E06: prompt=none."""
    app = App(application_of(world.contoso), browser=as_(world.mia))
    assert told(app.authorize(prompt="none"))["error"] == "interaction_required"
    app.code()
    assert told(app.authorize(prompt="none"))["code"]
    assert b"Allow Payroll?" in app.authorize(prompt="consent").content
    app.browser = Client()
    assert told(app.authorize(prompt="none"))["error"] == "login_required"


def test_a_hint_must_be_one_of_ours(world: SimpleNamespace, as_: SignIn) -> None:
    """E06: an ID token of this very application names the person, for sure."""
    app = App(application_of(world.contoso), browser=as_(world.mia))
    hint = app.redeem(app.code())["id_token"]
    assert told(app.authorize(id_token_hint=hint, prompt="none"))["code"]
    other = App(application_of(world.contoso, name="Other"), browser=app.browser)
    assert told(other.authorize(id_token_hint=hint))["error"] == "invalid_request"
    sign_in_again(app.browser, as_, world.amir)
    assert told(app.authorize(id_token_hint=hint, prompt="none"))["error"] == "login_required"
    back = parse_qs(urlsplit(app.authorize(id_token_hint=hint)["Location"]).query)["next"][0]
    assert hint not in back
    sign_in_again(app.browser, as_, world.amir)
    assert told(app.browser.get(back))["error"] == "login_required"


def test_a_hint_opens_nothing_when_its_pass_is_over(world: SimpleNamespace, as_: SignIn, give_pass: Any) -> None:
    """B02: an ID token outlives the sign-in it tells of, and gives nothing back."""
    issued = give_pass(world.mia).issued
    bound = {"credential_id": issued.id, "ends_at": issued.ends_at}
    app = App(application_of(world.contoso), browser=as_(world.mia, MethodKind.TEMPORARY_ACCESS_PASS, **bound))
    hint = app.redeem(app.code())["id_token"]
    assert told(app.authorize(id_token_hint=hint, prompt="none"))["code"]
    give_pass(world.mia)
    assert told(app.authorize(id_token_hint=hint, prompt="none"))["error"] == "login_required"


def test_a_pass_is_not_resistant_to_phishing(world: SimpleNamespace, as_: SignIn) -> None:
    """B05, E06: acr_values=phr is answered by nothing less."""
    app = App(application_of(world.contoso), browser=as_(world.tapuser, MethodKind.TEMPORARY_ACCESS_PASS))
    back = parse_qs(urlsplit(app.authorize(acr_values="phr")["Location"]).query)["next"][0]
    sign_in_again(app.browser, as_, world.tapuser, MethodKind.TEMPORARY_ACCESS_PASS)
    assert told(app.browser.get(back))["error"] == "unmet_authentication_requirements"


def test_a_mark_of_ones_own_making_counts_for_nothing(world: SimpleNamespace, as_: SignIn) -> None:
    app = App(application_of(world.contoso), browser=as_(world.mia))
    app.code()
    assert told(app.authorize(prompt="none"))["code"]
    assert urlsplit(app.authorize(prompt="login", asked="WzAsdHJ1ZSwiIl0:x:y")["Location"]).path == "/signin/"
    assert told(app.authorize(state="x" * 1100))["error"] == "invalid_request"
