"""From SQLite to PostgreSQL: everything comes along as it is, the seals of the audit log included."""

import re
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from accounts.models import User
from audit.checkpoints import chains
from audit.verifying import verify
from config.backups.files import BackupProblem
from config.backups.moving import move
from notices.models import Notice
from tap import actions as tap
from tests.conftest import OPERATOR
from tests.running import be_alone, surroundings

MAKE = """
call_command("migrate", verbosity=0)
call_command("seed_demo")
call_command("audit_seal")
"""
MOVE = """
call_command("move_from", path)
call_command("move_from", path)
"""


def run(environment: dict[str, str], script: str, path: Path) -> "subprocess.CompletedProcess[str]":
    """Run commands in a process of its own: only there may it have two databases."""
    prepare = f"import django; django.setup(); from django.core.management import call_command; path = {str(path)!r}"
    command = [sys.executable, "-c", f"{prepare}\n{script}"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603  our own words


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_everything_comes_along(tmp_path: Path) -> None:
    """The pass still works, the log still verifies, what is new gets a number of its own; and only into an empty place."""
    if connection.vendor == "sqlite":
        pytest.skip("it leads away from SQLite")
    path = tmp_path / "old.sqlite3"
    made = run(surroundings() | {"DATABASE_URL": f"sqlite:///{path}"}, MAKE, path)
    be_alone()
    call_command("flush", interactive=False, verbosity=0)
    moved = run(surroundings(), MOVE, path)
    assert "Copied" in moved.stdout, moved.stderr
    assert (moved.returncode, "not empty" in moved.stderr) == (1, True)
    assert User.everyone.count() > 10
    assert Notice.objects.exists()
    assert [(verdict.is_intact, verdict.seals) for verdict in map(verify, chains())] == [(True, 1)]
    code = re.findall(r"pass (\w{8})", made.stdout)[0]
    assert tap.verify(OPERATOR, upn="grace@contoso.com", typed=code).issued.user.upn == "grace@contoso.com"
    call_command("tap", "issue", "mia@contoso.com", stdout=StringIO())


def test_what_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BackupProblem, match="is no file"):
        move(tmp_path / "nothing")
