"""Audit events."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounts.activity import changes_in, lines_of
from accounts.models import User
from core.templatetags.ui.parts import pill
from core.templatetags.ui.times import moment
from core.text import Text
from core.wording import device
from support.columns import TIME, Section, column, link
from support.history import naming
from support.register import Register
from support.rooms import WHAT_HAPPENED

MOST_FOUND = 500


def told(events: Sequence[Any]) -> Sequence[Any]:
    """Give every event its line of the log, with its people: one query."""
    for event, line in zip(events, lines_of(events), strict=True):
        event.line = line
    return events


EVENT_COLUMNS = (
    column(TIME, lambda event: moment(event.at)),
    column(_("Activity"), lambda event: event.line.words),
    column(_("Initiated by"), lambda event: event.line.by),
    column(_("Target"), lambda event: event.line.of),
    column(_("Result"), lambda event: pill(event.line.result, event.line.pill)),
    column(_("Detail"), lambda event: event.line.summary),
)
VALUE = column(_("Value"), lambda change: change.name)
IS = (VALUE, column(_("Is"), lambda change: change.new))
BEFORE_AND_AFTER = (
    VALUE,
    column(_("Before"), lambda change: change.old),
    column(_("After"), lambda change: change.new),
)


def _person(person: User | None, name: str) -> Text:
    return format_html("{} <small>{}</small>", link(person, person.display_name), name) if person else name


class EventRegister(Register):
    """What happened, newest first."""

    key, title, icon = "events", _("Audit events"), "history"
    room, leads = WHAT_HAPPENED, 1
    about = _("What happened, newest first. Search for a person to see what was done by and to them.")
    keyset = ("-id", "id")
    by_person = "target_id"
    columns = EVENT_COLUMNS
    facts = (
        column(_("Time"), lambda event: event.at),
        *EVENT_COLUMNS[4:],
        column(_("Initiated by"), lambda event: _person(event.line.actor, event.actor_name)),
        column(_("Application"), lambda event: event.line.through),
        column(_("Target"), lambda event: _person(event.line.target, event.target_name)),
        column(_("From"), lambda event: event.address),
        column(_("Browser"), lambda event: device(event.user_agent) if event.user_agent else ""),
        column(_("Activity name"), lambda event: event.activity),
        column(_("Event"), lambda event: event.event),
        column(_("Session"), lambda event: event.session_id),
        column(_("Request"), lambda event: event.request_id),
        column(_("Id"), lambda event: event.id),
    )

    def sought(self, rows: QuerySet[Any], people: Collection[UUID]) -> QuerySet[Any]:
        """Find the newest events of people; all of one person's are on his page."""
        return naming(rows, people, most=MOST_FOUND)

    def prepare(self, request: HttpRequest, rows: Sequence[Any]) -> None:
        """Read them as the log does."""
        told(rows)

    def name_of(self, row: Any) -> Text:
        """Name it as the log does."""
        words: Text = row.line.words
        return words

    def sections(self, request: HttpRequest, row: Any) -> Sequence[Section]:
        """Show the values it holds, old beside new."""
        changes = changes_in(row)
        has_old = any(change.old is not None for change in changes)
        values = Section(_("Values"), BEFORE_AND_AFTER if has_old else IS, changes, "")
        return [values] if changes else []
