"""What a sign-in with a pass costs, against the one hash it cannot do without: ``python -m benchmarks.signin``.

The whole POST (limits, hash, claim, audit, session) at the running server, on SQLite and on PostgreSQL, beside bare
verifications on the same machine in the same minute. Budgets: docs/performance.md.
"""

import argparse
import re
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks import MALLOC, bare, load, processes
from benchmarks.product import Database, Product, environment_of, postgresql, prepare, serving, sqlite
from benchmarks.report import Figure, print_table

COOKIE, FLOW, CSRF = "__Host-gatepass", "__Host-gatepass-flow", "__Host-gatepass-csrf"
AT_ONCE = 16
IN_FLIGHT = 64
BARE_SECONDS = 3.0
THROTTLED = 200
THROTTLED_NETWORK = 60_000  # nobody else comes from there


@dataclass(frozen=True)
class Round:
    """One measurement: the server's CPU and rate, and the bare figures just before it."""

    cpu: float
    database_cpu: float
    rate: float
    others: float
    one: bare.Bare
    two: bare.Bare

    @property
    def cpu_ratio(self) -> float:
        """Return the server's CPU for a sign-in in verifications."""
        return self.cpu / self.one.cpu

    @property
    def rate_ratio(self) -> float:
        """Return the share of the bare rate that is left."""
        return self.rate / self.two.rate


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition(":")[0])
    parser.add_argument("--people", type=int, default=240, help="sign-ins a round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", choices=["sqlite", "postgresql", "huge-pages"], help="leave the rest out")
    asked = parser.parse_args()
    if asked.only in (None, "sqlite"):
        with installation(sqlite, asked.people + 1) as (environment, database, people):
            _on_sqlite(environment, database, people, asked.rounds)
            if asked.only is None:
                _huge_pages(environment, database, people[:-1], asked.rounds)
    if asked.only in (None, "postgresql"):
        with installation(postgresql, asked.people) as (environment, database, people):
            rounds = _sign_ins(environment, database, people, asked.rounds)
            _print_sign_ins(database, rounds, cpu_budget=1.55, rate_budget=0.62)
    if asked.only == "huge-pages":
        with installation(sqlite, asked.people) as (environment, database, people):
            _huge_pages(environment, database, people, asked.rounds)


@contextmanager
def installation(
    kind: Callable[[Path], AbstractContextManager[Database]], people: int, *wishes: str
) -> Iterator[tuple[dict[str, str], Database, list[dict[str, str]]]]:
    with tempfile.TemporaryDirectory(prefix="gatepass-bench-") as directory:
        home = Path(directory)
        with kind(home) as database:
            environment = environment_of(home, database, **MALLOC)
            print(f"\n== {database.name} ({database.durability}); preparing {people} people …", flush=True)
            made = prepare(environment, "benchmarks.people", str(people), *wishes)
            with serving(environment, database):  # the first start makes the static files
                pass
            yield environment, database, made


def _on_sqlite(environment: dict[str, str], database: Database, made: list[dict[str, str]], rounds: int) -> None:
    *people, guessed = made  # whoever is throttled could not sign in afterwards
    done = _sign_ins(environment, database, people, rounds)
    _print_sign_ins(database, done, cpu_budget=1.35, rate_budget=0.75)
    one = statistics.median(round_.one.cpu for round_ in done)
    starts = [_cold_start(environment, database) for _ in range(rounds)]
    with serving(environment, database) as product:
        grown, waits = _memory(product, people)
        refused = _throttled(product, guessed["upn"])
    print_table(
        "Around it",
        [
            Figure("a throttled wrong pass, CPU / one verify", refused / one, at_most=0.25, note=f"{refused:.2f} ms"),
            Figure(f"memory over idle, {IN_FLIGHT} in flight, MiB a worker", max(grown), at_most=100),
            Figure(f"longest wait, {IN_FLIGHT} in flight, s", max(waits)),
            Figure("cold start to the first page, s", statistics.median(starts), at_most=2.5),
        ],
    )


