"""What a page shows of a row: a label and how to read the value, each as a sentence of its own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.admin.utils import quote
from django.db.models import Model
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core import clock
from core.templatetags.ui.parts import pill
from core.templatetags.ui.times import utc_offset, when
from core.text import Text

NOTHING = "–"


def _time() -> str:
    return _("Time (%(offset)s)") % {"offset": utc_offset(timezone.localtime(clock.now()))}


TIME = lazy(_time, str)()  # heads a column of moments to the second


@dataclass(frozen=True)
class Cell:
    """One value with its label."""

    label: Text
    value: object


@dataclass(frozen=True)
class Section:
    """A table below the facts of a record. ``nothing`` is said where there are no rows.

    ``leads`` is the column that names a row and, where rows have pages of their own (``is_linked``), leads there.
    """

    title: Text
    columns: Sequence["Column"]
    found: Sequence[Any]
    nothing: Text
    leads: int = 0
    is_linked: bool = False

    @property
    def headings(self) -> list[Text]:
        """Return the labels of the columns."""
        return labels_of(self.columns)

    @property
    def rows(self) -> list[tuple[str, list[Cell]]]:
        """Return every row as it is shown: its address, and its cells."""
        return [(address_of(row) if self.is_linked else "", cells_of(row, self.columns)) for row in self.found]


Column = Callable[[Any], object]


def column(label: Text, read: Callable[[Any], object]) -> Column:
    """Return what Django's admin calls a display function."""

    def shown(row: Any) -> object:
        return shown_as(read(row))

    vars(shown)["short_description"] = label  # as Django's @display says it
    return shown


def labels_of(columns: Sequence[Column]) -> list[Text]:
    """Return what the columns are called."""
    return [vars(one)["short_description"] for one in columns]


def cells_of(row: Any, columns: Sequence[Column]) -> list[Cell]:
    """Return what is shown of a row."""
    return [Cell(label, one(row)) for label, one in zip(labels_of(columns), columns, strict=True)]


def shown_as(value: object) -> object:
    """Write a value as people read it: moments in their zone, yes and no as words, nothing as a dash."""
    if isinstance(value, datetime):
        return when(value)
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return NOTHING if value is None or value == "" else value


def enabled(is_enabled: bool) -> SafeString:
    """Return whether something may be used, as the admin center shows it."""
    return pill(_("Enabled"), "ok") if is_enabled else pill(_("Disabled"), "bad")


def with_reason(text: Text, kind: str, reason: Text) -> SafeString:
    """Return a state with what it comes from."""
    shown = pill(str(text), kind)
    return format_html('{} <small class="muted">{}</small>', shown, reason) if reason else shown


def address_of(row: Model) -> str:
    """Return the page of a row."""
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[quote(row.pk)])  # noqa: SLF001


def link(row: Model | None, text: str = "") -> SafeString | str:
    """Return a link to the page of another row."""
    return anchor(address_of(row), text or str(row)) if row else ""


def anchor(url: str, text: Text) -> SafeString:
    """Return a link."""
    return format_html('<a class="break" href="{}">{}</a>', url, text)
