"""A filter over a list that fits on a page and stands in no table."""

from collections.abc import Iterable

from graph.errors import Unsupported
from graph.odata.grammar import Both, Claim, Not, Tree, Value
from graph.odata.options import Serves
from graph.shapes.base import Shape


def keep(shapes: Iterable[Shape], tree: Tree | None, serves: Serves) -> list[Shape]:
    """Return the shapes a filter keeps. Raises Unsupported."""
    return [shape for shape in shapes if tree is None or _holds(tree, shape.written(), serves)]


def _holds(tree: Tree, written: dict[str, Value], serves: Serves) -> bool:
    if isinstance(tree, Claim):
        return _is_so(tree, written, serves)
    if isinstance(tree, Not):
        return not _holds(tree.part, written, serves)
    answers = [_holds(part, written, serves) for part in tree.parts]
    return all(answers) if isinstance(tree, Both) else any(answers)


def _is_so(test: Claim, written: dict[str, Value], serves: Serves) -> bool:
    name = next((one for one in serves.properties if one.lower() == test.path.lower()), None)
    if name is None or test.is_any or test.operator not in {"eq", "ne", "in", "startswith"}:
        raise Unsupported(f"Unsupported filter: '{test.operator}' on '{test.path[:60]}'.")
    held = _folded(written[name])
    asked = [_folded(value) for value in test.values]
    if test.operator == "startswith":
        return isinstance(held, str) and isinstance(asked[0], str) and held.startswith(asked[0])
    return (held in asked) != (test.operator == "ne")


def _folded(value: Value) -> Value:
    return value.casefold() if isinstance(value, str) else value
