"""How long does a file of people take? ``python -m benchmarks.imports [--people 100000]``.

A database of its own, one file, and the two tasks that check it and make the people, in a process of its own. What is
printed: lines a second and people a second; whether the last quarter of the people took as long as the first; and the
memory of the process, without the pages of files that SQLite maps, when the people were begun and at its highest. SQLite
by default; ``--postgres`` on a throw-away cluster. Design §7 has no budget for it.
"""

import argparse
import os
import subprocess
import sys
import threading
import time

from benchmarks import ROOT, processes
from benchmarks.installation import installed
from benchmarks.report import Figure, print_table

OWN = "RssAnon"


def main() -> int:
    """Do what this module says."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.inside:
        work_off(chosen.people)
        return 0
    with installed("imports", on_postgres=chosen.postgres) as environment:
        inside = [sys.executable, "-m", "benchmarks.imports", "--inside", "--people", str(chosen.people)]
        return subprocess.run(inside, cwd=ROOT, env=os.environ | environment, check=False).returncode


def work_off(people: int) -> None:
    """Send the file, let both tasks do their work, and print."""
    import django  # noqa: PLC0415  its settings come from the environment the parent made

    django.setup()
    from accounts.access import actor_of  # noqa: PLC0415  Django must be ready first
    from accounts.enums import MethodKind  # noqa: PLC0415
    from accounts.sessions import Opening, open_session  # noqa: PLC0415
    from config import worker  # noqa: PLC0415
    from config.demo import make_world  # noqa: PLC0415
    from core import clock  # noqa: PLC0415
    from directory import actions  # noqa: PLC0415
    from directory.models import Import  # noqa: PLC0415

    session, _token = open_session(Opening(make_world().grace, MethodKind.FIDO2, None), now=clock.now())
    grace = actor_of(session)
    lines = (
        f"New Hire {at},n{at}@contoso.com,n{at}@example.org,Member,New hires,Europe/Berlin" for at in range(people)
    )
    text = "\n".join(["displayName,userPrincipalName,mail,userType,groups,timeZone", *lines])
    batch = actions.upload(grace, name="benchmark.csv", text=text)
    began = time.perf_counter()
    worker.run_due(["long"])
    checked = time.perf_counter() - began
    actions.start_import(grace, import_id=batch.pk)
    memory = [processes.memory_of(os.getpid(), OWN)]
    done, at = threading.Event(), dict[int, float]()  # when each quarter was made
    began = time.perf_counter()

    def watch() -> None:
        while not done.wait(0.2):
            memory.append(processes.memory_of(os.getpid(), OWN))
            created = Import.objects.values_list("created", flat=True).get(pk=batch.pk)
            for quarter in range(1, 4):
                if created >= people * quarter / 4:
                    at.setdefault(quarter, time.perf_counter() - began)

    watcher = threading.Thread(target=watch)
    watcher.start()
    worker.run_due(["long"])
    made = time.perf_counter() - began
    done.set()
    watcher.join()
    batch.refresh_from_db()
    if batch.created != people:
        sys.exit(f"Only {batch.created} of {people} people were made.")
    figures = [
        Figure("lines checked a second", people / checked, note=f"{people:,} in {checked:.0f} s"),
        Figure("people made a second", people / made, note=f"{people:,} in {made:.0f} s"),
        Figure("last quarter ÷ first quarter", (made - at.get(3, made)) / at.get(1, made)),
        Figure("MiB when they were begun", memory[0]),
        Figure("MiB at the highest", max(memory)),
    ]
    print_table("Import", figures)


if __name__ == "__main__":
    sys.exit(main())
