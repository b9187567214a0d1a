"""Metrics: who may ask, what is counted where the acts are, and that no label names anybody."""

import io
import logging
import re
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.conf import LazySettings
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings

from audit.chain import NOBODYS
from audit.enums import Event
from audit.sealing import seal_all
from audit.verifying import Fault, Finding, Verdict, note
from config import standing, worker
from core import clock, limits, logs, secrets
from core.errors import TooMany
from core.metrics import METERS, PREFIX, Meter
from core.outages import Outage, in_words
from tap.actions import Issued
from tests.conftest import SignIn
from tests.drive import enter_pass
from tests.house.test_docs import DOCS, ROOT

TOKEN = "0123456789abcdefghijklmnopqrstuvwxyzABCDEF"
Captured = Callable[..., Any]


@pytest.fixture
def watched(settings: LazySettings, db: None) -> None:
    settings.METRICS_TOKEN = TOKEN


def ask(token: str = TOKEN) -> Any:
    return Client().get("/metrics", headers={"Authorization": f"Bearer {token}"})


def values() -> dict[str, float]:
    """Every sample by its name and labels, as it is written."""
    answer = ask()
    assert answer.status_code == 200
    return {
        f"{one.name}{sorted(one.labels.items())}": one.value
        for family in text_string_to_metric_families(answer.content.decode())
        for one in family.samples
    }


class Gained:
    """What has been counted since."""

    def __init__(self) -> None:
        self.before = values()

    def by(self, name: str, **labels: str) -> float:
        key = f"{PREFIX}_{name}{sorted(labels.items())}"
        return values().get(key, 0) - self.before.get(key, 0)


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "DELETE", "OPTIONS"])
def test_without_a_token_the_address_does_not_exist(db: None, method: str) -> None:
    """Whatever is asked of it, it answers as any other that does not."""
    client = Client(enforce_csrf_checks=True)
    sent = {"Authorization": "Bearer "}
    answer, absent = (client.generic(method, path, headers=sent) for path in ("/metrics", "/no-such-page"))
    assert (answer.status_code, absent.status_code) == (404, 404)
    without_reference = [re.sub(rb"[0-9a-f]{16}", b"", one.content) for one in (answer, absent)]
    assert without_reference[0] == without_reference[1]


@pytest.mark.parametrize(("method", "status"), [("GET", 200), ("HEAD", 200), ("POST", 405), ("DELETE", 405)])
def test_it_is_for_reading(watched: None, method: str, status: int) -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.generic(method, "/metrics").status_code == 401
    right = {"Authorization": f"Bearer {TOKEN}"}
    assert client.generic(method, "/metrics", headers=right).status_code == status


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": f"Bearer {TOKEN[:-1]}"},
        {"Authorization": f"bearer {TOKEN}x"},
        {"Authorization": f"Basic {TOKEN}"},
        {"Authorization": TOKEN},
        {"Authorization": "Bearer ü"},
        {"Cookie": f"Authorization=Bearer {TOKEN}"},
    ],
)
def test_whoever_has_no_token_is_answered_alike(client: Client, watched: None, headers: dict[str, str]) -> None:
    answer = client.get("/metrics", {"token": TOKEN, "access_token": TOKEN}, headers=headers)
    assert (answer.status_code, answer.content) == (401, b"")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_pass_is_counted_from_its_issue_to_its_use(
    world: SimpleNamespace,
    watched: None,
    give_pass: Callable[..., Issued],
    django_capture_on_commit_callbacks: Captured,
) -> None:
    gained = Gained()
    with django_capture_on_commit_callbacks(execute=True):
        code = give_pass(world.mia).code
        enter_pass(Client(), world.mia.upn, "WRNGWRNG")
        enter_pass(Client(), world.mia.upn, code)
    for event, outcome, reason in (
        (Event.PASS_ISSUED, "success", ""),
        (Event.PASS_REFUSED, "failure", "wrong_code"),
        (Event.PASS_USED, "success", ""),
    ):
        assert gained.by("events_total", event=event.value, outcome=outcome, reason=reason) == 1
    for result in ("refused", "success"):
        assert gained.by("sign_ins_total", method="TemporaryAccessPass", result=result) == 1
    route = {"route": "/signin/pass/"}
    assert gained.by("requests_total", method="POST", status="2xx", **route) == 1
    assert gained.by("requests_total", method="POST", status="3xx", **route) == 1
    assert gained.by("request_seconds_count", **route) == 4


def test_an_act_that_is_rolled_back_does_not_count(
    world: SimpleNamespace, watched: None, give_pass: Callable[..., Issued]
) -> None:
    """The transaction around a test never commits."""
    gained = Gained()
    give_pass(world.mia)
    assert gained.by("events_total", event=Event.PASS_ISSUED.value, outcome="success", reason="") == 0


