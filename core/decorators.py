"""What a view may say about itself."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse
from django.utils import translation

View = TypeVar("View", bound=Callable[..., Any])
PROGRAMS_SPEAK = "en"


def open_when_interrupted(view: View) -> View:
    """Let a view that needs a sign-in answer a session that must do something else first: it is what it must do."""
    view.is_open_when_interrupted = True  # type: ignore[attr-defined]
    return view


def for_programs(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Answer in English whatever the caller accepts: programs compare texts, and headers hold ASCII (docs/decisions/0060)."""

    @wraps(view)
    def in_english(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        request.LANGUAGE_CODE = PROGRAMS_SPEAK
        with translation.override(PROGRAMS_SPEAK):
            return view(request, *args, **kwargs)

    return in_english
