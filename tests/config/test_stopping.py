"""Stopping under load, with the real server: whoever is being served gets an answer, and whoever comes meanwhile waits."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlencode

import pytest
from django.conf import LazySettings, settings
from django.core import signing
from django.core.management import call_command
from prometheus_client.parser import text_string_to_metric_families

from accounts.models import SignInSession, User
from config.management.commands import serve
from core import clock, secrets
from signin import attempt
from tap import actions as tap
from tap.actions import Issued
from tests.conftest import OPERATOR, reached
from tests.running import surroundings

AT_ONCE = 32
TOKEN = "0123456789abcdefghijklmnopqrstuvwxyzABCDEF"
CSRF = "c" * 32
# What systemd does for a service with a socket (sd_listen_fds(3)).
LAUNCH = """
import os, sys
os.dup2(int(os.environ["SOCKET"]), 3)
os.environ |= {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1"}
os.execv(sys.executable, [sys.executable, "manage.py", "serve"])
"""


class Server:
    """``manage.py serve`` on a socket that outlives it."""

    def __init__(self, folder: Path) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self.socket.getsockname()[1]
        self.surroundings = surroundings() | {
            "DATA_DIR": str(folder),
            "SECRET_KEY": settings.SECRET_KEY,
            "PEPPER_KEYS_FILE": str(settings.DATA_DIR / "pepper_keys"),
            "TRUSTED_PROXIES": "127.0.0.1",
            "WEB_WORKERS": "2",
            "METRICS_TOKEN": TOKEN,
            "SOCKET": str(self.socket.fileno()),
        }
        self.process = self.start()

    def start(self) -> "subprocess.Popen[bytes]":
        self.process = subprocess.Popen(  # noqa: S603  our own program
            [sys.executable, "-c", LAUNCH],
            env=self.surroundings,
            pass_fds=[self.socket.fileno()],
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        return self.process

    def ask(self, method: str, path: str, form: dict[str, str] | None = None, **headers: str) -> SimpleNamespace:
        """Send one request on a connection of its own; it waits for as long as nobody answers."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent |= {"Content-Type": "application/x-www-form-urlencoded", "Connection": "close"}
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)) as asked:
            asked.request(method, path, urlencode(form or {}), sent)
            answer = asked.getresponse()
            return SimpleNamespace(status=answer.status, body=answer.read().decode())

    def sign_in(self, number: int, made: Issued) -> int:
        """Send the form with the pass, from a network of one's own."""
        carried = asdict(attempt.Attempt(browser=secrets.make_token(), upn=made.issued.user.upn))
        flow = signing.dumps(carried, salt=attempt.SALT, compress=True)
        cookie = f"{settings.CSRF_COOKIE_NAME}={CSRF}; {settings.SIGN_IN_FLOW_COOKIE}={flow}"
        form = {"csrfmiddlewaretoken": CSRF, "secret": made.code}
        return int(self.ask("POST", "/signin/pass/", form, Cookie=cookie, X_Forwarded_For=f"10.1.{number}.7").status)

    def counted(self, name: str) -> float:
        said = self.ask("GET", "/metrics", Authorization=f"Bearer {TOKEN}").body
        return sum(
            one.value for family in text_string_to_metric_families(said) for one in family.samples if one.name == name
        )


@pytest.fixture
def server(world: SimpleNamespace, tmp_path: Path) -> Iterator[Server]:
    """Running, and answering."""
    made = Server(tmp_path)
    try:
        assert made.ask("GET", "/healthz").status == 200
        yield made
    finally:
        if made.process.poll() is None:
            os.killpg(made.process.pid, signal.SIGKILL)
            made.process.wait()
        made.socket.close()


@pytest.fixture
def passes(world: SimpleNamespace, settings: LazySettings) -> Iterator[list[Issued]]:
    """People with passes whose hash costs what it costs in production."""
    settings.ARGON2_MEMORY_KIB, settings.ARGON2_TIME_COST = 19456, 2
    secrets._hasher.cache_clear()
    names = [f"person{number}@contoso.com" for number in range(AT_ONCE)]
    people = [
        User.objects.create(tenant=world.contoso, upn=name, display_name=name, created_at=clock.now()) for name in names
    ]
    yield [tap.issue(OPERATOR, target=reached(person), is_usable_once=False) for person in people]
    secrets._hasher.cache_clear()


