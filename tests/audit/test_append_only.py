"""G02: the database itself refuses to change or delete what was recorded."""

from collections.abc import Callable
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction

from audit.chain import START
from audit.models import AuditEvent, Removal, Seal
from core import clock
from tests.audit.conftest import run

CHANGES = [
    "UPDATE audit_auditevent SET outcome = 'success'",
    "DELETE FROM audit_auditevent",
    "UPDATE audit_seal SET count = 1",
    "DELETE FROM audit_seal",
]


def refused(statement: str) -> bool:
    try:
        with transaction.atomic():
            run(statement)
    except IntegrityError as problem:
        return "append-only" in str(problem)
    return False


@pytest.mark.parametrize("statement", CHANGES)
def test_it_refuses_to_change_or_delete(sealed: UUID, statement: str) -> None:
    """G02: by whatever statement, of the product or typed by hand."""
    before = list(AuditEvent.objects.values()), list(Seal.objects.values("hash", "count"))
    assert refused(statement)
    assert (list(AuditEvent.objects.values()), list(Seal.objects.values("hash", "count"))) == before


@pytest.mark.parametrize("table", ["audit_auditevent", "audit_seal", "audit_removal"])
def test_it_refuses_to_replace_or_empty(sealed: UUID, table: str) -> None:
    """G02: nor by the statements that no DELETE trigger hears of."""
    if connection.vendor == "postgresql":
        assert refused(f"TRUNCATE {table}")
    elif table != "audit_removal":
        assert refused(f"REPLACE INTO {table} SELECT * FROM {table} LIMIT 1")


def test_it_refuses_through_the_models(sealed: UUID) -> None:
    event = AuditEvent.objects.first()
    assert event is not None
    event.outcome = "denied"
    for change in (event.save, event.delete, AuditEvent.objects.all().delete):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


def test_a_removal_must_end_at_a_seal(sealed: UUID) -> None:
    """Retention's way out is no way to delete this and that."""
    with pytest.raises(IntegrityError), transaction.atomic():
        Removal.objects.create(
            chain=sealed, number=1, last_event_id=2**40, hash=START, count=1, removed_at=clock.now(), signature="x"
        )


def test_the_guard_is_back_after_tests_that_commit(sealed: UUID) -> None:
    """The suite empties the tables behind the triggers: they must stand again before the next test."""
    assert refused("DELETE FROM audit_auditevent")


@pytest.mark.django_db(transaction=True)
def test_a_test_that_commits_is_cleaned_up(write: Callable[..., None]) -> None:
    write(1)
    assert refused("DELETE FROM audit_auditevent")
