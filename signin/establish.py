"""Where a sign-in session is born, and nowhere else."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect

from accounts import sessions
from accounts.authority import Actor
from accounts.enums import Interrupt, MethodKind, SessionEnd
from accounts.models import SignInSession, User
from audit.actions import event_of, write
from audit.enums import Event
from audit.models import AuditEvent
from core import logs


@dataclass(frozen=True)
class Established:
    """A new session and the token only its browser gets."""

    session: SignInSession
    token: str

    def __repr__(self) -> str:
        return f"Established({self.session.id}, token hidden)"


def establish(
    actor: Actor,
    *,
    user: User,
    method: MethodKind,
    now: datetime,
    credential_id: object = None,
    ends_at: datetime | None = None,
    registration_ends_at: datetime | None = None,
    user_agent: str = "",
    interrupt: Interrupt = Interrupt.NONE,
    replacing: SignInSession | None = None,
    used: AuditEvent | None = None,
) -> Established:
    """Open the session, inside the transaction of the action that claimed the credential.

    The browser's earlier session ends: its key dies with it (criterion B06). ``used``: the event of the claim, if it is
    still to be written.
    """
    session, token = sessions.open_session(
        sessions.Opening(
            user=user,
            method=method,
            credential_id=credential_id,  # type: ignore[arg-type]
            ends_at=ends_at,
            registration_ends_at=registration_ends_at,
            address=actor.address,
            user_agent=user_agent,
            interrupt=interrupt,
            id=actor.opening,
        ),
        now=now,
    )
    if replacing is not None:
        earlier = SignInSession.objects.filter(pk=replacing.pk)
        sessions.revoke(earlier, SessionEnd.SIGNED_IN_AGAIN, now=now)
    signed_in = event_of(
        Event.SIGNED_IN,
        replace(actor, opening=session.id),
        user,
        detail={
            "method": method.value,
            "credential": str(credential_id) if credential_id else None,
            "ends_at": session.ends_at.isoformat(),
        },
    )
    write(*([used] if used else []), signed_in)
    logs.carry(tenant=session.tenant_id, user=session.user_id)
    return Established(session, token)


def hand_over(request: HttpRequest, established: Established, to: str) -> HttpResponse:
    """Send the browser on with its token. The cookie lasts as long as the browser; the session's end is in its row."""
    rotate_token(request)
    response = redirect(to)
    response.set_cookie(
        settings.SIGN_IN_COOKIE,
        established.token,
        secure=settings.COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response
