"""The work of an import: reading and judging its file, and making the people. Either begins again where it stopped."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import translation
from django_tasks import task

from accounts.access import acting_for
from accounts.authority import Actor, reach_of
from accounts.enums import Act, Standing
from accounts.models import GroupMember, User
from audit.actions import record
from audit.enums import Event, Outcome
from core import clock
from core.batches import in_batches
from core.csvfiles import table_of
from core.errors import Invalid
from core.text import fold_upn
from directory.actions.change import lock_tenant
from directory.enums import ImportState, RowState
from directory.judging import COLUMNS, Judge, profile_of
from directory.models import Import, ImportRow
from directory.rules import Problem
from directory.wording import author_may_not, no_columns

CHECKED_AT_ONCE = 1000  # lines
MADE_AT_ONCE = 200  # people in one transaction: short enough for sign-ins to come between
MOST_LINES = 100_000
NEEDED = ("displayName", "userPrincipalName")


@task(queue_name="long")
def check_import(import_id: str, language: str = settings.LANGUAGE_CODE) -> None:
    """Read the file of an import and judge every line; what stops it is told in the language it was ordered in."""
    batch = Import.objects.filter(pk=UUID(import_id), state=ImportState.CHECKING).first()
    if batch is not None:
        with translation.override(language):
            check(batch)


@task(queue_name="long")
def run_import(import_id: str) -> None:
    """Make the people of the good lines that are left."""
    batch = Import.objects.select_related("tenant").filter(pk=UUID(import_id), state=ImportState.RUNNING).first()
    if batch is None:
        return
    while (actor := author_of(batch)) and (rows := _next_rows(batch)):
        try:
            if not _make(actor, batch, rows):
                return
        except IntegrityError:  # somebody made one of them at this very moment: one by one
            for row in rows:
                _make_alone(actor, batch, row)
    _finish(actor or Actor(upn="worker"), batch, stopped="" if actor else "author_may_not")


def _next_rows(batch: Import) -> list[ImportRow]:
    return list(batch.rows.filter(state=RowState.GOOD).order_by("number")[:MADE_AT_ONCE])


class _TurnOver(Exception):
    """Somebody else has begun to check the import since, or it was thrown away."""


def check(batch: Import) -> None:
    """Judge the lines from the beginning: what an interrupted try left is thrown away.

    Of several at once the one that began last goes on. Another, of a worker that was taken for dead and lives, writes
    nothing more.
    """
    with suppress(_TurnOver):
        with transaction.atomic(durable=True):
            _keep(batch, turn=F("turn") + 1)
            batch.refresh_from_db(fields=["turn"])
            batch.rows.all().delete()
        try:
            _judge_all(batch)
        except Invalid as refused:
            with transaction.atomic(durable=True):
                _keep(batch, state=ImportState.STOPPED, problem=str(refused.message)[:400], packed=b"")
                batch.rows.all().delete()


def author_of(batch: Import) -> Actor | None:
    """Return who ordered it, with the rights he holds now; None where he may not do it any more."""
    actor = acting_for(batch.session_id)
    return actor if actor and Standing.MEMBER in reach_of(actor, Act.USERS_CREATE) else None


def _judge_all(batch: Import) -> None:
    actor = author_of(batch)
    if actor is None:
        raise Invalid("author_may_not", author_may_not())
    table = table_of(batch.text, known=COLUMNS, most=MOST_LINES)
    if table is None or any(name not in table.columns for name in NEEDED):
        raise Invalid("no_columns", no_columns())
    judge = Judge(actor, batch.tenant_id)
    batch.good = batch.bad = 0
    for lines in in_batches(table.lines, CHECKED_AT_ONCE):
        rows = judge.rows(table, lines)
        for row in rows:
            row.batch = batch
        bad = sum(row.state == RowState.BAD for row in rows)
        batch.good, batch.bad = batch.good + len(rows) - bad, batch.bad + bad
        with transaction.atomic(durable=True):
            _keep(batch, good=batch.good, bad=batch.bad)
            ImportRow.objects.bulk_create(rows)
    if not batch.good + batch.bad:
        raise Invalid("no_lines", no_columns())
    _keep(batch, state=ImportState.CHECKED, packed=b"")


def _keep(batch: Import, **values: Any) -> None:
    """Write what was found of the import, and lock it. Raises _TurnOver where it is no longer this one's to check."""
    turn = {} if "turn" in values else {"turn": batch.turn}
    if not Import.objects.filter(pk=batch.pk, state=ImportState.CHECKING, **turn).update(**values):
        raise _TurnOver


