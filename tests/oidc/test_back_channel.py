"""Applications are told when a sign-in is over, and old tokens are thrown away."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs

import jwt
import pytest
from django.test import Client
from django_tasks_db.models import DBTaskResult
from time_machine import TimeMachineFixture

from accounts.enums import MethodKind
from config.housekeeping import tidy
from config.worker import run_due
from core import clock
from oidc.models import AccessToken, Grant, IDToken, LogoutListener, RefreshToken, TokenFamily
from oidc.tokens import issuer_of
from tests.conftest import SignIn
from tests.oidc.flow import App, application_of


class Listener(BaseHTTPRequestHandler):
    """An application's logout endpoint."""

    heard: list[str]
    status = 200

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.heard.append(form["logout_token"][0])
        self.send_response(self.status)
        self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def listener() -> Iterator[SimpleNamespace]:
    class Mine(Listener):
        heard: list[str] = []

    server = HTTPServer(("127.0.0.1", 0), Mine)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield SimpleNamespace(uri=f"http://127.0.0.1:{server.server_port}/logout", handler=Mine, heard=Mine.heard)
    server.shutdown()
    server.server_close()


def test_an_application_is_told(world: SimpleNamespace, as_: SignIn, listener: SimpleNamespace) -> None:
    """B12: a logout token that a client's own library accepts, once for a sign-in, with its sid and no nonce."""
    app = App(application_of(world.contoso, logout_uri=listener.uri), browser=as_(world.mia))
    silent = App(application_of(world.contoso, name="Silent"), browser=app.browser)
    for one in (app, app, silent):
        one.redeem(one.code())
    tidy(now=clock.now())
    assert run_due() == 0, "the sign-in lives"
    app.browser.post("/signin/out/")
    tidy(now=clock.now())
    assert run_due() == 1
    tidy(now=clock.now())
    assert run_due() == 0
    text = listener.heard[0]
    keys = jwt.PyJWKSet.from_dict(Client().get(f"/{world.contoso.id}/discovery/v2.0/keys").json())
    header = jwt.get_unverified_header(text)
    claims: dict[str, Any] = jwt.decode(
        text,
        keys[header["kid"]],
        ["RS256"],
        audience=app.registration.client_id,
        issuer=issuer_of(world.contoso.id),
    )
    session = app.browser.sign_in_session  # type: ignore[attr-defined]
    assert header["typ"] == "logout+jwt"
    assert (claims["sid"], claims["sub"]) == (str(session.id), str(world.mia.id))
    assert claims["events"] == {"http://schemas.openid.net/event/backchannel-logout": {}}
    assert "nonce" not in claims
    assert text not in str(list(DBTaskResult.objects.values()))


def test_it_is_told_when_the_pass_ends(
    world: SimpleNamespace, as_: SignIn, give_pass: Any, listener: SimpleNamespace, time_machine: TimeMachineFixture
) -> None:
    """B12, B02: by deletion, by replacement, and by time."""
    time_machine.move_to(clock.now())
    registration = application_of(world.contoso, logout_uri=listener.uri)
    for replaced in (True, False):
        issued = give_pass(world.tapuser).issued
        bound = {"credential_id": issued.id, "ends_at": issued.ends_at}
        App(registration, browser=as_(world.tapuser, MethodKind.TEMPORARY_ACCESS_PASS, **bound)).code()
        if replaced:
            give_pass(world.tapuser)
        else:
            time_machine.shift(timedelta(hours=1))
        tidy(now=clock.now())
        run_due()
    assert len(listener.heard) == 2


@pytest.mark.parametrize("status", [500, 302])
def test_it_is_tried_again(
    world: SimpleNamespace, as_: SignIn, listener: SimpleNamespace, status: int, time_machine: TimeMachineFixture
) -> None:
    """B12: later, and never somewhere else."""
    time_machine.move_to(clock.now())
    listener.handler.status = status
    app = App(application_of(world.contoso, logout_uri=listener.uri), browser=as_(world.mia))
    app.code()
    app.browser.post("/signin/out/")
    tidy(now=clock.now())
    run_due()
    run_due()
    assert len(listener.heard) == 1
    listener.handler.status = 204
    time_machine.shift(timedelta(minutes=1))
    run_due()
    assert len(listener.heard) == 2
    assert not LogoutListener.objects.exists()


def test_what_is_old_is_thrown_away(world: SimpleNamespace, as_: SignIn, time_machine: TimeMachineFixture) -> None:
    """Nothing that can still be used, and nothing whose second use would tell of a theft on the same day."""
    time_machine.move_to(clock.now())
    app = App(application_of(world.contoso), browser=as_(world.mia))
    app.redeem(app.code())
    app.start_device()
    time_machine.shift(timedelta(days=1, hours=23))
    tidy(now=clock.now())
    assert [model.objects.count() for model in (TokenFamily, Grant, AccessToken, RefreshToken)] == [1, 1, 1, 1]
    time_machine.shift(timedelta(hours=2))
    tidy(now=clock.now())
    assert [model.objects.count() for model in (TokenFamily, Grant, AccessToken, RefreshToken)] == [0, 0, 0, 0]
    assert IDToken.objects.count() == 1
    time_machine.shift(timedelta(days=30))
    tidy(now=clock.now())
    assert IDToken.objects.count() == 0


def test_the_server_itself_is_out_of_bounds(world: SimpleNamespace, as_: SignIn, settings: Any) -> None:
    """An administrator of an organisation is not the machine's operator."""
    settings.IS_LOCAL = False
    application, browser = application_of(world.contoso), as_(world.grace)
    for wrong in ("http://localhost:6379/", "http://127.0.0.1/", "ftp://x.example/", "https://u@x.example/"):
        page = browser.post(f"/center/app-registrations/{application.id}/addresses/", {"logout_uri": wrong})
        assert b"begins with https://" in page.content, wrong
    application.refresh_from_db()
    assert application.logout_uri == ""
