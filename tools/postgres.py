"""A PostgreSQL server for one test run: made in a temporary directory, deleted afterwards."""

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypedDict

import psycopg

from packages import apt_install

OWNER = "gatepass"
START_SECONDS = 60
# Nothing here has to survive a crash, so nothing waits for the disk.
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


def ensure_binaries() -> Path | None:
    """The directory of the installed server programs; installs them if there are none and we may."""
    found = find_binaries()
    if not found:
        print("postgresql: no server found, installing one", flush=True)
        apt_install("postgresql")
        found = find_binaries()
    return found


def find_binaries() -> Path | None:
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda place: int(place.parent.name), reverse=True)
    if on_path := shutil.which("initdb"):
        places.append(Path(on_path).resolve().parent)
    if pg_config := shutil.which("pg_config"):
        answer = subprocess.run([pg_config, "--bindir"], capture_output=True, text=True, check=False)
        places.append(Path(answer.stdout.strip()))
    return next((place for place in places if (place / "initdb").exists() and (place / "postgres").exists()), None)


class Identity(TypedDict, total=False):
    """The words subprocess takes for running a program as somebody else."""

    user: int
    group: int
    extra_groups: list[int]


@contextmanager
def throwaway_cluster(binaries: Path, settings: Sequence[str] = FAST) -> Iterator[str]:
    """Serve a new, empty cluster on 127.0.0.1 and yield its DATABASE_URL."""
    identity = unprivileged()
    with tempfile.TemporaryDirectory(prefix="gatepass-pg-", ignore_cleanup_errors=True) as directory:
        home = Path(directory)
        password = secrets.token_hex(16)
        make_cluster(binaries, home, password, identity)
        port = free_port()
        server = start_server(binaries, home, (*settings, f"port={port}"), identity)
        try:
            url = f"postgres://{OWNER}:{password}@127.0.0.1:{port}/postgres"
            wait_until_ready(url, server, home)
            yield url
        finally:
            stop(server)


def unprivileged() -> Identity:
    """PostgreSQL refuses to run as root, so root lends it another account; anybody else runs it as himself."""
    if os.geteuid() != 0:
        return {}
    accounts = {entry.pw_name: entry for entry in pwd.getpwall()}
    account = accounts.get("postgres") or accounts["nobody"]
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def make_cluster(binaries: Path, home: Path, password: str, identity: Identity) -> None:
    password_file = home / "password"
    password_file.write_text(password)
    if identity:
        for path in (home, password_file):
            os.chown(path, identity["user"], identity["group"])
    locale = "C.UTF-8" if sys.platform == "linux" else "en_US.UTF-8"
    command: list[str | Path] = [binaries / "initdb", "--no-sync", "--encoding=UTF8", f"--locale={locale}"]
    command += ["--auth=scram-sha-256", f"--username={OWNER}", f"--pwfile={password_file}", home / "data"]
    made = subprocess.run(command, capture_output=True, text=True, cwd=home, check=False, **identity)
    if made.returncode != 0:
        sys.exit(f"initdb failed:\n{made.stdout}{made.stderr}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def start_server(binaries: Path, home: Path, settings: Sequence[str], identity: Identity) -> subprocess.Popen[bytes]:
    command: list[str | Path] = [binaries / "postgres", "-D", home / "data"]
    command += [
        f"--{setting}" for setting in (*settings, "listen_addresses=127.0.0.1", f"unix_socket_directories={home}")
    ]
    with (home / "log").open("wb") as log:
        # Its own session: Ctrl-C reaches the tests first, and we stop the server after them.
        return subprocess.Popen(command, cwd=home, stdout=log, stderr=log, start_new_session=True, **identity)


def wait_until_ready(url: str, server: subprocess.Popen[bytes], home: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            psycopg.connect(url, connect_timeout=2).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    sys.exit(f"The PostgreSQL server did not start:\n{(home / 'log').read_text()}")


def stop(server: subprocess.Popen[bytes]) -> None:
    """SIGINT is PostgreSQL's fast shutdown, SIGQUIT its immediate one."""
    for how in (signal.SIGINT, signal.SIGQUIT):
        server.send_signal(how)
        try:
            server.wait(timeout=10)
        except subprocess.TimeoutExpired:
            continue
        return
    server.kill()
