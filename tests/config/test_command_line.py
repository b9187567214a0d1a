"""``manage.py``: what is no fault of ours is one line and a status, whichever command meets it."""

from collections.abc import Callable

import pytest
from django.db import OperationalError, ProgrammingError
from django.db.migrations.recorder import MigrationRecorder

from config import command_line


def failing(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> Callable[[], None]:
    """Return ``manage.py audit_seal``, which meets ``error``."""

    def fail(_words: list[str]) -> None:
        raise error

    monkeypatch.setattr(command_line, "execute_from_command_line", fail)
    return lambda: command_line.run(["manage.py", "audit_seal"])


def test_a_database_that_does_not_answer_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    away = OperationalError("connection refused\n\tIs the server running on that host?")
    with pytest.raises(SystemExit) as ended:
        failing(monkeypatch, away)()
    assert ended.value.code == command_line.FAULT
    assert capsys.readouterr().err == "audit_seal: the database does not answer (connection refused)\n"


@pytest.mark.django_db
def test_so_is_one_that_the_migrations_have_not_reached(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command = failing(monkeypatch, ProgrammingError("no such table"))
    with pytest.raises(ProgrammingError):
        command()  # all migrations are in: a fault of ours, with a trace
    MigrationRecorder.Migration.objects.all().delete()
    with pytest.raises(SystemExit) as ended:
        command()
    assert ended.value.code == command_line.FAULT
    said = capsys.readouterr().err
    assert said.startswith("audit_seal: the database is not of this version: ")
    assert said.count("\n") == 1


def test_whoever_stops_reading_is_told_nothing(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """As in ``manage.py tap list | head``."""
    with pytest.raises(SystemExit) as ended:
        failing(monkeypatch, BrokenPipeError())()
    assert ended.value.code == command_line.FAULT
    assert capfd.readouterr().err == ""


def test_nor_is_whoever_presses_ctrl_c(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        failing(monkeypatch, KeyboardInterrupt())()
    assert ended.value.code == command_line.INTERRUPTED
    assert capsys.readouterr().err == ""
