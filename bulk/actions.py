"""Passes for many: drafted, started, handed over once, undone. Each checks the right and records in its transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.access import reach_many, require_in_tenant
from accounts.authority import Actor
from accounts.enums import Act
from accounts.models import User
from audit.actions import Detail, record
from audit.enums import Event
from bulk import judging, queries, tasks
from bulk.enums import Form, OnOpen, RowProblem, RowState, State
from bulk.models import Batch, BatchRow
from core import clock, sealing
from core.batches import in_batches
from core.errors import Conflict, Denied, Invalid
from core.text import fold_upn
from core.wording import number
from tap import issuing
from tap import queries as tap
from tap.issuing import Wish
from tap.models import TemporaryAccessPass

MOST_PEOPLE = 20_000
CHUNK = 500
DRAFTS_KEPT, CODES_KEPT, KEPT = timedelta(days=1), timedelta(days=7), timedelta(days=90)


@dataclass(frozen=True)
class Source:
    """Whom a batch is for: users by id (a group, a selection), or user names somebody gave."""

    name: str
    user_ids: Sequence[UUID] = ()
    upns: Sequence[str] = ()
    is_group: bool = False


@dataclass(frozen=True)
class Handed:
    """One person's pass and its code, on its way to the issuer and nowhere else."""

    user: User
    issued: TemporaryAccessPass
    code: str

    def __repr__(self) -> str:
        return f"Handed({self.issued.id}, code hidden)"


def draft(actor: Actor, *, batch_id: UUID, source: Source, wish: Wish) -> Batch:
    """Write down for whom a batch is and judge each of them; nothing is issued yet.

    ``batch_id``, a random id of the caller's form, makes sending the form twice draft once.
    Raises Refused, ConfirmationNeeded, Invalid (nobody, or too many).
    """
    require_in_tenant(actor, Act.PASS_ISSUE)
    batch = _new(actor, batch_id, source, wish)
    rows = _rows(batch, source)
    if not rows:
        raise Invalid("nobody", _("There is nobody in this list. Add at least one user name."))
    if len(rows) > MOST_PEOPLE:
        raise Invalid(
            "too_many", _("A batch holds up to %(most)s people. Split the list.") % {"most": number(MOST_PEOPLE)}
        )
    for chunk in in_batches(rows, CHUNK):
        _judge_early(actor, batch, chunk)
    try:
        with transaction.atomic(durable=True):
            batch.save(force_insert=True)
            for chunk in in_batches(rows, CHUNK):
                BatchRow.objects.bulk_create(chunk)
    except IntegrityError:
        return queries.batch_of(actor, batch_id)
    return batch


def start(actor: Actor, *, batch_id: UUID, on_open: OnOpen) -> str:
    """Put a batch into the queue and return the key that its codes will be handed over for. The key is kept nowhere.

    Raises NotFound, Refused, ConfirmationNeeded, Conflict (it was started before).
    """
    require_in_tenant(actor, Act.PASS_ISSUE)
    batch = queries.batch_of(actor, batch_id)
    key, public = sealing.make_key()
    with transaction.atomic(durable=True):
        started = Batch.objects.filter(pk=batch.pk, state=State.DRAFT).update(
            state=State.RUNNING,
            on_open=on_open,
            public_key=public,
            started_at=clock.now(),
            session_id=actor.session_id or batch.session_id,
        )
        if not started:
            raise Conflict("batch_started", _("This batch was started already."))
        detail: Detail = {
            "batch": str(batch.pk),
            "source": batch.source,
            "people": batch.rows.filter(state=RowState.WAITING).count(),
            "lifetime_in_minutes": batch.lifetime_in_minutes,
            "one_time": batch.is_usable_once,
            "on_open": on_open.value,
        }
        record(Event.BULK_STARTED, actor=actor, target=batch.tenant, detail=detail)
        tasks.issue_batch.enqueue(str(batch.pk))
    return key


def discard(actor: Actor, *, batch_id: UUID) -> None:
    """Throw a draft away. Raises NotFound, Refused, Conflict."""
    require_in_tenant(actor, Act.PASS_ISSUE)
    batch = queries.batch_of(actor, batch_id)
    gone, _by_model = Batch.objects.filter(pk=batch.pk, state=State.DRAFT).delete()
    if not gone:
        raise Conflict("batch_started", _("This batch was started already."))


def hand_over(actor: Actor, *, batch_id: UUID, key: str, form: Form) -> list[Handed]:
    """Open the codes of a batch, once: they are erased in the transaction that lets them out.

    Raises NotFound, Refused, ConfirmationNeeded, Invalid (field ``key``), Conflict (done before, or still under way).
    """
    require_in_tenant(actor, Act.PASS_ISSUE)
    batch = queries.batch_of(actor, batch_id)
    if batch.handed_over_at is not None:
        raise _handed_over()  # whoever sends the form again has no key any more
    try:
        opener = sealing.Opener(key)
    except sealing.Unreadable:
        opener = None
    if opener is None or opener.public != bytes(batch.public_key):
        message = _("This is not the key of this batch. Check it, or hand over in the browser you started it in.")
        raise Invalid("wrong_key", fields={"key": message})
    with transaction.atomic(durable=True):
        standing = Batch.objects.filter(pk=batch.pk, handed_over_at=None, state__in=(State.DONE, State.STOPPED))
        if not standing.update(handed_over_at=clock.now()):
            raise _handed_over()
        sealed = batch.rows.filter(state=RowState.ISSUED, sealed__isnull=False).select_related("user")
        rows = list(sealed.order_by("position"))
        passes = TemporaryAccessPass.objects.open().in_bulk([row.pass_id for row in rows])
        handed = [
            Handed(row.user, passes[row.pass_id], opener.open(bytes(row.sealed), context=row.sealed_for))
            for row in rows
            if row.user and row.pass_id in passes and row.sealed
        ]
        batch.rows.update(sealed=None)
        detail: Detail = {"batch": str(batch.pk), "form": form.value, "passes": len(handed)}
        record(Event.BULK_HANDED_OVER, actor=actor, target=batch.tenant, detail=detail)
    return handed


