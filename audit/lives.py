"""The whole life of one pass, from its events: what was done to it, and what time does by itself. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from audit.enums import Event
from audit.models import AuditEvent
from audit.reasons import plain
from core.text import Text

WORDS = {
    Event.PASS_ISSUED: _("Created"),
    Event.PASS_VIEWED: _("Viewed"),
    Event.PASS_REFUSED: _("Refused"),
    Event.PASS_LOCKED: _("Locked after too many wrong attempts"),
    Event.PASS_USED: _("Used to sign in"),
    Event.PASSKEY_REGISTERED: _("Passkey added"),
    Event.SIGNED_OUT: _("Signed out"),
    Event.PASS_DELETED: _("Deleted"),
}
KINDS = {
    Event.PASS_USED: "ok",
    Event.PASSKEY_REGISTERED: "ok",
    Event.PASS_REFUSED: "bad",
    Event.PASS_LOCKED: "bad",
    Event.PASS_DELETED: "warn",
}
ENDINGS = (Event.PASS_DELETED, Event.PASS_LOCKED)


@dataclass(frozen=True)
class Moment:
    """Something in a pass's life. ``event`` is None for what time did, or (``is_ahead``) will do."""

    at: datetime
    words: Text
    kind: str = ""
    note: Text = ""
    event: AuditEvent | None = None
    times: int = 1
    is_ahead: bool = False


def life_of(pass_id: str, events: Iterable[AuditEvent], *, now: datetime) -> list[Moment]:
    """Return a pass's life from the events of its person, oldest first; empty where its beginning is not among them."""
    moments = list(_told(_joined(_moments(pass_id, events))))
    issued = next((one.event for one in moments if one.event and one.event.event == Event.PASS_ISSUED), None)
    if issued is None:
        return []
    ended = next((one.at for one in moments if one.kind == "end" or (one.event and one.event.event in ENDINGS)), None)
    starts, ends = (_moment(issued.detail.get(name)) for name in ("starts_at", "ends_at"))
    if starts and starts > issued.at and (ended is None or starts < ended):
        moments.append(Moment(starts, _("Works from here"), "info", is_ahead=starts > now))
    if ends and (ended is None or ends < ended):
        is_used = any(one.event and one.event.event == Event.PASS_USED for one in moments)
        words = _("Ended, with every session made with it") if is_used else _("Ended unused")
        ahead = _("Will end, with every session made with it")
        moments.append(Moment(ends, ahead if ends > now else words, "", is_ahead=ends > now))
    return sorted(moments, key=lambda one: one.at)


def _moments(pass_id: str, events: Iterable[AuditEvent]) -> Iterator[Moment]:
    sessions: set[Any] = set()
    for event in events:
        detail, kind = event.detail, Event(event.event) if event.event in Event.values else None
        if kind is Event.PASS_ISSUED and detail.get("replaces") == pass_id:
            yield Moment(event.at, _("Replaced by a new pass"), "end", event=event)
        elif kind is Event.SIGNED_OUT and event.session_id in sessions:
            yield Moment(event.at, WORDS[kind], event=event)
        elif detail.get("pass") == pass_id and kind in WORDS:
            if kind is Event.PASS_USED:
                sessions.add(event.session_id)
            note = plain(event.reason) if event.reason else detail.get("note") or detail.get("name") or ""
            yield Moment(event.at, WORDS[kind], KINDS.get(kind, ""), note, event)


def _joined(moments: Iterable[Moment]) -> Iterator[Moment]:
    """Put equal moments in a row together: three wrong tries are one line, at the last of them."""
    last: Moment | None = None
    for one in moments:
        if last and (one.words, one.note, one.kind) == (last.words, last.note, last.kind) and one.kind == "bad":
            last = replace(one, times=last.times + 1)
            continue
        if last:
            yield last
        last = one
    if last:
        yield last


def _told(moments: Iterable[Moment]) -> Iterator[Moment]:
    for one in moments:
        ended = int(one.event.detail.get("sessions") or 0) if one.event and one.kind in ("end", "warn") else 0
        words = ngettext("%(count)s session ended", "%(count)s sessions ended", ended) % {"count": ended}
        yield replace(one, note=words) if ended else one


def _moment(text: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text))
    except ValueError:
        return None
