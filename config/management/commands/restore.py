"""``manage.py restore FILE``: put a backup in the place of the database."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection

from audit.checkpoints import FOLDER
from config.backups import making, restoring
from config.backups.files import About, BackupProblem, read_about
from core import clock

ALL_ENDED = (
    "Ended, because nobody knows what became of them since: passes: {passes}, one-off passwords: {one_off_passwords}, "
    "sign-ins: {sessions}, sets of tokens: {tokens}. Dropped: tasks: {tasks}, mails: {notices}. New tokens get a new "
    "signing key."
)
ALIVE_AGAIN = (
    "As they were when the backup was made: people, roles, passkeys, passwords, applications and policies. Look in what "
    "is kept of the old database, or in a shipped log, for what was taken away since, and take it away again."
)


class Command(BaseCommand):
    """Restores a backup, after it has asked."""

    requires_system_checks = ()
    help = "Replace the database by a backup. Every pass and sign-in it holds is ended. Stop Gatepass first."

    def add_arguments(self, parser: CommandParser) -> None:
        """Describe the choices."""
        parser.epilog = "Exit codes: 0 done, 1 nothing was changed, 2 wrong usage."
        parser.add_argument("file", type=Path, help="what manage.py backup made")
        parser.add_argument("--yes", action="store_true", help="do not ask")
        parser.add_argument("--discard", action="store_true", help="keep nothing of the database there is")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Ask, do it, and say what is to be done next."""
        try:
            about = read_about(options["file"])
            making.refuse_strange(about)
            self._warn(about)
            if not options["yes"]:
                self._ask(about)
            ended, kept = restoring.restore(options["file"], keep=not options["discard"])
        except BackupProblem as problem:
            self._fail(str(problem))
        except OSError as error:
            self._fail(f"{options['file']}: {error.strerror}. Nothing was changed.")
        self._tell(about, ended, kept)

    def _warn(self, about: About) -> None:
        for name in restoring.missing_peppers(about):
            self.stderr.write(
                f"Warning: the backup was made with a pepper {name} that PEPPER_KEYS does not hold here. "
                "What is sealed with it cannot be read."
            )

    def _ask(self, about: About) -> None:
        if not sys.stdin.isatty():
            self._fail("Nobody is there to ask: say --yes. Nothing was changed.")
        name = connection.settings_dict["NAME"]
        self.stdout.write(f"The backup of {about.made_at} will take the place of {name}. What came after it is lost.")
        if input("Type yes to go on: ").strip().lower() != "yes":
            self._fail("Nothing was changed.")

    def _tell(self, about: About, ended: Mapping[str, int], kept: Path | None) -> None:
        self.stdout.write(f"Restored the backup of {about.made_at}.")
        self.stdout.write(ALL_ENDED.format(**ended))
        self.stdout.write(ALIVE_AGAIN)
        if kept is not None:
            self.stdout.write(f"The database that was is kept as {kept}. Delete it when nobody needs it any more.")
        folder = Path(settings.DATA_DIR) / FOLDER
        if folder.is_dir() and any(folder.iterdir()):
            aside = folder.with_name(f"{FOLDER}.before-{clock.now():%Y%m%dT%H%M%SZ}")
            self.stdout.write(
                "The audit log may now end before its checkpoints do. Run audit_verify once: it then says DAMAGED, as it "
                "should, and names this restore as the reason. Where it finds something else too, the backup itself is not "
                "sound. Then put the checkpoints aside, or it says so for ever: "
                f"mv {folder} {aside}"
            )

    def _fail(self, words: str) -> None:
        self.stderr.write(f"restore: {words}")
        raise SystemExit(1)
