"""Many things, some at a time."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def in_batches(many: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yield ``many`` in lists of ``size``, the last of which may be shorter."""
    rest = iter(many)
    while some := list(islice(rest, size)):
        yield some
