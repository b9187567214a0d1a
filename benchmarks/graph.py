"""What do requests to the API cost, beside a bare view that judges the token? ``python -m benchmarks.graph``.

As benchmarks.pages, and in its databases: an organisation of 1,000 and one of 1,000,000 people, asked by turns. Printed are
the medians of both, their ratio, which design §7 bounds, the requests a second of one process, what each costs beside the
bare view in the same run, and the statements to the database. ``--postgres`` and ``--database-url`` as there.
"""

import argparse
import os
import statistics
import sys
from contextlib import ExitStack

from benchmarks.pages import BOUND, WARM, Asker, asking, server_of, take_server

PAGES = "benchmarks.pages_asked"


def main() -> int:
    """Do what this module says."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--small", type=int, default=1000, help="people in the small organisation")
    parser.add_argument("--large", type=int, default=1_000_000, help="people in the large one")
    parser.add_argument("--rounds", type=int, default=40, help="requests for each operation and organisation")
    take_server(parser)
    chosen = parser.parse_args()
    with ExitStack() as stack:
        base = stack.enter_context(server_of(chosen))
        sizes = (chosen.small, chosen.large)
        both = [stack.enter_context(asking("benchmarks.graph_asked", users, base, shares=PAGES)) for users in sizes]
        shown = [asker.ask() for asker in both]
        names = [str(name) for name in both[0].ask("?")["bounded"]]  # type: ignore[attr-defined]
        for asker in both[1:]:
            asker.ask("?")
        for count in range(-WARM, chosen.rounds):
            for name in names:
                for asker in both if count % 2 else reversed(both):
                    answer = asker.ask(name)
                    if count >= 0:
                        asker.wall.setdefault(name, []).append(float(str(answer["wall"])))
                    asker.rows[name] = str(answer["rows"])
    print(f"\n{shown[0]['database']}, {chosen.rounds} rounds, medians in milliseconds\n")
    return _report(both, names)


def _report(both: list[Asker], names: list[str]) -> int:
    small, large = both
    bare = [statistics.median(asker.wall[names[0]]) for asker in both]
    print(f"{'operation':<36} {small.users:>9,} {large.users:>10,}  ratio    a second  beside bare  statements")
    worst = 0.0
    for name in names:
        medians = [statistics.median(asker.wall[name]) for asker in both]
        ratio = medians[1] / medians[0]
        worst = max(worst, ratio)
        print(
            f"{name:<36} {medians[0]:>9.2f} {medians[1]:>10.2f} {ratio:>6.2f} {1000 / medians[1]:>11.0f} "
            f"{medians[1] / bare[1]:>12.2f}  {small.rows[name]:>4} / {large.rows[name]}"
        )
    print(f"\nworst ratio {worst:.2f}, bound {BOUND}; load {os.getloadavg()[1]:.1f} on {os.cpu_count()} cores")
    return 0 if worst <= BOUND else 1


if __name__ == "__main__":
    sys.exit(main())