def _make(actor: Actor, batch: Import, found: Sequence[ImportRow]) -> bool:
    """Make some people in one transaction, with their groups and events. False where the import was stopped meanwhile."""
    with transaction.atomic(durable=True):
        lock_tenant(batch.tenant_id)
        if not _is_running(batch):
            return False
        rows = _still_good(batch, found)
        made = _admitted(Judge(actor, batch.tenant_id), rows)  # anew: domains and groups are those of this moment
        User.objects.bulk_create(user for user, _groups in made)
        GroupMember.objects.bulk_create(GroupMember(user=user, group_id=one) for user, groups in made for one in groups)
        for user, groups in made:
            detail: dict[str, object] = {
                "upn": user.upn,
                "display_name": user.display_name,
                "groups": [str(one) for one in groups],
            }
            record(Event.USER_CREATED, actor=actor, target=user, detail={"import": str(batch.pk), "new": detail})
        ImportRow.objects.bulk_update(rows, ["state", "problems"])
        created, refused = F("created") + len(made), F("refused") + len(rows) - len(made)
        Import.objects.filter(pk=batch.pk).update(created=created, refused=refused)
    return True


def _admitted(judge: Judge, rows: Sequence[ImportRow]) -> list[tuple[User, list[UUID]]]:
    """Return the people to make with their groups, and note on every row what becomes of it."""
    people = []
    domains, taken = set(judge.domains), judge.taken(rows)
    for row in rows:
        profile, groups = profile_of(row), judge.group_ids(row)
        problem = None if groups is not None else ("groups", Problem.GROUP_UNKNOWN)
        if fold_upn(profile.upn) in taken:
            problem = ("upn", Problem.TAKEN)
        elif profile.upn.rpartition("@")[2] not in domains:
            problem = ("upn", Problem.FOREIGN_DOMAIN)
        row.state = RowState.CREATED if problem is None else RowState.REFUSED
        row.problems = [] if problem is None else [[problem[0], problem[1].value]]
        if problem is None:
            user = User(tenant_id=judge.tenant_id, created_at=clock.now(), **asdict(profile))
            user.fill_keys()
            people.append((user, groups or []))
    return people


def _make_alone(actor: Actor, batch: Import, row: ImportRow) -> None:
    try:
        _make(actor, batch, [row])
    except IntegrityError:
        with transaction.atomic(durable=True):
            if _is_running(batch) and _still_good(batch, [row]):
                row.state, row.problems = RowState.REFUSED, [["upn", Problem.TAKEN.value]]
                row.save(update_fields=["state", "problems"])
                Import.objects.filter(pk=batch.pk).update(refused=F("refused") + 1)


def _is_running(batch: Import) -> bool:
    """Lock an import, and say whether its people are still to be made."""
    return Import.objects.select_for_update().filter(pk=batch.pk, state=ImportState.RUNNING).exists()


def _still_good(batch: Import, rows: Sequence[ImportRow]) -> list[ImportRow]:
    """Return those of ``rows`` that nobody has dealt with since they were read: another worker may be at it, too."""
    good = batch.rows.filter(pk__in=[row.pk for row in rows], state=RowState.GOOD)
    return list(good.order_by("number"))


def _finish(actor: Actor, batch: Import, *, stopped: str = "") -> None:
    with transaction.atomic(durable=True):
        running = Import.objects.filter(pk=batch.pk, state=ImportState.RUNNING)
        if running.update(state=ImportState.STOPPED if stopped else ImportState.DONE):
            batch.refresh_from_db()
            record(
                Event.IMPORT_FINISHED,
                actor=actor,
                target=batch.tenant,
                outcome=Outcome.FAILURE if stopped else Outcome.SUCCESS,
                reason=stopped,
                detail={"import": str(batch.pk), "created": batch.created, "refused": batch.refused},
            )
