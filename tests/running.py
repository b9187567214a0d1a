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
    name = connection.settings_dict["NAME"]
    url = f"sqlite:///{name}"
    if connection.vendor == "postgresql":
        url = f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{name}"
    surroundings = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "config.settings_test"}
    process = subprocess.Popen([sys.executable, "manage.py", "worker"], env=surroundings | dict(environment or {}))
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
