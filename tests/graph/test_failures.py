"""Every failure is told as Graph tells it: never a page, always with the ids of the request."""

import gzip
import json
import zlib
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import Busy
from oidc.enums import Permission
from tests.graph.conftest import V1, Api, ApiOf

POLICY = "/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/temporaryAccessPass"
TAP_TYPE = "#microsoft.graph.temporaryAccessPassAuthenticationMethodConfiguration"


def check(answer: Any, status: int, code: str = "") -> None:
    """Check an answer's form, and what it says."""
    assert answer.status_code == status, answer.content
    assert answer.headers["Content-Type"].startswith("application/json")
    error = answer.json()["error"]
    assert error["message"]
    assert error["innerError"].keys() == {"message", "date", "request-id", "client-request-id"}
    assert error["innerError"]["request-id"] == answer.headers["request-id"] == answer.headers["X-Request-Id"]
    if code:
        assert error["code"] == code


def passes(world: SimpleNamespace) -> str:
    return f"/users/{world.mia.id}/authentication/temporaryAccessPassMethods"


def test_failures_of_the_gate(world: SimpleNamespace, api: ApiOf) -> None:
    grace = api(world.grace)
    check(grace.get("/nothing/here"), 404, "ResourceNotFound")
    check(grace.get("/graph/v9.9/users"), 404)
    check(grace.get("/graph/nothing.html"), 404)
    wrong = grace("PUT", "/users", {})
    check(wrong, 405)
    assert set(wrong.headers["Allow"].split(", ")) == {"GET", "POST"}
    check(grace.get("/users/%00"), 400)
    check(grace.post(passes(world), b"{" + b" " * 5_000_000 + b"}"), 413, "RequestEntityTooLarge")
    check(grace("POST", passes(world), b"{}", content_encoding="br"), 415, "UnsupportedMediaType")
    check(Client().get(f"{V1}/users"), 401, "InvalidAuthenticationToken")
    check(Client(headers={"host": "evil.example"}).get(f"{V1}/users"), 400)


def test_a_fault_of_ours_is_told_without_details(
    world: SimpleNamespace, api: ApiOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("a secret of ours")

    monkeypatch.setattr("graph.queries.page", fail)
    answer = api(world.grace).get("/users")
    check(answer, 500, "InternalServerError")
    assert "secret" not in answer.content.decode()
    parts = api(world.grace).post("/$batch", {"requests": [{"id": "1", "method": "GET", "url": "/users"}]}).json()
    assert parts["responses"][0]["status"] == 500


def test_a_busy_server_says_when_to_come_again(
    world: SimpleNamespace, api: ApiOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object, **__: object) -> None:
        raise Busy("hashes_in_flight")

    monkeypatch.setattr("tap.actions.secrets.protect", busy)
    answer = api(world.grace).post(passes(world))
    check(answer, 503, "ServiceUnavailable")
    assert answer.headers["Retry-After"] == "2"


def test_the_clients_own_id_comes_back(world: SimpleNamespace, api: ApiOf) -> None:
    for path in ("/me", "/nothing"):
        answer = api(world.grace).get(path, client_request_id="b53247d0-a87a-cf3c-6427-dfb726bfcc83")
        assert answer.headers["client-request-id"] == "b53247d0-a87a-cf3c-6427-dfb726bfcc83"
    odd = api(world.grace).get("/me", client_request_id="<script>" + "x" * 500)
    assert odd.headers["client-request-id"] == odd.headers["request-id"]
    good = api(world.grace).get("/me")
    assert good.headers["OData-Version"] == "4.0"
    assert good.headers["Content-Type"].startswith("application/json;odata.metadata=minimal")


def test_paths_in_any_letter_case(world: SimpleNamespace, api: ApiOf) -> None:
    grace = api(world.grace)
    for path in (
        f"/graph/V1.0/USERS/{world.mia.id}",
        f"/Users/{str(world.mia.id).upper()}/",
        "/users/MIA@CONTOSO.COM",
        "/users('mia@contoso.com')",
        "/users/vera_fabrikam.com%23ext%23%40CONTOSO.com",
        "/POLICIES/authenticationmethodspolicy/AUTHENTICATIONMETHODCONFIGURATIONS/TemporaryAccessPass",
        "/graph/BETA/me",
        "/directoryroles(roleTemplateId='F2EF992C-3AFB-46B9-B7CF-A126EE74C451')",
    ):
        assert grace.get(path).status_code == 200, path
    check(grace.get("/users/vera_fabrikam.com#EXT#@contoso.com"), 404)  # a raw # ends an address before it is sent


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/plain", b"{}"),
        ("application/x-www-form-urlencoded", b"isUsableOnce=true"),
        ("", b"{}"),
    ],
)
def test_bodies_of_another_kind_are_refused(world: SimpleNamespace, api: ApiOf, kind: str, body: bytes) -> None:
    answer = Client().generic(
        "POST",
        V1 + passes(world),
        body,
        content_type=kind,
        headers={"Authorization": f"Bearer {api(world.grace).token}"},
    )
    check(answer, 415, "UnsupportedMediaType")


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"x", b"{", b"[]", b"null", b'"text"', b"12", b"NaN", b'{"lifetimeInMinutes": NaN}', b"\xff\xfe"),
        *(b"[" * 100_000, b'{"isUsableOnce": "yes"}', b'{"isUsableOnce": 1}', b'{"lifetimeInMinutes": "soon"}'),
        *(b'{"lifetimeInMinutes": 60.5}', b'{"lifetimeInMinutes": true}', b'{"lifetimeInMinutes": [60]}'),
        *(b'{"startDateTime": 5}', b'{"startDateTime": "soon"}', b'{"startDateTime": "0001-01-01T00:00:00+23:00"}'),
        *(
            b'{"unknown": 1}',
            b'{"tenant": "x"}',
            b'{"verifier": "x"}',
            b'{"issuer_id": "x"}',
            b'{"is_usable_once": true}',
        ),
        *(b'{"temporaryAccessPass": "CHOSEN23"}', b'{"\\u0000": 1}', b'{"startDateTime": "\\ud800"}'),
        b'{"@odata.type": "#microsoft.graph.user"}',
    ],
)
def test_bad_bodies_are_refused(world: SimpleNamespace, api: ApiOf, body: bytes) -> None:
    """E10, A01: wrong types, unknown names and a code somebody chose are errors, and nothing is made."""
    check(api(world.grace)("POST", passes(world), body), 400)
    assert not world.mia.passes.exists()


