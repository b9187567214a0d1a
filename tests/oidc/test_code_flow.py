"""The authorization code with PKCE: what must be, what is refused, and what ends."""

import base64
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import jwt
import pytest
from django.db import connection
from django.test import Client
from time_machine import TimeMachineFixture

from accounts.enums import MethodKind
from audit.enums import Event
from audit.models import AuditEvent
from core import clock
from oidc.enums import Permission, TokenProblem
from oidc.models import Grant, RefreshToken, UserConsent
from oidc.tokens import issuer_of
from tests.conftest import SignIn
from tests.oidc.flow import REDIRECT, App, application_of, new_secret, post_form, told
from tests.oidc.test_bearer import problem_of


@pytest.fixture
def app(world: SimpleNamespace, as_: SignIn) -> App:
    """An application of Contoso's in Tap User's browser."""
    return App(application_of(world.contoso), browser=as_(world.tapuser))


def test_from_sign_in_to_tokens(world: SimpleNamespace, app: App) -> None:
    """E01, E02, E06: code, consent, tokens; iss in the answer; the ID token tells of this very sign-in."""
    session = app.browser.sign_in_session  # type: ignore[attr-defined]
    page = app.authorize()
    assert b"Read your profile" in page.content
    answer = told(app.browser.get(app.browser.post(page.context["action"], {"answer": "agree"})["Location"]))  # type: ignore[attr-defined]
    assert (answer["state"], answer["iss"]) == ("s-1", issuer_of(world.contoso.id))
    tokens = app.redeem(answer["code"])
    assert (tokens["status"], tokens["token_type"]) == (200, "Bearer")
    assert tokens["scope"] == "openid profile offline_access User.Read"
    assert problem_of(tokens["access_token"]) is None
    claims = jwt.decode(tokens["id_token"], options={"verify_signature": False})
    assert {name: claims[name] for name in ("iss", "aud", "sub", "nonce", "sid", "amr", "acr", "auth_time")} == {
        "iss": issuer_of(world.contoso.id),
        "aud": app.registration.client_id,
        "sub": str(world.tapuser.id),
        "nonce": "n-1",
        "sid": str(session.id),
        "amr": ["hwk", "user", "mfa"],
        "acr": "phr",
        "auth_time": int(session.authenticated_at.timestamp()),
    }
    assert (claims["name"], claims["preferred_username"]) == ("Tap User", "tapuser@contoso.com")
    assert problem_of(tokens["id_token"]) is TokenProblem.WRONG_TYPE
    assert told(app.authorize())["code"], "agreed once, never asked again"


def test_nothing_of_it_is_kept_in_clear(app: App) -> None:
    """E02: codes and refresh tokens are digests at rest."""
    code = app.code()
    tokens = app.redeem(code)
    with connection.cursor() as cursor:
        kept = ""
        for table in ("oidc_grant", "oidc_refreshtoken", "oidc_accesstoken", "oidc_idtoken", "audit_auditevent"):
            cursor.execute(f"SELECT * FROM {table}")  # noqa: S608
            kept += str(cursor.fetchall())
    assert [one for one in (code, tokens["refresh_token"], tokens["access_token"]) if one in kept] == []


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "id_token"}, "unsupported_response_type"),
        ({"response_type": "code token"}, "unauthorized_client"),
        ({"response_type": None}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": "x" * 300}, "invalid_request"),
        ({"nonce": "x" * 300}, "invalid_request"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"request": "eyJhbGciOiJub25lIn0.e30."}, "invalid_request"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "frobnicate"}, "invalid_request"),
        ({"max_age": "soon"}, "invalid_request"),
        ({"id_token_hint": "abc"}, "invalid_request"),
        ({"scope": "Everything.ReadWrite.All"}, "invalid_scope"),
    ],
)
def test_it_tells_the_application_what_was_wrong(app: App, words: dict[str, Any], error: str) -> None:
    """E01: no implicit, no plain, no downgrade; the answer names who gives it."""
    answer = told(app.authorize(**words))
    assert answer["error"] == error
    assert "code" not in answer
    assert answer["iss"].endswith("/v2.0")


