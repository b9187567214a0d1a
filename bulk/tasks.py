"""The work of a batch. It hashes on every core, writes chunk by chunk, and begins again where it stopped."""

import os
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django_tasks import task

from accounts.access import acting_for
from accounts.authority import Actor
from audit.actions import record
from audit.enums import Event, Outcome
from bulk import judging
from bulk.enums import RowProblem, RowState, State
from bulk.judging import Grounds, Judged
from bulk.models import Batch, BatchRow
from core import clock
from core.errors import NotFound
from core.sealing import Sealer
from core.sql import uuid_parameters
from tap import issuing
from tap.issuing import Issued

CHUNK = 128  # people in one transaction: short enough for sign-ins to come between
CHUNKS_AHEAD = 2  # being hashed while another is written
MAILS_WAIT = timedelta(minutes=5)


@dataclass(frozen=True)
class Chunk:
    """Some rows on their way, on what grounds: those refused already, and those whose codes are being hashed."""

    grounds: Grounds
    refused: Sequence[Judged]
    hashed: Sequence[tuple[Judged, "Future[Issued]"]]


@task(queue_name="long")
def issue_batch(batch_id: str) -> None:
    """Issue the passes of a batch that are still to be issued."""
    batch = Batch.objects.select_related("tenant").filter(pk=UUID(batch_id), state=State.RUNNING).first()
    if batch is None:
        return
    actor, after = issuer_of(batch), -1
    ahead: deque[Chunk] = deque()
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        while actor is not None:
            while len(ahead) < CHUNKS_AHEAD and (rows := _rows_behind(batch, after)):
                after = rows[-1].position
                ahead.append(_begin(pool, actor, batch, rows))
            if not ahead:
                finish(actor, batch)
                return
            actor = _write(batch, ahead.popleft())
    stop(batch, "issuer_signed_out")


def issuer_of(batch: Batch) -> Actor | None:
    """Return who ordered the batch, with the roles he holds now and the sign-in of then."""
    return acting_for(batch.session_id, ordered_at=batch.started_at)


def finish(actor: Actor, batch: Batch) -> None:
    """Note that nobody is left."""
    with transaction.atomic(durable=True):
        running = Batch.objects.filter(pk=batch.pk, state=State.RUNNING)
        if running.update(state=State.DONE, finished_at=clock.now()):
            record(Event.BULK_FINISHED, actor=actor, target=batch.tenant, detail={"batch": str(batch.pk)})


def stop(batch: Batch, reason: str) -> None:
    """Note that it cannot go on, and why."""
    with transaction.atomic(durable=True):
        running = Batch.objects.filter(pk=batch.pk, state=State.RUNNING)
        if running.update(state=State.STOPPED, stop_reason=reason, finished_at=clock.now()):
            detail = {"batch": str(batch.pk)}
            record(
                Event.BULK_FINISHED,
                actor=Actor(upn="worker"),
                target=batch.tenant,
                outcome=Outcome.FAILURE,
                reason=reason,
                detail=detail,
            )


def _rows_behind(batch: Batch, position: int) -> list[BatchRow]:
    return list(_waiting(batch).filter(position__gt=position).order_by("position")[:CHUNK])


def _begin(pool: ThreadPoolExecutor, actor: Actor, batch: Batch, rows: Sequence[BatchRow]) -> Chunk:
    grounds = judging.grounds_of(actor, batch, rows)
    judged, length = judging.judge(grounds, batch, rows), grounds.policy.default_length
    hashed = [(one, pool.submit(partial(_hash, length), one)) for one in judged if one.drafted]
    return Chunk(grounds, [one for one in judged if not one.drafted], hashed)


def _hash(length: int, one: Judged) -> Issued:
    assert one.drafted is not None  # noqa: S101  the caller has asked
    return issuing.protect(one.drafted, length=length, waits_for_a_slot=False)


def _write(batch: Batch, chunk: Chunk) -> Actor | None:
    """Write a chunk, or where somebody of it is in the way, one by one. Return the issuer as he is by then; None where the
    batch was stopped meanwhile, or he may not issue any more.

    Where rights, policy or passes changed while the codes were being hashed, everybody is judged once more.
    """
    made, refused = [(one, future.result()) for one, future in chunk.hashed], chunk.refused
    actor = issuer_of(batch)
    if actor is None:
        return None
    rows = [*(one.row for one, _issued in made), *(one.row for one in refused)]
    grounds = judging.grounds_of(actor, batch, rows)
    if grounds != chunk.grounds:
        issued = {one.row.pk: done for one, done in made}
        judged = judging.judge(grounds, batch, [one.row for one, _issued in made])
        made = [(one, issued[one.row.pk]) for one in judged if one.drafted]
        refused = [*refused, *(one for one in judged if not one.drafted)]
    try:
        is_running = _write_all(actor, batch, made, refused)
    except (IntegrityError, NotFound):
        is_running = all(_write_one(actor, batch, one, issued) for one, issued in made)
        is_running = is_running and _write_all(actor, batch, [], refused)
    return actor if is_running else None


def _write_one(actor: Actor, batch: Batch, one: Judged, issued: Issued) -> bool:
    try:
        return _write_all(actor, batch, [(one, issued)], [])
    except (IntegrityError, NotFound):
        changed = Judged(one.row, None, RowProblem.CHANGED.value)
        return _write_all(actor, batch, [], [changed])


def _write_all(actor: Actor, batch: Batch, made: Sequence[tuple[Judged, Issued]], refused: Sequence[Judged]) -> bool:
    """Issue to some people in one transaction, with their rows, events and notices."""
    sealer = Sealer(bytes(batch.public_key))
    with transaction.atomic(durable=True):
        if not Batch.objects.select_for_update().filter(pk=batch.pk, state=State.RUNNING).exists():
            return False
        ids = [one.row.pk for one, _issued in made] + [one.row.pk for one in refused]
        open_rows = set(_waiting(batch).filter(pk__in=ids).values_list("pk", flat=True))
        mine = [(one, issued) for one, issued in made if one.row.pk in open_rows]
        changed = [one.row for one, _issued in mine]
        for one, issued in mine:
            one.row.state, one.row.pass_id = RowState.ISSUED, issued.issued.pk
            one.row.sealed = sealer.seal(issued.code, context=one.row.sealed_for)
        for one in refused:
            if one.row.pk in open_rows:
                kept = one.problem == RowProblem.HAS_PASS
                one.row.state, one.row.problem = RowState.SKIPPED if kept else RowState.REFUSED, one.problem
                changed.append(one.row)
        if mine:
            administrators = {issued.issued.user_id for one, issued in mine if one.is_administrator}
            issuing.write(actor, [issued for _one, issued in mine], administrators=administrators, tell_in=MAILS_WAIT)
        _store(changed)
    return True


def _store(rows: Sequence[BatchRow]) -> None:
    """Write what became of rows. One short statement, many times: Django's own way for many rows took longer than all the
    rest of a batch but the hashing.
    """
    values = [
        (row.state, row.problem, *(uuid_parameters([row.pass_id]) if row.pass_id else [None]), row.sealed, row.pk)
        for row in rows
    ]
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE bulk_batchrow SET state = %s, problem = %s, pass_id = %s, sealed = %s WHERE id = %s", values
        )


def _waiting(batch: Batch) -> QuerySet[BatchRow]:
    return BatchRow.objects.filter(batch=batch, state=RowState.WAITING)
