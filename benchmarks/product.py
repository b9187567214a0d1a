"""The product as it runs in production, on a database of its own: made ready, served by ``manage.py serve``, and measured."""

import base64
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from benchmarks import ROOT
from benchmarks.processes import cpu_of, family, name_of, parent_of
from postgres import find_binaries, free_port, throwaway_cluster

HOST = "id.example.com"
WORKERS = 2
PATIENCE = 60  # seconds
DURABLE = ("fsync=on", "synchronous_commit=on", "full_page_writes=on", "shared_buffers=128MB")


@dataclass(frozen=True)
class Database:
    """Where the data lie, how safely, and the process of the server that keeps them, if it is one."""

    name: str
    url: str
    durability: str
    server: int | None = None


@dataclass(frozen=True)
class Product:
    """A running installation."""

    port: int
    pid: int
    database: Database

    def cpu(self) -> float:
        """Return the seconds of CPU taken so far by every process of ours and of the database."""
        return cpu_of(self.pid) + (cpu_of(self.database.server) if self.database.server else 0.0)

    def database_cpu(self) -> float:
        """Return what of that the database server took."""
        return cpu_of(self.database.server) if self.database.server else 0.0

    def web_workers(self) -> list[int]:
        """Return the processes that answer requests: started by the web server, which the supervisor started."""
        grandchildren = [pid for pid in family(self.pid) if parent_of(pid) != self.pid and pid != self.pid]
        if len(grandchildren) != WORKERS:
            raise RuntimeError(f"expected {WORKERS} workers, found {[name_of(pid) for pid in grandchildren]}")
        return grandchildren


@contextmanager
def sqlite(home: Path) -> Iterator[Database]:
    """Keep the data in a file."""
    durability = "write-ahead log, synchronous=NORMAL (config/env.py)"
    yield Database("SQLite", f"sqlite:///{home / 'gatepass.sqlite3'}", durability)


@contextmanager
def postgresql(_home: Path) -> Iterator[Database]:
    """Keep the data in a throw-away PostgreSQL cluster that writes as safely as a real one."""
    binaries = find_binaries()
    if binaries is None:
        sys.exit("There is no PostgreSQL server here. Install one: the figures on it belong to the table.")
    with throwaway_cluster(binaries, settings=DURABLE) as url:
        with psycopg.connect(url) as connection:
            backend, version = connection.execute(
                "SELECT pg_backend_pid(), current_setting('server_version')"
            ).fetchone()  # type: ignore[misc]
            server = parent_of(backend)
        yield Database("PostgreSQL", url, f"{version}, {', '.join(DURABLE)}", server)


def environment_of(home: Path, database: Database, **more: str) -> dict[str, str]:
    """Return the settings of a real installation behind a proxy that ends TLS."""
    inherited = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
    return inherited | {
        "PYTHONPATH": str(ROOT),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PUBLIC_URL": f"https://{HOST}",
        "ALLOWED_HOSTS": HOST,
        "TRUSTED_PROXIES": "127.0.0.1",
        "DATA_DIR": str(home),
        "DATABASE_URL": database.url,
        "SECRET_KEY": _kept(home / "secret", secrets.token_urlsafe(48)),
        "PEPPER_KEYS": _kept(home / "pepper", "k1:" + base64.b64encode(secrets.token_bytes(32)).decode()),
        "METRICS_TOKEN": _kept(home / "token", secrets.token_urlsafe(32)),
        "WEB_WORKERS": str(WORKERS),
        "HOST": "127.0.0.1",
        **more,
    }


def prepare(environment: dict[str, str], module: str, *arguments: str) -> list[dict[str, str]]:
    """Make the tables and run a module of ours inside the product, which prints one JSON line for each thing it made."""
    for command in (["manage.py", "migrate", "-v0"], ["-m", module, *arguments]):
        made = subprocess.run(
            [sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )
        if made.returncode:
            sys.exit(f"{' '.join(command)} failed:\n{made.stderr}")
    return [json.loads(line) for line in made.stdout.splitlines()]


@contextmanager
def serving(environment: dict[str, str], database: Database) -> Iterator[Product]:
    """Run ``manage.py serve`` until the block is over. Its log goes to a file, as a service's does."""
    port = free_port()
    log = Path(environment["DATA_DIR"]) / "log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "serve"],
            cwd=ROOT,
            env=environment | {"PORT": str(port)},
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        _wait_until_it_answers(process, port, log)
        yield Product(port, process.pid, database)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE)


def _wait_until_it_answers(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    question = (
        f"GET /signin/ HTTP/1.1\r\nHost: {HOST}\r\nX-Forwarded-Proto: https\r\nConnection: close\r\n\r\n".encode()
    )
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
                connection.sendall(question)
                if connection.recv(12) == b"HTTP/1.1 200":
                    return
        except OSError:
            time.sleep(0.005)
    raise RuntimeError(f"The server did not start:\n{log.read_text()}")


def _kept(path: Path, made: str) -> str:
    if not path.exists():
        path.write_text(made)
    return path.read_text()
