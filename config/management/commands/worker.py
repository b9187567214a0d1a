"""``manage.py worker``: the work that nobody waits for. Nothing is right only because it runs."""

import logging
import time
from typing import Any

from django.core.management.base import BaseCommand
from django.db import DatabaseError, close_old_connections

from config.housekeeping import tidy
from core import clock

log = logging.getLogger("gatepass.worker")
EVERY = 60  # seconds


class Command(BaseCommand):
    """Tidies up once a minute."""

    help = "Tidy up once a minute: erase verifiers of ended passes, spent challenges, old attempt counters."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Go on until a signal comes."""
        while True:
            try:
                tidied = tidy(now=clock.now())
                if any(tidied.values()):
                    log.info("tidied %s", " ".join(f"{name}={count}" for name, count in tidied.items()))
            except DatabaseError:
                log.exception("could not tidy; trying again in a minute")
            close_old_connections()
            time.sleep(EVERY)
