"""``manage.py audit_seal``: seal what is not sealed yet, as the worker does every minute."""

from typing import Any

from django.core.management.base import BaseCommand

from audit import checkpoints, signing
from audit.sealing import seal_all


class Command(BaseCommand):
    """Seals, and keeps a checkpoint of each chain."""

    help = "Seal the audit events written since the last round, and keep a signed checkpoint of each chain in DATA_DIR."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Do it and say how many."""
        sealed = 0
        while count := seal_all():
            sealed += count
        kept = checkpoints.keep() if signing.is_set() else 0
        self.stdout.write(f"Sealed {sealed} events; {kept} new checkpoints.")
