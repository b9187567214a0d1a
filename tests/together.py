"""Doing something many times at once, each on a database connection of its own, as many people at many servers do."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from django.db import connection

Answer = TypeVar("Answer")
PATIENCE_SECONDS = 60


def together(jobs: Sequence[Callable[[], Answer]], *, at_once: int) -> list[Answer | Exception]:
    """Run ``jobs``, ``at_once`` of them at a time; the first of them begin together. Return each one's answer or error."""
    barrier = Barrier(at_once)

    def do(number: int, job: Callable[[], Answer]) -> Answer | Exception:
        try:
            if number < at_once:
                connection.ensure_connection()
                barrier.wait(PATIENCE_SECONDS)
            return job()
        except Exception as error:  # noqa: BLE001  the caller looks at every error
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(at_once) as pool:
        return list(pool.map(do, range(len(jobs)), jobs))
