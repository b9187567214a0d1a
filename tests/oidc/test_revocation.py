"""An application gives its tokens back (RFC 7009), and who may read the answers in a browser."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from accounts.enums import Interrupt
from accounts.sessions import interrupt
from audit.enums import Event, Outcome
from audit.models import AuditEvent
from oidc.enums import TokenProblem
from tests.conftest import SignIn
from tests.oidc.flow import REDIRECT, App, application_of, new_secret, post_form, told
from tests.oidc.test_bearer import problem_of


@pytest.fixture
def app(world: SimpleNamespace, as_: SignIn) -> App:
    """An application of Contoso's in Tap User's browser."""
    return App(application_of(world.contoso), browser=as_(world.tapuser))


def revoke(app: App, token: str, **form: str) -> Any:
    own = {"client_id": app.registration.client_id} | ({"client_secret": app.secret} if app.secret else {})
    return post_form(f"{app.base}/revoke", own | {"token": token} | form)


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
@pytest.mark.parametrize("hint", ["", "access_token", "refresh_token", "something else"])
def test_any_token_ends_all_of_its_consent(app: App, kind: str, hint: str) -> None:
    """E03: what came of one consent ends together, whatever the hint says."""
    tokens, others = app.redeem(app.code()), app.redeem(app.code())
    answer = revoke(app, tokens[kind], **({"token_type_hint": hint} if hint else {}))
    assert (answer.status_code, answer.content, answer["Cache-Control"]) == (200, b"", "no-store")
    assert problem_of(tokens["access_token"]) is TokenProblem.REVOKED
    assert app.refresh(tokens["refresh_token"])["error"] == "invalid_grant"
    assert problem_of(others["access_token"]) is None, "another consent goes on"
    event = AuditEvent.objects.filter(event=Event.TOKENS_REVOKED).earliest("id")
    assert (event.reason, event.outcome) == ("revoked_by_application", Outcome.SUCCESS)
    assert revoke(app, tokens[kind]).status_code == 200, "once more changes nothing"


def test_nobody_ends_what_is_not_his(world: SimpleNamespace, app: App, as_: SignIn) -> None:
    tokens = app.redeem(app.code())
    stranger = App(application_of(world.contoso), browser=as_(world.mia))
    foreign = App(application_of(world.fabrikam), browser=as_(world.zed))
    for other in (stranger, foreign):
        assert revoke(other, tokens["refresh_token"]).status_code == 200, "which tells nothing"
    assert revoke(app, "no token of ours").status_code == 200
    assert problem_of(tokens["access_token"]) is None
    elsewhere = App(app.registration, tenant="fabrikam.com")
    assert revoke(elsewhere, tokens["refresh_token"]).json()["error"] == "invalid_client"
    assert problem_of(tokens["access_token"]) is None


def test_a_client_with_a_secret_proves_itself(world: SimpleNamespace, as_: SignIn) -> None:
    secret = new_secret()
    app = App(application_of(world.contoso, secret=secret), secret=secret, browser=as_(world.tapuser))
    tokens = app.redeem(app.code())
    for wrong in ("", "wrong"):
        answer = post_form(
            f"{app.base}/revoke",
            {"client_id": app.registration.client_id, "client_secret": wrong, "token": tokens["access_token"]},
        )
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert problem_of(tokens["access_token"]) is None
    assert revoke(app, tokens["access_token"]).status_code == 200
    assert problem_of(tokens["access_token"]) is TokenProblem.REVOKED


def test_what_is_no_request(app: App) -> None:
    assert (
        post_form(f"{app.base}/revoke", {"client_id": app.registration.client_id}).json()["error"] == "invalid_request"
    )
    assert Client().get(f"{app.base}/revoke").status_code == 405
    assert post_form("/nowhere.example/oauth2/v2.0/revoke", {"token": "x"}).json()["error"] == "invalid_tenant"
    document = Client().get(f"/{app.registration.tenant_id}/v2.0/.well-known/openid-configuration").json()
    assert document["revocation_endpoint"].endswith(f"{app.base}/revoke")


@pytest.mark.parametrize(
    ("origin", "is_read"),
    [
        ("https://app.example.com", True),
        ("https://APP.example.com", True),
        ("http://localhost:5173", True),
        ("https://app.example.com.evil.example", False),
        ("http://app.example.com", False),
        ("https://app.example.com:8443", False),
        ("http://evil.example:5173", False),
        ("null", False),
        ("", False),
    ],
)
def test_whose_pages_read_tokens(app: App, origin: str, is_read: bool) -> None:
    registration = app.registration
    registration.redirect_uris = f"{REDIRECT} http://localhost/callback"
    registration.save()
    headers = {"Origin": origin} if origin else {}
    answer = post_form(
        f"{app.base}/token",
        {"client_id": registration.client_id, "grant_type": "refresh_token", "refresh_token": "x"},
        **headers,
    )
    assert answer.get("Access-Control-Allow-Origin") == (origin if is_read else None)
    assert "Origin" in answer["Vary"]
    registration.client_type = "confidential"
    registration.save()
    answer = post_form(
        f"{app.base}/token",
        {"client_id": registration.client_id, "grant_type": "refresh_token", "refresh_token": "x"},
        **headers,
    )
    assert "Access-Control-Allow-Origin" not in answer.headers, "a secret has no place in a page"


# --- response_mode=form_post -------------------------------------------------------------------------------------------


def fields_of(answer: Any) -> dict[str, str]:
    assert answer.status_code == 200, answer.content[:500]
    return dict(answer.context["fields"])


def test_an_answer_by_form(app: App) -> None:
    """E01, G01: state, iss and code go to the very address that is registered, and the page may send to nobody else."""
    app.code()
    answer = app.authorize(response_mode="form_post")
    came = fields_of(answer)
    assert (set(came), came["state"]) == ({"code", "state", "iss"}, "s-1")
    assert answer.context["to"] == REDIRECT  # type: ignore[attr-defined]
    rules = dict(one.strip().partition(" ")[::2] for one in answer["Content-Security-Policy"].split(";"))
    assert (rules["form-action"], rules["script-src"]) == ("https://app.example.com", "'self'")
    assert "no-store" in answer["Cache-Control"]
    assert app.redeem(came["code"])["status"] == 200
    other = app.browser.get("/mysecurityinfo/")["Content-Security-Policy"]
    assert "form-action 'self'" in other


def test_refusals_by_form(app: App) -> None:
    app.registration.redirect_uris = f"{REDIRECT}?from=here&empty="
    app.registration.save()
    came = fields_of(
        app.authorize(response_mode="form_post", redirect_uri=f"{REDIRECT}?from=here&empty=", scope="Unknown.Scope")
    )
    assert (came["error"], came["state"], "from" in came) == ("invalid_scope", "s-1", False)
    silent = app.authorize(response_mode="form_post", redirect_uri=f"{REDIRECT}?from=here&empty=", prompt="none")
    assert fields_of(silent)["error"] == "interaction_required"
    assert app.authorize(response_mode="form_post", redirect_uri="https://evil.example/").status_code == 400
    assert told(app.authorize(response_mode="fragment", redirect_uri=f"{REDIRECT}?from=here&empty="))["error"] == (
        "invalid_request"
    )


def test_who_must_do_something_first_gets_no_code(app: App) -> None:
    """E06: an interrupted session answers no application, and a silent request says so."""
    app.code()
    interrupt(app.browser.sign_in_session, Interrupt.REGISTRATION)  # type: ignore[attr-defined]
    assert told(app.authorize(prompt="none"))["error"] == "interaction_required"
    led = app.authorize()
    assert led["Location"].startswith("/signin/more/?next=")
