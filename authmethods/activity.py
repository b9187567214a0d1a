"""What happened to one person, in plain words."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from accounts.enums import MethodKind
from accounts.models import User
from audit.enums import Event, Outcome
from audit.models import AuditEvent
from core.paging import page_of
from core.text import Text

WORDS: dict[Event, Text] = {
    Event.PASS_ISSUED: _("A Temporary Access Pass was created for you"),
    Event.PASS_DELETED: _("Your Temporary Access Pass was deleted"),
    Event.PASS_USED: _("Your Temporary Access Pass was used"),
    Event.PASS_REFUSED: _("A Temporary Access Pass was refused"),
    Event.PASS_LOCKED: _("Your Temporary Access Pass was locked after too many wrong attempts"),
    Event.PASSKEY_REGISTERED: _("You added a passkey"),
    Event.PASSKEY_REFUSED: _("A passkey was refused"),
    Event.PASSKEY_RENAMED: _("You renamed a passkey"),
    Event.PASSKEY_DELETED: _("A passkey was deleted"),
    Event.PASSKEY_USED: _("A passkey was used"),
    Event.PASSWORD_CHANGED: _("Your password was set or changed"),
    Event.PASSWORD_USED: _("Your password was used"),
    Event.PASSWORD_REFUSED: _("A password was refused"),
    Event.REREGISTRATION_REQUIRED: _("An administrator removed your passkeys; register again"),
    Event.SIGNED_IN: _("You signed in"),
    Event.SIGNED_OUT: _("You signed out"),
    Event.SESSIONS_REVOKED: _("Sessions were ended"),
}
BY_PROOF = (Event.PASS_USED, Event.PASSKEY_USED, Event.PASSWORD_USED, Event.SIGNED_IN)  # nobody was signed in before
EVENTS_ON_A_PAGE = 25


@dataclass(frozen=True)
class Happening:
    """One event as its person reads it."""

    at: datetime
    words: Text
    about: Text
    by: Text
    address: str
    is_success: bool


@dataclass(frozen=True)
class Activity:
    """A page of them, newest first, and the cursors of the pages beside it."""

    rows: list[Happening]
    next: str | None
    previous: str | None


def activity_of(user: User, *, cursor: str) -> Activity:
    """Return a page of what was done to ``user``, by himself or anybody."""
    events = AuditEvent.objects.filter(tenant_id=user.tenant_id, target_id=user.id, event__in=WORDS)
    page = page_of(events, order=("-id", "-id"), cursor=cursor, size=EVENTS_ON_A_PAGE)
    return Activity([_read(event, user) for event in page.rows], page.next, page.previous)


def _read(event: AuditEvent, user: User) -> Happening:
    return Happening(
        at=event.at,
        words=WORDS[Event(event.event)],
        about=_about(event),
        by=_by(event, user),
        address=event.address,
        is_success=event.outcome == Outcome.SUCCESS,
    )


def _about(event: AuditEvent) -> Text:
    """Return what it was done with: the method of a sign-in, the name of a passkey."""
    if event.event == Event.SIGNED_IN:
        method = event.detail.get("method")
        return MethodKind(method).label if method in MethodKind.values else ""
    named = event.detail.get("name", "")
    return str(named.get("new", "") if isinstance(named, dict) else named)


def _by(event: AuditEvent, user: User) -> Text:
    if event.actor_id == user.id or (event.event in BY_PROOF and event.outcome == Outcome.SUCCESS):
        return _("You")
    if event.actor_id is None:
        return _("The service desk") if event.actor_name == "operator" else _("Somebody not signed in")
    return event.actor_name
