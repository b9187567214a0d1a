"""What is hashed, and how. Pure; ``tools/verify_audit_export.py`` does the same with nothing but Python."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

FORMAT = 1
NOBODYS = UUID(int=0)  # the chain of events that belong to no tenant
START = "0" * 64  # stands before the first seal
BEFORE_ALL = -(2**63)  # below every id a database can hold
MARK = 16  # bytes an event takes in a seal's marks
COLUMNS = (
    "id", "at", "tenant_id", "event", "activity", "is_sign_in", "outcome", "reason", "actor_id", "actor_name",
    "target_id", "target_name", "session_id", "address", "user_agent", "request_id", "detail",
)  # fmt: skip


@dataclass(frozen=True)
class Sealing:
    """What a seal says beside its events."""

    chain: UUID
    number: int
    previous: str
    first: int
    last: int
    count: int
    sealed_at: datetime

    def public(self) -> dict[str, Any]:
        """Return it as it is hashed and exported."""
        return {
            "format": FORMAT,
            "chain": str(self.chain),
            "number": self.number,
            "previous": self.previous,
            "first": self.first,
            "last": self.last,
            "count": self.count,
            "sealed_at": moment(self.sealed_at),
        }


def canonical(value: Mapping[str, Any]) -> bytes:
    """Return JSON in its one spelling: keys in order, no blanks, ASCII only."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def moment(at: datetime) -> str:
    """Return a time in its one spelling: UTC, microseconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def public_event(row: Iterable[Any]) -> dict[str, Any]:
    """Return an event (its COLUMNS) as it is hashed and exported."""
    return {name: _plain(value) for name, value in zip(COLUMNS, row, strict=True)}


def line_of(row: Iterable[Any]) -> bytes:
    """Return the line an event gives to its seal's hash."""
    return canonical(public_event(row)) + b"\n"


def mark_of(event_id: int, line: bytes) -> bytes:
    """Return what a seal keeps of an event to point at it."""
    return event_id.to_bytes(8, "big") + hashlib.sha256(line).digest()[:8]


def marks_of(marks: bytes) -> dict[int, bytes]:
    """Return a seal's marks by event id."""
    pieces = (marks[at : at + MARK] for at in range(0, len(marks), MARK))
    return {int.from_bytes(piece[:8], "big"): piece for piece in pieces}


def hash_of(sealing: Sealing, lines: Iterable[bytes]) -> str:
    """Return a seal's hash: SHA-256 over the seal and, line by line, its events."""
    digest = hashlib.sha256(canonical(sealing.public()) + b"\n")
    for line in lines:
        digest.update(line)
    return digest.hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    return moment(value) if isinstance(value, datetime) else value
