"""How near does bulk issue come to what hashing alone allows? ``python -m benchmarks.bulk [--people 10000]``.

A database of its own, an organisation, so many people, one batch, and the task that works it off, in a process of its
own with every thread it makes; before and after it bare hashing on all cores. What is printed: passes a second ÷ bare
hashes a second, which design §7 bounds; the same ratio of CPU time, which other work on the machine moves less; and the
memory of the process when a quarter was done and at its highest. SQLite by default; ``--postgres`` on a throw-away cluster
(the server's own CPU is then not in the CPU ratio, though in the rate).
"""

import argparse
import json
import os
import subprocess
import sys
import threading
import time
from uuid import uuid4

from benchmarks import ROOT, bare, processes
from benchmarks.installation import installed
from benchmarks.report import Figure, print_table

BARE_SECONDS = 8
BOUND = 0.95


def main() -> int:
    """Do what this module says."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.inside:
        work_off(chosen.people)
        return 0
    with installed("bulk", on_postgres=chosen.postgres) as environment:
        return measure(chosen.people, environment)


def measure(people: int, environment: dict[str, str]) -> int:
    """Measure bare, product, bare; print."""
    surroundings = os.environ | environment
    command = [sys.executable, "-m", "benchmarks.bulk", "--inside", "--people", str(people)]
    inside = subprocess.Popen(
        command, cwd=ROOT, env=surroundings, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert inside.stdin is not None  # noqa: S101
    assert inside.stdout is not None  # noqa: S101
    if inside.stdout.readline() != "ready\n":
        sys.exit("The people could not be made.")
    cores = os.cpu_count() or 1
    before = bare.measure(cores, seconds=BARE_SECONDS, environment=environment)
    processes.forget_highest(inside.pid)
    inside.stdin.write("go\n")
    inside.stdin.flush()
    result = json.loads(inside.stdout.readline())
    inside.wait()
    after = bare.measure(cores, seconds=BARE_SECONDS, environment=environment)
    rate, cpu = (before.rate + after.rate) / 2, (before.cpu + after.cpu) / 2
    product = people / result["wall"]
    figures = [
        Figure("passes a second", product, note=f"{people:,} in {result['wall']:.0f} s"),
        Figure("bare hashes a second", rate, note=f"{before.rate:.1f} before, {after.rate:.1f} after"),
        Figure("rate ÷ bare rate", product / rate, at_least=BOUND),
        Figure("bare CPU ÷ CPU of a pass", cpu / (1000 * result["cpu"] / people), at_least=BOUND),
        Figure("MiB when a quarter was done", result["quarter"]),
        Figure("MiB at the highest", result["highest"], at_most=result["quarter"] + 50),
    ]
    print_table(f"Bulk issue, {cores} cores", figures)
    return 0 if all(figure.is_within for figure in figures) else 1


def work_off(people: int) -> None:
    """Make the people and their batch, wait for the word, and let the task do its work."""
    import django  # noqa: PLC0415  its settings come from the environment the parent made

    django.setup()
    from accounts.access import actor_of  # noqa: PLC0415  Django must be ready first
    from accounts.enums import MethodKind  # noqa: PLC0415
    from accounts.models import User  # noqa: PLC0415
    from accounts.sessions import Opening, open_session  # noqa: PLC0415
    from bulk import actions  # noqa: PLC0415
    from bulk.enums import OnOpen, RowState  # noqa: PLC0415
    from bulk.models import BatchRow  # noqa: PLC0415
    from config import worker  # noqa: PLC0415
    from config.demo import make_world  # noqa: PLC0415
    from core import clock  # noqa: PLC0415
    from tap.issuing import Wish  # noqa: PLC0415

    world = make_world()
    users = [
        User(tenant=world.contoso, upn=f"n{at}@contoso.com", display_name=f"New Hire {at}", created_at=clock.now())
        for at in range(people)
    ]
    for user in users:
        user.mail = user.upn
        user.fill_keys()
    User.objects.bulk_create(users, batch_size=1000)
    session, _token = open_session(Opening(world.grace, MethodKind.FIDO2, None), now=clock.now())
    grace = actor_of(session)
    source = actions.Source("benchmark", user_ids=[user.pk for user in users])
    batch = actions.draft(grace, batch_id=uuid4(), source=source, wish=Wish())
    actions.start(grace, batch_id=batch.pk, on_open=OnOpen.REPLACE)
    del users, source
    print("ready", flush=True)
    sys.stdin.readline()
    done, quarter = threading.Event(), 0.0

    def watch() -> None:
        nonlocal quarter
        while not done.wait(1):
            if not quarter and BatchRow.objects.filter(state=RowState.ISSUED).count() >= people / 4:
                quarter = processes.memory_of(os.getpid(), "VmRSS")

    watcher = threading.Thread(target=watch)
    watcher.start()
    began, cpu = time.perf_counter(), time.process_time()
    worker.run_due(["long"])
    wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    done.set()
    watcher.join()
    highest = processes.memory_of(os.getpid(), "VmHWM")
    print(json.dumps({"wall": wall, "cpu": cpu, "quarter": quarter or highest, "highest": highest}), flush=True)


if __name__ == "__main__":
    sys.exit(main())
