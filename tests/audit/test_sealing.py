"""Sealing takes every event once, in order, and never one behind which another can still appear."""

import threading
from collections.abc import Callable
from types import SimpleNamespace
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction

from audit import sealing
from audit.actions import record
from audit.chain import NOBODYS, START
from audit.enums import Event, Outcome
from audit.models import AuditEvent, Seal
from audit.sealing import seal_all, seal_chain
from audit.verifying import verify
from tests.audit.conftest import HERE
from tests.together import together


def test_it_chains_stretches(sealed: UUID) -> None:
    seals = list(Seal.objects.order_by("number"))
    assert [(seal.number, seal.count) for seal in seals] == [(1, 3), (2, 3), (3, 3), (4, 1)]
    assert [seal.previous for seal in seals] == [START, *(seal.hash for seal in seals[:-1])]
    assert seal_all() == 0


def test_each_tenant_has_a_chain_of_its_own(write: Callable[..., None], world: SimpleNamespace) -> None:
    write(2)
    write(3, about=world.zed)
    record(Event.PASS_REFUSED, actor=HERE, outcome=Outcome.FAILURE, reason="no_pass")
    assert seal_all() == 6
    counts = dict(Seal.objects.values_list("chain", "count"))
    assert counts == {world.contoso.id: 2, world.fabrikam.id: 3, NOBODYS: 1}


def test_what_comes_later_is_sealed_by_the_next_round(sealed: UUID, write: Callable[..., None]) -> None:
    write(1)
    assert verify(sealed).unsealed == 1
    assert seal_all() == 1
    assert verify(sealed).is_intact


def test_one_sealer_wins(write: Callable[..., None], world: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another one seals between our read and our write: the database takes one, and nothing is sealed twice."""
    write(4)
    last = AuditEvent.objects.latest("id").id
    make = Seal.objects.create
    turns: list[int] = []

    def meanwhile(**fields: object) -> Seal:
        if not turns:
            turns.append(1)
            make(**fields)
        return make(**fields)

    monkeypatch.setattr(Seal.objects, "create", meanwhile)
    with transaction.atomic():
        assert seal_chain(world.contoso.id, up_to=last) is None
    # The savepoint took the other one's row with it here; two connections are tried below.
    assert seal_chain(world.contoso.id, up_to=last) == 4


@pytest.mark.django_db(transaction=True)
def test_sealers_at_once_leave_one_sound_chain(
    write: Callable[..., None], world: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "MOST_IN_A_SEAL", 5)
    write(30)
    answers = together([seal_all] * 4, at_once=4)
    assert [one for one in answers if isinstance(one, Exception)] == []
    seal_all()
    verdict = verify(world.contoso.id)
    assert (verdict.is_intact, verdict.events, verdict.unsealed) == (True, 30, 0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="on SQLite one transaction writes at a time")
def test_a_smaller_id_that_is_committed_later_is_never_passed_over(
    write: Callable[..., None], world: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two connections: one holds an event with a smaller id while another commits a larger one."""
    monkeypatch.setattr(sealing, "SECONDS_TO_WAIT_FOR_WRITERS", 0.2)
    has_written, may_commit = threading.Event(), threading.Event()

    def slow() -> None:
        try:
            with transaction.atomic():
                record(Event.SIGNED_OUT, actor=HERE, target=world.mia)
                has_written.set()
                may_commit.wait(30)
        finally:
            connection.close()

    writer = threading.Thread(target=slow)
    writer.start()
    has_written.wait(30)
    write(1)  # a larger id, there to be read at once
    assert seal_all() == 0
    assert not Seal.objects.exists()
    may_commit.set()
    writer.join()
    assert seal_all() == 2
    assert verify(world.contoso.id).is_intact


def test_it_reads_no_old_events_again(
    sealed: UUID, write: Callable[..., None], django_assert_max_num_queries: Callable[..., object]
) -> None:
    """A round costs the same however many events there are."""
    write(2)
    with django_assert_max_num_queries(20):  # type: ignore[attr-defined]
        seal_all()


def test_a_seal_is_written_once(sealed: UUID) -> None:
    first = Seal.objects.get(number=1)
    first.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        first.save(force_insert=True)
