"""Run the tests on SQLite and on PostgreSQL: `python tools/run_tests.py [--sqlite | --postgres] [pytest arguments]`.

On both, the second run leaves out what asks nothing of a database (decision 0078); on one, that one runs everything.
TEST_POSTGRES_URL names a server to use; without it a throw-away one is made.
"""

import argparse
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import chromium
import postgres

ROOT = Path(__file__).resolve().parent.parent
SUMMARY = re.compile(r"^=* ?((?:\d+ \w+(?:, )?)+ in [\d.]+s.*?|no tests ran in [\d.]+s) ?=*$")
NONE_FOUND = 5  # pytest.ExitCode.NO_TESTS_COLLECTED
COLOUR = re.compile(r"\x1b\[[\d;]*m")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition(":")[0])
    parser.add_argument("--sqlite", action="store_true", help="only on SQLite")
    parser.add_argument("--postgres", action="store_true", help="only on PostgreSQL")
    chosen, pytest_arguments = parser.parse_known_args()
    both = chosen.sqlite == chosen.postgres
    os.environ["CHROMIUM"] = chromium.ensure()
    verdicts: list[tuple[str, bool]] = []
    if both or chosen.sqlite:
        verdicts.append(run_pytest("SQLite", {}, pytest_arguments))
    if both or chosen.postgres:
        with postgres_url() as url:
            if url:
                verdicts.append(run_pytest("PostgreSQL", {"DATABASE_URL": url}, pytest_arguments, everything=not both))
            else:
                verdicts.append(without_postgres())

    print()
    for summary, _ in verdicts:
        print(summary)
    return 0 if all(good for _, good in verdicts) else 1


@contextmanager
def postgres_url() -> Iterator[str | None]:
    if given := os.environ.get("TEST_POSTGRES_URL"):
        yield given
    elif binaries := postgres.ensure_binaries():
        with postgres.throwaway_cluster(binaries) as url:
            yield url
    else:
        yield None


def without_postgres() -> tuple[str, bool]:
    """Not having PostgreSQL is forgiven on somebody's desk, never in CI."""
    advice = "Install the PostgreSQL server or set TEST_POSTGRES_URL."
    return f"!!! PostgreSQL: NOT TESTED, no server here. {advice} !!!", "CI" not in os.environ


def run_pytest(
    database: str, environment: dict[str, str], arguments: list[str], *, everything: bool = True
) -> tuple[str, bool]:
    """Run the suite once, showing its output as it comes; return its summary line and whether all is well."""
    print(f"== Tests on {database}", flush=True)
    inherited = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    colour = "yes" if sys.stdout.isatty() else "no"
    command = [sys.executable, "-m", "pytest", f"--color={colour}", f"--numprocesses={cores()}", "--dist=worksteal"]
    command += [] if everything else ["-m", "database"]
    summary = "no summary"
    with (
        tempfile.TemporaryDirectory(prefix="gatepass-test-") as data,
        subprocess.Popen(
            [*command, *arguments],
            cwd=ROOT,
            env=inherited | {"DATA_DIR": data} | environment,
            stdout=subprocess.PIPE,
            text=True,
        ) as pytest,
    ):
        try:
            for line in pytest.stdout or ():
                print(line, end="", flush=True)
                if match := SUMMARY.match(COLOUR.sub("", line).strip()):
                    summary = match[1]
        except BaseException:
            pytest.terminate()
            pytest.wait()
            raise
    if everything:
        return f"{database}: {summary}", pytest.returncode == 0
    # Of a few chosen tests perhaps none uses a database; of all of them some do, or the mark is lost.
    is_none_chosen = bool(arguments) and pytest.returncode == NONE_FOUND
    return f"{database}, what uses a database: {summary}", pytest.returncode == 0 or is_none_chosen


def cores() -> int:
    """The cores this process may use, which in a container are fewer than the machine's."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


if __name__ == "__main__":
    # A polite kill becomes an exception like Ctrl-C, so that the PostgreSQL server is stopped either way.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("Stopped.")
