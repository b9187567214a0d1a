"""G02: whoever changes the log with the database's own tools is found out, whatever he does."""

import base64
import json
import subprocess
import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.management import call_command

import verify_audit_export
from audit import chain, checkpoints, signing
from audit.actions import System, record
from audit.enums import Event
from audit.models import AuditEvent, Seal, SealedUpTo
from audit.sealing import seal_all
from audit.verifying import Fault, Finding, verify
from tests.audit.conftest import run, triggers_off

# What the database's administrator does, and where it is found: events by place among ten, -5 is the id of one put before them.
COLUMNS = ", ".join(chain.COLUMNS)
SCRIPT = Path(__file__).resolve().parents[2] / "tools" / "verify_audit_export.py"


def ids() -> list[int]:
    return list(AuditEvent.objects.order_by("id").values_list("id", flat=True))


def command(name: str, *words: Any) -> tuple[int, str]:
    """Return the exit status of a command and what it said."""
    out = StringIO()
    try:
        call_command(name, *words, stdout=out, stderr=out)
    except SystemExit as exit_:
        return int(exit_.code or 0), out.getvalue()
    return 0, out.getvalue()


def offline(tmp_path: Path, of: UUID, *, kept: Path | None = None, key: str | None = None, former: str = "") -> str:
    """Export the chain and verify it with the stand-alone script; return what it says."""
    path = tmp_path / "log.jsonl"
    call_command("audit_export", str(of), output=path)
    checkpoints = list(verify_audit_export.read(kept)) if kept else []
    try:
        return verify_audit_export.verify(verify_audit_export.read(path), checkpoints, [key, former] if key else None)
    except verify_audit_export.Damaged as problem:
        return f"DAMAGED: {problem}"


@pytest.fixture
def kept(sealed: UUID, tmp_path: Path) -> Path:
    """Keep a checkpoint of the chain outside."""
    path = tmp_path / "checkpoints.jsonl"
    path.write_text(command("audit_checkpoint")[1], encoding="utf-8")
    return path


def test_it_finds_nothing_where_nothing_was_done(sealed: UUID, kept: Path, tmp_path: Path) -> None:
    """G02: the chain verifies, here and offline."""
    status, said = command("audit_verify", "--checkpoint", kept)
    assert (status, said.startswith(f"intact: the log of {sealed}, 10 events in 4 seals, 0 not sealed yet")) == (
        0,
        True,
    )
    call_command("audit_export", str(sealed), output=tmp_path / "log.jsonl")
    bare: list[str | Path] = [
        sys.executable,
        "-I",
        "-S",
        SCRIPT,
        tmp_path / "log.jsonl",
        "--checkpoints",
        kept,
        "--key",
        signing.public_key(),
    ]
    done = subprocess.run(bare, capture_output=True, text=True, check=False)  # noqa: S603  our own script
    assert (done.returncode, done.stdout) == (
        0,
        f"intact: the log of {sealed}, 10 events, 4 seals, 0 events not sealed yet, held against 1 checkpoints of yours\n",
    )


TAMPERINGS: dict[str, tuple[Callable[[list[int]], list[str]], Fault, int]] = {
    "edit": (lambda i: [f"UPDATE audit_auditevent SET actor_name = 'nobody' WHERE id = {i[4]}"], Fault.CHANGED, 4),
    "edit of the detail": (
        lambda i: [f"UPDATE audit_auditevent SET detail = '{{}}' WHERE id = {i[1]}"],
        Fault.CHANGED,
        1,
    ),
    "deletion": (lambda i: [f"DELETE FROM audit_auditevent WHERE id = {i[4]}"], Fault.MISSING, 4),
    "deletion of a seal's last": (lambda i: [f"DELETE FROM audit_auditevent WHERE id = {i[2]}"], Fault.MISSING, 2),
    "reordering": (
        lambda i: [
            f"UPDATE audit_auditevent SET id = 0 WHERE id = {i[3]}",
            f"UPDATE audit_auditevent SET id = {i[3]} WHERE id = {i[4]}",
            f"UPDATE audit_auditevent SET id = {i[4]} WHERE id = 0",
        ],
        Fault.CHANGED,
        3,
    ),
    "move to another tenant": (
        lambda i: [f"UPDATE audit_auditevent SET tenant_id = NULL WHERE id = {i[6]}"],
        Fault.MISSING,
        6,
    ),
    "insertion": (
        lambda i: [
            f"INSERT INTO audit_auditevent ({COLUMNS}) SELECT -5, {COLUMNS[4:]} FROM audit_auditevent WHERE id = {i[9]}"
        ],
        Fault.ADDED,
        -5,
    ),
}


