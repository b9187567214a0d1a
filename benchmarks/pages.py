"""Does a page take longer where there are a thousand times as many people? ``python -m benchmarks.pages``.

Two organisations, of 1,000 and of 1,000,000 people, each in a database of its own (made by ``seed_scale`` on the first
run, some minutes, and used again), each asked by a process of its own through Django's test client: the whole of the
product but the socket. Requests go to one and the other by turns, so that both meet the same machine. What is printed
is the median of each, and their ratio, which design §7 bounds; beside it the same ratio of the CPU that our own process
took, which other work on the machine moves less (on PostgreSQL the server's part is not in it).

SQLite by default; ``--postgres`` on a throw-away cluster; ``--database-url`` on a server of yours, where it makes two
databases named gatepass_pages_….
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import psycopg

from benchmarks import ROOT
from postgres import find_binaries, throwaway_cluster

HOME = ROOT / "data" / "benchmarks"
BOUND = 1.3
WARM = 3  # rounds that do not count


@dataclass
class Asker:
    """A process that holds one organisation and measures what it is asked for."""

    users: int
    process: "subprocess.Popen[str]"
    wall: dict[str, list[float]] = field(default_factory=dict)
    cpu: dict[str, list[float]] = field(default_factory=dict)
    rows: dict[str, str] = field(default_factory=dict)

    def ask(self, page: str | None = None) -> dict[str, object]:
        """Send a page's name (none: wait for the first line) and return the answer."""
        assert self.process.stdin is not None  # noqa: S101
        assert self.process.stdout is not None  # noqa: S101
        if page is not None:
            self.process.stdin.write(f"{page}\n")
            self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"The process with {self.users:,} users ended.")
        answer: dict[str, object] = json.loads(line)
        return answer


def main() -> int:
    """Do what this module says."""
    return compare(description=(__doc__ or "").splitlines()[0], asked="benchmarks.pages_asked", counted="people")


def compare(*, description: str, asked: str, counted: str) -> int:
    """Ask the module ``asked`` in a small and in a large process, as the command line says; return the exit status."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--small", type=int, default=1000, help=f"{counted} in the small organisation")
    parser.add_argument("--large", type=int, default=1_000_000, help=f"{counted} in the large one")
    parser.add_argument("--rounds", type=int, default=40, help="requests for each page and organisation")
    take_server(parser)
    chosen = parser.parse_args()
    with ExitStack() as stack:
        base = stack.enter_context(server_of(chosen))
        both = [stack.enter_context(asking(asked, users, base)) for users in (chosen.small, chosen.large)]
        shown = [asker.ask() for asker in both]
        pages = both[0].ask("?")
        bounded, unbounded = _names(pages["bounded"]), _names(pages["unbounded"])
        _measure(both, bounded + unbounded, chosen.rounds)
    print(f"\n{shown[0]['database']}, {chosen.rounds} rounds, medians in milliseconds\n")
    return _report(both, bounded, unbounded)


def _names(value: object) -> list[str]:
    assert isinstance(value, list)  # noqa: S101
    return [str(name) for name in value]


def _measure(both: list[Asker], pages: list[str], rounds: int) -> None:
    for count in range(-WARM, rounds):
        for page in pages:
            # Neither is always the one that comes second, after the other has filled the caches.
            for asker in both if count % 2 else reversed(both):
                answer = asker.ask(page)
                if count >= 0:
                    asker.wall.setdefault(page, []).append(float(str(answer["wall"])))
                    asker.cpu.setdefault(page, []).append(float(str(answer["cpu"])))
                asker.rows[page] = str(answer["rows"])
        print(f"\rround {max(count + 1, 0)} of {rounds}", end="", file=sys.stderr, flush=True)


def _report(both: list[Asker], bounded: list[str], unbounded: list[str]) -> int:
    small, large = both
    print(f"{'page':<44} {small.users:>10,} {large.users:>10,}   ratio   cpu   rows")
    worst = 0.0
    for page in bounded + unbounded:
        medians = [statistics.median(asker.wall[page]) for asker in both]
        ratio = medians[1] / medians[0]
        cpu = statistics.median(large.cpu[page]) / statistics.median(small.cpu[page])
        note = "  no bound" if page in unbounded else f"  more than {BOUND}" if ratio > BOUND else ""
        worst = worst if page in unbounded else max(worst, ratio)
        rows = " / ".join(asker.rows[page] for asker in both)
        print(f"{page:<44} {medians[0]:>10.2f} {medians[1]:>10.2f} {ratio:>7.2f} {cpu:>5.2f}   {rows}{note}")
    load, cores = os.getloadavg()[1], os.cpu_count()
    print(f"\nworst ratio {worst:.2f}, bound {BOUND}; load {load:.1f} on {cores} cores (more than 1 is not ours)")
    return 0 if worst <= BOUND else 1


def take_server(parser: argparse.ArgumentParser) -> None:
    """Let the command line choose the database: SQLite unless it says otherwise."""
    server = parser.add_mutually_exclusive_group()
    server.add_argument("--postgres", action="store_true", help="on a throw-away PostgreSQL cluster")
    server.add_argument("--database-url", help="on a PostgreSQL server of yours")


@contextmanager
def server_of(chosen: argparse.Namespace) -> Iterator[str | None]:
    """Yield the URL of the PostgreSQL server that was chosen, None for SQLite."""
    if not chosen.postgres:
        yield chosen.database_url
        return
    binaries = find_binaries()
    if binaries is None:
        sys.exit("There is no PostgreSQL server here. Install one, or name one with --database-url.")
    with throwaway_cluster(binaries) as made:
        yield made


@contextmanager
def asking(asked: str, users: int, server: str | None, *, shares: str = "") -> Iterator[Asker]:
    """Start the module ``asked`` in a process with a database of its own, or with that of the module it ``shares``."""
    name = f"gatepass_{(shares or asked).rpartition('.')[2].removesuffix('_asked')}_{users}"
    HOME.mkdir(parents=True, exist_ok=True, mode=0o700)
    url = f"sqlite:///{HOME / name}.sqlite3" if server is None else _database(server, name)
    settings = {"DJANGO_SETTINGS_MODULE": "config.settings_test"}
    environment = settings | os.environ | {"DATABASE_URL": url, "DATA_DIR": str(HOME)}
    command = [sys.executable, "-m", asked, str(users)]
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        yield Asker(users, process)
    finally:
        process.terminate()
        process.wait()


def _database(server: str, name: str) -> str:
    """Make a database on the server unless it is there, and return its URL."""
    with psycopg.connect(server, autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            connection.execute(f'CREATE DATABASE "{name}"')
    return urlsplit(server)._replace(path=f"/{name}").geturl()


if __name__ == "__main__":
    sys.exit(main())
