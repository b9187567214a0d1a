"""Paths in any letter case: words of ours are read as we write them, ids are left as they are."""

import re
from collections.abc import Iterable, Mapping

KEY = re.compile(r"(?P<set>[A-Za-z]+)\((?:[A-Za-z]+=)?'(?P<key>(?:[^']|'')*)'\)")
CALL = re.compile(r"(?P<name>[A-Za-z.]+)\((?P<arguments>[^()']*)\)")


def words_of(routes: Iterable[str]) -> dict[str, str]:
    """Return the fixed words of routes by their lower-case form."""
    words = (word for route in routes for word in route.split("/") if word and "<" not in word)
    return {word.lower(): word for word in words}


def canonical(path: str, words: Mapping[str, str]) -> str:
    """Return ``path`` as our routes spell it: letter case, a slash at the end, ``users('id')`` and ``options()``."""
    parts: list[str] = []
    for part in path.split("/"):
        if found := KEY.fullmatch(part):
            parts += [_word(found["set"], words), found["key"].replace("''", "'")]
        elif (found := CALL.fullmatch(part)) and found["name"].lower() in words:
            parts.append(_word(found["name"], words))
        else:
            parts.append(_word(part, words))
    while len(parts) > 1 and not parts[-1]:
        parts.pop()
    return "/".join(parts)


def _word(part: str, words: Mapping[str, str]) -> str:
    return words.get(part.lower(), part)
