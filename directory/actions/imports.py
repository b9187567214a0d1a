"""People from a file: checked first, made once somebody has looked at what was found."""

import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.access import require_in_tenant
from accounts.authority import Actor
from accounts.enums import Act
from accounts.models import Tenant
from audit.actions import Detail, record
from audit.enums import Event
from core import clock
from core.csvfiles import count_lines
from core.errors import Conflict, Denied, Invalid
from directory import queries, tasks
from directory.enums import ImportState, RowState
from directory.models import Import

AT_ONCE = 500  # lines that are checked while the page loads; more are the worker's
WORKER_LOOKS_AFTER = timedelta(minutes=1)
KEPT = timedelta(days=7)


def upload(actor: Actor, *, name: str, text: str) -> Import:
    """Take a file and check it: nothing of the directory is written. Raises Refused, ConfirmationNeeded."""
    require_in_tenant(actor, Act.USERS_CREATE)
    if actor.tenant_id is None or actor.user_id is None or actor.session_id is None:
        raise Denied("no_person")  # whose sign-in would the task go by?
    lines = count_lines(text)
    batch = Import(
        tenant_id=actor.tenant_id,
        author_id=actor.user_id,
        session_id=actor.session_id,
        created_at=clock.now(),
        source=name[:200],
        packed=zlib.compress(text.encode()),
        lines=lines,
    )
    is_short = lines <= AT_ONCE
    with transaction.atomic(durable=True):
        batch.save(force_insert=True)
        # What is checked here at once is the worker's later, if this process does not live to finish it.
        later = tasks.check_import.using(run_after=batch.created_at + WORKER_LOOKS_AFTER if is_short else None)
        later.enqueue(str(batch.pk), translation.get_language() or settings.LANGUAGE_CODE)
    if is_short:
        tasks.check(batch)
        batch.refresh_from_db()
    return batch


def choose(actor: Actor, *, import_id: UUID, shown: Collection[int], chosen: Collection[int]) -> None:
    """Of the lines ``shown``, keep the ``chosen`` ones and leave the others out. Still nothing of the directory is written.

    Raises Refused, NotFound, Conflict (started).
    """
    with _being_chosen(actor, import_id) as batch:
        rows = batch.rows.filter(number__in=shown)
        left = rows.filter(state=RowState.GOOD).exclude(number__in=chosen).update(state=RowState.LEFT_OUT)
        kept = rows.filter(state=RowState.LEFT_OUT, number__in=chosen).update(state=RowState.GOOD)
        _count(batch, kept - left)


def choose_all(actor: Actor, *, import_id: UUID, are_chosen: bool) -> None:
    """Keep every good line, or leave every one out. Raises Refused, NotFound, Conflict (started)."""
    old, new = (RowState.LEFT_OUT, RowState.GOOD) if are_chosen else (RowState.GOOD, RowState.LEFT_OUT)
    with _being_chosen(actor, import_id) as batch:
        moved = batch.rows.filter(state=old).update(state=new)
        _count(batch, moved if are_chosen else -moved)


def start_import(actor: Actor, *, import_id: UUID) -> None:
    """Let the chosen lines become people. Raises Refused, ConfirmationNeeded, NotFound, Invalid (none), Conflict (started)."""
    require_in_tenant(actor, Act.USERS_CREATE)
    batch = queries.import_of(actor, import_id)
    if batch.state == ImportState.CHECKED and not batch.good:
        raise Invalid("nobody_chosen", _("Nobody was imported. Choose at least one person."))
    with transaction.atomic(durable=True):
        checked = Import.objects.filter(pk=batch.pk, state=ImportState.CHECKED, good__gt=0)
        if not checked.update(state=ImportState.RUNNING, session_id=actor.session_id):
            raise Conflict("import_started", _("This import was started already."))
        detail: Detail = {
            "import": str(batch.pk),
            "source": batch.source,
            "people": batch.good,
            "left_out": batch.left_out,
        }
        record(Event.IMPORT_STARTED, actor=actor, target=batch.tenant, detail=detail)
        tasks.run_import.enqueue(str(batch.pk))


def discard_import(actor: Actor, *, import_id: UUID) -> None:
    """Throw an import away that was not started. Raises Refused, NotFound, Conflict."""
    require_in_tenant(actor, Act.USERS_CREATE)
    batch = queries.import_of(actor, import_id)
    idle = (ImportState.CHECKING, ImportState.CHECKED)
    with transaction.atomic(durable=True):
        # Locked first, or whoever checks it meanwhile would write a line of what is gone.
        if not Import.objects.select_for_update().filter(pk=batch.pk, state__in=idle).exists():
            raise Conflict("import_started", _("This import was started already."))
        Import.objects.filter(pk=batch.pk).delete()


def note_export(actor: Actor) -> None:
    """Record that the list of all people leaves. Raises Refused, ConfirmationNeeded."""
    require_in_tenant(actor, Act.DIRECTORY_VIEW)
    assert actor.tenant_id is not None  # noqa: S101  nobody without a tenant passes the line above
    record(Event.USERS_EXPORTED, actor=actor, target=Tenant.objects.get(pk=actor.tenant_id))


@contextmanager
def _being_chosen(actor: Actor, import_id: UUID) -> Iterator[Import]:
    """Lock an import whose lines are being chosen. The right to make people is asked for when it starts."""
    require_in_tenant(actor, Act.DIRECTORY_VIEW)
    batch = queries.import_of(actor, import_id)
    with transaction.atomic(durable=True):
        if not Import.objects.select_for_update().filter(pk=batch.pk, state=ImportState.CHECKED).exists():
            raise Conflict("import_started", _("This import was started already."))
        yield batch


def _count(batch: Import, more: int) -> None:
    Import.objects.filter(pk=batch.pk).update(good=F("good") + more, left_out=F("left_out") - more)


def forget_imports(*, now: datetime) -> int:
    """Erase imports of long ago and return how many that were. Housekeeping: they hold names of people."""
    old = list(Import.objects.filter(created_at__lt=now - KEPT).values_list("pk", flat=True)[:10])
    for one in old:
        Import.objects.filter(pk=one).delete()  # each by itself: one may hold 100,000 lines
    return len(old)
