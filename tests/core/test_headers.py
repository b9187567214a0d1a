"""G01, B07: what every answer carries when the product is served over https, whatever kind of answer it is."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
KINDS = {
    "plain http": 301,
    "page": 200,
    "form refused": 200,
    "name typed": 302,
    "wrong pass": 200,
    "signed in": 302,
    "page of a person": 200,
    "not allowed": 403,
    "theme": 302,
    "json": 200,
    "signed out": 302,
    "pass deleted": 302,
    "told why": 200,
    "ended session": 302,
    "sign in first": 302,
    "absent": 404,
    "wrong method": 405,
    "head": 200,
    "too big": 413,
    "nul": 400,
    "wrong host": 400,
    "health": 200,
    "ready": 200,
    "style sheet": 200,
    "picture": 200,
    "csrf": 403,
    "fault": 500,
}
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
    "require-trusted-types-for": "'script'",
}
COOKIES = {f"__Host-gatepass{suffix}" for suffix in ("", "-flow", "-csrf", "-theme", "-messages")}
STATIC = {"style sheet", "picture"}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """One answer of every kind, from a process with a production environment."""
    folder = tmp_path_factory.mktemp("production")
    environment = {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATA_DIR": str(folder),
        "DATABASE_URL": f"sqlite:///{folder}/gatepass.sqlite3",
        "PUBLIC_URL": "https://id.example.com",
        "ALLOWED_HOSTS": "id.example.com",
        "SECRET_KEY": "u3Jq0v5yW8sZ1dK7fH2mB9nT4xR6cL0pQeA1gS5jX8kV2wM7Zr",
        "PEPPER_KEYS": "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        "ARGON2_MEMORY_KIB": "64",
    }
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-m", "tests.core.over_https"],
        cwd=ROOT,
        env=inherited | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_it_gives_one_answer_of_every_kind(answers: dict[str, Any]) -> None:
    """Without this the tests below would look at fewer answers than they say."""
    assert {kind: answer["status"] for kind, answer in answers.items()} == KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_every_answer_carries_the_headers(answers: dict[str, Any], kind: str) -> None:
    """G01: CSP, HSTS, nosniff, Referrer-Policy, COOP, Permissions-Policy, and no framing."""
    headers = answers[kind]["headers"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["x-frame-options"] == "DENY"
    assert "publickey-credentials-get=(self)" in headers["permissions-policy"]
    assert "publickey-credentials-create=(self)" in headers["permissions-policy"]
    assert headers["x-request-id"]
    if kind != "plain http":  # RFC 6797 §7.2: never over an insecure transport
        assert headers["strict-transport-security"] == "max-age=31536000; includeSubDomains; preload"


@pytest.mark.parametrize("kind", KINDS)
def test_the_content_security_policy_lets_nothing_in(answers: dict[str, Any], kind: str) -> None:
    """G01: default-src 'none', only 'self' besides, Trusted Types required, nothing unsafe."""
    said = answers[kind]["headers"]["content-security-policy"]
    directives = dict(one.strip().split(" ", 1) for one in said.split(";"))
    assert directives == POLICY
    assert "unsafe" not in said


@pytest.mark.parametrize("kind", KINDS)
def test_no_page_is_kept_by_a_cache(answers: dict[str, Any], kind: str) -> None:
    """G01, A02: only the static files, whose names hold a digest, may be."""
    said = answers[kind]["headers"]["cache-control"]
    assert ("immutable" in said) is (kind in STATIC)
    assert ("no-store" in said) is (kind not in STATIC)


def test_a_person_over_plain_http_is_sent_to_https(answers: dict[str, Any]) -> None:
    assert answers["plain http"]["headers"]["location"] == "https://id.example.com/signin/"
    assert answers["plain http"]["cookies"] == {}


@pytest.mark.parametrize("kind", KINDS)
def test_every_cookie_is_tied_to_this_host(answers: dict[str, Any], kind: str) -> None:
    """B07: __Host-, Secure, HttpOnly, SameSite=Lax, Path=/ and no Domain."""
    for name, cookie in answers[kind]["cookies"].items():
        assert name in COOKIES, name
        assert (cookie["secure"], cookie["path"], cookie["domain"]) == (True, "/", ""), name
        is_taken_back = cookie["value"] == "" and cookie["max-age"] == 0
        assert is_taken_back or (cookie["httponly"], cookie["samesite"]) == (True, "Lax"), name


def test_every_cookie_was_seen(answers: dict[str, Any]) -> None:
    """B07: each of them set at least once, so that the test above looked at all."""
    set_somewhere = {name for one in answers.values() for name, cookie in one["cookies"].items() if cookie["value"]}
    assert set_somewhere == COOKIES


def test_the_session_cookie_ends_with_the_browser(answers: dict[str, Any]) -> None:
    """B07, B01: no "keep me signed in"."""
    cookie = answers["signed in"]["cookies"]["__Host-gatepass"]
    assert (cookie["max-age"], cookie["expires"]) == ("", "")


def test_an_ended_session_is_taken_from_the_browser(answers: dict[str, Any]) -> None:
    for kind in ("signed out", "pass deleted", "ended session"):
        assert answers[kind]["cookies"]["__Host-gatepass"]["value"] == ""