@pytest.mark.parametrize("how", TAMPERINGS)
def test_it_finds_each_tampering(sealed: UUID, tmp_path: Path, how: str) -> None:
    """G02: edit, gap, reordering, insertion; named by the event, here and (as a stretch) offline."""
    statements, fault, place = TAMPERINGS[how]
    events = ids()
    with triggers_off():
        run(*statements(events))
    verdict = verify(sealed)
    assert Finding(fault, events[place] if place >= 0 else place) in verdict.findings
    status, said = command("audit_verify")
    assert status == 1
    assert f"DAMAGED: the log of {sealed}" in said
    assert str(verdict.findings[0]) in said
    assert offline(tmp_path, sealed).startswith("DAMAGED: ")


def test_it_finds_a_deleted_and_a_changed_seal(sealed: UUID) -> None:
    with triggers_off():
        run("DELETE FROM audit_seal WHERE number = 2")
    assert Finding(Fault.SEAL_MISSING, 2) in verify(sealed).findings
    with triggers_off():
        run("UPDATE audit_seal SET hash = 'a' WHERE number = 3")
    assert Finding(Fault.SEAL_CHANGED, 3) in verify(sealed).findings


def cut(sealed: UUID) -> None:
    """Cut off the end, with its seals, so that what is left is sound in itself."""
    last = Seal.objects.get(number=2).last_event_id
    with triggers_off():
        run(f"DELETE FROM audit_auditevent WHERE id > {last}", "DELETE FROM audit_seal WHERE number > 2")
    SealedUpTo.objects.update(event_id=last)


def test_it_finds_an_end_cut_off_by_a_checkpoint(sealed: UUID, kept: Path, tmp_path: Path) -> None:
    """G02: truncation. What is left verifies by itself; a checkpoint kept elsewhere tells."""
    cut(sealed)
    assert verify(sealed).is_intact
    status, said = command("audit_verify", "--checkpoint", kept)
    assert (status, "The log ends before seal 4" in said) == (1, True)
    assert "the log ends before seal 4" in offline(tmp_path, sealed, kept=kept, key=signing.public_key())


def test_it_says_what_a_restored_backup_looks_like_and_takes_nothing_else_for_it(sealed: UUID, kept: Path) -> None:
    """G02: the reason is named, the verdict stays; an event that was changed is no restore."""
    cut(sealed)
    assert "a backup took" not in command("audit_verify", "--checkpoint", kept)[1]
    record(Event.BACKUP_RESTORED, actor=System(tenant_id=sealed))
    status, said = command("audit_verify", "--checkpoint", kept)
    assert status == 1
    assert "By its own word, a backup took the place of the database on 20" in said
    assert "audit-checkpoints.before-restore" in said
    with triggers_off():
        run(f"UPDATE audit_auditevent SET actor_name = 'nobody' WHERE id = {ids()[0]}")
    assert "a backup took" not in command("audit_verify", "--checkpoint", kept)[1]


def test_an_earlier_restore_explains_no_later_cut(sealed: UUID, tmp_path: Path, write: Callable[..., None]) -> None:
    """G02: whoever restored last year is not to think that it was that."""
    record(Event.BACKUP_RESTORED, actor=System(tenant_id=sealed))
    seal_all()
    write(3)
    seal_all()
    path = tmp_path / "later.jsonl"
    path.write_text(command("audit_checkpoint")[1], encoding="utf-8")
    restored = AuditEvent.objects.get(event=Event.BACKUP_RESTORED).id
    with triggers_off():
        run(
            f"DELETE FROM audit_auditevent WHERE id > {restored}",
            f"DELETE FROM audit_seal WHERE last_event_id > {restored}",
        )
    status, said = command("audit_verify", "--checkpoint", path)
    assert (status, "The log ends before" in said, "a backup took" in said) == (1, True, False)


def test_it_finds_a_log_that_is_gone(sealed: UUID, kept: Path) -> None:
    with triggers_off():
        run("DELETE FROM audit_auditevent", "DELETE FROM audit_seal")
    assert command("audit_verify", "--checkpoint", kept)[0] == 1


def test_it_finds_a_chain_made_anew(sealed: UUID, kept: Path, tmp_path: Path) -> None:
    """Somebody changes an event and computes every seal again: only the checkpoint knows better."""
    with triggers_off():
        run("UPDATE audit_auditevent SET actor_name = 'nobody'", "DELETE FROM audit_seal")
    SealedUpTo.objects.all().delete()
    seal_all()
    assert verify(sealed).is_intact
    status, said = command("audit_verify", "--checkpoint", kept)
    assert (status, "Seal 4 is not the one a checkpoint names" in said) == (1, True)
    assert "seal 4 is not the one" in offline(tmp_path, sealed, kept=kept)