def undo(actor: Actor, *, batch_id: UUID) -> int:
    """Stop a batch and delete those of its passes that nobody has used; return how many that were.

    People who have become administrators meanwhile keep theirs, where the actor may not delete it.
    Raises NotFound, Refused, ConfirmationNeeded, Conflict (it was not started).
    """
    require_in_tenant(actor, Act.PASS_DELETE)
    batch = queries.batch_of(actor, batch_id)
    if batch.state == State.DRAFT:
        raise Conflict("batch_not_started", _("No pass of this batch was issued yet. Discard the list instead."))
    tasks.stop(batch, "undone")
    deleted, after = 0, -1
    while rows := list(queries.undoable(batch).filter(position__gt=after)[:CHUNK]):
        after = rows[-1].position
        people = reach_many(actor, [row.user_id for row in rows if row.user_id])
        mine = {
            row.pass_id: people[row.user_id].user
            for row in rows
            if row.user_id in people and row.pass_id and people[row.user_id].decide(Act.PASS_DELETE).is_allowed
        }
        with transaction.atomic(durable=True):
            deleted += issuing.delete_unused(actor, mine)
            batch.rows.filter(pass_id__in=mine).update(sealed=None, state=RowState.UNDONE)
    with transaction.atomic(durable=True):
        Batch.objects.filter(pk=batch.pk).update(undone_at=clock.now())
        batch.rows.update(sealed=None)
        record(Event.BULK_UNDONE, actor=actor, target=batch.tenant, detail={"batch": str(batch.pk), "passes": deleted})
    return deleted


def forget_old(*, now: datetime) -> int:
    """Delete drafts nobody started, codes nobody fetched, and batches of long ago; return how many rows changed."""
    drafts, _by_model = Batch.objects.filter(state=State.DRAFT, created_at__lt=now - DRAFTS_KEPT).delete()
    old, _by_model = Batch.objects.filter(created_at__lt=now - KEPT).delete()
    late = BatchRow.objects.filter(batch__finished_at__lt=now - CODES_KEPT, batch__handed_over_at=None)
    return drafts + old + late.filter(sealed__isnull=False).update(sealed=None)


def _handed_over() -> Conflict:
    return Conflict("handed_over", _("The passes of this batch were handed over already, or are still being made."))


def _new(actor: Actor, batch_id: UUID, source: Source, wish: Wish) -> Batch:
    """Return a batch as it is to be written, what was not wished for as the policy has it."""
    tenant_id, user_id, session_id = actor.tenant_id, actor.user_id, actor.session_id
    if tenant_id is None or user_id is None or session_id is None:
        raise Denied("no_person")  # whose sign-in would the task go by?
    policy = tap.policy_of(tenant_id)
    return Batch(
        id=batch_id,
        tenant_id=tenant_id,
        issuer_id=user_id,
        session_id=session_id,
        created_at=clock.now(),
        source=source.name[:300],
        lifetime_in_minutes=wish.lifetime_under(policy),
        starts_at=wish.starts_at,
        is_usable_once=wish.is_once_under(policy),
        reason=wish.note,
    )


def _rows(batch: Batch, source: Source) -> list[BatchRow]:
    """Return a row for each person, unknown ones and repetitions among them, in the order given."""
    rows: list[BatchRow] = []
    if source.upns:
        upns = [upn[:320] for upn in source.upns[: MOST_PEOPLE + 1]]
        known = queries.people_named(batch.tenant_id, {fold_upn(upn) for upn in upns})
        rows = [BatchRow(batch=batch, typed=upn, user_id=known.get(fold_upn(upn))) for upn in upns]
    else:
        named = queries.people_with(batch.tenant_id, source.user_ids, most=MOST_PEOPLE + 1)
        rows = [BatchRow(batch=batch, typed=upn, user_id=pk) for pk, upn in named]
    seen: set[UUID] = set()
    for position, row in enumerate(rows):
        row.position = position
        if row.user_id is None:
            row.state, row.problem = RowState.REFUSED, RowProblem.UNKNOWN
        elif row.user_id in seen:
            row.state, row.problem, row.user_id = RowState.REFUSED, RowProblem.TWICE, None
        else:
            seen.add(row.user_id)
    return rows


def _judge_early(actor: Actor, batch: Batch, rows: Sequence[BatchRow]) -> None:
    """Note what stands in the way of whom as things are now; it is judged again when the pass is made."""
    waiting = [row for row in rows if row.state == RowState.WAITING]
    for one in judging.judge(judging.grounds_of(actor, batch, waiting), batch, waiting):
        one.row.is_outside, one.row.has_pass = one.is_outside, one.has_pass
        if one.problem:
            one.row.state, one.row.problem = RowState.REFUSED, one.problem
