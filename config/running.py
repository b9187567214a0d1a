"""Who uses DATA_DIR: servers and workers share it; a restore wants it for itself."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

FILE = "running.lock"


class InUse(Exception):
    """Somebody holds what this process wants."""


@contextmanager
def holding(*, alone: bool) -> Iterator[None]:
    """Hold the lock, which children inherit and the system takes back whatever becomes of us. Raises InUse."""
    path = Path(settings.DATA_DIR) / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        try:
            fcntl.flock(handle, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InUse from None
        yield
    finally:
        os.close(handle)
