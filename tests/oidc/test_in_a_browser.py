"""A person's way through an application's sign-in, in a real Chromium: pass, consent, and back to the application."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jwt
import pytest

from tests.oidc.flow import App, application_of
from tests.plugins.accessibility import axe_violations
from tests.plugins.browser import OpenPage

GivePass = Callable[..., Any]


class Callback(BaseHTTPRequestHandler):
    """An application on the person's own machine, which waits for the answer."""

    def do_GET(self) -> None:
        body = b"<!doctype html><title>Signed in</title><h1>Back at the application</h1>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.server.sent = self.rfile.read(int(self.headers["Content-Length"])).decode()  # type: ignore[attr-defined]
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def application() -> Iterator[HTTPServer]:
    server = HTTPServer(("127.0.0.1", 0), Callback)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def callback(application: HTTPServer) -> str:
    return f"http://127.0.0.1:{application.server_port}/callback"


def test_a_pass_leads_into_an_application(
    open_page: OpenPage, world: SimpleNamespace, give_pass: GivePass, application: HTTPServer, callback: str
) -> None:
    """E01, E07: sign-in with a pass, consent, and back, though form-action names nobody but ourselves.

    Then once more, with the answer in a form.
    """
    code = give_pass(world.tapuser).code
    app = App(application_of(world.contoso, redirect_uris="http://127.0.0.1/callback"), tenant="contoso.com")
    page = open_page()
    page.goto(app.request(redirect_uri=callback, login_hint="tapuser@contoso.com"))
    page.get_by_role("button", name="Next").click()
    page.get_by_label("Temporary Access Pass").first.fill(code)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Allow Payroll?").wait_for()
    assert axe_violations(page) == []
    page.get_by_role("button", name="Allow", exact=True).click()
    page.get_by_role("heading", name="Back at the application").wait_for()
    came = dict(parse_qsl(urlsplit(page.url).query))
    assert came["state"] == "s-1"
    tokens = app.redeem(came["code"], redirect_uri=callback)
    claims = jwt.decode(tokens["id_token"], options={"verify_signature": False})
    assert (claims["preferred_username"], claims["amr"], claims["acr"]) == (
        "tapuser@contoso.com",
        ["tap", "mfa"],
        "pass",
    )
    page.goto(app.request(redirect_uri=callback, response_mode="form_post", state="s-2"))
    page.get_by_role("heading", name="Back at the application").wait_for()
    sent = dict(parse_qsl(application.sent))  # type: ignore[attr-defined]
    assert (sent["state"], page.url) == ("s-2", callback)
    assert app.redeem(sent["code"], redirect_uri=callback)["status"] == 200


def test_a_device_is_let_in_by_keyboard(open_page: OpenPage, world: SimpleNamespace, give_pass: GivePass) -> None:
    """E12: on a phone, after signing in, with the warning read before the answer."""
    code = give_pass(world.tapuser).code
    app = App(application_of(world.contoso))
    started = app.start_device()
    page = open_page(viewport={"width": 390, "height": 844})
    page.goto("/devicelogin")
    page.get_by_label("User name").fill("tapuser@contoso.com")
    page.keyboard.press("Enter")
    page.get_by_label("Temporary Access Pass").first.fill(code)
    page.keyboard.press("Enter")
    page.get_by_label("Code").fill(started["user_code"])
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Sign in to Payroll on another device?").wait_for()
    assert page.get_by_text("Not your device?").is_visible()
    assert axe_violations(page) == []
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("heading", name="Your device is signed in").wait_for()
    assert app.poll(started["device_code"])["status"] == 200
