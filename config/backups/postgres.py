"""Dumping a PostgreSQL database with PostgreSQL's own programs, and reading it back inside one transaction of ours."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import psycopg
from django.db import connection
from psycopg.pq import Conninfo

from config.backups.files import OWNER_ONLY, BackupProblem

PLACES = "/usr/lib/postgresql"  # where Debian keeps the programs of each version
VERSION = re.compile(r"\(PostgreSQL\) (\d+)")
COPY = re.compile(rb"COPY .+ FROM stdin;$")
END_OF_DATA = b"\\.\n"
# What a program newer than the server writes and the server does not know, and what only psql understands.
NOT_FOR_THE_SERVER = (b"SET transaction_timeout", b"\\restrict ", b"\\unrestrict ")
PLAIN = ("--no-owner", "--no-privileges", "--no-comments", "--no-publications", "--no-subscriptions")
PIECE = 1 << 16  # bytes of rows sent at a time
OTHERS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""
EVERYTHING = """
SELECT format('DROP %s IF EXISTS %s CASCADE',
    CASE kind.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'TABLE' END, kind.oid::regclass)
FROM pg_class kind
WHERE kind.relnamespace = current_schema()::regnamespace AND kind.relkind IN ('r', 'p', 'v', 'm')
  AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = kind.oid AND deptype = 'e')
UNION ALL
SELECT format('DROP FUNCTION IF EXISTS %s CASCADE', called.oid::regprocedure) FROM pg_proc called
WHERE called.pronamespace = current_schema()::regnamespace
  AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = called.oid AND deptype = 'e')
"""


def server() -> int:
    """Return the server's version, such as 15."""
    connection.ensure_connection()
    return int(connection.connection.info.server_version // 10_000)


def dump(*, to: Path) -> None:
    """Dump the database as it is at one moment, while others read and write it. Raises BackupProblem."""
    to.touch(mode=OWNER_ONLY, exist_ok=False)
    with tempfile.TemporaryFile() as said:
        done = subprocess.run(  # noqa: S603  a fixed program with fixed words
            [program("pg_dump", server()), "--format=custom", "--compress=6", "--no-password", f"--file={to}"],
            env=surroundings(),
            stderr=said,
            check=False,
        )
        _judge("pg_dump", done.returncode, said)


def load(dumped: Path, *, made_on: int) -> None:
    """Put the content of a dump in the place of everything there is, inside the caller's transaction.

    Nobody else sees any of it before the commit; a process that dies on the way has changed nothing. Raises
    BackupProblem, DatabaseError.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '10s'")
        cursor.execute("SHOW search_path")
        search_path = cursor.fetchone()[0]
        cursor.execute(EVERYTHING)
        for (statement,) in cursor.fetchall():
            cursor.execute(statement)
        with _as_statements(dumped, made_on) as lines:
            _run(lines)
        cursor.execute("SELECT set_config('search_path', %s, true)", [search_path])


def refuse_others() -> None:
    """Raise BackupProblem where somebody else is connected to the database."""
    with connection.cursor() as cursor:
        cursor.execute(OTHERS)
        others = cursor.fetchone()[0]
    if others:
        raise BackupProblem(
            f"The database is in use ({others} other connections): stop Gatepass on every machine first. "
            "Nothing was changed."
        )


def program(name: str, least: int) -> str:
    """Return where the program is that can speak with a server of version ``least``. Raises BackupProblem."""
    first = shutil.which(name)
    found = [first] if first else []
    found += sorted(map(str, Path(PLACES).glob(f"*/bin/{name}")), reverse=True)
    versions = []
    for candidate in found:
        answer = subprocess.run([candidate, "--version"], capture_output=True, text=True, check=False)  # noqa: S603
        version = int(match[1]) if (match := VERSION.search(answer.stdout)) else 0
        if version >= least:
            return candidate
        versions.append(version)
    if not versions:
        raise BackupProblem(f"{name} is not installed here: install PostgreSQL's client programs, version {least}.")
    raise BackupProblem(
        f"{name} here is of PostgreSQL {max(versions)} and the server of {least}: install the client programs of {least}."
    )


def surroundings() -> dict[str, str]:
    """Return an environment in which PostgreSQL's programs find our database: no password is on any command line."""
    given = connection.get_connection_params()
    known = {option.keyword.decode(): option.envvar for option in Conninfo.get_defaults()}
    words = {
        variable.decode(): str(given[keyword])
        for keyword, variable in known.items()
        if variable and given.get(keyword) is not None
    }
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")} | words


@contextmanager
def _as_statements(dumped: Path, made_on: int) -> Iterator[IO[bytes]]:
    """Yield the dump as the text of SQL statements."""
    with tempfile.TemporaryFile() as said:
        reading = subprocess.Popen(  # noqa: S603  a fixed program with fixed words
            [program("pg_restore", made_on), *PLAIN, "--file=-", str(dumped)], stdout=subprocess.PIPE, stderr=said
        )
        assert reading.stdout is not None  # noqa: S101  it was asked for
        try:
            yield reading.stdout
        except BaseException:
            reading.kill()
            raise
        finally:
            reading.stdout.close()
            status = reading.wait()
        _judge("pg_restore", status, said)


def _run(lines: Iterable[bytes]) -> None:
    """Run a plain dump: statements, and the rows that follow a COPY, which psql would send just so."""
    statements = bytearray()
    rest = iter(lines)
    with psycopg.ClientCursor(connection.connection) as cursor:
        for line in rest:
            if line.startswith(NOT_FOR_THE_SERVER):
                continue
            if not COPY.match(line):
                statements += line
                continue
            if statements:
                cursor.execute(bytes(statements), prepare=False)
                statements.clear()
            with cursor.copy(line.rstrip(b";\n")) as rows:
                for piece in _rows(rest):
                    rows.write(piece)
        if statements.strip():
            cursor.execute(bytes(statements), prepare=False)


def _rows(lines: Iterator[bytes]) -> Iterator[bytes]:
    piece = bytearray()
    for line in lines:
        if line == END_OF_DATA:
            break
        piece += line
        if len(piece) > PIECE:
            yield bytes(piece)
            piece.clear()
    if piece:
        yield bytes(piece)


def _judge(name: str, status: int, said: IO[bytes]) -> None:
    if status == 0:
        return
    said.seek(0)
    words = said.read(4000).decode(errors="replace").strip().splitlines()
    reason = words[0].removeprefix(f"{name}: ") if words else f"it ended with {status}"
    raise BackupProblem(f"{name} did not finish: {reason}")
