"""Events, chains, and what somebody with the database's own password can do to them."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection

from accounts.authority import Actor
from accounts.models import User
from audit.actions import record
from audit.enums import Event
from audit.sealing import seal_all
from tests.plugins.database import off_and_on

HERE = Actor(user_id=uuid.UUID(int=7), upn="somebody@contoso.com", address="192.0.2.7", request_id="abc123")


@contextmanager
def triggers_off() -> Iterator[None]:
    """Take the triggers off, as an administrator of the database can."""
    off, on = off_and_on()
    run(*off)
    yield
    run(*on)


def run(*statements: str, values: Any = None) -> None:
    """Do something to the tables behind the product's back."""
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement, values)


@pytest.fixture
def write(world: SimpleNamespace) -> Callable[..., None]:
    """Write events about one person."""

    def events(count: int, *, about: User | None = None) -> None:
        for number in range(count):
            record(Event.SESSIONS_REVOKED, actor=HERE, target=about or world.mia, detail={"sessions": number, "ü": "é"})

    return events


@pytest.fixture
def sealed(write: Callable[..., None], world: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> uuid.UUID:
    """Write ten events in four seals and return their chain."""
    monkeypatch.setattr("audit.sealing.MOST_IN_A_SEAL", 3)
    write(10)
    assert seal_all() == 10
    return uuid.UUID(str(world.contoso.id))
