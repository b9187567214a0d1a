"""Pages through the branches of a filter, and the signed tokens that lead to the next one."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.core import signing
from django.db.models import Exists, Model, OuterRef, QuerySet

from core.paging import page_of
from graph.errors import BadQuery
from graph.odata.fields import Branch, Order

LONGEST_TOKEN = 4000
Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Position:
    """Where a page begins: which branch, and behind which row of it."""

    branch: int = 0
    cursor: str = ""


@dataclass(frozen=True)
class Found(Generic[Row]):
    """One page of rows, and where the next begins (None: nowhere)."""

    rows: Sequence[Row]
    next: Position | None


def page_through(
    rows: QuerySet[Row], branches: Sequence[Branch], *, order: Order, at: Position, size: int, is_sorted: bool = False
) -> Found[Row]:
    """Return the next ``size`` rows: branch by branch, what an earlier branch has given left out.

    A branch has its own natural order unless the client asked for one (``is_sorted``).
    """
    sets = [
        (_left(rows, branches, number), order if is_sorted else branch.order or order)
        for number, branch in enumerate(branches)
    ]
    return page_through_sets(sets, at=at, size=size)


def page_through_sets(sets: Sequence[tuple[QuerySet[Row], Order]], *, at: Position, size: int) -> Found[Row]:
    """Return the next ``size`` rows of sets that have no row in common, one set after the other, each in its order."""
    found: list[Row] = []
    for number in range(at.branch, len(sets)):
        rows, order = sets[number]
        cursor = at.cursor if number == at.branch else ""
        page = page_of(rows, order=order, cursor=cursor, size=size - len(found) or 1)
        if len(found) == size:  # this page is full: is there another one?
            if page.rows:
                return Found(found, Position(number))
            continue
        found += page.rows
        if page.next is not None:
            return Found(found, Position(number, page.next))
    return Found(found, None)


def _left(rows: QuerySet[Row], branches: Sequence[Branch], number: int) -> QuerySet[Row]:
    kept = rows.filter(branches[number].condition)
    for earlier in branches[:number]:
        kept = kept.exclude(Exists(rows.filter(earlier.condition, pk=OuterRef("pk"))))
    return kept


def write_token(position: Position, *, belongs_to: Sequence[str]) -> str:
    """Return a token for a position; it serves the same query of the same tenant, and no other."""
    return _signer(belongs_to).sign_object([position.branch, position.cursor])


def read_token(token: str, *, belongs_to: Sequence[str]) -> Position:
    """Return the position a token stands for. Raises BadQuery for one that was not given out for this query."""
    if not token:
        return Position()
    try:
        branch, cursor = _signer(belongs_to).unsign_object(token[:LONGEST_TOKEN])
    except (signing.BadSignature, ValueError):
        raise BadQuery("The skip token was not given out for this query. Begin with its first page.") from None
    return Position(int(branch), str(cursor))


def _signer(belongs_to: Sequence[str]) -> signing.Signer:
    digest = hashlib.sha256("\x00".join(belongs_to).encode(errors="replace")).hexdigest()
    return signing.Signer(salt=f"graph.skiptoken.{digest}")