def test_the_worker_keeps_the_proof(sealed: UUID, settings: Any, tmp_path: Path, write: Callable[..., None]) -> None:
    """The hourly checkpoint of a log that was cut off does not replace the one that shows it."""
    settings.DATA_DIR = tmp_path
    assert checkpoints.keep() == 1
    write(1)
    seal_all()
    assert checkpoints.keep() == 1
    cut(sealed)
    assert checkpoints.keep() == 0
    assert command("audit_verify")[0] == 1


def test_a_checkpoint_must_be_signed_by_us(sealed: UUID, kept: Path, tmp_path: Path) -> None:
    forged = json.loads(kept.read_text()) | {"hash": "0" * 64}
    kept.write_text(json.dumps(forged))
    assert command("audit_verify", "--checkpoint", kept)[0] == 2
    assert "wrong signature" in offline(tmp_path, sealed, kept=kept)
    kept.write_text(command("audit_checkpoint")[1])
    assert "another key" in offline(tmp_path, sealed, kept=kept, key="A" * 43 + "=")


@pytest.mark.parametrize("text", ["", "{}", "[]", "nonsense", '{"type": "checkpoint"}', "\x00"])
def test_a_file_that_is_none_is_refused(sealed: UUID, tmp_path: Path, text: str) -> None:
    path = tmp_path / "odd"
    path.write_text(text)
    assert command("audit_verify", "--checkpoint", path)[0] == (0 if not text else 2)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "DAMAGED: the file is empty"),
        ("[]", "not readable"),
        ("{}", "not readable"),
        ("\x00", "not readable"),
        ("[" * 100_000, "not readable"),
        ('{"chain": "a"}', "DAMAGED: the file ends too early"),
        ('{"chain": "a"}\n{"type": "event"}', "not readable"),
        ('{"chain": "a"}\n[]', "not readable"),
    ],
)
def test_the_script_says_in_a_line_what_is_no_export(
    tmp_path: Path, text: str, said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "odd"
    path.write_text(text)
    monkeypatch.setattr(sys, "argv", ["verify", str(path)])
    assert verify_audit_export.main() == (1 if said.startswith("DAMAGED") else 2)
    told = capsys.readouterr()
    assert (told.out + told.err).startswith(said)


def test_the_script_counts_the_checkpoints_of_this_log_only(sealed: UUID, kept: Path, tmp_path: Path) -> None:
    """A file that holds none of it proves nothing, and a removal of another log is none of this one."""
    other = json.loads(kept.read_text()) | {"chain": str(chain.NOBODYS)}
    kept.write_text(json.dumps(other))
    assert "held against 0 checkpoints" in offline(tmp_path, sealed, kept=kept, key=signing.public_key())
    first, *lines = (tmp_path / "log.jsonl").read_text().splitlines()
    removal = {"type": "removal", "chain": str(chain.NOBODYS), "number": 0, "hash": chain.START, "last": -1}
    foreign = [json.loads(first), checkpoints.signed(removal), *map(json.loads, lines)]
    with pytest.raises(verify_audit_export.Damaged, match="of another log"):
        verify_audit_export.verify(iter(foreign), [], [signing.public_key()])


@pytest.mark.django_db
def test_a_log_that_is_not_there_is_not_exported_nor_called_intact(tmp_path: Path) -> None:
    """A mistyped id is no empty log."""
    nobody = str(UUID(int=7))
    assert command("audit_export", nobody, "--output", tmp_path / "log.jsonl")[0] == 2
    assert not (tmp_path / "log.jsonl").exists()
    assert command("audit_verify", "--tenant", nobody)[0] == 2


def test_an_export_is_for_its_owner_only(sealed: UUID, tmp_path: Path) -> None:
    assert command("audit_export", str(sealed), "--output", tmp_path / "no" / "log.jsonl")[0] == 2
    assert command("audit_export", str(sealed), "--output", tmp_path / "log.jsonl")[0] == 0
    assert (tmp_path / "log.jsonl").stat().st_mode & 0o777 == 0o600


def test_without_a_key_nothing_is_signed(sealed: UUID, settings: Any) -> None:
    settings.AUDIT_SIGNING_KEY = None
    assert command("audit_checkpoint")[0] == 2
    assert command("audit_prune", "--days", "1")[0] == 2
    assert verify(sealed).is_intact


def test_the_script_knows_a_right_signature() -> None:
    """Against the real thing: no package checks signatures in the script."""
    key = base64.b64decode(signing.public_key())
    for text in (b"", b"checkpoint", bytes(range(256))):
        made = base64.b64decode(signing.sign(text))
        assert verify_audit_export.is_signed(key, text, made)
        for wrong in (made[:-1], bytes([made[0] ^ 1]) + made[1:], made[:32] + bytes(32), bytes(64)):
            assert not verify_audit_export.is_signed(key, text, wrong)
        assert not verify_audit_export.is_signed(key, text + b"!", made)
