"""Verify one code over and over, with nothing around it: what every ratio is measured against.

Run as a program: says "ready", waits for a line with a number of seconds, prints how many it did and the CPU they took.
"""

import hmac
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass

import argon2

PEPPER = bytes(32)
CONTEXT = "tenant|user|pass|ABCD2345"


@dataclass(frozen=True)
class Bare:
    """What bare verification costs and yields: milliseconds each, and how many a second in all processes together."""

    cpu: float
    wall: float
    rate: float


def measure(processes: int, *, seconds: float, environment: dict[str, str]) -> Bare:
    """Verify in so many processes at once for so long."""
    command = [sys.executable, "-m", "benchmarks.bare"]
    running = [
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ | environment
        )
        for _ in range(processes)
    ]
    for process in running:
        assert process.stdout is not None  # noqa: S101
        process.stdout.readline()
    for process in running:
        assert process.stdin is not None  # noqa: S101
        process.stdin.write(f"{seconds}\n")
        process.stdin.flush()
    results = [json.loads(process.communicate()[0]) for process in running]
    done = sum(result["done"] for result in results)
    return Bare(
        cpu=1000 * sum(result["cpu"] for result in results) / done,
        wall=1000 * sum(result["wall"] for result in results) / done,
        rate=sum(result["done"] / result["wall"] for result in results),
    )


def main() -> None:
    """Do what this module says."""
    hasher = argon2.PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
    verifier = hasher.hash(hmac.digest(PEPPER, CONTEXT.encode(), "sha256"))
    for _ in range(3):
        hasher.verify(verifier, hmac.digest(PEPPER, CONTEXT.encode(), "sha256"))
    print("ready", flush=True)
    seconds = float(sys.stdin.readline())
    done, cpu, began = 0, time.process_time(), time.perf_counter()
    while time.perf_counter() - began < seconds:
        hasher.verify(verifier, hmac.digest(PEPPER, CONTEXT.encode(), "sha256"))
        done += 1
    wall = time.perf_counter() - began
    print(json.dumps({"done": done, "cpu": time.process_time() - cpu, "wall": wall}))


if __name__ == "__main__":
    main()
