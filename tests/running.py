"""The worker as a process of its own, on the database under test."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from django.db import connection


@contextmanager
def running_worker(environment: Mapping[str, str] | None = None) -> Iterator["subprocess.Popen[bytes]"]:
    """Run ``manage.py worker`` meanwhile."""
    surroundings = os.environ | {"DATABASE_URL": database_url(), "DJANGO_SETTINGS_MODULE": "config.settings_test"}
    process = subprocess.Popen([sys.executable, "manage.py", "worker"], env=surroundings | dict(environment or {}))
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def database_url() -> str:
    """Return the database under test, for another process."""
    name = connection.settings_dict["NAME"]
    is_postgresql = connection.vendor == "postgresql"
    return f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{name}" if is_postgresql else f"sqlite:///{name}"
