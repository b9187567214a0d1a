"""Devices without a browser, and the person who lets them in."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from time_machine import TimeMachineFixture

from accounts.enums import MethodKind
from audit.enums import Event
from audit.models import AuditEvent
from core import clock
from oidc.actions.devices import ALPHABET, LENGTH
from oidc.enums import Permission, TokenProblem
from oidc.models import DeviceGrant
from tests.conftest import SignIn
from tests.oidc.flow import App, application_of, post_form
from tests.oidc.test_bearer import problem_of


@pytest.fixture
def app(world: SimpleNamespace, time_machine: TimeMachineFixture) -> App:
    time_machine.move_to(clock.now())
    return App(application_of(world.contoso))


def let_in(browser: Client, user_code: str, answer: str = "agree") -> Any:
    page = browser.post("/devicelogin", {"code": user_code})
    assert page.status_code == 200, page
    return browser.post("/devicelogin/answer", {"device": page.context["device"], "answer": answer})


def test_a_device_is_let_in(world: SimpleNamespace, app: App, as_: SignIn, time_machine: TimeMachineFixture) -> None:
    """E12, C09: the code is typed; the page names the application, its permissions and where it asks from, and warns."""
    started = app.start_device()
    assert (started["status"], started["interval"], started["expires_in"]) == (200, 5, 900)
    plain = started["user_code"].replace("-", "")
    assert (len(plain), set(plain) <= set(ALPHABET)) == (LENGTH, True)
    assert len(ALPHABET) ** LENGTH > 2**34
    assert app.poll(started["device_code"])["error"] == "authorization_pending"
    browser = as_(world.mia)
    assert started["user_code"].encode() not in browser.get("/devicelogin", {"user_code": started["user_code"]}).content
    page = browser.post("/devicelogin", {"code": started["user_code"].lower()}, REMOTE_ADDR="198.51.100.9")
    for words in (b"Payroll", b"127.0.0.1", b"198.51.100.9", b"another place", b"Read your profile"):
        assert words in page.content
    browser.post("/devicelogin/answer", {"device": page.context["device"], "answer": "agree"})
    time_machine.shift(timedelta(seconds=6))
    tokens = app.poll(started["device_code"])
    assert (tokens["status"], problem_of(tokens["access_token"])) == (200, None)
    assert {"id_token", "refresh_token"} <= set(tokens)
    assert AuditEvent.objects.get(event=Event.DEVICE_APPROVED).detail["address"] == "127.0.0.1"
    time_machine.shift(timedelta(seconds=6))
    assert app.poll(started["device_code"])["error"] == "invalid_grant"
    assert problem_of(tokens["access_token"]) is TokenProblem.REVOKED, "a device code used twice ends its tokens"


def test_its_codes_are_digests(app: App) -> None:
    started = app.start_device()
    kept = str(DeviceGrant.objects.values().get())
    assert started["device_code"] not in kept
    assert started["user_code"].replace("-", "") not in kept


def test_who_asks_too_often_waits_longer(app: App, time_machine: TimeMachineFixture) -> None:
    """C09: slow_down, and five seconds more each time (RFC 8628 §3.5)."""
    code = app.start_device()["device_code"]
    assert app.poll(code)["error"] == "authorization_pending"
    assert app.poll(code)["error"] == "slow_down"
    time_machine.shift(timedelta(seconds=6))
    assert app.poll(code)["error"] == "slow_down"
    time_machine.shift(timedelta(seconds=15))
    assert app.poll(code)["error"] == "authorization_pending"


def test_it_is_refused(world: SimpleNamespace, app: App, as_: SignIn, time_machine: TimeMachineFixture) -> None:
    """E12: by the person, by time, for a code that is not known."""
    refused, late = app.start_device(), app.start_device()
    let_in(as_(world.mia), refused["user_code"], "refuse")
    assert app.poll(refused["device_code"])["error"] == "access_denied"
    assert app.poll("nothing")["error"] == "invalid_grant"
    other = App(application_of(world.contoso, name="Other"))
    assert other.poll(late["device_code"])["error"] == "invalid_grant"
    time_machine.shift(timedelta(minutes=15))
    assert app.poll(late["device_code"])["error"] == "expired_token"
    assert b"not known" in as_(world.mia).post("/devicelogin", {"code": late["user_code"]}).content


def test_it_ends_with_the_pass(
    world: SimpleNamespace, app: App, as_: SignIn, give_pass: Any, time_machine: TimeMachineFixture
) -> None:
    """E12, B02: what a pass let in dies with the pass, before the device asked and after."""
    issued = give_pass(world.tapuser).issued
    browser = as_(world.tapuser, MethodKind.TEMPORARY_ACCESS_PASS, credential_id=issued.id, ends_at=issued.ends_at)
    early, late = app.start_device(), app.start_device()
    let_in(browser, early["user_code"])
    let_in(browser, late["user_code"])
    tokens = app.poll(early["device_code"])
    assert problem_of(tokens["access_token"]) is None
    give_pass(world.tapuser)
    assert problem_of(tokens["access_token"]) is TokenProblem.SESSION_ENDED
    assert app.refresh(tokens["refresh_token"])["error"] == "invalid_grant"
    assert app.poll(late["device_code"])["error"] == "expired_token"


def test_guessing_is_slowed_down(world: SimpleNamespace, app: App, as_: SignIn) -> None:
    """C09, C01, C08: five wrong codes of a person from one network, then he waits; a forged header changes nothing."""
    browser = as_(world.mia)
    answers = [
        browser.post("/devicelogin", {"code": f"BCDFGHJ{letter}"}, headers={"X-Forwarded-For": f"203.0.113.{number}"})
        for number, letter in enumerate("BCDFGH")
    ]
    assert [one.status_code for one in answers] == [200] * 5 + [429]
    assert int(answers[-1]["Retry-After"]) > 0
    started = app.start_device()
    assert browser.post("/devicelogin", {"code": started["user_code"]}).status_code == 429
    assert AuditEvent.objects.filter(event=Event.DEVICE_REFUSED, reason="unknown_code").count() == 5


def test_starting_is_slowed_down(app: App) -> None:
    """C09: each leaves a row behind."""
    answers = [app.start_device()["status"] for _ in range(31)]
    assert answers == [200] * 30 + [429]


def test_another_tenants_person_does_not_find_it(world: SimpleNamespace, app: App, as_: SignIn) -> None:
    """E09: the code is not known to him."""
    assert b"not known" in as_(world.zed).post("/devicelogin", {"code": app.start_device()["user_code"]}).content


def test_another_persons_page_is_of_no_use(world: SimpleNamespace, app: App, as_: SignIn) -> None:
    """T7: what one sign-in was shown, another cannot answer."""
    page = as_(world.mia).post("/devicelogin", {"code": app.start_device()["user_code"]})
    answer = as_(world.amir).post("/devicelogin/answer", {"device": page.context["device"], "answer": "agree"})
    assert answer.status_code == 302
    assert DeviceGrant.objects.get().session is None


def test_what_only_an_administrator_gives(world: SimpleNamespace, app: App, as_: SignIn) -> None:
    started = app.start_device(scope="openid User.Read.All")
    page = as_(world.mia).post("/devicelogin", {"code": started["user_code"]})
    assert page.context["higher"] == [Permission.USER_READ_ALL]
    assert b"App registrations" in page.content
    assert b'value="agree"' not in page.content


def test_an_application_that_may_not(world: SimpleNamespace) -> None:
    app = App(application_of(world.contoso, allows_device_code=False))
    assert app.start_device()["error"] == "unauthorized_client"
    assert app.start_device(scope="Nothing.At.All")["error"] == "invalid_scope"


def test_the_older_words(world: SimpleNamespace, app: App, as_: SignIn, time_machine: TimeMachineFixture) -> None:
    """``/oauth2/devicecode`` and ``/oauth2/token``: a resource instead of scopes, times as text."""
    form = {"client_id": app.registration.client_id, "resource": "https://graph.microsoft.com"}
    started = post_form("/common/oauth2/devicecode", form).json()
    assert started["verification_url"].endswith("/devicelogin")
    assert started["expires_in"] == "900"
    let_in(as_(world.mia), started["user_code"])
    ask = {"client_id": app.registration.client_id, "grant_type": "device_code", "code": started["device_code"]}
    tokens = post_form("/common/oauth2/token", ask | {"resource": "https://graph.microsoft.com"}).json()
    assert int(tokens["expires_on"]) - int(tokens["not_before"]) == int(tokens["expires_in"])
    again = {"client_id": app.registration.client_id, "grant_type": "refresh_token"}
    more = post_form("/common/oauth2/token", again | {"refresh_token": tokens["refresh_token"]}).json()
    assert problem_of(more["access_token"]) is None


@pytest.mark.parametrize("path", ["/contoso.com/oauth2/deviceauth", "/devicelogin"])
def test_signing_in_comes_first(world: SimpleNamespace, path: str) -> None:
    """E07, T13: and the page stands in no frame."""
    assert Client().get(path)["Location"].startswith("/signin/")
