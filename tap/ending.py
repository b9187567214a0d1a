"""Ending passes because of what became of their people. Called inside the transaction that makes it so."""

from collections.abc import Collection, Iterable
from uuid import UUID

from accounts import sessions
from accounts.authority import Actor
from accounts.enums import SessionEnd
from accounts.models import User
from audit.actions import Detail, record
from audit.enums import Event
from core import clock
from tap import queries, telling
from tap.models import TemporaryAccessPass


def end_pass_of(actor: Actor, user: User, *, reason: str) -> bool:
    """End the pass a person has, in whatever state, and its sessions; say whether there was one."""
    return bool(_end(actor, TemporaryAccessPass.objects.open().filter(user=user), reason=reason))


def end_outgrown(actor: Actor, tenant_id: UUID) -> list[User]:
    """End the passes of administrators whose issuer could not issue to them now, and return whose those were.

    Used ones too: their sessions live on. Ended for real, so that losing the role again revives nothing.
    """
    outgrown = queries.outgrown(tenant_id, now=clock.now())
    return _end(actor, outgrown, reason="issuer_rights")


def end_issued_by(actor: Actor, issuers: Collection[UUID]) -> None:
    """End the open passes of issuers who are about to be erased: nobody answers for them any more."""
    _end(
        actor,
        TemporaryAccessPass.objects.open().filter(issuer_id__in=issuers, ends_at__gt=clock.now()),
        reason="issuer_erased",
    )


def end_reported(actor: Actor, *, user: User, pass_id: UUID) -> tuple[int, int]:
    """End a pass that its person says he knows nothing of, inside the transaction that notes it, with its sessions.

    Returns how many passes (0 where it was over) and sessions that were.
    """
    now = clock.now()
    standing = TemporaryAccessPass.objects.open().filter(pk=pass_id, user=user)
    ended = sessions.revoke_bound_to(pass_id, SessionEnd.PASS_DELETED, now=now)
    gone = standing.update(deleted_at=now, verifier="", remnant="")
    if gone:
        detail: Detail = {"pass": str(pass_id), "sessions": ended}
        record(Event.PASS_DELETED, actor=actor, target=user, reason="reported_by_link", detail=detail)
    return gone, ended


def _end(actor: Actor, passes: Iterable[TemporaryAccessPass], *, reason: str) -> list[User]:
    now, ended = clock.now(), []
    for issued in passes:
        gone = TemporaryAccessPass.objects.open().filter(pk=issued.pk)
        if gone.update(deleted_at=now, verifier="", remnant=""):
            over = sessions.revoke_bound_to(issued.pk, SessionEnd.PASS_DELETED, now=now)
            detail: Detail = {"pass": str(issued.pk), "sessions": over}
            record(Event.PASS_DELETED, actor=actor, target=issued.user, reason=reason, detail=detail)
            telling.deleted(actor, issued.user, issued.pk)
            ended.append(issued.user)
    return ended
