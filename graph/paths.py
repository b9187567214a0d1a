"""Paths in any letter case: words of ours are read as we write them, ids are left as they are."""

import re
from collections.abc import Iterable
from functools import cache

from django.urls import URLPattern, URLResolver, get_resolver

ROOT = "/graph/"
KEY = re.compile(r"(?P<set>[A-Za-z]+)\((?:[A-Za-z]+=)?'(?P<key>(?:[^']|'')*)'\)")
CALL = re.compile(r"(?P<name>[A-Za-z.]+)\([^()']*\)")


def canonical(path: str) -> str:
    """Return ``path`` as our routes spell it: letter case, a slash at the end, ``users('id')`` and ``options()``."""
    parts: list[str] = []
    for part in path.split("/"):
        if found := KEY.fullmatch(part):
            parts += [_word(found["set"]), found["key"].replace("''", "'")]
        elif (found := CALL.fullmatch(part)) and found["name"].lower() in _words():
            parts.append(_word(found["name"]))
        else:
            parts.append(_word(part))
    while len(parts) > 1 and not parts[-1]:
        parts.pop()
    return "/".join(parts)


def _word(part: str) -> str:
    return _words().get(part.lower(), part)


@cache
def _words() -> dict[str, str]:
    """Return the fixed words of the API's routes by their lower-case form."""
    routes = (route for route in _routes(get_resolver().url_patterns, "") if route.startswith(ROOT.lstrip("/")))
    words = (word for route in routes for word in route.split("/") if word and "<" not in word)
    return {word.lower(): word for word in words}


def _routes(patterns: Iterable[URLPattern | URLResolver], before: str) -> Iterable[str]:
    for one in patterns:
        route = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from _routes(one.url_patterns, route)
        else:
            yield route
