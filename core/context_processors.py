"""What every page needs to look right."""

from django.conf import settings
from django.http import HttpRequest

THEMES = ("system", "light", "dark")


def appearance(request: HttpRequest) -> dict[str, object]:
    """Return the theme the person chose, kept in a cookie so that no page flashes."""
    chosen = request.COOKIES.get(settings.THEME_COOKIE, "system")
    return {"theme": chosen if chosen in THEMES else "system"}
