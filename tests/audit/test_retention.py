"""Old events go as whole seals from the front, by one way only, and what stays still verifies."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.conf import settings
from django.db import IntegrityError, transaction

from audit import signing
from audit.enums import Event
from audit.models import AuditEvent, Removal, Seal
from audit.pruning import prune
from audit.sealing import seal_all
from audit.verifying import Fault, verify
from config.housekeeping import keep_records
from core import clock
from tests.audit.conftest import run
from tests.audit.test_verify import command, offline

OLD = timedelta(days=400)


@pytest.fixture
def aged(write: Callable[..., None], world: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> UUID:
    """Seven events of last year in seals of three, then two of today."""
    monkeypatch.setattr("audit.sealing.MOST_IN_A_SEAL", 3)
    with time_machine.travel(clock.now() - OLD, tick=False):
        write(7)
        seal_all()
    write(2)
    seal_all()
    return UUID(str(world.contoso.id))


def test_it_removes_what_is_old_and_the_rest_verifies(aged: UUID, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.write_text(command("audit_checkpoint")[1])
    assert command("audit_prune", "--days", "365") == (0, "Removed 7 events older than 365 days.\n")
    assert list(Seal.objects.values_list("number", flat=True)) == [4]
    assert list(AuditEvent.objects.order_by("id").values_list("event", flat=True)) == [
        Event.SESSIONS_REVOKED,
        Event.SESSIONS_REVOKED,
        Event.LOG_PRUNED,
    ]
    seal_all()
    assert verify(aged).is_intact
    assert command("audit_verify", "--checkpoint", kept)[0] == 0
    assert ", 3 events, 3 seals" in offline(tmp_path, aged, kept=kept, key=signing.public_key())


def test_it_says_who_and_how_many(aged: UUID) -> None:
    prune(before=clock.now() - timedelta(days=365))
    event = AuditEvent.objects.get(event=Event.LOG_PRUNED)
    assert (event.actor_name, event.tenant_id, event.detail["events"]) == ("system", aged, 7)


def test_a_stretch_with_one_young_event_stays(aged: UUID) -> None:
    """Seal 4 holds events of today: nothing of it goes."""
    assert prune(before=clock.now() - timedelta(days=1)) == 7
    assert prune(before=clock.now() - timedelta(days=1)) == 0


def test_everything_may_go_and_the_chain_goes_on(aged: UUID, write: Callable[..., None]) -> None:
    assert prune(before=clock.now() + timedelta(days=1)) == 9
    assert not Seal.objects.exists()
    write(1)
    seal_all()
    assert Seal.objects.get().number == 5
    assert verify(aged).is_intact


def test_what_is_not_sealed_stays(write: Callable[..., None], world: SimpleNamespace) -> None:
    with time_machine.travel(clock.now() - OLD):
        write(2)
    assert prune(before=clock.now()) == 0
    assert AuditEvent.objects.count() == 2


def test_a_removal_somebody_else_made_is_found(aged: UUID) -> None:
    """With the product's own rights on the database one can delete behind a mark, but not sign it."""
    seal = Seal.objects.get(number=2)
    Removal.objects.create(
        chain=aged,
        number=2,
        last_event_id=seal.last_event_id,
        hash=seal.hash,
        count=6,
        removed_at=clock.now(),
        signature="A" * 88,
    )
    run(f"DELETE FROM audit_auditevent WHERE id <= {seal.last_event_id}", "DELETE FROM audit_seal WHERE number <= 2")
    assert [finding.fault for finding in verify(aged).findings] == [Fault.REMOVAL_FORGED]


def test_behind_the_mark_everything_is_kept(aged: UUID) -> None:
    prune(before=clock.now() - timedelta(days=365))
    for statement in ("DELETE FROM audit_auditevent", "DELETE FROM audit_seal", "DELETE FROM audit_removal"):
        with pytest.raises(IntegrityError), transaction.atomic():
            run(statement)


@pytest.mark.parametrize(("days", "left"), [(0, 9), (365, 3)])
def test_the_worker_applies_the_setting(
    aged: UUID, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, days: int, left: int
) -> None:
    monkeypatch.setattr(settings, "AUDIT_RETENTION_DAYS", days)
    monkeypatch.setattr(settings, "DATA_DIR", tmp_path)
    done: dict[str, Any] = keep_records(now=clock.now())
    assert done["removed"] == (7 if days else 0)
    assert AuditEvent.objects.count() == left


def test_for_ever_is_the_default() -> None:
    assert settings.AUDIT_RETENTION_DAYS == 0
    assert "for ever" in command("audit_prune")[1]


def test_what_a_former_key_signed_still_counts(aged: UUID, settings: Any, tmp_path: Path) -> None:
    """G02: a removal and a checkpoint, here and offline; without the former public half they count for nothing."""
    kept = tmp_path / "kept"
    assert command("audit_prune", "--days", "365")[0] == 0
    kept.write_text(command("audit_checkpoint")[1])
    former = signing.public_key()
    settings.AUDIT_SIGNING_KEY, settings.AUDIT_PUBLIC_KEYS = bytes(range(32)), (former,)
    assert verify(aged).is_intact
    assert command("audit_verify", "--checkpoint", kept)[0] == 0
    assert f"{former}  former: under 1 marks" in command("rotate_audit_key", "--status")[1]
    assert command("audit_checkpoint", "--public-key")[1].split() == [signing.public_key(), former]
    seal_all()
    assert "another key" in offline(tmp_path, aged, key=signing.public_key())
    assert ", 3 events" in offline(tmp_path, aged, kept=kept, key=signing.public_key(), former=former)
    settings.AUDIT_PUBLIC_KEYS = ()
    assert not verify(aged).is_intact
    assert command("audit_verify", "--checkpoint", kept)[0] == 2
    assert "1 marks carry the signature of no key" in command("rotate_audit_key", "--status")[1]
