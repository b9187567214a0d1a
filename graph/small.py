"""A filter over a list that fits on a page and stands in no table."""

from collections.abc import Iterable
from typing import Any, TypeVar

from graph.errors import Unsupported
from graph.odata.grammar import Both, Claim, Not, Tree, Value
from graph.odata.options import Serves
from graph.shapes.base import Shape

SERVED = frozenset({"eq", "ne", "in", "startswith"})
Kept = TypeVar("Kept", bound=Shape)


def keep(shapes: Iterable[Kept], tree: Tree | None, serves: Serves) -> list[Kept]:
    """Return the shapes a filter keeps. Raises Unsupported."""
    return [shape for shape in shapes if tree is None or _holds(tree, shape.written(), serves)]


def _holds(tree: Tree, written: dict[str, Any], serves: Serves) -> bool:
    if isinstance(tree, Claim):
        return _is_so(tree, written, serves)
    if isinstance(tree, Not):
        return not _holds(tree.part, written, serves)
    answers = [_holds(part, written, serves) for part in tree.parts]
    return all(answers) if isinstance(tree, Both) else any(answers)


def _is_so(claim: Claim, written: dict[str, Any], serves: Serves) -> bool:
    name = next((one for one in serves.properties if one.lower() == claim.path.lower()), None)
    held = None if name is None else written[name]
    if name is None or claim.operator not in SERVED or claim.is_any != isinstance(held, list):
        raise Unsupported(f"Unsupported filter: '{claim.operator}' on '{claim.path[:60]}'.")
    members = held if isinstance(held, list) else [held]
    return any(_matches(claim, _folded(one)) for one in members)


def _matches(claim: Claim, held: Value) -> bool:
    asked = [_folded(value) for value in claim.values]
    if claim.operator == "startswith":
        return isinstance(held, str) and isinstance(asked[0], str) and held.startswith(asked[0])
    return (held in asked) != (claim.operator == "ne")


def _folded(value: Value) -> Value:
    return value.casefold() if isinstance(value, str) else value
