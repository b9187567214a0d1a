"""Is a one-time pass redeemed once, however many try at the same moment? ``python -m benchmarks.once``.

Each round sends the right code of one person's pass many times at once to the running server, each from a network of
its own, on SQLite and on PostgreSQL. One must get a session, and all others a refusal that says what it is: the page
again with the reason, or "too many attempts" once the account's limit is reached. Exits with 1 if any round differs.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from benchmarks import load
from benchmarks.product import WORKERS, Database, Product, postgresql, serving, sqlite
from benchmarks.signin import COOKIE, installation, prepared

MADE, BLOCKED, THROTTLED, OTHER = "sessions", "blocked", "throttled", "anything else"
BLOCKED_MESSAGE = "Temporary Access Pass sign in was blocked due to User Credential Policy"


def main() -> int:
    """Do what this module says."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition(":")[0])
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--at-once", type=int, default=50)
    parser.add_argument("--only", choices=["sqlite", "postgresql"], help="leave the other out")
    asked = parser.parse_args()
    kinds: dict[str, Callable[[Path], AbstractContextManager[Database]]] = {"sqlite": sqlite, "postgresql": postgresql}
    sound = [
        _on(kind, rounds=asked.rounds, at_once=asked.at_once)
        for name, kind in kinds.items()
        if asked.only in (None, name)
    ]
    return 0 if all(sound) else 1


def _on(kind: Callable[[Path], AbstractContextManager[Database]], *, rounds: int, at_once: int) -> bool:
    with (
        installation(kind, rounds, "once") as (environment, database, people),
        serving(environment, database) as product,
    ):
        print(f"\n{database.name}, {WORKERS} workers, {at_once} at once\n")
        print(f"  round  {MADE:>9} {BLOCKED:>9} {THROTTLED:>9} {OTHER:>14}")
        sound = [_round(product, number, person, at_once=at_once) for number, person in enumerate(people)]
    print(f"\n  {sum(sound)} of {len(sound)} rounds had exactly one session and {at_once - 1} refusals\n", flush=True)
    return all(sound)


def _round(product: Product, number: int, person: dict[str, str], *, at_once: int) -> bool:
    outcomes: Counter[str] = Counter()
    requests = prepared(product, [person] * at_once, networks_from=number * at_once)
    load.run(product.port, requests, at_once=at_once, look=lambda answer: outcomes.update([_outcome(answer)]))
    made, blocked, throttled, other = (outcomes[kind] for kind in (MADE, BLOCKED, THROTTLED, OTHER))
    is_sound = (made, blocked + throttled, other) == (1, at_once - 1, 0)
    verdict = "" if is_sound else "  WRONG"
    print(f"  {number + 1:5}  {made:9} {blocked:9} {throttled:9} {other:14}{verdict}", flush=True)
    return is_sound


def _outcome(answer: load.Answer) -> str:
    if answer.status == 302 and f"{COOKIE}=" in answer.head:
        return MADE
    if answer.status == 429 and "retry-after:" in answer.head.lower():
        return THROTTLED
    return BLOCKED if answer.status == 200 and BLOCKED_MESSAGE in answer.text() else OTHER


if __name__ == "__main__":
    sys.exit(main())
