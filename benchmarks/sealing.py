"""What sealing the audit log costs those who sign in: ``python -m benchmarks.sealing``.

The same sign-ins at the running server, by turns with and without a sealer beside it that seals every second what they
record: sixty times as often as the worker does.
"""

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks import ROOT
from benchmarks.product import postgresql, serving, sqlite
from benchmarks.report import Figure, print_table
from benchmarks.signin import AT_ONCE, installation, prepared, send

SECONDS_TO_START = 5.0
SEALER = "import time\nfrom audit.sealing import seal_all\nwhile True:\n    seal_all()\n    time.sleep(1)"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition(":")[0])
    parser.add_argument("--people", type=int, default=240, help="sign-ins a round")
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    for kind in (sqlite, postgresql):
        rates: dict[bool, list[float]] = {False: [], True: []}
        with (
            installation(kind, asked.people) as (environment, database, people),
            serving(environment, database) as product,
        ):
            requests = prepared(product, people)
            send(product, requests[: len(requests) // 4], AT_ONCE)
            for turn in range(2 * asked.rounds):
                is_sealed = turn % 2 == 1
                with _sealer(environment, is_there=is_sealed):
                    rates[is_sealed].append(send(product, requests, AT_ONCE).rate)
        without, with_it = (statistics.median(rates[one]) for one in (False, True))
        print_table(
            f"Sealing beside sign-ins on {database.name}, medians of {asked.rounds} rounds",
            [
                Figure("sign-ins a second, without", without),
                Figure("sign-ins a second, with a sealer each second", with_it),
                Figure("with / without", with_it / without),
            ],
        )


@contextmanager
def _sealer(environment: dict[str, str], *, is_there: bool) -> Iterator[None]:
    if not is_there:
        yield
        return
    process = subprocess.Popen([sys.executable, "manage.py", "shell", "-v0", "-c", SEALER], cwd=ROOT, env=environment)
    time.sleep(SECONDS_TO_START)  # its start is not what is measured
    try:
        yield
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    main()
