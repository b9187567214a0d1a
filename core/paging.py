"""Keyset paging: a page is found by the last row's values through an index, never by counting rows away."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet

PAGE_SIZE = 50
LONGEST_CURSOR = 2000
Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Rows in order, and the cursors of the pages beside this one (None: there is none)."""

    rows: Sequence[Row]
    next: str | None
    previous: str | None


def page_of(
    rows: QuerySet[Row],
    *,
    order: tuple[str, str],
    cursor: str = "",
    size: int = PAGE_SIZE,
    beside: Sequence[QuerySet[Row]] = (),
) -> Page[Row]:
    """Return one page of ``rows`` ordered by the two fields of ``order`` (the second unique; - on both turns it round).

    ``beside``: further sets to read together with it, each by an index of its own; a row may stand in several.
    A cursor nobody gave out is read as the first page.
    """
    is_back, behind = _read(cursor)
    fields = (order[0].lstrip("-"), order[1].lstrip("-"))
    is_down = order[0].startswith("-") != is_back
    try:
        found = _found([rows, *beside], fields, behind, is_down=is_down, most=size + 1)
    except (ValidationError, ValueError, TypeError, OverflowError):
        if behind is None:
            raise
        return page_of(rows, order=order, size=size, beside=beside)
    has_more = len(found) > size
    found = found[:size]
    if is_back:
        found.reverse()
    has_next = has_more if not is_back else behind is not None
    has_previous = has_more if is_back else behind is not None
    return Page(
        rows=found,
        next=_write(found[-1], fields, is_back=False) if found and has_next else None,
        previous=_write(found[0], fields, is_back=True) if found and has_previous else None,
    )


def _found(
    sets: Sequence[QuerySet[Row]], fields: tuple[str, str], behind: tuple[Any, Any] | None, *, is_down: bool, most: int
) -> list[Row]:
    """Return the first rows of all sets together, of those ``behind`` the values of a cursor."""
    if behind is not None:
        wanted = "lt" if is_down else "gt"
        first, second = behind
        is_behind = Q(**{f"{fields[0]}__{wanted}": first}) | Q(**{f"{fields[1]}__{wanted}": second})
        sets = [one.filter(**{f"{fields[0]}__{wanted}e": first}).filter(is_behind) for one in sets]
    sign = "-" if is_down else ""
    order = [f"{sign}{field}" for field in fields]
    return _together([one.order_by(*order)[:most] for one in sets], fields, sign)[:most]


def _together(sets: Sequence[QuerySet[Row]], fields: tuple[str, str], sign: str) -> list[Row]:
    if len(sets) == 1:
        return list(sets[0])
    found = {row.pk: row for one in sets for row in one}
    return sorted(found.values(), key=attrgetter(*fields), reverse=bool(sign))


def _write(row: Model, fields: tuple[str, str], *, is_back: bool) -> str:
    text = json.dumps([int(is_back), *(_plain(getattr(row, field)) for field in fields)])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _plain(value: Any) -> str | int:
    return value if isinstance(value, int) else value.isoformat() if hasattr(value, "isoformat") else str(value)


def _read(cursor: str) -> tuple[bool, tuple[Any, Any] | None]:
    if not cursor or len(cursor) > LONGEST_CURSOR:
        return False, None
    try:
        back, first, second = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, TypeError, binascii.Error):
        return False, None
    is_plain = all(isinstance(value, str | int) and "\x00" not in str(value) for value in (first, second))
    return (bool(back), (first, second)) if is_plain else (False, None)
