"""The whole of one chain as JSON lines, for keeping elsewhere and for tools/verify_audit_export.py."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from audit import signing
from audit.chain import BEFORE_ALL, COLUMNS, FORMAT, moment, public_event
from audit.checkpoints import checkpoints, public_removal, removal_of, signer_of
from audit.models import Seal
from audit.queries import chain_of
from core import clock

ROWS_AT_ONCE = 1000


def lines_of(chain: UUID) -> Iterator[dict[str, Any]]:
    """Yield a heading, what retention left, every seal with its events, the events not sealed yet, and a checkpoint."""
    yield {"type": "log", "format": FORMAT, "chain": str(chain), "at": moment(clock.now())}
    removal = removal_of(chain)
    if removal is not None:
        key = signer_of(removal, signing.trusted_keys()) or ""
        yield public_removal(removal) | {"key": key, "signature": removal.signature}
    last = removal.last_event_id if removal else BEFORE_ALL
    for seal in Seal.objects.filter(chain=chain).order_by("number").defer("marks").iterator(chunk_size=50):
        yield {"type": "seal", **seal.sealing.public(), "hash": seal.hash}
        for row in chain_of(chain).filter(id__gt=last, id__lte=seal.last_event_id).values_list(*COLUMNS):
            yield {"type": "event", **public_event(row)}
        last = seal.last_event_id
    yield {"type": "unsealed"}
    yield from _unsealed(chain, last)
    if signing.is_set():
        yield from checkpoints(chain)


def _unsealed(chain: UUID, last: int) -> Iterator[dict[str, Any]]:
    while rows := list(chain_of(chain).filter(id__gt=last).values_list(*COLUMNS)[:ROWS_AT_ONCE]):
        yield from ({"type": "event", **public_event(row)} for row in rows)
        last = rows[-1][0]
