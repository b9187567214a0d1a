"""What happened to one person, in plain words."""

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.enums import Event, Outcome
from audit.models import AuditEvent
from core.paging import Page, page_of
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


def activity_of(user: User, *, cursor: str) -> Page[AuditEvent]:
    """Return a page of the events done to ``user``, newest first, each with its ``words``."""
    events = AuditEvent.objects.filter(tenant_id=user.tenant_id, target_id=user.id, event__in=WORDS)
    page = page_of(events, order=("-id", "-id"), cursor=cursor, size=25)
    for event in page.rows:
        event.words = WORDS[Event(event.event)]  # type: ignore[attr-defined]
        event.is_success = event.outcome == Outcome.SUCCESS  # type: ignore[attr-defined]
    return page
