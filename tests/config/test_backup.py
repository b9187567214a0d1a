"""Backup and restore: whole or not at all, while others write, and nothing that has ended comes back to life."""

import json
import re
import resource
import signal
import sqlite3
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, replace
from datetime import timedelta
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
import pyzipper
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.db.migrations.recorder import MigrationRecorder
from django_tasks_db.models import DBTaskResult
from pytest_django import Settings

from accounts.enums import SessionEnd
from accounts.models import User
from accounts.sessions import end_of
from audit import checkpoints
from audit.enums import Event
from audit.models import AuditEvent
from audit.sealing import seal_all
from audit.verifying import Fault, verify
from config.backups import files, making, postgres, restoring
from config.backups.files import About, BackupProblem
from config.running import holding
from core import clock
from core.errors import DomainError
from notices.delivery import deliver_next
from notices.enums import Outcome
from notices.models import Notice
from oidc import keys
from tap import actions as tap
from tap.actions import Issued
from tests.conftest import OPERATOR, SignIn, session_of
from tests.running import be_alone, surroundings

GivePass = Callable[..., Issued]
ABOUT = About(
    format=1, product="0.1.0", kind="sqlite", server=40, made_at="2026-11-24T10:00:00+00:00", migrations={}, peppers={}
)
commits = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def own_folder(settings: Settings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


@pytest.fixture
def backup(tmp_path: Path, world: SimpleNamespace) -> Callable[[], Path]:
    def make() -> Path:
        path = tmp_path / "backup.zip"
        making.make(path)
        return path

    return make


def restore(path: Path, *words: str) -> tuple[int, str]:
    """Return the exit status of the command and all it said."""
    be_alone()
    out = StringIO()
    try:
        call_command("restore", str(path), "--yes", *words, stdout=out, stderr=out)
    except SystemExit as exit_:
        return int(exit_.code or 0), out.getvalue()
    return 0, out.getvalue()


def packed(tmp_path: Path, content: bytes, **changes: Any) -> Path:
    """Write a backup file of our own making."""
    database = tmp_path / "content"
    database.write_bytes(content)
    about = replace(ABOUT, digest=files.digest_of(database), size=len(content), **changes)
    files.write(about, database, to=tmp_path / "made.zip", draft=tmp_path / "draft")
    return tmp_path / "made.zip"


def everything_in(path: Path, tmp_path: Path) -> bytes:
    """Return the bytes of a backup, and those of all that is compressed in it."""
    with zipfile.ZipFile(path) as opened:
        content = opened.read(files.DATABASE)
        found = path.read_bytes() + opened.read(files.ABOUT) + content
    if connection.vendor == "postgresql":
        dumped = tmp_path / "dump"
        dumped.write_bytes(content)
        found += subprocess.run(  # noqa: S603  our own words
            [postgres.program("pg_restore", 0), "--file=-", dumped], capture_output=True, check=True
        ).stdout
    return found


@commits
def test_what_was_there_is_there_again_and_nothing_that_was_open(
    world: SimpleNamespace, as_: SignIn, give_pass: GivePass, backup: Callable[[], Path], tmp_path: Path
) -> None:
    """The pass and the sign-in were ended after the backup, the mail was sent: none of the three comes back."""
    keys.rotate(now=clock.now())
    made, client = give_pass(world.mia), as_(world.tapuser)
    one_off = User.objects.filter(pk=world.gil.pk)
    one_off.update(password="its hash", password_ends_at=clock.now() + timedelta(hours=9))
    old_key = keys.signing_key(now=clock.now())[0]
    path = backup()
    assert path.stat().st_mode & 0o777 == 0o600
    call_command("tap", "delete", "mia@contoso.com", stdout=StringIO())
    User.objects.filter(pk=world.user2.pk).update(display_name="Changed since")

    status, said = restore(path)
    assert status == 0, said
    assert "passes: 1, one-off passwords: 1, sign-ins: 1," in said
    assert User.objects.get(pk=world.user2.pk).display_name == world.user2.display_name
    with pytest.raises(DomainError):
        tap.verify(OPERATOR, upn="mia@contoso.com", typed=made.code)
    assert end_of(session_of(client), now=clock.now()) is SessionEnd.REVOKED
    assert client.get("/mysecurityinfo/").status_code == 302
    assert one_off.filter(password_ends_at__lte=clock.now()).exists()
    assert not DBTaskResult.objects.exists()
    assert set(Notice.objects.values_list("outcome", "next_try_at")) == {(Outcome.GIVEN_UP, None)}
    assert not deliver_next()
    assert keys.signing_key(now=clock.now())[0] != old_key
    told = AuditEvent.objects.filter(reason="restored").values_list("event", "target_name")
    assert set(told) == {(Event.PASS_DELETED, "mia@contoso.com"), (Event.SESSIONS_REVOKED, "tapuser@contoso.com")}
    restored = AuditEvent.objects.filter(event=Event.BACKUP_RESTORED)
    assert {event.tenant_id for event in restored} == {None, world.contoso.id, world.fabrikam.id}
    # It goes on from there.
    give = tap.verify(OPERATOR, upn="mia@contoso.com", typed=give_pass(world.mia).code)
    assert give.issued.user == world.mia


@commits
def test_no_code_and_no_secret_is_in_a_backup(
    world: SimpleNamespace, give_pass: GivePass, backup: Callable[[], Path], tmp_path: Path, settings: Settings
) -> None:
    """T15: neither the code of a pass nor a key from outside the database is in the file, nor in what is packed in it."""
    code = give_pass(world.mia, reason="Needle in the haystack").code
    found = everything_in(backup(), tmp_path)
    assert b"Needle in the haystack" in found
    for secret in (code, code.lower(), "-".join([code[:4], code[4:]]), " ".join([code[:4], code[4:]])):
        assert secret.encode() not in found
    for outside in (settings.SECRET_KEY.encode(), settings.PEPPER_KEYS[0][1], settings.AUDIT_SIGNING_KEY):
        assert outside not in found


@commits
def test_the_restored_log_says_that_it_is_shorter_than_its_checkpoints(
    world: SimpleNamespace, backup: Callable[[], Path], give_pass: GivePass, tmp_path: Path
) -> None:
    """Until somebody has seen that and put the checkpoints aside."""
    path = backup()
    give_pass(world.mia)
    seal_all()
    checkpoints.keep()
    chain, kept = UUID(str(world.contoso.id)), checkpoints.kept_ones()
    assert f"mv {tmp_path / 'audit-checkpoints'}" in restore(path)[1]
    assert {one.fault for one in verify(chain, checkpoints=kept).findings} <= {Fault.CUT_OFF, Fault.REWRITTEN}
    seal_all()
    assert verify(chain, checkpoints=kept).restored_at
    (tmp_path / "audit-checkpoints").rename(tmp_path / "aside")
    checkpoints.keep()
    assert verify(chain, checkpoints=checkpoints.kept_ones()).is_intact


@commits
def test_an_older_backup_is_brought_up_to_date(
    world: SimpleNamespace, backup: Callable[[], Path], tmp_path: Path
) -> None:
    # One on which no other stands, and which changes no table.
    MigrationRecorder(connection).record_unapplied("admin", "0003_logentry_add_action_flag_choices")
    (tmp_path / checkpoints.FOLDER).mkdir()
    status, said = restore(backup(), "--discard")
    assert status == 0, said
    assert "checkpoints" not in said, "there are none yet that could contradict it"
    call_command("migrate", check_unapplied=True, verbosity=0)


@commits
def test_a_restore_that_fails_changes_nothing(
    world: SimpleNamespace, backup: Callable[[], Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whatever fails, and as late as can be: everything is loaded already."""
    path = backup()
    User.objects.filter(pk=world.user2.pk).update(display_name="Changed since")

    def full(*_args: object, **_words: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(restoring, "end_everything", full)
    status, said = restore(path)
    assert (status, "the disk is full. Nothing was changed." in said) == (1, True)
    assert [*tmp_path.rglob("before-*")] == []
    assert User.objects.get(pk=world.user2.pk).display_name == "Changed since"
    assert sorted(one.name for one in tmp_path.iterdir() if one.name.startswith(".")) == []


KILLED = """
import os, signal
import django; django.setup()
from pathlib import Path
from config.backups import files, making, restoring
def die(*_args, **_words): os.kill(os.getpid(), signal.SIGKILL)
"""


def run_and_die(script: str, folder: Path) -> None:
    here = surroundings() | {"DATA_DIR": str(folder)}
    done = subprocess.run([sys.executable, "-c", KILLED + script], env=here, check=False)  # noqa: S603  our own words
    assert done.returncode == -signal.SIGKILL


@commits
def test_a_killed_backup_leaves_no_file_that_looks_whole_and_a_killed_restore_the_old_database(
    world: SimpleNamespace, backup: Callable[[], Path], tmp_path: Path
) -> None:
    path = backup()
    run_and_die("files.sync_folder = files.os.fsync = die; making.make(Path('other.zip'))".replace(
        "other.zip", str(tmp_path / "other.zip")), tmp_path)  # fmt: skip
    assert sorted(one.name for one in tmp_path.glob("*.zip")) == ["backup.zip"]
    User.objects.filter(pk=world.user2.pk).update(display_name="Changed since")
    be_alone()
    connection.close()
    run_and_die(f"restoring.end_everything = die; restoring.restore(Path({str(path)!r}), keep=False)", tmp_path)
    assert User.objects.get(pk=world.user2.pk).display_name == "Changed since"


@commits
def test_a_full_disk_is_one_line_and_leaves_no_part(world: SimpleNamespace, tmp_path: Path) -> None:
    def little_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    command = [sys.executable, "manage.py", "backup", "--output", str(tmp_path / "backup.zip")]
    done = subprocess.run(  # noqa: S603  our own words
        command, env=surroundings(), preexec_fn=little_room, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert re.fullmatch(r"backup: .+\n", done.stderr), done.stderr
    assert list(tmp_path.iterdir()) == []


@commits
def test_nothing_is_restored_under_a_running_server(world: SimpleNamespace, backup: Callable[[], Path]) -> None:
    path = backup()
    with holding(alone=False):
        assert restore(path) == (
            1,
            "restore: A server or worker is running: stop Gatepass first. Nothing was changed.\n",
        )


@commits
def test_nor_while_anybody_else_has_the_database_open(world: SimpleNamespace, backup: Callable[[], Path]) -> None:
    path = backup()
    be_alone()
    other = connections.create_connection("default")
    other.settings_dict["NAME"] = connection.settings_dict["NAME"]
    with closing(other), other.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM accounts_user")
        with pytest.raises(BackupProblem, match="in use"):
            restoring.restore(path, keep=False)
    assert User.objects.filter(pk=world.mia.pk).exists()


@commits
def test_it_is_one_moment_while_others_write(world: SimpleNamespace, tmp_path: Path) -> None:
    """Two rows change together all the while; in the backup they agree, and it does not begin over with each change."""
    if connection.vendor != "sqlite":
        pytest.skip("pg_dump reads one snapshot")
    from config.backups import sqlite

    began, stop = threading.Event(), threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            with transaction.atomic():
                User.objects.filter(pk=world.mia.pk).update(display_name=f"N{number}")
                User.objects.filter(pk=world.user3.pk).update(display_name=f"N{number}")
            began.set()
        connection.close()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite, "PAGES_AT_ONCE", 2)
        writer = threading.Thread(target=write)
        writer.start()
        began.wait()
        for number in range(3):
            sqlite.copy(to=tmp_path / str(number))
        stop.set()
        writer.join()
    for number in range(3):
        with closing(sqlite3.connect(tmp_path / str(number))) as opened:
            names = opened.execute("SELECT DISTINCT display_name FROM accounts_user WHERE display_name LIKE 'N_%'")
            assert len([name for (name,) in names if re.fullmatch(r"N\d+", name)]) == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"kind": "other"}, "a backup of other"),
        ({"migrations": {"tap": ["9999_from_the_future"]}}, "newer"),
    ],
)
def test_a_backup_of_another_kind_or_a_newer_product_is_refused(
    tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    path = packed(tmp_path, b"rows", **{"kind": connection.vendor, "server": 1} | changes)
    assert (restore(path)[0], said in restore(path)[1]) == (1, True)


def test_a_file_under_a_password_is_no_backup(tmp_path: Path) -> None:
    """Such as the passes of a batch, or a backup that somebody packed once more."""
    path = tmp_path / "packed.zip"
    with pyzipper.AESZipFile(path, "w", encryption=pyzipper.WZ_AES) as packed:
        packed.setpassword(b"a password")
        packed.writestr("about.json", "{}")
    with pytest.raises(BackupProblem, match="no backup"):
        files.read_about(path)


@pytest.mark.parametrize("where", [0, 60, 200, -30, -200])
def test_a_damaged_file_is_no_backup(tmp_path: Path, where: int) -> None:
    path = packed(tmp_path, b"rows" * 1000, kind="postgresql")
    whole = bytearray(path.read_bytes())
    whole[where] ^= 255
    path.write_bytes(whole)
    with pytest.raises(BackupProblem):
        files.unpack(path, files.read_about(path), to=tmp_path / "out")


@pytest.mark.parametrize("kept", [0, 1, 100, 600, -1, -25])
def test_nor_is_one_cut_short(tmp_path: Path, kept: int) -> None:
    path = packed(tmp_path, b"rows" * 1000, kind="postgresql")
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(BackupProblem):
        files.unpack(path, files.read_about(path), to=tmp_path / "out")


@pytest.mark.parametrize(
    "strange",
    [
        {"server": "15"},
        {"size": None},
        {"migrations": ["tap"]},
        {"migrations": {"tap": None}},
        {"peppers": "k1"},
        {"made_at": 7},
    ],
    ids=str,
)
def test_one_that_says_strange_things_of_itself_is_none(tmp_path: Path, strange: dict[str, Any]) -> None:
    with zipfile.ZipFile(packed(tmp_path, b"rows"), "w") as forged:
        forged.writestr(files.ABOUT, json.dumps(asdict(ABOUT) | strange))
    with pytest.raises(BackupProblem, match="no backup"):
        files.read_about(tmp_path / "made.zip")


def test_content_that_was_exchanged_is_noticed(tmp_path: Path) -> None:
    path = packed(tmp_path, b"rows")
    with zipfile.ZipFile(path) as opened:
        about = json.loads(opened.read(files.ABOUT))
    with zipfile.ZipFile(path, "w") as forged:
        forged.writestr(files.ABOUT, json.dumps(about))
        forged.writestr(files.DATABASE, b"ruse")
    with pytest.raises(BackupProblem, match="damaged"):
        files.unpack(path, files.read_about(path), to=tmp_path / "out")


def test_other_peppers_are_noticed(settings: Settings) -> None:
    """The same id does not make it the same key."""
    settings.PEPPER_KEYS = (("k1", b"a" * 32), ("k2", b"b" * 32))
    about = replace(ABOUT, peppers=making.fingerprints())
    assert restoring.missing_peppers(about) == []
    settings.PEPPER_KEYS = (("k1", b"x" * 32),)
    assert restoring.missing_peppers(about) == ["k1", "k2"]


def test_a_program_that_is_missing_or_too_old_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BackupProblem, match="pg_nothing is not installed here"):
        postgres.program("pg_nothing", 15)
    monkeypatch.setattr("shutil.which", lambda _name: "/bin/echo")
    monkeypatch.setattr(postgres, "PLACES", "/nowhere")
    monkeypatch.setattr(postgres, "VERSION", re.compile("--version(1)?"))
    with pytest.raises(BackupProblem, match="of PostgreSQL 0 and the server of 15"):
        postgres.program("pg_dump", 15)
