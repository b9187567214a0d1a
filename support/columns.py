"""What a page shows of a row: a label and how to read the value, each as a sentence of its own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.admin.utils import quote
from django.db.models import Model
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core.templatetags.ui.times import when
from core.text import Text

NOTHING = "–"


@dataclass(frozen=True)
class Cell:
    """One value with its label."""

    label: Text
    value: object


@dataclass(frozen=True)
class Section:
    """A table below the facts of a record. ``nothing`` is said where there are no rows."""

    title: Text
    columns: Sequence["Column"]
    rows: Sequence[Any]
    nothing: Text

    @property
    def headings(self) -> list[Text]:
        """Return the labels of the columns."""
        return labels_of(self.columns)

    @property
    def cells(self) -> list[list[Cell]]:
        """Return every row as it is shown."""
        return [cells_of(row, self.columns) for row in self.rows]


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


def address_of(row: Model) -> str:
    """Return the page of a row."""
    return address(type(row), row.pk)


def address(model: type[Model], key: str | UUID | int) -> str:
    """Return the page of the row with that key."""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[quote(key)])  # noqa: SLF001


def link(row: Model | None, text: str = "") -> SafeString | str:
    """Return a link to the page of another row."""
    return anchor(address_of(row), text or str(row)) if row else ""


def link_to(model: type[Model], key: UUID | None, text: str) -> SafeString | str:
    """Return a link to a row by its key alone, which may lead to a page that is not there any more."""
    return anchor(address(model, key), text) if key else text


def anchor(url: str, text: Text) -> SafeString:
    """Return a link."""
    return format_html('<a class="break" href="{}">{}</a>', url, text)