@pytest.mark.parametrize(
    "body",
    [
        *({"state": "maybe"}, {"state": None, "unknown": 1}, {"defaultLength": 7}, {"defaultLength": 10**12}),
        *({"maximumLifetimeInMinutes": 43201}, {"maximumLifetimeInMinutes": 30}, {"minimumLifetimeInMinutes": -5}),
        *({"includeTargets": [{"id": "nobody", "targetType": "group"}]}, {"includeTargets": [{"id": "all_users"}]}),
        *({"includeTargets": [{"id": "all_users", "targetType": "tribe"}]}, {"includeTargets": "all_users"}),
        {"excludeTargets": [{"id": "all_users", "targetType": "group"}]},
        {"excludeTargets": [{"id": "00000000-0000-0000-0000-000000000001", "targetType": "group"}]},
        {"@odata.type": "#microsoft.graph.fido2AuthenticationMethodConfiguration", "state": "enabled"},
    ],
)
def test_bad_policies_are_refused(world: SimpleNamespace, api: ApiOf, body: object) -> None:
    grace = api(world.grace)
    before = grace.get(POLICY).json()
    check(grace.patch(POLICY, body), 400)
    assert grace.get(POLICY).json() == before


def test_compressed_bodies(world: SimpleNamespace, api: ApiOf) -> None:
    grace, path = api(world.grace), passes(world)
    assert grace("POST", path, gzip.compress(b'{"isUsableOnce":true}'), content_encoding="gzip").json()["isUsableOnce"]
    bomb = gzip.compress(b" " * 50_000_000)
    assert len(bomb) < 60_000
    check(grace("POST", path, bomb, content_encoding="gzip"), 413)
    for broken in (b"no gzip", gzip.compress(b"{}")[:-4], gzip.compress(b"{}") + b"more", zlib.compress(b"{}")):
        check(grace("POST", path, broken, content_encoding="gzip"), 400)


def test_a_cookie_is_no_token(world: SimpleNamespace, as_: Any) -> None:
    check(as_(world.grace).get(f"{V1}/users"), 401)


@pytest.fixture
def wide(world: SimpleNamespace, api: ApiOf) -> Api:
    return api(world.grace)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(["$filter", "$search", "$orderby", "$select", "$top", "$skiptoken", "$expand", "$count"]),
    text=st.one_of(
        st.text(max_size=60),
        st.from_regex(
            r"(displayName|userPrincipalName|mail|id|userType) (eq|in) \(?'[^'\x00]{0,20}'\)?", fullmatch=True
        ),
        st.from_regex(r"startswith\((displayName|userPrincipalName),'[^'\x00]{0,10}'\)", fullmatch=True),
        st.from_regex(r'"displayName:[^"\x00]{0,12}"', fullmatch=True),
    ),
)
def test_any_query_is_answered_or_refused(wide: Api, name: str, text: str) -> None:
    """E11: whatever stands in an option, the answer is a list or a clean 400."""
    from urllib.parse import urlencode

    answer = wide.client.get(f"{V1}/users?{urlencode({name: text})}", headers={"Authorization": f"Bearer {wide.token}"})
    if answer.status_code != 200:
        check(answer, 400)


def test_the_forwarded_address_counts_behind_our_proxies_only(world: SimpleNamespace, api: ApiOf) -> None:
    """C08 over REST: an address somebody claims does not stand in the events of what he does."""
    from audit.models import AuditEvent

    api(world.grace).post(passes(world), {}, x_forwarded_for="203.0.113.9")
    assert AuditEvent.objects.latest("id").address == "127.0.0.1"


def test_tokens_of_the_wrong_kind_open_nothing(world: SimpleNamespace, api: ApiOf) -> None:
    """E04: the API takes access tokens of its own and nothing that looks like one."""
    good = api(world.grace, [Permission.USER_READ]).token
    header, payload, signature = good.split(".")
    for token in ("", "x", good[:-4], f"{header}.{payload}.", f"{payload}.{header}.{signature}", f"{good}x", "a.b.c"):
        check(Client().get(f"{V1}/me", headers={"Authorization": f"Bearer {token}"}), 401)
    check(Client().get(f"{V1}/me", headers={"Authorization": f"Basic {good}"}), 401)
    check(Client().get(f"{V1}/me?access_token={good}"), 401)
    assert json.loads(Client().get(f"{V1}/me", headers={"Authorization": f"bearer {good}"}).content)["id"]
