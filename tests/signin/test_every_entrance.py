"""C04–C08 at every door there is. A new view for whoever is not signed in must say here what it hears, or the suite fails."""

import ast
import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from core.secrets import make_token
from tests.conftest import SignIn
from tests.drive import enter_pass, enter_password, name_oneself
from tests.house.test_public_views import PUBLIC
from tests.oidc.flow import application_of, new_secret, post_form
from tests.signin.test_enumeration import hashes, seen

__all__ = ["hashes"]

ROOT = Path(__file__).resolve().parents[2]
HERE, WRONG = "192.0.2.10", "WRNGWRNG"
NOBODY = "nobody@contoso.com"
Knock = Callable[[SimpleNamespace, str, str], HttpResponse]


def _browser(forwarded: str) -> Client:
    return Client(REMOTE_ADDR=HERE, HTTP_X_FORWARDED_FOR=forwarded)


def _wrong_pass(_world: SimpleNamespace, upn: str, forwarded: str) -> HttpResponse:
    return enter_pass(_browser(forwarded), upn, WRONG)


def _wrong_password(_world: SimpleNamespace, upn: str, forwarded: str) -> HttpResponse:
    return enter_password(_browser(forwarded), upn, WRONG)


# What people type can be guessed, so it is heard a few times only: how to knock, and the test where another file has it.
GUESSED: dict[str, Knock | str] = {
    "signin.views.tap": _wrong_pass,
    "signin.views.password": _wrong_password,
    "signin.views.identify": "signin/test_enumeration.py::test_it_shows_a_pass_only_while_few_names_are_looked_up",
    "oidc.views.token.device_code": "oidc/test_device.py::test_starting_is_slowed_down",
    "oidc.views.token.device_code_v1": "oidc/test_device.py::test_starting_is_slowed_down",
}
# Open to the signed-in only, and still guessed at.
GUESSED_INSIDE = {"oidc.views.device.device": "oidc/test_device.py::test_guessing_is_slowed_down"}

Pair = tuple[HttpResponse, HttpResponse]


def _client_secret(path: str) -> Callable[[SimpleNamespace], Pair]:
    def knock(world: SimpleNamespace) -> Pair:
        known = application_of(world.contoso, secret=new_secret()).client_id
        form = {"grant_type": "client_credentials", "scope": "https://graph.microsoft.com/.default", "token": "x"}
        return tuple(
            post_form(f"/{world.contoso.id}/{path}", form | {"client_id": one, "client_secret": make_token()})
            for one in (known, "11111111-1111-4111-8111-111111111111")
        )

    return knock


def _bearer(path: str) -> Callable[[SimpleNamespace], Pair]:
    def knock(_world: SimpleNamespace) -> Pair:
        return tuple(  # type: ignore[return-value]
            Client().get(path, headers={"Authorization": f"Bearer {one}"}) for one in (make_token(), "a.b.c")
        )

    return knock


def _link_in_a_mail(_world: SimpleNamespace) -> Pair:
    return tuple(Client().get("/not-me/", {"notice": one}) for one in (make_token(), f"{'0' * 32}:{make_token()}"))  # type: ignore[return-value]


def _passkey(world: SimpleNamespace) -> Pair:
    def knock(upn: str) -> HttpResponse:
        client = Client()
        name_oneself(client, upn)
        sent: Any = {"credential": {"id": "AA", "response": {}}}
        return client.post("/signin/passkey/finish/", sent, content_type="application/json")  # type: ignore[return-value]

    return knock(world.mia.upn), knock(NOBODY)


# A key of 128 random bits or more, or a signature: nobody guesses it, so it costs no hash and no limit.
BY_KEY: dict[str, Callable[[SimpleNamespace], Pair]] = {
    "oidc.views.token.token": _client_secret("oauth2/v2.0/token"),
    "oidc.views.token.token_v1": _client_secret("oauth2/token"),
    "oidc.views.token.revoke": _client_secret("oauth2/v2.0/revoke"),
    "oidc.views.token.user_info": _bearer("/oidc/userinfo"),
    "ninja.operation.sync_view_wrapper": _bearer("/graph/v1.0/me"),
    "config.metrics.show": _bearer("/metrics"),
    "authmethods.views.not_me.not_me": _link_in_a_mail,
    "signin.views.passkey_finish": _passkey,
}
# Nothing secret is heard here: they show, lead on, or end what the browser itself holds.
HEAR_NOTHING = {
    "core.views.healthz", "core.views.readyz", "core.views.theme", "core.views.language",
    "signin.views.home", "signin.views.options", "signin.views.out", "signin.views.passkey", "signin.views.signed_out",
    "signin.views.passkey_options", "signin.views.tap_link", "support.site.login",
    "graph.views.documents.documentation", "graph.views.documents.metadata", "graph.views.documents.openapi",
    "ninja.openapi.views.default_home",
    "oidc.views.authorize.authorize", "oidc.views.discovery.configuration", "oidc.views.discovery.instance",
    "oidc.views.discovery.key_set", "oidc.views.logout.logout",
}  # fmt: skip


