"""Sign-in sessions: opening, judging at each use, ending. ``signin.establish`` is the only caller of ``open_session``."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db.models import QuerySet

from accounts.authority import SessionFacts
from accounts.enums import Interrupt, MethodKind, SessionEnd
from accounts.models import SignInSession, User
from core import secrets
from core.sql import insert

# docs/decisions/0006: NIST SP 800-63B-4 §2.2.3 (AAL2: at most 24 hours overall, 1 hour without activity).
LONGEST = timedelta(hours=12)
LONGEST_IDLE = timedelta(hours=1)
SEEN_EVERY = timedelta(minutes=5)


@dataclass(frozen=True)
class Opening:
    """What a session is made of: how the person proved who he is, and when that proof ends by itself."""

    user: User
    method: MethodKind
    credential_id: UUID | None
    ends_at: datetime | None = None
    registration_ends_at: datetime | None = None
    address: str = ""
    user_agent: str = ""
    interrupt: Interrupt = Interrupt.NONE
    id: UUID | None = None  # where events have named the session before it is there


def open_session(opening: Opening, *, now: datetime) -> tuple[SignInSession, str]:
    """Write the session and return it with the token for the browser. Nothing ever moves ``ends_at`` (criterion B01)."""
    token = secrets.make_token()
    session = SignInSession(
        id=opening.id or uuid4(),
        tenant_id=opening.user.tenant_id,
        user=opening.user,
        token_digest=secrets.digest(token),
        method=opening.method,
        credential_id=opening.credential_id,
        amr=opening.method.amr,
        authenticated_at=now,
        last_seen_at=now,
        ends_at=min(now + LONGEST, opening.ends_at) if opening.ends_at else now + LONGEST,
        registration_ends_at=opening.registration_ends_at,
        interrupt=opening.interrupt,
        address=opening.address,
        user_agent=opening.user_agent[:256],
    )
    insert(session)
    return session, token


def find(token: str) -> SignInSession | None:
    """Return the session of a browser's token, with its user and tenant, dead or alive."""
    found = SignInSession.objects.select_related("user", "tenant").filter(token_digest=secrets.digest(token)).first()
    if found is not None:
        found.user.tenant = found.tenant
    return found


def session_with_id(session_id: UUID) -> SignInSession | None:
    """Return a session with its user and tenant, dead or alive, for what was ordered in it."""
    return SignInSession.objects.select_related("user", "tenant").filter(pk=session_id).first()


def end_of(session: SignInSession, *, now: datetime) -> SessionEnd | None:
    """Return why ``session`` (with user and tenant) gives its browser no access at ``now``, or None if it does."""
    return over(session, now=now) or (SessionEnd.IDLE if now - session.last_seen_at > LONGEST_IDLE else None)


def over(session: SignInSession, *, now: datetime) -> SessionEnd | None:
    """Return why ``session`` (with user and tenant) gives nobody access any more, or None. Judged at each use.

    This is what tokens born of the session are held to: an hour without a page ends the browser's access only.
    """
    if session.revoked_at is not None:
        return SessionEnd(session.revoked_reason)
    if now >= session.ends_at:
        is_pass = session.method == MethodKind.TEMPORARY_ACCESS_PASS
        return (
            SessionEnd.PASS_ENDED
            if is_pass and session.ends_at - session.authenticated_at < LONGEST
            else SessionEnd.TOO_LONG
        )
    if session.user.deleted_at is not None:
        return SessionEnd.USER_DELETED
    if not session.user.is_enabled or not session.tenant.is_enabled:
        return SessionEnd.USER_DISABLED
    return None


def mark_seen(session: SignInSession, *, now: datetime) -> None:
    """Note activity, at most every five minutes."""
    if now - session.last_seen_at > SEEN_EVERY:
        SignInSession.objects.filter(pk=session.pk, revoked_at__isnull=True).update(last_seen_at=now)


def interrupt(session: SignInSession, what: Interrupt) -> None:
    """Let the session open nothing but what ``what`` needs; ``NONE`` lets its person go on."""
    if session.interrupt != what:
        SignInSession.objects.filter(pk=session.pk).update(interrupt=what)
        session.interrupt = what


def facts_of(session: SignInSession) -> SessionFacts:
    """Return what decisions need to know of a session."""
    return SessionFacts(
        id=session.id,
        method=MethodKind(session.method),
        credential_id=session.credential_id,
        authenticated_at=session.authenticated_at,
        ends_at=session.ends_at,
        registration_ends_at=session.registration_ends_at,
    )


def live_of(user_id: UUID, *, now: datetime) -> QuerySet[SignInSession]:
    """Return the sessions of a user that give access, newest first."""
    return SignInSession.objects.filter(
        user_id=user_id,
        revoked_at__isnull=True,
        ends_at__gt=now,
        last_seen_at__gte=now - LONGEST_IDLE,
    ).order_by("-authenticated_at")


def revoke(sessions: QuerySet[SignInSession], reason: SessionEnd, *, now: datetime) -> int:
    """End every session of the set that has not ended yet and return how many that were."""
    return sessions.filter(revoked_at__isnull=True).update(revoked_at=now, revoked_reason=reason)


def revoke_bound_to(credential_id: UUID, reason: SessionEnd, *, now: datetime) -> int:
    """End every session made with a pass or passkey, in the transaction that ends the credential itself."""
    return revoke(SignInSession.objects.filter(credential_id=credential_id), reason, now=now)


def revoke_all_of(user_id: UUID, reason: SessionEnd, *, now: datetime, but: UUID | None = None) -> int:
    """End every session of a user, except ``but``."""
    return revoke(_sessions_but(user_id, but), reason, now=now)


def _sessions_but(user_id: UUID, but: UUID | None) -> QuerySet[SignInSession]:
    every = SignInSession.objects.filter(user_id=user_id)
    return every if but is None else every.exclude(pk=but)
