"""How events read: a line of the logs, the old and new values behind it, and what the person himself is told."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.authority import OPERATOR_NAME
from accounts.enums import MethodKind
from accounts.models import User
from audit.activities import ACTIVITIES, TOLD
from audit.enums import Event, Outcome
from audit.models import AuditEvent
from audit.queries import NEWEST_FIRST, happened_to
from audit.reasons import plain
from core.paging import page_of
from core.text import Text
from core.wording import OPERATOR, duration

EVENTS_ON_A_PAGE = 25
CHANGES_IN_A_LINE = 3
PILLS = {Outcome.SUCCESS: "ok", Outcome.FAILURE: "bad", Outcome.DENIED: "bad"}
REFUSED_WITH = {
    Event.PASS_REFUSED: MethodKind.TEMPORARY_ACCESS_PASS,
    Event.PASSKEY_REFUSED: MethodKind.FIDO2,
    Event.PASSWORD_REFUSED: MethodKind.PASSWORD,
}
# Where a pass does not work, the page may ask for a password: the pass that is typed there is a wrong password.
MAY_BE_ABOUT_A_PASS = frozenset({Event.PASS_REFUSED, Event.PASSWORD_REFUSED, Event.ATTEMPTS_LIMITED})
# What the settings of policies are called, in the logs and in mails.
SETTINGS: Mapping[str, Text] = {
    "enabled": gettext_lazy("Enabled"),
    "minimum_lifetime": gettext_lazy("Minimum lifetime"),
    "maximum_lifetime": gettext_lazy("Maximum lifetime"),
    "default_lifetime": gettext_lazy("Default lifetime"),
    "one_time": gettext_lazy("Require one-time use"),
    "length": gettext_lazy("Length"),
    "self_service": gettext_lazy("People set up passkeys themselves"),
    "attestation": gettext_lazy("Require attestation"),
    "restricted": gettext_lazy("Restrict models"),
    "enforcement": gettext_lazy("The models in the list"),
    "aaguids": gettext_lazy("Models"),
    "addresses": gettext_lazy("Addresses"),
    "snooze_days": gettext_lazy("Ask again after (days)"),
    "default": gettext_lazy("Left to the product"),
}
# What the values of events are called; one without words is shown by its name.
NAMES: Mapping[str, Text] = {
    **SETTINGS,
    "one_time": gettext_lazy("One-time"),
    "targets": gettext_lazy("Targets"),
    "name": gettext_lazy("Name"),
    "pass": gettext_lazy("Pass"),
    "passkey": gettext_lazy("Passkey"),
    "passkeys": gettext_lazy("Passkeys"),
    "starts_at": gettext_lazy("Starts"),
    "ends_at": gettext_lazy("Ends"),
    "lifetime_in_minutes": gettext_lazy("Lifetime in minutes"),
    "note": gettext_lazy("Note"),
    "replaces": gettext_lazy("Replaces pass"),
    "sessions": gettext_lazy("Sessions ended"),
    "method": gettext_lazy("Method"),
    "credential": gettext_lazy("Signed in with"),
    "act": gettext_lazy("Right"),
    "uses": gettext_lazy("Uses"),
    "events": gettext_lazy("Events"),
    "log": gettext_lazy("Log"),
    "filters": gettext_lazy("Filters"),
}


@dataclass(frozen=True)
class Change:
    """One value of an event; ``old`` is None where nothing was there to be changed."""

    name: Text
    old: str | None
    new: str


@dataclass(frozen=True)
class Line:
    """One event in a log. ``actor`` and ``target`` are the people, where they are still here."""

    event: AuditEvent
    words: Text
    summary: Text
    result: Text
    pill: str
    method: Text
    actor: User | None
    target: User | None

    @property
    def by(self) -> Text:
        """Return who did it."""
        return self.actor.display_name if self.actor else actor_name(self.event)

    @property
    def through(self) -> str:
        """Return the application that did it, for a person or by itself."""
        via = self.event.detail.get("via")
        return f"{via['name']} ({via['id']})" if via else ""

    @property
    def of(self) -> str:
        """Return whom or what it was done to."""
        return self.target.display_name if self.target else self.event.target_name

    @property
    def asks_why(self) -> bool:
        """True where it leads to the question whether somebody can use a pass at all."""
        return self.event.event in MAY_BE_ABOUT_A_PASS and self.target is not None


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


def lines_of(events: Collection[AuditEvent]) -> list[Line]:
    """Return events as lines of a log, with their people: one query."""
    people = User.objects.in_bulk({one for event in events for one in (event.actor_id, event.target_id) if one})
    return [_line(event, people) for event in events]


def changes_in(event: AuditEvent) -> list[Change]:
    """Return the values of an event, old beside new where it has both."""
    old, new = event.detail.get("old"), event.detail.get("new")
    if isinstance(old, dict) and isinstance(new, dict):
        names = [name for name in new if new[name] != old.get(name)]
        return [Change(NAMES.get(name, name), _shown(old.get(name)), _shown(new[name])) for name in names]
    values = ((name, value) for name, value in event.detail.items() if name != "via")
    return [_change(name, value) for name, value in values if value not in (None, "", [])]


def actor_name(event: AuditEvent) -> Text:
    """Return who did it, for events that name no person."""
    named: Mapping[str, Text] = {
        OPERATOR_NAME: OPERATOR,
        "system": _("System"),
        "anonymous": _("Somebody not signed in"),
    }
    return event.actor_name if event.actor_id else named.get(event.actor_name, event.actor_name)


def trace_of(event: AuditEvent, user: User) -> str:
    """Return by whom, where that was not ``user`` himself, and from where."""
    by = "" if event.actor_id == user.id or event.actor_name == "anonymous" else actor_name(event)
    if by and event.address:
        return _("%(name)s, from %(address)s") % {"name": by, "address": event.address}
    return _("From %(address)s") % {"address": event.address} if event.address else str(by)


def activity_of(user: User, *, cursor: str) -> Activity:
    """Return a page of what was done to ``user``, by himself or anybody, as he is told it."""
    events = happened_to(user.tenant_id, user.id, kinds=TOLD)
    page = page_of(events, order=NEWEST_FIRST, cursor=cursor, size=EVENTS_ON_A_PAGE)
    return Activity([_told(event, user) for event in page.rows], page.next, page.previous)


def _line(event: AuditEvent, people: Mapping[UUID, User]) -> Line:
    method = _method(event)
    words = ACTIVITIES[Event(event.event)].words if event.event in Event.values else event.activity
    if event.event == Event.SIGNED_IN and method:
        words = _("Sign in with %(method)s") % {"method": method}
    return Line(
        event=event,
        words=words,
        summary=_summary(event),
        result=Outcome(event.outcome).label,
        pill="info" if event.event == Event.PASS_EXPIRED else PILLS[Outcome(event.outcome)],
        method=method,
        actor=people.get(event.actor_id) if event.actor_id else None,
        target=people.get(event.target_id) if event.target_id else None,
    )


def _summary(event: AuditEvent) -> Text:
    """Return what the line says beside who and what."""
    detail = event.detail
    if event.reason or event.outcome != Outcome.SUCCESS:
        return plain(event.reason)
    if event.event == Event.PASS_ISSUED:
        return _issue_summary(detail)
    if event.event == Event.PASS_USED:
        return _("One-time pass") if detail.get("one_time") else _("Multiple-use pass")
    if event.event == Event.PASS_EXPIRED:
        uses = int(detail.get("uses") or 0)
        return ngettext("Used once", "Used %(count)s times", uses) % {"count": uses} if uses else _("Never used")
    if event.event in (Event.TAP_POLICY_CHANGED, Event.TAP_POLICY_RESET) or isinstance(detail.get("name"), dict):
        return _changes_summary(event)
    if detail.get("name"):
        return str(detail["name"])
    ended = detail.get("sessions")
    if isinstance(ended, int) and ended:
        return ngettext("%(count)s session ended", "%(count)s sessions ended", ended) % {"count": ended}
    return ""


def _issue_summary(detail: Mapping[str, Any]) -> str:
    use = _("One-time") if detail.get("one_time") else _("Multiple use")
    words = _("%(use)s, %(duration)s") % {"use": use, "duration": duration(int(detail.get("lifetime_in_minutes") or 0))}
    return _("%(pass)s. Replaced an earlier pass.") % {"pass": words} if detail.get("replaces") else words


def _changes_summary(event: AuditEvent) -> str:
    changes = [change for change in changes_in(event) if change.old is not None]
    texts = [
        str(change.name) if len(f"{change.old}{change.new}") > 40 else f"{change.name} {change.old} → {change.new}"  # noqa: PLR2004  what a line holds
        for change in changes[:CHANGES_IN_A_LINE]
    ]
    return ", ".join([*texts, "…"] if len(changes) > CHANGES_IN_A_LINE else texts)


def _change(name: str, value: Any) -> Change:
    if isinstance(value, dict) and set(value) == {"old", "new"}:
        return Change(NAMES.get(name, name), _shown(value["old"]), _shown(value["new"]))
    return Change(NAMES.get(name, name), None, _shown(value))


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, list):
        return "; ".join(_shown(one) for one in value) or "–"
    if isinstance(value, dict):
        return ", ".join(f"{name} {_shown(one)}" for name, one in value.items() if one not in ("", None, False))
    return "–" if value in (None, "") else str(value)


def _method(event: AuditEvent) -> Text:
    if event.event in REFUSED_WITH:
        return REFUSED_WITH[Event(event.event)].label
    method = event.detail.get("method")
    return MethodKind(method).label if method in MethodKind.values else ""


def _told(event: AuditEvent, user: User) -> Happening:
    named = event.detail.get("name", "")
    about = (
        _method(event) if event.event == Event.SIGNED_IN else str(named["new"] if isinstance(named, dict) else named)
    )
    return Happening(
        at=event.at,
        words=ACTIVITIES[Event(event.event)].told,
        about=about,
        by=_("You") if event.actor_id == user.id else actor_name(event),
        address=event.address,
        is_success=event.outcome == Outcome.SUCCESS,
    )
