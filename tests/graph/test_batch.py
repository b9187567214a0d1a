"""Several requests in one: each judged by itself, none taking another along."""

from types import SimpleNamespace
from typing import Any

import pytest

from oidc.enums import Permission
from tests.graph.conftest import Api, ApiOf

BASE = "http://localhost:8000/graph/v1.0"


def parts(client: Api, *requests: dict[str, Any]) -> dict[str, Any]:
    answer = client.post(
        "/$batch", {"requests": [{"id": str(at), "method": "GET"} | one for at, one in enumerate(requests)]}
    )
    assert answer.status_code == 200, answer.content
    return {one["id"]: one for one in answer.json()["responses"]}


def test_each_part_is_answered_by_itself(world: SimpleNamespace, api: ApiOf) -> None:
    passes = f"users/{world.mia.id}/authentication/temporaryAccessPassMethods"
    found = parts(
        api(world.grace),
        {"url": f"/{passes}", "method": "POST", "body": {}, "headers": {"Content-Type": "application/json"}},
        {"url": f"{BASE}/{passes}", "depends_on": ["0"], "headers": {"accept": "application/json"}},
        {"url": "users/vera_fabrikam.com#EXT#@contoso.com?$select=id"},
        {"url": "/nowhere"},
        {"url": "me", "dependsOn": ["3"]},
        {"url": "/users/$count"},
        {"url": f"/{passes}/none", "method": "DELETE"},
        {"url": "/users", "method": "PUT"},
    )
    statuses = {name: one["status"] for name, one in found.items()}
    assert statuses == {"0": 201, "1": 200, "2": 200, "3": 404, "4": 424, "5": 200, "6": 404, "7": 405}
    assert found["1"]["body"]["value"][0]["id"] == found["0"]["body"]["id"]
    assert found["5"]["body"] == "15"
    assert found["7"]["headers"]["Allow"]


def test_nothing_comes_with_a_batch_that_would_not_come_alone(world: SimpleNamespace, api: ApiOf) -> None:
    """E08: permissions and roles are judged for each part."""
    one = {"url": f"/users/{world.mia.id}/authentication/temporaryAccessPassMethods"}
    assert parts(api(world.grace, [Permission.USER_READ_ALL]), one, {"url": "/users"})["0"]["status"] == 403
    found = parts(api(world.zed), one, {"url": f"/users/{world.mia.id}"}, {"url": "/me"})
    assert [found[at]["status"] for at in "012"] == [404, 404, 200]


@pytest.mark.parametrize(
    "url",
    [
        *(
            "http://evil.example/graph/v1.0/me",
            "https://localhost:8000/graph/v1.0/me",
            "//evil.example/me",
            "file:///etc/passwd",
        ),
        *(f"{BASE}.evil.example/me", "http://localhost:8000@evil.example/graph/v1.0/me", "/$batch", f"{BASE}/$BATCH/"),
        *("/../../center/", "/me%00", "/me?%00", "/healthz", "/%2e%2e/openapi.json", "../openapi.json"),
    ],
)
def test_a_part_reaches_our_own_operations_only(world: SimpleNamespace, api: ApiOf, url: str) -> None:
    (answer,) = parts(api(world.grace), {"url": url, "method": "GET"}).values()
    assert answer["status"] in {400, 404}
    assert "error" in answer["body"]


@pytest.mark.parametrize(
    "requests",
    [
        [],
        [{"id": str(at), "method": "GET", "url": "/me"} for at in range(21)],
        [{"id": "a", "method": "GET", "url": "/me"}, {"id": "A", "method": "GET", "url": "/me"}],
        [
            {"id": "a", "method": "GET", "url": "/me", "dependsOn": ["b"]},
            {"id": "b", "method": "GET", "url": "/me", "dependsOn": ["a"]},
        ],
        [{"id": "a", "method": "GET", "url": "/me", "dependsOn": ["nobody"]}],
        [{"id": "a", "method": "TRACE", "url": "/me"}],
        [{"id": "a", "method": "GET"}],
        [{"id": 1, "method": "GET", "url": "/me"}],
        "none",
    ],
)
def test_batches_that_cannot_be_are_refused(world: SimpleNamespace, api: ApiOf, requests: object) -> None:
    assert api(world.grace).post("/$batch", {"requests": requests}).status_code == 400
