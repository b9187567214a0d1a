"""Audit events."""

import json
from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from support.columns import column
from support.history import naming
from support.register import Register

MOST_FOUND = 500


def _detail(event: Any) -> str:
    """Return the details line by line, as they were recorded."""
    return "\n".join(
        f"{name}: {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}"
        for name, value in event.detail.items()
    )


EVENT_COLUMNS = (
    column(_("When"), lambda event: event.at),
    column(_("Event"), lambda event: event.event),
    column(_("Outcome"), lambda event: event.get_outcome_display()),
    column(_("Reason"), lambda event: event.reason),
    column(_("By"), lambda event: event.actor_name),
    column(_("To"), lambda event: event.target_name),
    column(_("Address"), lambda event: event.address),
)


class EventRegister(Register):
    """What happened, newest first."""

    key, title, icon = "events", _("Audit events"), "history"
    about = _("What happened, newest first. Search for a person to see what was done by and to them.")
    keyset = ("-id", "id")
    by_person = "target_id"
    columns = EVENT_COLUMNS
    facts = (
        *EVENT_COLUMNS,
        column(_("Details"), _detail),
        column(_("Session"), lambda event: event.session_id),
        column(_("Request"), lambda event: event.request_id),
    )

    def sought(self, rows: QuerySet[Any], people: Collection[UUID]) -> QuerySet[Any]:
        """Find the newest events of people; all of one person's are on his page."""
        return naming(rows, people, most=MOST_FOUND)
