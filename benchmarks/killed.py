"""What is lost when processes are killed in the middle of everything? ``python -m benchmarks.killed``.

While passes are issued over the API, one at a time for each of many people who had one already, web processes and the
worker are killed with SIGKILL again and again. Afterwards each person must have exactly one pass, each pass its event
and its notice, each answer that told a code must be true, and all processes must be back. Then 32 people sign in at once
and the server is told to stop: each must get a whole answer. Exits with 1 if anything differs.
"""

import argparse
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, field
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from benchmarks import ROOT
from benchmarks.processes import family, parent_of
from benchmarks.product import HOST, PATIENCE, WORKERS, Database, Product, postgresql, serving, sqlite
from benchmarks.signin import COOKIE, installation, prepared

AT_ONCE = 8
SIGNING_IN = 32
SECONDS_BETWEEN = 1.5
SECONDS_TO_COME_BACK = 120  # a dead worker's task is taken over after 60
GRACE = "grace@contoso.com"
SCOPE = "UserAuthenticationMethod.ReadWrite.All"


@dataclass
class Issuing:
    """What the clients were told: codes by user name, and how every request ended."""

    told: dict[str, str] = field(default_factory=dict)
    outcomes: Counter[str] = field(default_factory=Counter)
    is_over: threading.Event = field(default_factory=threading.Event)
    kills: Counter[str] = field(default_factory=Counter)