@pytest.mark.parametrize(
    "redirect",
    [
        "https://app.example.com/callback/",
        "https://app.example.com/callback?x=1",
        "https://app.example.com/Callback",
        "https://app.example.com:444/callback",
        "http://app.example.com/callback",
        "https://evil.example/callback",
        "https://app.example.com/callback#x",
        "https://app.example.com@evil.example/callback",
        "//app.example.com/callback",
        None,
    ],
)
def test_it_sends_nobody_to_an_address_that_is_not_registered(app: App, redirect: str | None) -> None:
    """E01: exact match, and a page instead of a redirect."""
    answer = app.authorize(redirect_uri=redirect)
    if redirect is None:
        assert answer.status_code in (200, 303)  # the only one registered goes without saying
        return
    assert answer.status_code == 400
    assert "Location" not in answer.headers


def test_a_port_of_ones_own_machine_goes_without_saying(world: SimpleNamespace, as_: SignIn) -> None:
    """E01: RFC 8252 §7.3, for loopback only."""
    app = App(application_of(world.contoso, redirect_uris="http://localhost"), browser=as_(world.mia))
    code = app.code(redirect_uri="http://localhost:51234")
    assert app.redeem(code, redirect_uri="http://localhost:51234")["status"] == 200
    assert app.authorize(redirect_uri="http://localhost:51234/other").status_code == 400
    assert app.authorize(redirect_uri="http://127.0.0.1:51234").status_code == 400


@pytest.mark.parametrize("name", ["client_id", "redirect_uri", "state", "scope"])
def test_a_word_said_twice_is_refused(app: App, name: str) -> None:
    """E01: nobody can choose which one counts."""
    assert app.browser.get(f"{app.request()}&{name}=again").status_code == 400


def test_an_application_of_another_tenant_is_not_known(world: SimpleNamespace, as_: SignIn) -> None:
    """E09: by the address of the wrong tenant; and its people are asked for another account."""
    app = App(application_of(world.contoso), browser=as_(world.zed), tenant=str(world.fabrikam.id))
    assert app.authorize().status_code == 400
    right = App(app.registration, browser=app.browser, tenant="common")
    answer = right.authorize()
    assert (answer.status_code, urlsplit(answer["Location"]).path) == (303, "/signin/")
    assert told(right.authorize(prompt="none"))["error"] == "login_required"
    assert Client().get("/nowhere.example/oauth2/v2.0/authorize").status_code == 404


@pytest.mark.parametrize("change", ["verifier", "no verifier", "redirect", "client", "late"])
def test_a_code_is_bound(world: SimpleNamespace, app: App, change: str, time_machine: TimeMachineFixture) -> None:
    """E02: to client, address, PKCE and sixty seconds; and a wrong try spends it."""
    time_machine.move_to(clock.now())
    code = app.code()
    other = App(application_of(world.contoso, name="Other"), verifier=app.verifier)
    match change:
        case "verifier":
            refused = app.redeem(code, code_verifier="x" * 43)
        case "no verifier":
            refused = app.token(grant_type="authorization_code", code=code, redirect_uri=REDIRECT)
        case "redirect":
            refused = app.redeem(code, redirect_uri=f"{REDIRECT}2")
        case "client":
            refused = other.redeem(code)
            assert app.redeem(code)["status"] == 200, "another client cannot spend it"
        case _:
            time_machine.shift(timedelta(seconds=60))
            refused = app.redeem(code)
    assert refused["status"] in (400, 401)
    assert refused["error"] in ("invalid_grant", "invalid_request")
    assert app.redeem(code)["error"] == "invalid_grant"


def test_a_code_used_twice_ends_what_came_of_it(app: App) -> None:
    """E02: replay revokes the access token and the refresh token, and is recorded."""
    code = app.code()
    tokens = app.redeem(code)
    assert problem_of(tokens["access_token"]) is None
    assert app.redeem(code)["error"] == "invalid_grant"
    assert problem_of(tokens["access_token"]) is TokenProblem.REVOKED
    assert app.refresh(tokens["refresh_token"])["error"] == "invalid_grant"
    assert AuditEvent.objects.filter(event=Event.TOKENS_REVOKED, reason="code_replayed").count() == 1


