"""``manage.py worker``: the work that nobody waits for. Nothing is right only because it runs."""

import itertools
import logging
import time
from typing import Any

from django.core.management.base import BaseCommand
from django.db import DatabaseError, close_old_connections

from config.housekeeping import keep_records, tidy
from core import clock

log = logging.getLogger("gatepass.worker")
EVERY = 60  # seconds
RECORDS_EVERY = 60  # rounds


class Command(BaseCommand):
    """Tidies up once a minute."""

    help = "Tidy up once a minute: erase verifiers of ended passes, spent challenges, old attempt counters; seal the audit log."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Go on until a signal comes."""
        for turn in itertools.count():
            try:
                tidied = tidy(now=clock.now())
                if turn % RECORDS_EVERY == 0:
                    tidied |= keep_records(now=clock.now())
                if any(tidied.values()):
                    log.info("tidied %s", " ".join(f"{name}={count}" for name, count in tidied.items()))
            except (DatabaseError, OSError):
                log.exception("could not tidy; trying again in a minute")
            close_old_connections()
            time.sleep(EVERY)
