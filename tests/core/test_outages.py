"""A database that does not answer or cannot save: a clear page, nothing half-made, one line in the log."""

import logging
import sqlite3
from collections.abc import Callable
from types import SimpleNamespace

import psycopg
import pytest
from django.db import DatabaseError, DataError, IntegrityError, InternalError, OperationalError
from django.test import Client
from django.urls import reverse

from accounts import sessions
from accounts.models import SignInSession
from core.outages import Outage, outage_of
from tap.actions import Issued
from tap.models import TemporaryAccessPass
from tests.drive import enter_pass


def of_sqlite(code: int, kind: type[Exception] = OperationalError) -> Exception:
    cause = sqlite3.OperationalError("what SQLite says")
    cause.sqlite_errorcode = code
    return caused(kind("what SQLite says"), cause)


def of_postgresql(cause: type[psycopg.Error], kind: type[Exception] = OperationalError) -> Exception:
    return caused(kind("what PostgreSQL says"), cause("what PostgreSQL says"))


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "outage"),
    [
        (of_sqlite(sqlite3.SQLITE_FULL), Outage.FULL),
        (of_sqlite(sqlite3.SQLITE_IOERR | 3 << 8), Outage.DISK),
        (of_sqlite(sqlite3.SQLITE_BUSY), Outage.LOCKED),
        (of_sqlite(sqlite3.SQLITE_BUSY | 2 << 8), Outage.LOCKED),
        (of_sqlite(sqlite3.SQLITE_CANTOPEN), Outage.UNREACHABLE),
        (of_sqlite(sqlite3.SQLITE_CORRUPT, DatabaseError), Outage.DAMAGED),
        (of_sqlite(sqlite3.SQLITE_NOTADB, DatabaseError), Outage.DAMAGED),
        (of_sqlite(sqlite3.SQLITE_CONSTRAINT, IntegrityError), None),
        (of_postgresql(psycopg.errors.DataCorrupted, InternalError), Outage.DAMAGED),
        (of_sqlite(sqlite3.SQLITE_ERROR), None),  # no such table: ours
        (of_postgresql(psycopg.errors.DiskFull), Outage.FULL),
        (of_postgresql(psycopg.errors.LockNotAvailable), Outage.LOCKED),
        (of_postgresql(psycopg.errors.DeadlockDetected), Outage.LOCKED),
        (of_postgresql(psycopg.errors.TooManyConnections), Outage.CROWDED),
        (of_postgresql(psycopg.errors.AdminShutdown), Outage.UNREACHABLE),
        (of_postgresql(psycopg.OperationalError), Outage.UNREACHABLE),
        (of_postgresql(psycopg.errors.ReadOnlySqlTransaction, InternalError), Outage.READ_ONLY),
        (of_postgresql(psycopg.errors.InFailedSqlTransaction, InternalError), None),
        (IntegrityError("ours"), None),
        (DataError("ours"), None),
        (ValueError("ours"), None),
        (None, None),
    ],
)
def test_an_outage_is_told_from_a_fault_of_ours(error: Exception | None, outage: Outage | None) -> None:
    assert outage_of(error) is outage


@pytest.mark.django_db
def test_a_sign_in_that_cannot_be_saved_is_a_clear_page_and_leaves_the_pass_as_it_was(
    world: SimpleNamespace,
    give_pass: Callable[..., Issued],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A one-time pass is claimed before the session is written: both or neither."""
    code = give_pass(world.mia, is_usable_once=True).code
    client = Client(raise_request_exception=False)

    def full(*_args: object) -> None:
        raise of_sqlite(sqlite3.SQLITE_FULL)

    with monkeypatch.context() as patch, caplog.at_level(logging.ERROR):
        patch.setattr(sessions, "insert", full)
        answer = enter_pass(client, world.mia.upn, code)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert "Nothing was saved." in answer.content.decode()
    (line,) = [one for one in caplog.records if one.name == "gatepass.request"]
    assert "the disk of the database is full: nothing can be saved until there is room" in line.getMessage()
    assert not any(one.exc_info for one in caplog.records)
    assert TemporaryAccessPass.objects.get(user=world.mia).first_used_at is None
    assert not SignInSession.objects.filter(user=world.mia).exists()
    assert enter_pass(client, world.mia.upn, code).status_code == 302


@pytest.mark.django_db
def test_a_page_whose_sign_in_cannot_be_looked_up_keeps_the_sign_in(
    world: SimpleNamespace, as_: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The outage ends; nobody was signed out by it."""
    client = as_(world.mia)
    client.raise_request_exception = False

    def gone(_token: str) -> None:
        raise of_postgresql(psycopg.OperationalError)

    with monkeypatch.context() as patch:
        patch.setattr(sessions, "find", gone)
        answer = client.get("/mysecurityinfo/")
    assert (answer.status_code, answer.cookies) == (503, {})
    assert client.get("/mysecurityinfo/").status_code == 200


@pytest.mark.django_db
def test_a_fault_of_ours_stays_one(monkeypatch: pytest.MonkeyPatch, world: SimpleNamespace) -> None:
    client = Client(raise_request_exception=False)

    def wrong(*_args: object, **_words: object) -> None:
        raise of_sqlite(sqlite3.SQLITE_ERROR)

    monkeypatch.setattr("signin.views.actions.identify", wrong)
    client.get(reverse("signin:identify"))
    assert client.post(reverse("signin:identify"), {"username": "mia@contoso.com"}).status_code == 500