def status_of(kept: http.client.HTTPConnection, path: str) -> int:
    """Ask on a connection that stays open."""
    kept.request("GET", path)
    with kept.getresponse() as answer:
        answer.read()
        return answer.status


def stop(server: Server) -> None:
    """As systemd does."""
    server.process.send_signal(signal.SIGTERM)


def press_ctrl_c(server: Server) -> None:
    """As a terminal does, which tells every process at once."""
    os.killpg(server.process.pid, signal.SIGINT)


def hang_up(server: Server) -> None:
    """As a terminal does that is closed."""
    os.killpg(server.process.pid, signal.SIGHUP)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("tell", "tell_later"), [(stop, hang_up), (press_ctrl_c, stop)])
def test_whoever_is_being_served_gets_an_answer_and_whoever_comes_meanwhile_waits(
    passes: list[Issued], server: Server, tell: Callable[[Server], None], tell_later: Callable[[Server], None]
) -> None:
    """Told to stop while 32 sign in and a proxy keeps a connection; then started again on the same socket."""
    proxy = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    with closing(proxy), ThreadPoolExecutor(AT_ONCE) as people:
        assert status_of(proxy, "/healthz") == 200
        signing_in = [people.submit(server.sign_in, number, made) for number, made in enumerate(passes)]
        while SignInSession.objects.count() < 2:
            time.sleep(0.005)
        tell(server)
        time.sleep(0.3)  # until it has heard
        assert status_of(proxy, "/healthz") == 200
        assert server.process.wait(serve.PATIENCE) == 0
        assert SignInSession.objects.count() > 2, "nobody was under way"
        answers = [one.result() for one in signing_in]
        assert set(answers) <= {302, 503}
        assert answers.count(302) == SignInSession.objects.count() == AT_ONCE
        waiting = people.submit(server.ask, "GET", "/healthz")
        server.start()
        assert waiting.result().status == 200
    assert server.counted("gatepass_hashes_in_flight") == 0
    tell_later(server)
    assert server.process.wait(serve.PATIENCE) == 0


def test_a_production_server_does_not_start_with_an_unsafe_setting(
    settings: LazySettings, capsys: pytest.CaptureFixture[str]
) -> None:
    """G03: what `check --deploy` warns of is an error to the start, told in one line."""
    settings.IS_LOCAL = False
    settings.SECURE_HSTS_SECONDS = 0
    with pytest.raises(SystemExit) as stopped:
        call_command("serve")
    assert stopped.value.code == 2
    said = capsys.readouterr().err
    assert said.startswith("Gatepass cannot start: security.W")
    assert said.count("\n") == 1


@pytest.mark.parametrize("why", ["the port is taken", "DATA_DIR is no folder"])
def test_it_does_not_start_where_it_cannot_stand(
    settings: LazySettings, capsys: pytest.CaptureFixture[str], tmp_path: Path, why: str
) -> None:
    """One line, and nothing is tried again and again."""
    settings.HOST, settings.DATA_DIR = "127.0.0.1", tmp_path
    with socket.create_server((settings.HOST, 0)) as other:
        settings.PORT = other.getsockname()[1]
        if why == "DATA_DIR is no folder":
            settings.DATA_DIR = tmp_path / "file"
            settings.DATA_DIR.touch()
        with pytest.raises(SystemExit) as stopped:
            call_command("serve")
    assert stopped.value.code == 1
    said = capsys.readouterr().err
    assert said.startswith("Gatepass cannot start: ")
    assert ("Address already in use" if why == "the port is taken" else "DATA_DIR must be a folder") in said
    assert said.count("\n") == 1


def test_without_a_socket_of_systemds_it_listens_where_the_settings_say(
    settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.HOST, settings.PORT = "::1", 8000
    monkeypatch.setenv("LISTEN_FDS", "1")
    monkeypatch.setenv("LISTEN_PID", "1")
    assert serve.listening() == "[::1]:8000"
    settings.HOST = "127.0.0.1"
    assert serve.listening() == "127.0.0.1:8000"
    monkeypatch.setenv("LISTEN_PID", str(os.getpid()))
    assert serve.listening() == "fd://3"
