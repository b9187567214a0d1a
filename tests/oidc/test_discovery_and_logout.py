"""What clients read first, who somebody is, and signing out at an application's wish."""

from types import SimpleNamespace
from urllib.parse import urlencode, urlsplit

import pytest
from django.conf import settings
from django.test import Client

from accounts.enums import SessionEnd
from core import clock
from oidc.enums import TokenProblem
from oidc.keys import signing_key
from oidc.models import SigningKey
from oidc.tokens import issuer_of
from tests.conftest import SignIn, session_of
from tests.oidc.flow import App, application_of
from tests.oidc.test_bearer import problem_of

BYE = "https://app.example.com/bye"


@pytest.mark.parametrize("name", ["contoso.com", "fed.contoso.com", "id"])
def test_a_tenant_says_where_everything_is(world: SimpleNamespace, name: str) -> None:
    """E01, E04: one issuer a tenant, whatever the address calls it; only what is offered."""
    name = str(world.contoso.id) if name == "id" else name
    document = Client().get(f"/{name}/v2.0/.well-known/openid-configuration").json()
    assert document["issuer"] == issuer_of(world.contoso.id)
    assert document["response_types_supported"] == ["code"]
    assert not {"implicit", "password"} & set(document["grant_types_supported"])
    assert document["code_challenge_methods_supported"] == ["S256"]
    for endpoint in ("authorization_endpoint", "token_endpoint", "jwks_uri", "device_authorization_endpoint"):
        assert document[endpoint].startswith(f"{settings.PUBLIC_URL}/{world.contoso.id}/")
    keys = Client().get(urlsplit(document["jwks_uri"]).path)
    assert keys["Access-Control-Allow-Origin"] == "*"
    assert {key["alg"] for key in keys.json()["keys"]} == {"RS256"}


def test_a_new_installation_has_a_key_before_anybody_signs_in(world: SimpleNamespace) -> None:
    """E05: whoever reads the set first and remembers it can still verify what comes."""
    SigningKey.objects.all().delete()
    (first,) = Client().get("/contoso.com/discovery/v2.0/keys").json()["keys"]
    (again,) = Client().get("/contoso.com/discovery/v2.0/keys").json()["keys"]
    assert first["kid"] == again["kid"] == signing_key(now=clock.now())[0]


def test_the_host_is_an_authority_of_its_own(world: SimpleNamespace) -> None:
    asked = {"authorization_endpoint": f"{settings.PUBLIC_URL}/contoso.com/oauth2/v2.0/authorize"}
    found = Client().get("/common/discovery/instance", asked).json()
    assert Client().get(urlsplit(found["tenant_discovery_endpoint"]).path).status_code == 200
    for other in ("https://login.example/contoso.com", "", "http://[", f"{settings.PUBLIC_URL}/nowhere.example/"):
        assert Client().get("/common/discovery/instance", {"authorization_endpoint": other}).status_code == 400
    common = Client().get("/common/v2.0/.well-known/openid-configuration").json()
    assert common["issuer"].endswith("/{tenantid}/v2.0")


@pytest.mark.parametrize("name", ["nowhere.example", "00000000-0000-0000-0000-000000000000", "x" * 300])
def test_there_is_no_such_tenant(world: SimpleNamespace, name: str) -> None:
    answer = Client().get(f"/{name}/v2.0/.well-known/openid-configuration")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_tenant")


def test_who_somebody_is(world: SimpleNamespace, as_: SignIn) -> None:
    """OpenID Connect Core §5.3: as far as it was permitted."""
    app = App(application_of(world.contoso), browser=as_(world.mia))
    told = Client().get("/oidc/userinfo", headers=bearer(app, "openid profile email")).json()
    assert told == {
        "sub": str(world.mia.id),
        "name": "Mia Fontaine",
        "preferred_username": "mia@contoso.com",
        "email": "mia@contoso.com",
    }
    assert Client().get("/oidc/userinfo", headers=bearer(app, "openid")).json() == {"sub": str(world.mia.id)}
    assert Client().get("/oidc/userinfo", headers=bearer(app, "User.Read")).status_code == 403
    refused = Client().get("/oidc/userinfo")
    assert (refused.status_code, refused["WWW-Authenticate"]) == (401, 'Bearer error="invalid_token"')


def bearer(app: App, scope: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {app.redeem(app.code(scope=scope))['access_token']}"}


def test_signing_out_ends_this_sign_in_only(world: SimpleNamespace, as_: SignIn) -> None:
    """B12: by the sid of the ID token; what came of the sign-in ends, another sign-in of the person stays."""
    registration = application_of(world.contoso, post_logout_redirect_uris=BYE)
    app, other = (App(registration, browser=as_(world.mia)) for _ in range(2))
    tokens, others = app.redeem(app.code()), other.redeem(other.code())
    session = session_of(app.browser)
    wish = {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": BYE, "state": "s"}
    answer = app.browser.get(f"{app.base}/logout?{urlencode(wish)}")
    assert (answer.status_code, answer["Location"]) == (303, f"{BYE}?state=s")
    session.refresh_from_db()
    assert session.revoked_reason == SessionEnd.SIGNED_OUT
    assert problem_of(tokens["access_token"]) is TokenProblem.SESSION_ENDED
    assert app.refresh(tokens["refresh_token"])["error"] == "invalid_grant"
    assert problem_of(others["access_token"]) is None


def test_no_link_signs_anybody_out(world: SimpleNamespace, as_: SignIn) -> None:
    """B12, E07: without an ID token of this sign-in it asks; the answer is a POST with a CSRF value."""
    app = App(application_of(world.contoso, post_logout_redirect_uris=BYE), browser=as_(world.mia))
    hint = app.redeem(app.code())["id_token"]
    stranger = as_(world.mia)
    for words in ({}, {"id_token_hint": hint}, {"id_token_hint": "abc"}, {"client_id": app.registration.client_id}):
        page = stranger.get(f"{app.base}/logout?{urlencode(words)}")
        assert (page.status_code, b"Sign out?" in page.content) == (200, True)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = stranger.cookies
    assert strict.post(f"{app.base}/logout").status_code == 403
    session = session_of(stranger)
    assert session.revoked_at is None
    assert stranger.post(f"{app.base}/logout")["Location"] == "/signin/signed-out/"
    session.refresh_from_db()
    assert session.revoked_at is not None


@pytest.mark.parametrize("wanted", [f"{BYE}/", "https://evil.example/", "", "//evil.example"])
def test_afterwards_only_where_it_was_registered(world: SimpleNamespace, as_: SignIn, wanted: str) -> None:
    """E01: no open redirect at the way out."""
    app = App(application_of(world.contoso, post_logout_redirect_uris=BYE), browser=as_(world.mia))
    wish = {"id_token_hint": app.redeem(app.code())["id_token"], "post_logout_redirect_uri": wanted}
    assert app.browser.get(f"{app.base}/logout?{urlencode(wish)}")["Location"] == "/signin/signed-out/"