def test_refreshing(app: App, time_machine: TimeMachineFixture) -> None:
    """E03, B03: rotated each time; the refreshed ID token keeps auth_time, amr and sid."""
    time_machine.move_to(clock.now())
    first = app.redeem(app.code())
    time_machine.shift(timedelta(minutes=50))
    second = app.refresh(first["refresh_token"], scope="User.Read openid")
    assert second["refresh_token"] != first["refresh_token"]
    before, after = (jwt.decode(one["id_token"], options={"verify_signature": False}) for one in (first, second))
    assert [before[name] == after[name] for name in ("auth_time", "amr", "sid", "sub", "acr")] == [True] * 5
    assert after["iat"] > before["iat"]
    assert app.refresh(second["refresh_token"], scope="Group.Read.All")["error"] == "invalid_scope"
    assert app.refresh(second["refresh_token"])["status"] == 200, "asking for too much does not spend it"


def test_a_refresh_token_used_twice_ends_the_family(app: App) -> None:
    """E03: thief and owner both lose."""
    first = app.redeem(app.code())
    second = app.refresh(first["refresh_token"])
    assert app.refresh(first["refresh_token"])["error"] == "invalid_grant"
    assert app.refresh(second["refresh_token"])["error"] == "invalid_grant"
    assert problem_of(second["access_token"]) is TokenProblem.REVOKED


def test_no_refresh_token_unasked(app: App) -> None:
    assert "refresh_token" not in app.redeem(app.code(scope="openid User.Read"))
    assert not RefreshToken.objects.exists()


def test_it_all_ends_with_the_pass(
    world: SimpleNamespace, as_: SignIn, give_pass: Any, time_machine: TimeMachineFixture
) -> None:
    """B02, B03: a deleted or replaced pass ends code, access and refresh token; no end lies after the pass's."""
    time_machine.move_to(clock.now())
    issued = give_pass(world.tapuser).issued
    browser = as_(world.tapuser, MethodKind.TEMPORARY_ACCESS_PASS, credential_id=issued.id, ends_at=issued.ends_at)
    app = App(application_of(world.contoso), browser=browser)
    time_machine.shift(timedelta(minutes=30))
    tokens = app.redeem(app.code())
    end = int(issued.ends_at.timestamp())
    for name in ("access_token", "id_token"):
        assert jwt.decode(tokens[name], options={"verify_signature": False})["exp"] == end
    assert tokens["expires_in"] <= 1800
    code = app.code()
    give_pass(world.tapuser)
    assert app.redeem(code)["error"] == "invalid_grant"
    assert problem_of(tokens["access_token"]) is TokenProblem.SESSION_ENDED
    assert app.refresh(tokens["refresh_token"])["error"] == "invalid_grant"
    assert app.authorize().status_code == 303
    assert urlsplit(app.authorize()["Location"]).path == "/signin/"


def test_disabling_the_person_ends_refreshing(world: SimpleNamespace, app: App) -> None:
    """B10: on the next use."""
    tokens = app.redeem(app.code())
    type(world.tapuser).objects.filter(pk=world.tapuser.pk).update(is_enabled=False)
    assert app.refresh(tokens["refresh_token"])["error"] == "invalid_grant"


def test_a_confidential_application_needs_its_secret(world: SimpleNamespace, as_: SignIn) -> None:
    """E02: by body or by HTTP Basic; PKCE as well."""
    secret = new_secret()
    app = App(application_of(world.contoso, secret=secret), secret=secret, browser=as_(world.mia))
    assert app.redeem(app.code())["status"] == 200
    for wrong in ("", "wrong"):
        assert (
            App(app.registration, secret=wrong, verifier=app.verifier).redeem(app.code())["error"] == "invalid_client"
        )
    basic = base64.b64encode(f"{app.registration.client_id}:{secret}".encode()).decode()
    form = {"grant_type": "authorization_code", "code": app.code(), "redirect_uri": REDIRECT}
    form["code_verifier"] = app.verifier
    assert post_form(f"{app.base}/token", form, Authorization="Basic !!").status_code == 401
    assert post_form(f"{app.base}/token", form, Authorization=f"Basic {basic}").status_code == 200


@pytest.mark.parametrize("grant", ["password", "implicit", "urn:ietf:params:oauth:grant-type:jwt-bearer", ""])
def test_no_other_grant(app: App, grant: str) -> None:
    """E01: no resource owner password credentials."""
    answer = app.token(grant_type=grant, username="mia@contoso.com", password="x", scope="openid")
    assert answer["error"] in ("unsupported_grant_type", "invalid_request")


