"""What a restored backup must not bring back to life: everything that gives access and whatever was still to be done.

What happened since the backup was made is not known, so whatever it holds as open counts as ended since
(docs/decisions/0052). All of it in one transaction, before anybody else sees the database.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Count
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from accounts.access import from_command_line
from accounts.authority import Actor
from accounts.enums import SessionEnd
from accounts.models import SignInSession, Tenant, User
from accounts.sessions import revoke
from audit.actions import Detail, record, record_many
from audit.enums import Event
from authmethods.models import Ceremony
from bulk.enums import State
from bulk.models import Batch, BatchRow
from config.backups.files import About
from core.batches import in_batches
from core.models import WorkerBeat
from directory.enums import ImportState
from directory.models import Import
from notices import actions as notices
from oidc.actions.operator import rotate_keys
from oidc.models import DeviceGrant, Grant, SigningKey, TokenFamily
from tap.models import TemporaryAccessPass

REASON = "restored"
AT_ONCE = 500


def end_everything(about: About, *, now: datetime) -> dict[str, int]:
    """End what a restored database holds as open, say so in the audit log, and return how much that was, by kind."""
    actor = from_command_line(None)
    with transaction.atomic():
        ended = {
            "passes": _end_passes(actor, now),
            "one_off_passwords": User.everyone.filter(password_ends_at__gt=now).update(password_ends_at=now),
            "sessions": _end_sessions(actor, now),
            "tokens": TokenFamily.objects.filter(revoked_at__isnull=True).update(revoked_at=now),
            "codes": Grant.objects.all().delete()[0] + DeviceGrant.objects.all().delete()[0],
            "challenges": Ceremony.objects.all().delete()[0],
            "tasks": _drop_tasks(now),
            "notices": notices.withdraw_all(),
            "sealed_codes": BatchRow.objects.filter(sealed__isnull=False).update(sealed=None),
        }
        if SigningKey.objects.exists():
            rotate_keys(actor, at_once=True)
        detail: Detail = {"made_at": about.made_at, "digest": about.digest, **ended}
        record(Event.BACKUP_RESTORED, actor=actor, detail=detail)
        for tenant in Tenant.objects.all():
            record(Event.BACKUP_RESTORED, actor=actor, target=tenant, detail=detail)
    return ended


def _end_passes(actor: Actor, now: datetime) -> int:
    """Delete every pass that has a verifier left: the codes of none of them open anything any more."""
    with_code = TemporaryAccessPass.objects.exclude(verifier="")
    ended = 0
    for some in in_batches(with_code.open().values_list("pk", flat=True).iterator(), AT_ONCE):
        passes = list(TemporaryAccessPass.objects.select_related("user").filter(pk__in=some))
        details: list[tuple[User, Detail]] = [(one.user, {"pass": str(one.pk), "sessions": 0}) for one in passes]
        record_many(Event.PASS_DELETED, actor=actor, about=details, reason=REASON)
        ended += len(passes)
    with_code.open().update(deleted_at=now)
    with_code.update(verifier="", remnant="")
    return ended


def _end_sessions(actor: Actor, now: datetime) -> int:
    alive = SignInSession.objects.filter(revoked_at__isnull=True, ends_at__gt=now)
    counts = dict(alive.order_by().values_list("user_id").annotate(Count("pk")))
    for some in in_batches(counts, AT_ONCE):
        people = User.everyone.filter(pk__in=some)
        details: list[tuple[User, Detail]] = [(user, {"sessions": counts[user.pk]}) for user in people]
        record_many(Event.SESSIONS_REVOKED, actor=actor, about=details, reason=REASON)
    return revoke(alive, SessionEnd.REVOKED, now=now)


def _drop_tasks(now: datetime) -> int:
    """Take what waits out of the queue: it may have been done since. What was half done by a task stays as far as it got."""
    Batch.objects.filter(state=State.RUNNING).update(state=State.STOPPED, stop_reason=REASON, finished_at=now)
    Import.objects.filter(state__in=(ImportState.CHECKING, ImportState.RUNNING)).update(state=ImportState.STOPPED)
    WorkerBeat.objects.all().delete()
    waiting = DBTaskResult.objects.filter(status__in=(TaskResultStatus.READY, TaskResultStatus.RUNNING))
    return waiting.delete()[0]
