"""Marks that views carry."""

from collections.abc import Callable
from typing import Any, TypeVar

View = TypeVar("View", bound=Callable[..., Any])


def open_when_interrupted(view: View) -> View:
    """Let a view answer a session that must do something else first: what it must do, and what ends it."""
    view.is_open_when_interrupted = True  # type: ignore[attr-defined]
    return view