def test_an_application_by_itself(world: SimpleNamespace) -> None:
    """E08: what an administrator gave it, by /.default only; a public one cannot."""
    secret = new_secret()
    given = (Permission.METHODS_READ_ALL, Permission.AUDIT_READ_ALL)
    app = App(application_of(world.contoso, secret=secret, given=given), secret=secret, tenant="contoso.com")
    for scope in ("00000003-0000-0000-c000-000000000000/.default", "https://graph.microsoft.com/.default"):
        tokens = app.token(grant_type="client_credentials", scope=scope)
        claims = jwt.decode(tokens["access_token"], options={"verify_signature": False})
        assert claims["roles"] == ["UserAuthenticationMethod.Read.All", "AuditLog.Read.All"]
        assert "refresh_token" not in tokens
    assert app.token(grant_type="client_credentials", scope="User.Read.All")["error"] == "invalid_scope"
    public = App(application_of(world.contoso, given=given))
    assert public.token(grant_type="client_credentials", scope=".default")["error"] == "invalid_client"
    poor = App(application_of(world.contoso, secret="s" * 40), secret="s" * 40)
    assert poor.token(grant_type="client_credentials", scope=".default")["error"] == "invalid_scope"


def test_a_person_gives_little_by_himself(world: SimpleNamespace, app: App, as_: SignIn) -> None:
    """Consent: more than reading one's own profile needs an administrator; and refusing is an answer too."""
    page = app.authorize(scope="openid User.Read.All")
    assert page.status_code == 403
    assert b"needs an administrator" in page.content
    grace = App(app.registration, browser=as_(world.grace))
    assert b"You may approve Payroll yourself" in grace.authorize(scope="openid User.Read.All").content
    action = app.authorize().context["action"]  # type: ignore[attr-defined]
    assert told(app.browser.post(action, {"answer": "no"}))["error"] == "access_denied"
    assert not UserConsent.objects.exists()
    assert AuditEvent.objects.filter(event=Event.CONSENT_REFUSED).count() == 1
    assert told(app.authorize(prompt="none"))["error"] == "interaction_required"


def test_nobody_is_made_to_agree_by_another_site(world: SimpleNamespace, app: App) -> None:
    """E07, T13: the consent is a POST with a CSRF value, in no frame, answered with 303."""
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = app.browser.cookies
    page = app.authorize()
    action = page.context["action"]  # type: ignore[attr-defined]
    assert strict.post(action, {"answer": "agree"}).status_code == 403
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]
    assert app.browser.post(action, {"answer": "agree"}).status_code == 303
    assert not Grant.objects.exists()


def test_after_a_form_of_ours_a_page_goes_on(app: App) -> None:
    """E07: Chromium holds a form's redirects to form-action, so the way to the application begins anew."""
    app.code()
    page = app.browser.get(app.request(), headers={"Sec-Fetch-Site": "same-origin"})
    assert page.status_code == 200
    assert b'http-equiv="refresh"' in page.content
    assert b"https://app.example.com/callback?code=" in page.content


def test_a_request_may_come_as_a_form(app: App) -> None:
    """E07: OpenID Connect Core §3.1.2.1; it is answered with 303 to the same request as a GET."""
    words = dict(part.split("=", 1) for part in app.request().partition("?")[2].split("&"))
    answer = Client().post(f"{app.base}/authorize", words)
    assert answer.status_code == 303
    assert answer["Location"].startswith(f"{app.base}/authorize?client_id=")


@pytest.mark.parametrize("tail", ["&x=%ff", "&x=%zz", "&&==", "&claims=%7B", "&scope[]=x", "&max_age=%D9%A3", "&x=é"])
def test_odd_queries(app: App, tail: str) -> None:
    """An answer, whatever a link holds."""
    assert app.browser.get(f"{app.request()}{tail}").status_code in (200, 303, 400)
    assert app.browser.get(f"{app.base}/logout?id_token_hint=a.b.c{tail}").status_code == 200


@pytest.mark.parametrize("body", [{"client_id": "\x00"}, {"grant_type": "x" * 5000}, {}, {"code": "%"}])
def test_odd_bodies(app: App, body: dict[str, str]) -> None:
    """A fault of the client's, never of ours."""
    answer = Client().post(f"{app.base}/token", body)
    assert answer.status_code in (400, 401)
    assert answer["Content-Type"].startswith("application/json")
