"""``openid-client`` from npm, as it is published: discovery, code with PKCE, refresh, and what it is refused."""

import json
import subprocess
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from oidc.tokens import issuer_of
from tests.clients import installed
from tests.conftest import SignIn
from tests.oidc.flow import REDIRECT, application_of, new_secret
from tests.oidc.test_msal import consent


@pytest.mark.slow
def test_openid_client(live_server: LiveServer, settings: Settings, world: SimpleNamespace, as_: SignIn) -> None:
    """E01, E02, E03, E04, E06: whatever it checks of us holds, and whatever should be refused is."""
    settings.PUBLIC_URL = live_server.url
    secret, browser = new_secret(), as_(world.mia)
    registration = application_of(world.contoso, secret=secret)
    words = ["node", "oidc.mjs", issuer_of(world.contoso.id), registration.client_id, secret, REDIRECT]
    said: list[dict[str, Any]] = []
    with subprocess.Popen(  # noqa: S603
        words, cwd=installed(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as node:
        assert node.stdout
        assert node.stdin
        assert node.stderr
        for line in node.stdout:
            heard = json.loads(line)
            if "go" not in heard:
                said.append(heard)
                continue
            back = consent(browser, heard["go"])
            node.stdin.write(f"{REDIRECT}?{urlencode(back)}\n")
            node.stdin.flush()
        complaint = node.stderr.read()
    assert [one.keys() for one in said][1:] == [{"refusals"}], complaint
    told, refused = said[0], said[1]["refusals"]
    assert told["who"] == {"sub": str(world.mia.id), "name": "Mia Fontaine", "preferred_username": "mia@contoso.com"}
    assert told["rotated"] is True
    kept = ("sub", "sid", "auth_time", "amr")
    assert [told["claims"][one] for one in kept] == [told["refreshed"][one] for one in kept]
    assert refused == {
        "code again": "invalid_grant",
        "its refresh token": "invalid_grant",
        "other verifier": "invalid_grant",
        "other issuer": "OAUTH_INVALID_RESPONSE",
        "implicit": "unsupported_response_type",
        "plain password": "unsupported_grant_type",
        "refresh after revocation": "invalid_grant",
    }