def main() -> int:
    """Do what this module says."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("?")[0])
    parser.add_argument("--issues", type=int, default=1000)
    parser.add_argument("--only", choices=["sqlite", "postgresql"], help="leave the other out")
    asked = parser.parse_args()
    kinds: dict[str, Callable[[Path], AbstractContextManager[Database]]] = {"sqlite": sqlite, "postgresql": postgresql}
    sound = [_on(kind, asked.issues) for name, kind in kinds.items() if asked.only in (None, name)]
    return 0 if all(sound) else 1


def _on(kind: Callable[[Path], AbstractContextManager[Database]], issues: int) -> bool:
    with installation(kind, issues, "once") as (environment, database, people):
        with serving(environment, database) as product:
            token = _run(environment, "manage.py", "api_token", GRACE, "--scope", SCOPE, "--minutes", "120").strip()
            issuing = Issuing()
            with ThreadPoolExecutor(AT_ONCE + 1) as threads:
                killing = threads.submit(_kill, product, issuing)
                list(threads.map(lambda person: _issue(product.port, token, person["upn"], issuing), people))
                issuing.is_over.set()
                killing.result()
            print(f"   {issues} asked, {AT_ONCE} at a time: {dict(issuing.outcomes)}", flush=True)
            print(f"   killed meanwhile: {dict(issuing.kills)}", flush=True)
            is_back = _wait_until_back(product)
            is_counted = _is_counted(product.port, environment["METRICS_TOKEN"], issuing)
            found = _found(environment, issuing, people)
        stopped = _stop_under_load(environment, database, issuing)
    for name, count in found.items():
        print(f"   {count:6} {name}")
    wrong = {name: count for name, count in found.items() if name.startswith("WRONG") and count}
    is_sound = is_back and is_counted and not wrong and stopped and len(issuing.told) > issues / 2
    print(f"   {database.name}: {'nothing lost, nothing half-made' if is_sound else 'WRONG'}\n", flush=True)
    return is_sound


def _issue(port: int, token: str, upn: str, issuing: Issuing) -> None:
    """Ask once. Whoever gets no answer knows nothing, and does not ask again."""
    path = f"/graph/v1.0/users/{upn}/authentication/temporaryAccessPassMethods"
    headers = {
        "Host": HOST,
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-For": "203.0.113.9",
    }
    try:
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as asked:
            asked.request("POST", path, json.dumps({"isUsableOnce": False, "lifetimeInMinutes": 480}), headers)
            answer = asked.getresponse()
            body = answer.read()
    except (OSError, http.client.HTTPException):
        issuing.outcomes["no answer"] += 1
        return
    issuing.outcomes[str(answer.status)] += 1
    if answer.status == http.HTTPStatus.CREATED:
        issuing.told[upn] = json.loads(body)["temporaryAccessPass"]


def _kill(product: Product, issuing: Issuing) -> None:
    """Kill a web process, then the worker, by turns."""
    while not issuing.is_over.wait(SECONDS_BETWEEN):
        web, worker = _processes(product)
        victims = {"web": web[:1], "worker": worker[:1]}
        kind = "worker" if issuing.kills.total() % 3 == 2 else "web"
        for pid in victims[kind]:
            os.kill(pid, signal.SIGKILL)
            issuing.kills[kind] += 1


def _processes(product: Product) -> tuple[list[int], list[int]]:
    """Return those that answer requests, and the worker: the child of the supervisor that has no children."""
    members = family(product.pid)
    parents = {pid: parent_of(pid) for pid in members if pid != product.pid}
    web = [pid for pid, parent in parents.items() if parent != product.pid]
    children = [pid for pid, parent in parents.items() if parent == product.pid]
    return web, [pid for pid in children if pid not in parents.values()]


def _wait_until_back(product: Product) -> bool:
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        web, worker = _processes(product)
        if (len(web), len(worker)) == (WORKERS, 1):
            return True
        time.sleep(0.1)
    print(f"   WRONG: {len(web)} web processes and {len(worker)} workers are running")
    return False


def _is_counted(port: int, token: str, issuing: Issuing) -> bool:
    """Ask for the metrics: the dead have taken no count with them, and nothing of theirs is still going on."""
    headers = {"Host": HOST, "Authorization": f"Bearer {token}", "X-Forwarded-Proto": "https"}
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as asked:
        asked.request("GET", "/metrics", headers=headers)
        said = asked.getresponse().read().decode()
    samples = [one for family in text_string_to_metric_families(said) for one in family.samples]
    issued = sum(one.value for one in samples if one.labels.get("event") == "tap:pass:issued")
    hashing = sum(one.value for one in samples if one.name == "gatepass_hashes_in_flight")
    print(f"   metrics: {issued:.0f} passes issued, {hashing:.0f} hashes in flight", flush=True)
    return issued >= len(issuing.told) and hashing == 0


def _found(environment: dict[str, str], issuing: Issuing, people: list[dict[str, str]]) -> dict[str, int]:
    told = json.dumps({"told": issuing.told, "before": {one["upn"]: one["code"] for one in people}})
    found: dict[str, int] = json.loads(
        _run(environment, "-m", "benchmarks.killed_found", str(SECONDS_TO_COME_BACK), told=told)
    )
    return found


def _stop_under_load(environment: dict[str, str], database: Database, issuing: Issuing) -> bool:
    """Let people sign in with the passes just told, and stop the server while they do."""
    people = [{"upn": upn, "code": code} for upn, code in list(issuing.told.items())[:SIGNING_IN]]
    answers: Counter[str] = Counter()
    with serving(environment, database) as product:
        requests = prepared(product, people)
        with ThreadPoolExecutor(len(requests)) as threads:
            sending = [threads.submit(_answer_to, product.port, one) for one in requests]
            time.sleep(0.2)
            began = time.monotonic()
            os.kill(product.pid, signal.SIGTERM)
            answers.update(one.result() for one in sending)
        _wait_until_gone(product.pid)
        seconds = time.monotonic() - began
    print(f"   stopped while {len(people)} were signing in: {dict(answers)}; gone after {seconds:.1f} s", flush=True)
    return set(answers) <= {"signed in", "refused with an answer"}


def _answer_to(port: int, request: bytes) -> str:
    """Send a prepared request and say how it ended."""
    came = b""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
            connection.sendall(request.replace(b"\r\n", b"\r\nConnection: close\r\n", 1))
            while got := connection.recv(65536):
                came += got
    except OSError as problem:
        return f"WRONG: {type(problem).__name__} after {len(came)} bytes"
    head, end, _body = came.partition(b"\r\n\r\n")
    if not end:
        return f"WRONG: cut off after {len(came)} bytes"
    return "signed in" if COOKIE.encode() + b"=" in head and b" 302 " in head[:20] else "refused with an answer"


def _wait_until_gone(pid: int) -> None:
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends and Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z":
        time.sleep(0.02)


def _run(environment: dict[str, str], *words: str, told: str = "") -> str:
    done = subprocess.run(
        [sys.executable, *words], cwd=ROOT, env=environment, input=told, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{' '.join(words)} failed:\n{done.stderr}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
