"""What a view may say about itself."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import translation

PROGRAMS_SPEAK = "en"


def for_programs(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Answer in English whatever the caller accepts: programs compare texts, and headers hold ASCII (docs/decisions/0060)."""

    @wraps(view)
    def in_english(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        request.LANGUAGE_CODE = PROGRAMS_SPEAK
        with translation.override(PROGRAMS_SPEAK):
            return view(request, *args, **kwargs)

    return in_english
