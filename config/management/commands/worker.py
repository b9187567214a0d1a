"""``manage.py worker``: the work that nobody waits for. Nothing is right only because it runs."""

from typing import Any

from django.core.management.base import BaseCommand

from config.running import InUse, holding
from config.worker import Worker


class Command(BaseCommand):
    """Runs the tasks in the queue, and tidies up once a minute."""

    help = "Run the tasks in the queue (mail, bulk issue), and tidy up once a minute, until a signal comes."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Go on until a signal comes."""
        try:
            with holding(alone=False):
                Worker().run()
        except InUse:
            self.stderr.write("The worker cannot start: a restore is under way.")
            raise SystemExit(1) from None
        except OSError as error:
            self.stderr.write(f"The worker cannot start: DATA_DIR must be a folder this process may write to: {error}.")
            raise SystemExit(1) from None
