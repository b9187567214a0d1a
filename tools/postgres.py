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
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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


@contextmanager
def throwaway_cluster(binaries: Path) -> Iterator[str]:
    """Serve a new, empty cluster on 127.0.0.1 and yield its DATABASE_URL."""
    account = unprivileged_account()
    home = Path(tempfile.mkdtemp(prefix="gatepass-pg-"))
    if account:
        os.chown(home, account.pw_uid, account.pw_gid)
    try:
        password = secrets.token_hex(16)
        make_cluster(binaries, home, password, account)
        port = free_port()
        server = start_server(binaries, home, port, account)
        try:
            url = f"postgres://{OWNER}:{password}@127.0.0.1:{port}/postgres"
            wait_until_ready(url, server, home)
            yield url
        finally:
            stop(server)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def unprivileged_account() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root; None means we are not root and run it as ourselves."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]


def as_account(account: pwd.struct_passwd | None) -> dict[str, int | list[int]]:
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}


def make_cluster(binaries: Path, home: Path, password: str, account: pwd.struct_passwd | None) -> None:
    locale = "C.UTF-8" if sys.platform == "linux" else "en_US.UTF-8"
    command = [binaries / "initdb", "--pgdata", home / "data", "--username", OWNER, "--pwfile", "/dev/stdin"]
    command += ["--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", locale, "--no-sync"]
    made = subprocess.run(
        command, input=password, capture_output=True, text=True, cwd=home, check=False, **as_account(account)
    )
    if made.returncode != 0:
        sys.exit(f"initdb failed:\n{made.stdout}{made.stderr}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def start_server(binaries: Path, home: Path, port: int, account: pwd.struct_passwd | None) -> subprocess.Popen[bytes]:
    settings = (*FAST, f"port={port}", "listen_addresses=127.0.0.1", f"unix_socket_directories={home}")
    command = [binaries / "postgres", "-D", home / "data", *(word for one in settings for word in ("-c", one))]
    with (home / "log").open("wb") as log:
        # Its own session: Ctrl-C reaches the tests first, and we stop the server after them.
        return subprocess.Popen(
            command, cwd=home, stdout=log, stderr=log, start_new_session=True, **as_account(account)
        )


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