def _sign_ins(
    environment: dict[str, str], database: Database, people: list[dict[str, str]], rounds: int
) -> list[Round]:
    with serving(environment, database) as product:
        requests = prepared(product, people)
        send(product, requests[: len(requests) // 4], AT_ONCE)  # every worker has done everything once
        return [_round(product, requests, environment) for _ in range(rounds)]


def _round(product: Product, requests: list[bytes], environment: dict[str, str]) -> Round:
    one = bare.measure(1, seconds=BARE_SECONDS, environment=environment)
    two = bare.measure(2, seconds=BARE_SECONDS, environment=environment)
    busy, own, cpu, database_cpu = processes.machine_busy(), time.process_time(), product.cpu(), product.database_cpu()
    outcome = send(product, requests, AT_ONCE)
    spent = product.cpu() - cpu
    own = time.process_time() - own
    others = processes.machine_busy() - busy - spent - own
    print(
        f"   {outcome.rate:.1f}/s of {two.rate:.1f}/s bare; {1000 * spent / len(requests):.1f} ms CPU of {one.cpu:.1f} ms; "
        f"load {1000 * own / len(requests):.2f} ms; others took {100 * others / outcome.seconds / 2:.0f} % of the machine",
        flush=True,
    )
    return Round(
        cpu=1000 * spent / len(requests),
        database_cpu=1000 * (product.database_cpu() - database_cpu) / len(requests),
        rate=outcome.rate,
        others=others / outcome.seconds,
        one=one,
        two=two,
    )


def send(product: Product, requests: list[bytes], at_once: int) -> load.Outcome:
    """Send the sign-ins; every one must succeed, or the figure would be about something else."""

    def look(answer: load.Answer) -> None:
        if answer.status != 302 or f"{COOKIE}=" not in answer.head:
            raise RuntimeError(f"A sign-in was refused: {answer.head}\n{answer.body[:2000]!r}")

    return load.run(product.port, requests, at_once=at_once, look=look)


def prepared(product: Product, people: list[dict[str, str]], *, networks_from: int = 0) -> list[bytes]:
    """Take everybody to the page that asks for the pass, each from a network of his own; return the forms to send."""
    page = load.ask(product.port, load.request("GET", "/signin/", address="203.0.113.7"))
    cookies = page.cookies()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text())
    assert token is not None  # noqa: S101
    form = {"csrfmiddlewaretoken": token[1]}
    requests = []
    for number, person in enumerate(people, networks_from):
        address = f"10.{number // 250}.{number % 250}.7"
        named = load.ask(
            product.port,
            load.request("POST", "/signin/", address=address, cookies=cookies, form=form | {"username": person["upn"]}),
        )
        carried = {CSRF: cookies[CSRF], FLOW: named.cookies()[FLOW]}
        requests.append(
            load.request(
                "POST", "/signin/pass/", address=address, cookies=carried, form=form | {"secret": person["code"]}
            )
        )
    return requests


def _throttled(product: Product, upn: str) -> float:
    """Return the milliseconds of CPU of a wrong pass that is not heard any more."""
    (request,) = prepared(product, [{"upn": upn, "code": "ABCD2345"}], networks_from=THROTTLED_NETWORK)
    statuses = [load.ask(product.port, request).status for _ in range(8)]
    if statuses[-1] != 429:
        raise RuntimeError(f"Wrong passes are not throttled: {statuses}")
    before = product.cpu()
    outcome = load.run(product.port, [request] * THROTTLED, at_once=4)
    if set(outcome.statuses) != {429}:
        raise RuntimeError(f"Throttled attempts were answered {outcome.statuses}")
    return 1000 * (product.cpu() - before) / THROTTLED


def _memory(product: Product, people: list[dict[str, str]]) -> tuple[list[float], list[float]]:
    """Return what each worker grew by from idle to its highest, in MiB, and how long each sign-in waited."""
    requests = prepared(product, people)
    workers = product.web_workers()
    idle = [processes.memory_of(pid, "VmRSS") for pid in workers]
    for pid in workers:
        processes.forget_highest(pid)
    outcome = send(product, requests, IN_FLIGHT)
    return [
        processes.memory_of(pid, "VmHWM") - before for pid, before in zip(workers, idle, strict=True)
    ], outcome.waits


def _cold_start(environment: dict[str, str], database: Database) -> float:
    began = time.perf_counter()
    with serving(environment, database):
        return time.perf_counter() - began


def _huge_pages(environment: dict[str, str], database: Database, people: list[dict[str, str]], rounds: int) -> None:
    print("   without huge pages:", flush=True)
    without = _sign_ins(environment | {"GLIBC_TUNABLES": "glibc.malloc.arena_max=1"}, database, people, rounds)
    print("   with huge pages:", flush=True)
    with_them = _sign_ins(environment, database, people, rounds)
    rate_without, rate_with = (statistics.median(one.rate for one in done) for done in (without, with_them))
    cpu_without, cpu_with = (statistics.median(one.cpu for one in done) for done in (without, with_them))
    print_table(
        "glibc.malloc.hugetlb=1 against none",
        [
            Figure("sign-ins a second, with / without", rate_with / rate_without),
            Figure("CPU of a sign-in, with / without", cpu_with / cpu_without),
        ],
    )


def _print_sign_ins(database: Database, rounds: list[Round], *, cpu_budget: float, rate_budget: float) -> None:
    def median(of: Callable[[Round], float]) -> float:
        return statistics.median(of(one) for one in rounds)

    share = f"{median(lambda one: one.cpu):.1f} ms of {median(lambda one: one.one.cpu):.1f} ms"
    if database.server:
        share += f", the database {median(lambda one: one.database_cpu):.1f} ms of it"
    print_table(
        f"Sign-in on {database.name}, medians of {len(rounds)} rounds",
        [
            Figure(
                "CPU of a sign-in / CPU of one verify",
                median(lambda one: one.cpu_ratio),
                at_most=cpu_budget,
                note=share,
            ),
            Figure(
                "rate / rate of two bare processes",
                median(lambda one: one.rate_ratio),
                at_least=rate_budget,
                note=f"{median(lambda one: one.rate):.1f} of {median(lambda one: one.two.rate):.1f} a second",
            ),
            Figure("cores that other processes kept busy meanwhile", median(lambda one: one.others)),
        ],
    )


if __name__ == "__main__":
    main()
