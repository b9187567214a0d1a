"""``manage.py audit_checkpoint``: print signed checkpoints, to be kept where nobody who runs this machine can write."""

from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandParser

from audit import signing
from audit.chain import canonical
from audit.checkpoints import checkpoints


class Command(BaseCommand):
    """Prints one JSON line for each chain, or the public key they are checked with."""

    help = "Print a signed checkpoint of every chain, one JSON line each."

    def add_arguments(self, parser: CommandParser) -> None:
        """Describe the choice."""
        parser.add_argument("--tenant", type=UUID, help="only this organisation's chain (its id)")
        parser.add_argument(
            "--public-key", action="store_true", help="print the key that checks them, in base64; former ones follow"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print."""
        try:
            if options["public_key"]:
                signing.public_key()
                self.stdout.write("\n".join(signing.trusted_keys()))
                return
            for checkpoint in checkpoints(options["tenant"]):
                self.stdout.write(canonical(checkpoint).decode())
        except signing.NoSigningKey as problem:
            self.stderr.write(f"audit_checkpoint: {problem.message}")
            raise SystemExit(2) from None
