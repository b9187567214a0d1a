"""``@microsoft/microsoft-graph-client`` from npm, as it is published: the requests it was seen to make of Graph."""

import json
import os
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest
from pytest_django import Settings

from tests.clients import installed
from tests.graph.conftest import ALL
from tests.oidc.conftest import TokenOf
from tests.tls import serving


@pytest.mark.slow
def test_the_javascript_client(
    transactional_db: None, world: SimpleNamespace, token_of: TokenOf, settings: Settings, tmp_path: Path
) -> None:
    """E13: it pages, searches, issues, replaces, deletes, changes the policy, and reads our refusals as Graph's."""
    folder = installed()
    with serving(tmp_path) as (url, certificate):
        settings.PUBLIC_URL = url
        token = token_of(world.grace, ALL).text
        words = ["node", "graph.mjs", url, token, world.mia.upn, world.vera_external.upn, world.grace.upn]
        trusting = os.environ | {"NODE_EXTRA_CA_CERTS": str(certificate)}
        done = subprocess.run(  # noqa: S603
            words, cwd=folder, env=trusting, capture_output=True, text=True, timeout=120, check=False
        )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    refused = {name: said.pop(name) for name in ("nobody", "policyTooLong", "tooLong", "wrongType", "oneself", "guest")}
    assert said == {
        "everybody": 15,
        "found": 1,
        "user": "mia@contoso.com",
        "policy": 10,
        "made": {"length": 10, "reason": "EnabledByPolicy", "minutes": 30},
        "hidden": None,
        "listed": 1,
        "methods": ["#microsoft.graph.temporaryAccessPassAuthenticationMethod"],
        "scheduled": "NotYetValid",
        "deleted": None,
        "batch": {"1": 200, "2": 404},
    }
    assert {name: (one["status"], one["code"]) for name, one in refused.items()} == {
        "nobody": (404, "Request_ResourceNotFound"),
        "policyTooLong": (400, "badRequest"),
        "tooLong": (400, "badRequest"),
        "wrongType": (400, "badRequest"),
        "oneself": (403, "accessDenied"),
        "guest": (400, "badRequest"),
    }
    assert refused["tooLong"]["message"] == "Invalid LifetimeInMinutes specified. The valid range between 10 and 120."
