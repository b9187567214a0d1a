"""An installation of its own for a measurement: an empty database, on SQLite or on a throw-away PostgreSQL cluster."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from benchmarks import MALLOC, ROOT
from postgres import find_binaries, throwaway_cluster


@contextmanager
def installed(name: str, *, on_postgres: bool) -> Iterator[dict[str, str]]:
    """Yield what the environment of its processes says beside ours; the database is migrated. Its mail goes nowhere."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix=f"gatepass-{name}-"))
        environment = {"DATA_DIR": folder, "LOG_LEVEL": "ERROR", "DJANGO_SETTINGS_MODULE": "config.settings"}
        environment |= {"EMAIL_URL": "dummymail://"}
        environment |= {name: os.environ.get(name, usual) for name, usual in MALLOC.items()}
        if on_postgres:
            binaries = find_binaries()
            if binaries is None:
                sys.exit("No PostgreSQL server is installed here.")
            environment["DATABASE_URL"] = stack.enter_context(throwaway_cluster(binaries))
        migrate = [sys.executable, "manage.py", "migrate", "-v0"]
        subprocess.run(migrate, cwd=ROOT, env=os.environ | environment, check=True)
        yield environment
