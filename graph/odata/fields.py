"""From the tree of a filter to look-ups: each property names the statements an index of ours answers, and no other.

A filter becomes a few *branches*, its parts between ``or``. Each is read through an index of its own and they are
handed out one after the other, so that an ``or`` over a million people costs what its parts cost.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import product
from uuid import UUID

from django.db.models import Q

from graph.errors import BadQuery, Unsupported
from graph.odata.grammar import Both, Claim, Either, Not, Tree, Value

MOST_BRANCHES = 4
MOST_VALUES = 20  # of one ``in``
LAST = "\U0010ffff"  # sorts behind every letter
OPPOSITE = {"eq": "ne", "ne": "eq", "gt": "le", "ge": "lt", "lt": "ge", "le": "gt"}

Order = tuple[str, str]


class Kind(StrEnum):
    """What a property holds."""

    TEXT = "text"
    GUID = "guid"
    FLAG = "flag"
    MOMENT = "moment"


def as_it_is(text: str) -> str:
    """Return a text unchanged."""
    return text


@dataclass(frozen=True)
class Field:
    """One property a filter may speak of.

    ``column``: ours; ``fold``: how its values are compared; ``order``: what rows that begin with a text are sorted by;
    ``look_up``: for a property that is no column, the condition for one value in one tenant.
    """

    column: str = ""
    kind: Kind = Kind.TEXT
    operators: frozenset[str] = frozenset({"eq", "in"})
    fold: Callable[[str], str] = as_it_is
    order: Order | None = None
    is_any: bool = False
    look_up: Callable[[Value, UUID], Q] | None = None


@dataclass(frozen=True)
class Branch:
    """One part of a filter: its condition, and what its rows are sorted by (None: as the resource is)."""

    condition: Q = field(default_factory=Q)
    order: Order | None = None


Fields = Mapping[str, Field]


def branches_of(tree: Tree, fields: Fields, *, tenant_id: UUID) -> list[Branch]:
    """Return the branches of a filter. Raises BadQuery, Unsupported."""
    return [_branch(tests, fields, tenant_id) for tests in _alternatives(_plain(tree, is_negated=False))]


def _plain(tree: Tree, *, is_negated: bool) -> Tree:
    """Push negation down to the statements, and make one ``in`` of many ``eq`` of the same property."""
    if isinstance(tree, Not):
        return _plain(tree.part, is_negated=not is_negated)
    if isinstance(tree, Claim):
        return _negated(tree) if is_negated else tree
    parts = tuple(_plain(part, is_negated=is_negated) for part in tree.parts)
    return _merged(parts) if isinstance(tree, Either) != is_negated else Both(parts)


def _negated(test: Claim) -> Tree:
    if test.is_any or test.operator not in OPPOSITE:
        raise Unsupported("This part of the filter cannot be negated.")
    return Claim(test.path, OPPOSITE[test.operator], test.values)


def _merged(parts: tuple[Tree, ...]) -> Either:
    values: dict[tuple[str, bool], list[Value]] = {}
    kept: list[Tree] = []
    for part in parts:
        if isinstance(part, Claim) and part.operator in {"eq", "in"}:
            if (part.path, part.is_any) not in values:
                kept.append(part)
            values.setdefault((part.path, part.is_any), []).extend(part.values)
        else:
            kept.append(part)
    return Either(
        tuple(
            Claim(part.path, "in", tuple(values[part.path, part.is_any]), is_any=part.is_any)
            if isinstance(part, Claim) and part.operator in {"eq", "in"} and len(values[part.path, part.is_any]) > 1
            else part
            for part in kept
        )
    )


def _alternatives(tree: Tree) -> list[list[Claim]]:
    """Return the filter as alternatives of statements that all hold."""
    if isinstance(tree, Claim):
        return [[tree]]
    if isinstance(tree, Either):
        found = [one for part in tree.parts for one in _alternatives(part)]
    elif isinstance(tree, Both):
        found = [[]]
        for part in tree.parts:
            more = _alternatives(part)
            if len(found) * len(more) > MOST_BRANCHES:
                raise Unsupported("The filter has too many alternatives.")
            found = [[*one, *other] for one, other in product(found, more)]
    else:
        raise Unsupported("This part of the filter cannot be negated.")
    if len(found) > MOST_BRANCHES:
        raise Unsupported("The filter has too many alternatives.")
    return found


def _branch(tests: Sequence[Claim], fields: Fields, tenant_id: UUID) -> Branch:
    condition, order = Q(), None
    for test in tests:
        named = field_named(test.path, fields)
        condition &= _condition(named, test, tenant_id)
        order = order or (named.order if test.operator == "startswith" else None)
    return Branch(condition, order)


def field_named(path: str, fields: Fields) -> Field:
    """Return a property by its name, whatever its letter case. Raises BadQuery."""
    found = fields.get(path) or next((one for name, one in fields.items() if name.lower() == path.lower()), None)
    if found is None:
        raise BadQuery(f"Could not find a property named '{path[:60]}', or it cannot be filtered by.")
    return found


def _condition(named: Field, test: Claim, tenant_id: UUID) -> Q:
    operator, values = test.operator, test.values
    if operator == "ne" and named.kind is Kind.FLAG:
        operator, values = "eq", (not _flag(values[0]),)
    if operator not in named.operators or test.is_any != named.is_any:
        raise Unsupported(f"Unsupported filter: '{operator}' on '{test.path[:60]}'.")
    if len(values) > MOST_VALUES:
        raise Unsupported(f"A filter may name up to {MOST_VALUES} values of one property.")
    if named.look_up is not None:
        condition = Q()
        for value in values:
            condition |= named.look_up(value, tenant_id)
        return condition
    read = [_read(named, value) for value in values]
    if operator == "startswith":
        prefix = str(read[0])
        return Q(**{f"{named.column}__gte": prefix, f"{named.column}__lt": prefix + LAST})
    if operator in {"eq", "in"}:
        return Q(**{f"{named.column}__in": read})
    suffix = {"gt": "gt", "ge": "gte", "lt": "lt", "le": "lte"}[operator]
    return Q(**{f"{named.column}__{suffix}": read[0]})


def _read(named: Field, value: Value) -> object:
    """Return a literal as our column holds it. Raises BadQuery for one of another kind."""
    if named.kind is Kind.FLAG:
        return _flag(value)
    if named.kind is Kind.MOMENT:
        return moment(value)
    if not isinstance(value, str) or "\x00" in value:
        raise BadQuery("A filter compares a property with a value of another kind.")
    if named.kind is Kind.GUID:
        return identifier(value)
    return named.fold(value)


def text(value: Value) -> str:
    """Return a literal that must be a text. Raises BadQuery."""
    if not isinstance(value, str) or "\x00" in value:
        raise BadQuery("A filter compares a property with a value of another kind.")
    return value


def identifier(value: Value) -> UUID:
    """Return a literal that must be an id. Raises BadQuery."""
    try:
        return UUID(text(value))
    except ValueError:
        raise BadQuery(f"'{str(value)[:60]}' is no identifier.") from None


def moment(value: Value) -> datetime:
    """Return a literal that must be a date and time. Raises BadQuery."""
    if not isinstance(value, datetime):
        raise BadQuery("A filter compares a date and time with something else.")
    return value


def _flag(value: Value) -> bool:
    if not isinstance(value, bool):
        raise BadQuery("A filter compares a yes-or-no property with something else.")
    return value
