"""People from a file: checked first, made once somebody has looked at what was found."""

import zlib
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.access import require_in_tenant
from accounts.authority import Actor
from accounts.enums import Act
from accounts.models import Tenant
from audit.actions import Detail, record
from audit.enums import Event
from core import clock
from core.errors import Conflict, Denied
from directory import queries, tasks
from directory.enums import ImportState
from directory.models import Import

AT_ONCE = 500  # lines that are checked while the page loads; more are the worker's
KEPT = timedelta(days=7)


def upload(actor: Actor, *, name: str, text: str) -> Import:
    """Take a file and check it: nothing of the directory is written. Raises Refused, ConfirmationNeeded."""
    require_in_tenant(actor, Act.USERS_CREATE)
    if actor.tenant_id is None or actor.user_id is None or actor.session_id is None:
        raise Denied("no_person")  # whose sign-in would the task go by?
    lines = text.count("\n") + 1
    batch = Import(
        tenant_id=actor.tenant_id,
        author_id=actor.user_id,
        session_id=actor.session_id,
        created_at=clock.now(),
        source=name[:200],
        packed=zlib.compress(text.encode()),
        lines=lines,
    )
    with transaction.atomic(durable=True):
        batch.save(force_insert=True)
        if lines > AT_ONCE:
            tasks.check_import.enqueue(str(batch.pk), translation.get_language() or settings.LANGUAGE_CODE)
    if lines <= AT_ONCE:
        tasks.check(batch)
    return batch


def start_import(actor: Actor, *, import_id: UUID) -> None:
    """Let the good lines become people. Raises Refused, ConfirmationNeeded, NotFound, Conflict (started, none good)."""
    require_in_tenant(actor, Act.USERS_CREATE)
    batch = queries.import_of(actor, import_id)
    with transaction.atomic(durable=True):
        checked = Import.objects.filter(pk=batch.pk, state=ImportState.CHECKED, good__gt=0)
        if not checked.update(state=ImportState.RUNNING, session_id=actor.session_id):
            raise Conflict("import_started", _("This import was started already, or has nobody to import."))
        detail: Detail = {"import": str(batch.pk), "source": batch.source, "people": batch.good}
        record(Event.IMPORT_STARTED, actor=actor, target=batch.tenant, detail=detail)
        tasks.run_import.enqueue(str(batch.pk))


def discard_import(actor: Actor, *, import_id: UUID) -> None:
    """Throw an import away that was not started. Raises Refused, NotFound, Conflict."""
    require_in_tenant(actor, Act.USERS_CREATE)
    batch = queries.import_of(actor, import_id)
    idle = (ImportState.CHECKING, ImportState.CHECKED)
    gone, _by_model = Import.objects.filter(pk=batch.pk, state__in=idle).delete()
    if not gone:
        raise Conflict("import_started", _("This import was started already."))


def note_export(actor: Actor) -> None:
    """Record that the list of all people leaves. Raises Refused, ConfirmationNeeded."""
    require_in_tenant(actor, Act.DIRECTORY_VIEW)
    assert actor.tenant_id is not None  # noqa: S101  nobody without a tenant passes the line above
    record(Event.USERS_EXPORTED, actor=actor, target=Tenant.objects.get(pk=actor.tenant_id))


def forget_imports(*, now: datetime) -> int:
    """Erase imports of long ago and return how many that were. Housekeeping: they hold names of people."""
    old = list(Import.objects.filter(created_at__lt=now - KEPT).values_list("pk", flat=True)[:10])
    for one in old:
        Import.objects.filter(pk=one).delete()  # each by itself: one may hold 100,000 lines
    return len(old)
