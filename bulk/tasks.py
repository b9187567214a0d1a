"""The work of a batch. It hashes on every core, writes chunk by chunk, and begins again where it stopped."""

import os
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django_tasks import task

from accounts import sessions
from accounts.access import actor_of
from accounts.authority import Actor
from accounts.enums import SessionEnd
from audit.actions import record
from audit.enums import Event, Outcome
from bulk import judging
from bulk.enums import RowProblem, RowState, State
from bulk.judging import Judged
from bulk.models import Batch, BatchRow
from core import clock
from core.errors import NotFound
from core.sealing import Sealer
from core.sql import uuid_parameters
from tap import issuing, queries
from tap.issuing import Issued
from tap.models import TapPolicy

CHUNK = 128  # people in one transaction: short enough for sign-ins to come between
CHUNKS_AHEAD = 2  # being hashed while another is written
MAILS_WAIT = timedelta(minutes=5)
HARMLESS_ENDS = (SessionEnd.SIGNED_OUT, SessionEnd.SIGNED_IN_AGAIN)


@dataclass(frozen=True)
class Chunk:
    """Some rows on their way: those refused already, and those whose codes are being hashed."""

    refused: Sequence[Judged]
    hashed: Sequence[tuple[Judged, "Future[Issued]"]]


@dataclass(frozen=True)
class Terms:
    """Who issues, with which roles, and by which policy."""

    actor: Actor
    policy: TapPolicy

    def stand(self, now: "Terms | None") -> bool:
        """True where nothing of them has changed."""
        return now is not None and (now.actor.roles, now.policy.version) == (self.actor.roles, self.policy.version)


@task(queue_name="long")
def issue_batch(batch_id: str) -> None:
    """Issue the passes of a batch that are still to be issued."""
    batch = Batch.objects.select_related("tenant").filter(pk=UUID(batch_id), state=State.RUNNING).first()
    if batch is None:
        return
    while terms := _terms_of(batch):
        if _issue(batch, terms):
            return
    stop(batch, "issuer_signed_out")


def _issue(batch: Batch, terms: Terms) -> bool:
    """Issue to those who wait. False where that is to begin again, as the terms are no longer what they were."""
    after: int | None = -1
    ahead: deque[Chunk] = deque()
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        while True:
            while len(ahead) < CHUNKS_AHEAD and after is not None:
                rows = list(_waiting(batch).filter(position__gt=after).order_by("position")[:CHUNK])
                after = rows[-1].position if rows else None
                if rows:
                    ahead.append(_begin(pool, judging.judge(terms.actor, batch, rows, terms.policy), terms.policy))
            if not ahead:
                break
            chunk = ahead.popleft()
            made = [(one, future.result()) for one, future in chunk.hashed]
            if not terms.stand(_terms_of(batch)):
                pool.shutdown(cancel_futures=True)
                return False
            if not _write(terms.actor, batch, made, chunk.refused):
                return True
    finish(terms.actor, batch)
    return True


def _terms_of(batch: Batch) -> Terms | None:
    """Return under which terms passes are made now; None where nobody may order them any more."""
    actor = issuer_of(batch)
    return Terms(actor, queries.policy_of(batch.tenant_id)) if actor else None


def issuer_of(batch: Batch) -> Actor | None:
    """Return who ordered the batch, with the roles he holds now and the sign-in of then; None where that sign-in was
    ended for cause, or he may not sign in any more.
    """
    session = sessions.session_with_id(batch.session_id)
    if session is None or not session.user.is_enabled or not session.tenant.is_enabled:
        return None
    if session.revoked_at is not None and SessionEnd(session.revoked_reason) not in HARMLESS_ENDS:
        return None
    return replace(actor_of(session), ordered_at=batch.started_at)


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


def _begin(pool: ThreadPoolExecutor, judged: Sequence[Judged], policy: TapPolicy) -> Chunk:
    hashed = [(one, pool.submit(partial(_hash, policy.default_length), one)) for one in judged if one.drafted]
    return Chunk([one for one in judged if not one.drafted], hashed)


def _hash(length: int, one: Judged) -> Issued:
    assert one.drafted is not None  # noqa: S101  the caller has asked
    return issuing.protect(one.drafted, length=length, waits_for_a_slot=False)


def _write(actor: Actor, batch: Batch, made: Sequence[tuple[Judged, Issued]], refused: Sequence[Judged]) -> bool:
    """Write a chunk, or where somebody of it is in the way, one by one. False where the batch was stopped meanwhile."""
    try:
        return _write_all(actor, batch, made, refused)
    except (IntegrityError, NotFound):
        alone = all(_write_one(actor, batch, one, issued) for one, issued in made)
        return alone and _write_all(actor, batch, [], refused)


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
