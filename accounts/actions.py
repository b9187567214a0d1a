"""Ending sessions, and what is noted of attempts and of logs that leave. People, groups and roles: ``directory.actions``."""

from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from django.db import transaction

from accounts import sessions
from accounts.access import Reached, require_in_tenant
from accounts.authority import Actor
from accounts.enums import Act, SessionEnd
from accounts.models import SignInSession, User
from audit.actions import record
from audit.enums import Event, Outcome
from audit.models import AuditEvent
from audit.queries import Filters, every
from core import clock
from core.errors import NotFound
from core.limits import Lane


def revoke_sessions(actor: Actor, *, target: Reached) -> int:
    """End every session of ``target`` and return how many that were. Raises Refused, ConfirmationNeeded."""
    target.require(Act.SESSIONS_REVOKE)
    with transaction.atomic(durable=True):
        ended = sessions.revoke_all_of(target.user.id, SessionEnd.REVOKED, now=clock.now())
        record(Event.SESSIONS_REVOKED, actor=actor, target=target.user, detail={"sessions": ended})
    return ended


def sign_out_everywhere(actor: Actor, *, user: User, keep_this: bool) -> int:
    """End the actor's own sessions, all or all but the one he acts in, and return how many that were."""
    with transaction.atomic(durable=True):
        ended = sessions.revoke_all_of(
            user.id, SessionEnd.REVOKED, now=clock.now(), but=actor.session_id if keep_this else None
        )
        record(Event.SESSIONS_REVOKED, actor=actor, target=user, detail={"sessions": ended})
    return ended


def end_own_session(actor: Actor, *, user: User, session_id: UUID) -> None:
    """End one of the actor's own sessions. Raises NotFound for anybody else's."""
    with transaction.atomic(durable=True):
        own = SignInSession.objects.filter(pk=session_id, user=user)
        if not sessions.revoke(own, SessionEnd.REVOKED, now=clock.now()):
            raise NotFound("session")
        record(Event.SESSIONS_REVOKED, actor=actor, target=user, detail={"sessions": 1})


def end_session_of(actor: Actor, *, target: Reached, session_id: UUID) -> None:
    """End one session of somebody else. Raises Refused, ConfirmationNeeded, NotFound."""
    target.require(Act.SESSIONS_REVOKE)
    with transaction.atomic(durable=True):
        theirs = SignInSession.objects.filter(pk=session_id, user=target.user)
        if not sessions.revoke(theirs, SessionEnd.REVOKED, now=clock.now()):
            raise NotFound("session")
        record(Event.SESSIONS_REVOKED, actor=actor, target=target.user, detail={"sessions": 1})


def note_limit(actor: Actor, user: User | None, lanes: Sequence[Lane], counts: Mapping[str, int]) -> None:
    """Record that after this failed attempt the next ones must wait. Those that wait are not recorded: they cost nothing."""
    if any(counts[lane.key] >= lane.limit for lane in lanes if lane.waits):
        record(Event.ATTEMPTS_LIMITED, actor=actor, target=user, outcome=Outcome.FAILURE, reason="attempt_limit")


def export_log(actor: Actor, *, wanted: Filters) -> Iterator[AuditEvent]:
    """Record that the actor takes a log with him, and return its events, newest first. Raises Refused, ConfirmationNeeded."""
    require_in_tenant(actor, Act.AUDIT_VIEW)
    assert actor.tenant_id is not None  # noqa: S101  nobody without a tenant passes the line above
    record(
        Event.LOG_EXPORTED,
        actor=actor,
        detail={"log": "sign-ins" if wanted.is_sign_in else "audit", "filters": wanted.public()},
    )
    return every(actor.tenant_id, wanted)
