"""``manage.py audit_verify``: say whether the audit log is what it was when it was written."""

from datetime import UTC
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser, no_translations

from audit import checkpoints, signing
from audit.chain import NOBODYS
from audit.checkpoints import Checkpoint
from audit.verifying import Verdict, note, verify
from core.errors import DomainError

RESTORED = (
    "All of that is what a restored backup looks like. If you restored it, checkpoints made between the backup and that "
    "moment are of the database that was. Put them aside, once, and leave them out of --checkpoint:\n"
    "  mv {folder} {folder}.before-restore\n"
    "If nobody restored anything, somebody cut off the log: docs/operations-audit.md says what to do."
)
EXITS = "Exit codes: 0 intact, 1 damaged, 2 wrong usage, or a checkpoint that cannot be read."


class Command(BaseCommand):
    """Verifies every chain, against the checkpoints of DATA_DIR and of a file."""

    help = "Verify the audit log: edits, deletions, insertions, reordering, and an end that was cut off."

    def add_arguments(self, parser: CommandParser) -> None:
        """Describe the choices."""
        parser.epilog = EXITS
        parser.add_argument("--tenant", type=UUID, help="only this organisation's chain (its id)")
        parser.add_argument("--checkpoint", type=Path, help="a file of checkpoints, as audit_checkpoint printed them")
        parser.add_argument("--public-key", action="append", help="a key they may be signed with (default: our own)")

    @no_translations
    def handle(self, *_args: Any, **options: Any) -> None:
        """Verify, say what was found, and exit accordingly."""
        known = self._known(options["checkpoint"], options["public_key"])
        chains = {*checkpoints.chains(), *(one.chain for one in known)}
        if options["tenant"]:
            chains &= {options["tenant"]}
        verdicts = [verify(chain, checkpoints=known, trusted=options["public_key"]) for chain in sorted(chains)]
        for verdict in verdicts:
            self._tell(verdict)
        if not options["tenant"]:
            note(verdicts)
        if not verdicts:
            self._tell_nothing(options["tenant"])
        damaged = [verdict for verdict in verdicts if not verdict.is_intact]
        if damaged and all(verdict.restored_at for verdict in damaged):
            self.stdout.write(RESTORED.format(folder=Path(settings.DATA_DIR) / checkpoints.FOLDER))
        if damaged:
            raise SystemExit(1)

    def _known(self, path: Path | None, public_keys: list[str] | None) -> list[Checkpoint]:
        """Return the checkpoints to hold the log against."""
        kept = checkpoints.kept_ones()
        if path is None:
            return kept
        try:
            trusted = public_keys or signing.trusted_keys()
            lines = path.read_text(encoding="utf-8").splitlines()
            return kept + [checkpoints.read(line, trusted=trusted) for line in lines if line.strip()]
        except (OSError, UnicodeDecodeError, DomainError) as problem:
            said = problem.message if isinstance(problem, DomainError) else problem
            self.stderr.write(f"audit_verify: {path}: {said}")
            raise SystemExit(2) from None

    def _tell_nothing(self, tenant: UUID | None) -> None:
        if tenant is not None:
            self.stderr.write(f"audit_verify: no log of {tenant} is sealed.")
            raise SystemExit(2)
        self.stdout.write("Nothing is sealed yet.")

    def _tell(self, verdict: Verdict) -> None:
        whose = "of no organisation" if verdict.chain == NOBODYS else f"of {verdict.chain}"
        word = "intact" if verdict.is_intact else "DAMAGED"
        self.stdout.write(
            f"{word}: the log {whose}, {verdict.events} events in {verdict.seals} seals, {verdict.unsealed} not sealed yet, "
            f"held against {verdict.checkpoints} checkpoints"
        )
        for finding in verdict.findings:
            self.stdout.write(f"  {finding}")
        if verdict.restored_at:
            at = f"{verdict.restored_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
            self.stdout.write(f"  By its own word, a backup took the place of the database on {at}.")
