"""Sealing: what makes the events a chain, afterwards and in batches, so that writing one never waits for another.

Ids are given in order but not committed in order: on PostgreSQL a transaction may hold a small id while a larger one is
there to be read. So a round first notes the largest id there is, then waits until no transaction that was writing events
at that moment is left, and only then reads: no event up to that id can appear later. Why that is so: docs/decisions/0031.
"""

import logging
import time
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import Max

from audit.chain import COLUMNS, NOBODYS, START, Sealing, hash_of, line_of, mark_of
from audit.models import AuditEvent, Removal, Seal, SealedUpTo
from audit.queries import chain_of
from core import clock

log = logging.getLogger("gatepass.audit")
MOST_IN_A_SEAL = 1000
MOST_IN_A_ROUND = 50_000
SECONDS_TO_WAIT_FOR_WRITERS = 10.0
WRITERS = """
SELECT virtualtransaction FROM pg_locks
WHERE locktype = 'relation' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
AND relation = 'audit_auditevent'::regclass AND mode = 'RowExclusiveLock' AND granted AND pid IS DISTINCT FROM pg_backend_pid()
"""


def seal_all() -> int:
    """Seal the next events of every chain and return how many that were; 0 where a writer did not finish in time.

    Several may do this at once: each seal has one winner, and the others leave the chain to him.
    """
    last = AuditEvent.objects.aggregate(last=Max("id"))["last"] or 0
    mark = SealedUpTo.objects.filter(pk=1).values_list("event_id", flat=True).first() or 0
    if last <= mark:
        return 0
    last = min(last, mark + MOST_IN_A_ROUND)
    if not wait_for_writers(SECONDS_TO_WAIT_FOR_WRITERS):
        log.warning("a transaction has been writing events for long; sealing waits for it")
        return 0
    fresh = AuditEvent.objects.filter(id__gt=mark, id__lte=last)
    chains = list(fresh.order_by().values_list("tenant_id", flat=True).distinct())
    sealed = [seal_chain(tenant_id or NOBODYS, up_to=last) for tenant_id in chains]
    if None in sealed:
        return sum(filter(None, sealed))
    SealedUpTo.objects.update_or_create(pk=1, defaults={"event_id": last})
    return sum(filter(None, sealed))


def seal_chain(chain: UUID, *, up_to: int) -> int | None:
    """Seal the events of one chain up to an id behind which none can appear any more, and return how many that were.

    None where somebody else was sealing the same chain.
    """
    sealed = 0
    while True:
        try:
            with transaction.atomic():
                count = _seal_next(chain, up_to)
        except IntegrityError:
            return None
        if not count:
            return sealed
        sealed += count


def wait_for_writers(seconds: float) -> bool:
    """Wait until every transaction that is writing events now has ended; False where one had not within ``seconds``.

    On SQLite there is nothing to wait for: whoever writes holds the only right to write until he commits.
    """
    writers = _writers()
    while writers and seconds > 0:
        time.sleep(0.01)
        seconds -= 0.01
        writers &= _writers()
    return not writers


def _seal_next(chain: UUID, up_to: int) -> int:
    """Seal the next stretch. Two who do it at once choose the same number, and the database takes one."""
    newest = Seal.objects.filter(chain=chain).order_by("-number").only("number", "hash", "last_event_id").first()
    before = newest or Removal.objects.filter(chain=chain).order_by("-number").first()
    behind = before.last_event_id if before else 0
    rows = list(chain_of(chain).filter(id__gt=behind, id__lte=up_to).values_list(*COLUMNS)[:MOST_IN_A_SEAL])
    if not rows:
        return 0
    sealing = Sealing(
        chain=chain,
        number=before.number + 1 if before else 1,
        previous=before.hash if before else START,
        first=rows[0][0],
        last=rows[-1][0],
        count=len(rows),
        sealed_at=clock.now(),
    )
    lines = [line_of(row) for row in rows]
    Seal.objects.create(
        chain=chain,
        number=sealing.number,
        previous=sealing.previous,
        first_event_id=sealing.first,
        last_event_id=sealing.last,
        count=sealing.count,
        sealed_at=sealing.sealed_at,
        hash=hash_of(sealing, lines),
        marks=b"".join(mark_of(row[0], line) for row, line in zip(rows, lines, strict=True)),
    )
    return len(rows)


def _writers() -> set[str]:
    if connection.vendor != "postgresql":
        return set()
    with connection.cursor() as cursor:
        cursor.execute(WRITERS)
        return {name for (name,) in cursor.fetchall()}