def test_every_door_says_what_it_hears() -> None:
    assert sorted(PUBLIC ^ (set(GUESSED) | set(BY_KEY) | HEAR_NOTHING)) == []
    assert len(PUBLIC) == len(GUESSED) + len(BY_KEY) + len(HEAR_NOTHING)


@pytest.mark.parametrize(
    "where", sorted({one for one in {**GUESSED, **GUESSED_INSIDE}.values() if isinstance(one, str)})
)
def test_what_another_file_tests_is_there(where: str) -> None:
    path, _colons, name = where.partition("::")
    assert f"\ndef {name}(" in (ROOT / "tests" / path).read_text(encoding="utf-8")


@pytest.mark.parametrize("door", [name for name, knock in GUESSED.items() if callable(knock)])
def test_guessing_waits_whoever_is_meant_and_whatever_is_forwarded(world: SimpleNamespace, door: str) -> None:
    """C04, C08: the sixth try is not heard, for somebody and for nobody alike, with another X-Forwarded-For each time."""
    knock = GUESSED[door]
    assert callable(knock)
    told = {}
    for upn in (world.mia.upn, NOBODY):
        answers = [knock(world, upn, f"203.0.113.{number}") for number in range(6)]
        assert [one.status_code for one in answers] == [200] * 5 + [429]
        told[upn] = [seen(one, upn) for one in answers]
    assert told[world.mia.upn] == told[NOBODY]


@pytest.mark.parametrize("door", BY_KEY)
def test_a_wrong_key_costs_no_hash_and_tells_nothing(world: SimpleNamespace, hashes: list[str], door: str) -> None:
    """C04, C06, C07: the same answer whether the key's owner exists or not, and nothing to flood the server with."""
    for _again in range(2):
        known, unknown = BY_KEY[door](world)
        assert known.status_code == unknown.status_code
        assert 400 <= known.status_code < 500
        assert plain(known) == plain(unknown)
    assert hashes == []


def plain(answer: HttpResponse) -> str:
    """The answer without ids and times of the request."""
    text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", answer.content.decode())
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d{4}-\d\d-\d\d[T ][0-9:.Z+]+", "", text)
    return text.replace(answer.get("X-Request-Id", "-"), "")


def test_secrets_people_type_are_verified_behind_limits_only() -> None:
    """C01: no other module compares a pass, its remnant or a password, so no entrance can go round the limits."""
    homes = {"tap/actions.py", "authmethods/passwords.py"}
    verifying = {"secrets.matches", "secrets.recognises", "check_password"}
    found = set()
    for path in sorted(ROOT.glob("*/**/*.py")):
        name = path.relative_to(ROOT).as_posix()
        if name.split("/")[0] in {"tests", "benchmarks", "tools", ".venv", "vendor", "core"}:
            continue
        text = path.read_text(encoding="utf-8")
        if not any(one in text for one in verifying):
            continue
        calls = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call))
        called = {ast.unparse(node.func) for node in calls}
        if called & verifying:
            found.add(name)
            assert "limits.reserve" in called, name
    assert found == homes


def test_the_support_desk_and_the_command_line_hear_no_secret(world: SimpleNamespace, as_: SignIn) -> None:
    """C04: whoever comes that way comes through the one sign-in, or holds the machine already."""
    answer = Client().post("/admin/login/", {"username": world.sam.upn, "password": WRONG})
    assert answer["Location"].startswith("/signin/")
    for path in ROOT.glob("*/management/commands/*.py"):
        assert not re.search(r"getpass|passes\.verify|tap\.verify|verify_password", path.read_text(encoding="utf-8")), (
            path
        )
