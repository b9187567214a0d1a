"""The product as it is served in production, tried in a process of its own: `python -m tests.core.over_https`.

Cookie names, prefixes and redirects depend on PUBLIC_URL at the start, so no override of settings would show them.
Prints one JSON object: a name for each kind of answer, with its status, headers and cookies.
"""

import json
import sys
from collections.abc import Callable
from typing import Any

import django
from django.conf import settings
from django.core.management import call_command
from django.templatetags.static import static
from django.test import Client
from django.urls import reverse

KINDS: dict[str, dict[str, Any]] = {}
HOST = {"host": "id.example.com"}


def note(kind: str, answer: Any) -> None:
    """Keep what the answer carries."""
    KINDS[kind] = {
        "status": answer.status_code,
        "headers": {name.lower(): value for name, value in answer.headers.items()},
        "cookies": {name: dict(morsel) | {"value": morsel.value} for name, morsel in answer.cookies.items()},
    }


def prepare() -> tuple[str, Callable[[], None]]:
    """Make the demo, and a pass for Tap User: its code, and how to delete it."""
    from accounts.access import reach_upn
    from accounts.authority import Actor
    from accounts.enums import Act
    from config.demo import make_world
    from tap import actions as passes

    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    make_world()
    operator = Actor(is_operator=True)
    target = reach_upn(operator, "tapuser@contoso.com", Act.PASS_ISSUE)
    made = passes.issue(operator, target=target, is_usable_once=False)
    return made.code, lambda: passes.delete(operator, target=target, pass_id=made.issued.id)


def sign_in_and_out(browser: Client, code: str, delete_pass: Callable[[], None]) -> None:
    """Take the way a person takes, and lose the pass on the way."""
    note("plain http", browser.get("/signin/"))
    note("page", browser.get("/signin/", secure=True))
    note("form refused", browser.post("/signin/", {"username": "nonsense"}, secure=True))
    note("name typed", browser.post("/signin/", {"username": "tapuser@contoso.com"}, secure=True))
    note("wrong pass", browser.post("/signin/pass/", {"secret": "ABCD2345"}, secure=True))
    note("signed in", browser.post("/signin/pass/", {"secret": code}, secure=True))
    note("page of a person", browser.get(reverse("authmethods:security_info"), secure=True))
    note("not allowed", browser.get(reverse("accounts:users"), secure=True))
    note("theme", browser.post(reverse("core:theme"), {"theme": "dark"}, secure=True))
    note("json", browser.post(reverse("signin:passkey_options"), secure=True))
    note("signed out", browser.post(reverse("signin:out"), secure=True))
    browser.post("/signin/", {"username": "tapuser@contoso.com"}, secure=True)
    browser.post("/signin/pass/", {"secret": code}, secure=True)
    delete_pass()
    note("pass deleted", browser.get(reverse("authmethods:security_info"), secure=True))
    note("told why", browser.get("/signin/", secure=True))
    browser.cookies[settings.SIGN_IN_COOKIE] = "nobody"
    note("ended session", browser.get("/", secure=True))


def everything_else(browser: Client) -> None:
    """Take every way that leads nowhere, and what is no page."""
    note("sign in first", browser.get(reverse("authmethods:security_info"), secure=True))
    note("absent", browser.get("/nothing/here/", secure=True))
    note("wrong method", browser.delete("/signin/", secure=True))
    note("head", browser.head("/signin/", secure=True))
    note("too big", browser.post("/signin/", {"username": "x" * 300_000}, secure=True))
    note("nul", browser.get("/signin/%00", secure=True))
    note("wrong host", browser.get("/signin/", headers={"host": "evil.example"}, secure=True))
    note("health", browser.get("/healthz", secure=True))
    note("ready", browser.get("/readyz", secure=True))
    note("style sheet", browser.get(static("portal/portal.css"), secure=True))
    note("picture", browser.get(static("vendor/icons.svg"), secure=True))
    strict = Client(headers=HOST, enforce_csrf_checks=True)
    note("csrf", strict.post("/signin/", {"username": "mia@contoso.com"}, secure=True))


def fault(browser: Client) -> None:
    """Break a step of signing in."""
    from signin import actions

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("a fault of ours")

    actions.identify = fail  # type: ignore[assignment]
    note("fault", browser.post("/signin/", {"username": "mia@contoso.com"}, secure=True))


def main() -> None:
    """Serve one answer of every kind."""
    django.setup()
    code, delete_pass = prepare()
    browser = Client(headers=HOST, raise_request_exception=False)
    sign_in_and_out(browser, code, delete_pass)
    everything_else(browser)
    fault(browser)
    json.dump(KINDS, sys.stdout)


if __name__ == "__main__":
    main()