def test_trouble_is_counted(watched: None, caplog: pytest.LogCaptureFixture) -> None:
    """Attempts that must wait, hashes that wait and run, warnings, errors of the database."""
    gained = Gained()
    lane = limits.Lane("full", limit=1, window=600)
    limits.reserve([lane], now=clock.now())
    with pytest.raises(TooMany):
        limits.reserve([lane], now=clock.now())
    assert gained.by("attempts_throttled_total") == 1
    with secrets.WAITING.raised(), secrets.hash_slot():
        assert (gained.by("hashes_in_flight"), gained.by("hashes_waiting")) == (1, 1)
    assert (gained.by("hashes_in_flight"), gained.by("hashes_waiting")) == (0, 0)
    counted = logs.Counted()
    for error in (DatabaseError("gone"), RuntimeError("other")):
        counted.filter(logging.LogRecord("x", logging.ERROR, "", 0, "", (), (type(error), error, None)))
    counted.filter(logging.LogRecord("x", logging.INFO, "", 0, "", (), None))
    in_words(Outage.FULL, None)
    assert gained.by("database_outages_total", kind="full") == 1
    assert (gained.by("log_lines_total", level="error"), gained.by("database_errors_total")) == (2, 1)


def test_mail_that_is_not_taken_is_counted(
    world: SimpleNamespace, watched: None, give_pass: Callable[..., Issued], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> int:
        raise ConnectionRefusedError

    gained = Gained()
    give_pass(world.mia)
    assert gained.by("tasks_waiting", queue="mail") > 0
    with monkeypatch.context() as broken:
        broken.setattr(EmailBackend, "send_messages", refuse)
        worker.run_due()
    assert gained.by("mails_total", result="failed") > 0
    assert gained.by("mails_total", result="sent") == 0


def test_what_stands_in_the_database_is_shown(
    world: SimpleNamespace, watched: None, give_pass: Callable[..., Issued], settings: Settings, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path  # no checkpoints of other tests
    give_pass(world.mia)
    worker.beat("one")
    assert values()["gatepass_audit_unsealed[]"] > 0
    seal_all()
    call_command("audit_verify", stdout=io.StringIO())
    shown = values()
    assert (shown["gatepass_audit_unsealed[]"], shown["gatepass_workers[]"], shown["gatepass_audit_intact[]"]) == (
        0,
        1,
        1,
    )
    note([Verdict(NOBODYS, findings=[Finding(Fault.MISSING, 1)])])
    assert values()["gatepass_audit_intact[]"] == 0
    assert shown["gatepass_oldest_task_seconds[('queue', 'mail')]"] > 0
    assert shown["gatepass_audit_sealed_at_seconds[]"] > 1_700_000_000


def test_asking_costs_a_handful_of_statements(
    world: SimpleNamespace, watched: None, give_pass: Callable[..., Issued]
) -> None:
    give_pass(world.mia)
    ask()
    with CaptureQueriesContext(connection) as asked:
        ask()
    assert len(asked) <= 8
    bounded = [one["sql"] for one in asked if "COUNT(" in one["sql"] and "core_workerbeat" not in one["sql"]]
    assert bounded
    assert all("LIMIT 10000" in sql for sql in bounded)


def test_a_database_that_does_not_answer_is_shown_as_such(watched: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> None:
        raise DatabaseError

    monkeypatch.setattr(standing, "_tasks", gone)
    shown = values()
    assert shown["gatepass_database_up[]"] == 0
    assert "gatepass_workers[]" not in shown


def test_no_label_names_anybody(
    world: SimpleNamespace, as_: SignIn, watched: None, django_capture_on_commit_callbacks: Captured
) -> None:
    """Nor grows with what is asked for: what strangers ask for shares one label."""
    grace = as_(world.grace)
    with django_capture_on_commit_callbacks(execute=True):
        for url in (reverse("accounts:user", args=[world.mia.id]), f"/graph/v1.0/users/{world.mia.upn}", "/KEEPSAKE-1"):
            grace.get(url)
        grace.generic("KEEPSAKE", "/signin/")
        grace.get(reverse("accounts:user", args=[world.zed.id]))
    said = ask().content.decode()
    assert 'route="/center/users/<uuid:user_id>/"' in said
    assert 'route="-"' in said
    assert 'method="other"' in said
    for name in ("KEEPSAKE", world.mia.upn, str(world.mia.id), str(world.contoso.id), "Contoso", "contoso.com"):
        assert name not in said


def all_meters() -> list[Meter[Any]]:
    """Every meter there is, whatever has been imported so far."""
    for app in apps.get_app_configs():
        for path in Path(app.path).rglob("*.py") if Path(app.path).parent == ROOT else ():
            if "core.metrics import" in path.read_text(encoding="utf-8"):
                import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    return list(METERS)


def test_every_metric_is_described_and_no_other() -> None:
    described = re.findall(
        r"^\| `(gatepass_\w+)` \| (.+) \|$",
        (DOCS / "operations-observing.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    meters = all_meters()
    exposed = {meter.exposed for meter in meters} | {f"{PREFIX}_{name}" for name in standing.STANDING}
    assert {name for name, _ in described} == exposed
    labels = {meter.exposed: meter.labels for meter in meters if meter.labels}
    told = dict(described)
    assert [name for name, some in labels.items() if any(f"`{label}`" not in told[name] for label in some)] == []
