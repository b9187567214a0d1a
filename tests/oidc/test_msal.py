"""``msal`` as it is published, by authority URL: authorization code, silent refresh, device code, client credentials.

It refuses plain http, so the site runs over TLS. What a person does in the browser is done with plain requests.
"""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msal
import pytest
import requests
from django.test import Client
from pytest_django import Settings

from accounts.enums import SessionEnd
from accounts.sessions import revoke_all_of
from core import clock
from oidc.enums import Permission
from tests.conftest import SignIn
from tests.oidc.flow import application_of, new_secret
from tests.oidc.test_bearer import problem_of
from tests.tls import serving

READ = ["User.Read"]


@pytest.fixture
def site(
    transactional_db: None, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[SimpleNamespace]:
    with serving(tmp_path) as (url, certificate):
        settings.PUBLIC_URL = url
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))  # a machine's own would win over what msal is told
        with requests.Session() as session:  # closed behind the test, or the server's end of it holds the database
            session.verify = str(certificate)
            yield SimpleNamespace(url=url, session=session)


def public_client(site: SimpleNamespace, client_id: str, tenant: str) -> msal.PublicClientApplication:
    return msal.PublicClientApplication(
        client_id, authority=f"{site.url}/{tenant}", instance_discovery=False, http_client=site.session
    )


def consent(browser: Client, uri: str) -> dict[str, str]:
    """Do what the person does, and return what the browser brings back to the application."""
    parts = urlsplit(uri)
    page: Any = browser.get(f"{parts.path}?{parts.query}")
    if page.status_code == 200:
        page = browser.get(browser.post(page.context["action"], {"answer": "agree"})["Location"])
    return dict(parse_qsl(urlsplit(page["Location"]).query))


@pytest.mark.filterwarnings("ignore:response_mode='form_post':UserWarning")
def test_a_person_signs_in(site: SimpleNamespace, world: SimpleNamespace, as_: SignIn) -> None:
    """E01, E03, E06, B02: code with PKCE, state and nonce checked by msal; refresh; and the end of the sign-in."""
    registration = application_of(world.contoso, redirect_uris="http://localhost")
    client = public_client(site, registration.client_id, "contoso.com")
    flow = client.initiate_auth_code_flow(READ, redirect_uri="http://localhost:8400", login_hint="mia@contoso.com")
    tokens = client.acquire_token_by_auth_code_flow(flow, consent(as_(world.mia), flow["auth_uri"]))
    assert "error" not in tokens, tokens
    assert tokens["id_token_claims"]["preferred_username"] == "mia@contoso.com"
    assert problem_of(tokens["access_token"]) is None
    account = client.get_accounts("mia@contoso.com")[0]
    assert account["home_account_id"] == f"{world.mia.id}.{world.contoso.id}"
    cached = client.acquire_token_silent(READ, account)
    assert cached["access_token"] == tokens["access_token"]
    fresh = client.acquire_token_silent(READ, account, force_refresh=True)
    assert fresh["access_token"] != tokens["access_token"]
    revoke_all_of(world.mia.id, SessionEnd.REVOKED, now=clock.now())
    ended = client.acquire_token_silent_with_error(READ, account, force_refresh=True)
    assert ended["error"] == "invalid_grant"


def test_a_device_signs_in(site: SimpleNamespace, world: SimpleNamespace, as_: SignIn) -> None:
    """E12: the whole device code flow."""
    registration = application_of(world.contoso)
    client = public_client(site, registration.client_id, "organizations")
    flow = client.initiate_device_flow(READ)
    assert flow["user_code"] in flow["message"]
    browser: Any = as_(world.mia)
    page = browser.post(urlsplit(flow["verification_uri"]).path, {"code": flow["user_code"]})
    browser.post("/devicelogin/answer", {"device": page.context["device"], "answer": "agree"})
    tokens = client.acquire_token_by_device_flow(flow)
    assert problem_of(tokens["access_token"]) is None
    assert client.get_accounts()[0]["username"] == "mia@contoso.com"


@pytest.mark.parametrize("way", ["authority", "instance discovery", "oidc authority"])
def test_an_application_signs_in(site: SimpleNamespace, world: SimpleNamespace, way: str) -> None:
    """E08: client credentials, in every way msal finds an authority it does not know."""
    secret = new_secret()
    registration = application_of(world.contoso, secret=secret, given=(Permission.METHODS_READ_ALL,))
    tenant = f"{site.url}/{world.contoso.id}"
    found: dict[str, dict[str, Any]] = {
        "authority": {"authority": tenant, "instance_discovery": False},
        "instance discovery": {"authority": tenant, "instance_discovery": f"{site.url}/common/discovery/instance"},
        "oidc authority": {"oidc_authority": f"{tenant}/v2.0"},
    }
    client = msal.ConfidentialClientApplication(
        registration.client_id, client_credential=secret, http_client=site.session, **found[way]
    )
    tokens = client.acquire_token_for_client([f"{site.url}/graph/.default"])
    assert "error" not in tokens, tokens
    assert problem_of(tokens["access_token"]) is None
