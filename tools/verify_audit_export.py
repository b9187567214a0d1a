"""Verify an exported audit log with nothing but Python: `verify_audit_export.py LOG.jsonl [--checkpoints FILE] [--key KEY]`.

Recomputes the chain of hashes of `manage.py audit_export`, checks every signature, and holds the log against checkpoints
that were kept elsewhere. KEY is the installation's public key (`manage.py audit_checkpoint --public-key`): without it a
signature only proves that whoever made the file made it all. Exit status: 0 intact, 1 damaged, 2 not readable.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Value = dict[str, Any]
Point = tuple[int, int, int, int]  # x/z, y/z and their product

START = "0" * 64
HALF = 32  # bytes of a point or a number
SEALED = ("chain", "count", "first", "format", "last", "number", "previous", "sealed_at")

# Edwards curve 25519 (RFC 8032 §5.1): x² and y² over P, D its constant, L the order of the base point.
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)
BASE_Y = 4 * pow(5, P - 2, P) % P


class Damaged(Exception):
    """Something does not fit; the text says where."""


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition(":")[0])
    parser.add_argument("log", type=Path)
    parser.add_argument("--checkpoints", type=Path, help="checkpoints kept elsewhere, one JSON line each")
    parser.add_argument(
        "--key", action="append", help="the installation's public key, in base64; again for a former one"
    )
    asked = parser.parse_args()
    try:
        kept = list(read(asked.checkpoints)) if asked.checkpoints else []
        said = verify(read(asked.log), kept, asked.key)
    except Damaged as problem:
        print(f"DAMAGED: {problem}")
        return 1
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as problem:
        print(f"not readable: {problem!r}", file=sys.stderr)
        return 2
    print(f"intact: {said}")
    return 0


def read(path: Path) -> Iterator[Value]:
    with path.open(encoding="utf-8") as file:
        yield from (json.loads(line) for line in file if line.strip())


def verify(lines: Iterator[Value], kept: list[Value], keys: list[str] | None) -> str:
    """Follow the chain from its first line. Raises Damaged."""
    first = next(lines, None)
    if first is None:
        raise Damaged("the file is empty")
    chain = Chain(first["chain"], keys)
    for line in lines:
        chain.take(line)
    if not chain.is_complete:
        raise Damaged("the file ends too early")
    of_it = [checkpoint for checkpoint in kept if checkpoint["chain"] == chain.name]
    for checkpoint in of_it:
        chain.hold_against(checkpoint)
    said = f"the log of {chain.name}, {chain.events} events, {len(chain.hashes)} seals, {chain.unsealed} events not sealed yet"
    said += f", held against {len(of_it)} checkpoints of yours"
    return said if keys else f"{said}. Without --key anybody may have signed it"


class Chain:
    """What has been read of one chain so far: its hashes by number, and the seal whose events are being read."""

    def __init__(self, name: str, keys: list[str] | None) -> None:
        self.name, self.keys = name, keys
        self.hashes: dict[int, str] = {}
        self.number, self.previous, self.last = 0, START, -(2**63)
        self.seal: Value | None = None
        self.left, self.events, self.unsealed = 0, 0, 0
        self.is_complete = False

    def take(self, line: Value) -> None:
        """Read the next line. Raises Damaged."""
        kind = line["type"]
        if kind == "event":
            self.take_event({name: one for name, one in line.items() if name != "type"})
            return
        self.close_seal()
        if kind == "removal":
            check_signature(line, self.keys)
            if line["chain"] != self.name:
                raise Damaged("a removal is of another log")
            self.reach(line["number"], line["hash"], line["last"])
        elif kind == "seal":
            self.open_seal(line)
        elif kind == "unsealed":
            self.is_complete = True
        elif kind == "checkpoint":
            self.hold_against(line)

    def take_event(self, event: Value) -> None:
        self.events += 1
        if self.is_complete:
            self.unsealed += 1
            return
        if self.seal is None or self.left == 0:
            raise Damaged(f"event {event['id']} belongs to no seal")
        if not self.last < event["id"] <= self.seal["last"]:
            raise Damaged(f"event {event['id']} is out of order")
        self.digest.update(canonical(event) + b"\n")
        self.left, self.last = self.left - 1, event["id"]

    def open_seal(self, seal: Value) -> None:
        if (seal["number"], seal["previous"], seal["chain"]) != (self.number + 1, self.previous, self.name):
            raise Damaged(f"seal {seal['number']} does not follow seal {self.number}")
        self.seal, self.left = seal, seal["count"]
        self.digest = hashlib.sha256(canonical({name: seal[name] for name in SEALED}) + b"\n")

    def close_seal(self) -> None:
        """Judge a seal once its events have been read."""
        if self.seal is None:
            return
        seal, self.seal = self.seal, None
        span = f"between events {seal['first']} and {seal['last']}"
        if self.left:
            raise Damaged(f"seal {seal['number']}: {self.left} events {span} are missing")
        if self.digest.hexdigest() != seal["hash"]:
            raise Damaged(f"seal {seal['number']}: something {span} was changed")
        self.reach(seal["number"], seal["hash"], seal["last"])

    def reach(self, number: int, hash_: str, last: int) -> None:
        self.number, self.previous, self.last = number, hash_, last
        self.hashes[number] = hash_

    def hold_against(self, checkpoint: Value) -> None:
        check_signature(checkpoint, self.keys)
        if checkpoint["number"] > self.number:
            raise Damaged(f"the log ends before seal {checkpoint['number']}, which a checkpoint names")
        if self.hashes.get(checkpoint["number"], checkpoint["hash"]) != checkpoint["hash"]:
            raise Damaged(f"seal {checkpoint['number']} is not the one a checkpoint names")


def canonical(value: Value) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def check_signature(value: Value, keys: list[str] | None) -> None:
    """Raise Damaged unless ``value`` carries a right signature (by one of ``keys``, if they are known)."""
    rest = {name: one for name, one in value.items() if name != "signature"}
    if keys is not None and value["key"] not in keys:
        raise Damaged(f"a {value['type']} is signed with another key")
    public, signature = base64.b64decode(value["key"]), base64.b64decode(value["signature"])
    if not is_signed(public, canonical(rest), signature):
        raise Damaged(f"a {value['type']} has a wrong signature")


def is_signed(public: bytes, text: bytes, signature: bytes) -> bool:
    """Check an Ed25519 signature: S·B must be R + k·A (RFC 8032 §5.1.7)."""
    if len(public) != HALF or len(signature) != 2 * HALF:
        return False
    a, r, s = point(public), point(signature[:HALF]), int.from_bytes(signature[HALF:], "little")
    base = point(BASE_Y.to_bytes(HALF, "little"))
    if a is None or r is None or base is None or s >= L:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:HALF] + public + text).digest(), "little") % L
    one, other = times(s, base), add(r, times(k, a))
    return (one[0] * other[2] - other[0] * one[2]) % P == 0 == (one[1] * other[2] - other[1] * one[2]) % P


def point(encoded: bytes) -> Point | None:
    """Read a point: y, and in the last bit the sign of x."""
    y = int.from_bytes(encoded, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if y >= P or (x * x - square) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


def add(one: Point, other: Point) -> Point:
    """Add two points in extended coordinates (RFC 8032 §5.1.4)."""
    (x1, y1, z1, t1), (x2, y2, z2, t2) = one, other
    a, b, c, d = (y1 - x1) * (y2 - x2) % P, (y1 + x1) * (y2 + x2) % P, 2 * t1 * t2 * D % P, 2 * z1 * z2 % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(number: int, one: Point) -> Point:
    found: Point = (0, 1, 1, 0)
    while number:
        if number & 1:
            found = add(found, one)
        one, number = add(one, one), number >> 1
    return found


if __name__ == "__main__":
    sys.exit(main())
