"""A line of the log: one for each event, in either format, with what is known of the request, and never more."""

import logging
from collections.abc import Callable
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django_tasks import task
from gunicorn.config import Config  # type: ignore[import-untyped]

from config import env, worker
from config.management.commands import serve
from core import logs
from tests.config.test_settings_refused import REAL
from tests.conftest import SignIn
from tests.drive import enter_pass

log = logging.getLogger("gatepass.request")
ROGUE = "a\nb\rc\x1b[31m\u2028d\u202ee 2026-01-01T00:00:00.000Z INFO gatepass.request GET / 200 1 ms"


def message_of(line: Any) -> str:
    return str(line["message"]) if isinstance(line, dict) else line


def test_nothing_said_can_begin_a_line(written: Callable[[], list[Any]]) -> None:
    """Nor move the cursor, nor turn what stands behind it."""
    log.warning("said %s", ROGUE)
    (line,) = written()
    if isinstance(line, str):
        assert line.isprintable()
        assert r"said a\nb\rc\x1b[31m\u2028d\u202ee 2026" in line
    else:
        assert line["message"] == f"said {ROGUE}"


def test_half_a_surrogate_is_written_out() -> None:
    """A stream cannot encode it."""
    assert logs.one_line("a\ud800b") == r"a\ud800b"


def fail() -> None:
    raise RuntimeError("first\nsecond")


def test_a_trace_is_part_of_its_line(written: Callable[[], list[Any]]) -> None:
    try:
        fail()
    except RuntimeError:
        log.exception("a fault")
    (line,) = written()
    trace = line if isinstance(line, str) else line["exception"]
    assert "Traceback" in trace
    assert "RuntimeError: first" in trace
    assert "a fault" in message_of(line)


def test_a_line_carries_what_is_known_at_the_time(written: Callable[[], list[Any]]) -> None:
    with logs.carrying(request="r1"):
        logs.carry(tenant="t1", user=None)
        log.warning("inside", extra={"password": "hunter2"})
        with logs.carrying(task="k1"):
            log.warning("further in")
    log.warning("outside")
    inside, further, outside = written()
    if isinstance(inside, str):
        assert " WARNING gatepass.request request=r1 tenant=t1 inside" in inside
        assert " WARNING gatepass.request request=r1 task=k1 tenant=t1 further in" in further
        assert " WARNING gatepass.request outside" in outside
        assert inside.split(" ")[0].endswith("Z")
    else:
        assert (inside["request"], inside["tenant"], inside["level"]) == ("r1", "t1", "WARNING")
        assert (further["task"], "task" in inside) == ("k1", False)
        assert set(outside) == {"time", "level", "logger", "message"}
        assert outside["time"].endswith("Z")
    assert "hunter2" not in str(inside), "only fields that are named are shown"


def test_what_becomes_known_outside_of_anything_stays_on_no_line(written: Callable[[], list[Any]]) -> None:
    """Or a command, or the next request of the thread, would carry somebody else's name."""
    logs.carry(tenant="t1", user="u1")
    log.warning("outside")
    (line,) = written()
    assert "t1" not in str(line)
    assert "u1" not in str(line)


def test_a_request_has_one_line_and_the_answer_names_it(
    world: SimpleNamespace, as_: SignIn, written: Callable[[], list[Any]]
) -> None:
    """The route, not the path: that may name a person, or hold whatever somebody typed."""
    answer = as_(world.grace).get(reverse("accounts:user", args=[world.mia.id]), {"q": "hunter2"})
    (line,) = written()
    route = "/center/users/<uuid:user_id>/"
    assert f"GET {route} 200" in message_of(line)
    assert "hunter2" not in str(line)
    assert str(world.mia.id) not in str(line)
    for known in (answer.headers["X-Request-Id"], str(world.contoso.id), str(world.grace.id), "127.0.0.1"):
        assert known in str(line)
    if isinstance(line, dict):
        assert (line["method"], line["route"], line["status"]) == ("GET", route, 200)
        assert isinstance(line["milliseconds"], int)


def test_who_just_signed_in_is_named(
    world: SimpleNamespace, give_pass: Callable[..., Any], client: Client, written: Callable[[], list[Any]]
) -> None:
    enter_pass(client, world.mia.upn, give_pass(world.mia).code)
    *before, last = (line for line in written() if "gatepass.request" in str(line))
    assert str(world.mia.id) in str(last)
    assert str(world.mia.id) not in str(before)


def test_an_address_that_is_not_ours_is_not_repeated(
    client: Client, db: None, written: Callable[[], list[Any]]
) -> None:
    client.get("/ABCD-EFGH")
    (line,) = written()
    assert "GET - 404" in message_of(line)
    assert "EFGH" not in str(line)


@task
def stumble() -> None:
    log.warning("stumbling")


def test_lines_of_a_task_carry_its_id(db: None, written: Callable[[], list[Any]]) -> None:
    task_id = stumble.enqueue().id
    worker.run_due()
    stumbling, done = written()
    for line in (stumbling, done):
        assert (line["task"] == task_id) if isinstance(line, dict) else (f" task={task_id} " in line)


def test_the_level_is_for_lines_of_our_own() -> None:
    """A library's debugging lines hold what it handles."""
    made = logs.configuration("DEBUG", "TEXT")
    assert made["root"]["level"] == "WARNING"
    assert made["loggers"]["gatepass"]["level"] == "DEBUG"
    assert env.read(REAL | {"LOG_FORMAT": "json"}).log_format == "JSON"


def test_a_fault_is_told_with_the_route(
    world: SimpleNamespace, as_: SignIn, written: Callable[[], list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_module("accounts.views.users"), "render", lambda *_: fail())
    grace = as_(world.grace)
    grace.raise_request_exception = False
    assert grace.get(reverse("accounts:user", args=[world.mia.id])).status_code == 500
    line = next(line for line in written() if "django.request" in str(line))
    assert "Internal Server Error: /center/users/<uuid:user_id>/" in message_of(line)
    assert str(world.mia.id) not in message_of(line)


def test_gunicorn_writes_the_same_lines_and_leaves_out_what_was_sent(written: Callable[[], list[Any]]) -> None:
    """A header it cannot read may be the one with the token."""
    log = serve.WebLog(Config())
    log.warning("Invalid request from ip=2001:db8::7: Invalid HTTP Header: 'Authorization: Bearer hunter2'")
    log.exception("Error handling request %s", "/signin/?code=hunter2")  # noqa: LOG004  gunicorn's, not Python's
    log.error("Worker (pid:%s) was sent SIGKILL!", 7)
    malformed, failed, killed = written()
    assert message_of(malformed).endswith("Invalid request from ip=2001:db8::7")
    assert "Error handling request" in message_of(failed)
    assert "(pid:7) was sent SIGKILL!" in message_of(killed)
    assert "hunter2" not in str([malformed, failed])
