"""The grammar of ``$filter``: text to a small tree, or BadQuery. Nothing of the text ever reaches the database as code.

or     = and *("or" and)            and  = not *("and" not)
not    = "not" not / primary        primary = "(" or ")" / call / any / comparison
call   = name "(" path "," literal ")"      any = path "/any(" word ":" or ")"
comparison = path operator literal / path "in" "(" literal *("," literal) ")"
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import NoReturn, TypeAlias

from graph.errors import BadQuery

LONGEST_TEXT = 4000  # characters
MOST_TOKENS = 300
DEEPEST = 8  # brackets and nots within each other
OPERATORS = frozenset({"eq", "ne", "gt", "ge", "lt", "le"})
FUNCTIONS = frozenset({"startswith", "endswith", "contains"})

TOKEN = re.compile(
    r"""\s*(?:
        (?P<string>'(?:[^']|'')*')
      | (?P<moment>\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,12})?)?(?:Z|[+-]\d\d:\d\d)?)?(?![\w-]))
      | (?P<guid>[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}(?![\w-]))
      | (?P<number>-?\d{1,18}(?:\.\d{1,18})?(?![\w.]))
      | (?P<word>[A-Za-z_][A-Za-z0-9_.]*(?:/[A-Za-z_$][A-Za-z0-9_.]*)*)
      | (?P<mark>[(),:])
    )""",
    re.VERBOSE,
)

Value: TypeAlias = str | int | float | bool | datetime | None


@dataclass(frozen=True)
class Claim:
    """One statement about one property. ``operator``: eq, ne, gt, ge, lt, le, in, startswith, endswith, contains."""

    path: str
    operator: str
    values: tuple[Value, ...]
    is_any: bool = False  # of a collection: true where some member is so
    is_negated: bool = False


@dataclass(frozen=True)
class Both:
    """All of the parts."""

    parts: tuple["Tree", ...]


@dataclass(frozen=True)
class Either:
    """At least one of the parts."""

    parts: tuple["Tree", ...]


@dataclass(frozen=True)
class Not:
    """The opposite."""

    part: "Tree"


Tree: TypeAlias = Claim | Both | Either | Not


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    at: int


def read_filter(text: str) -> Tree:
    """Return the tree of a ``$filter``. Raises BadQuery."""
    reader = _Reader(_tokens(text))
    tree = reader.either(0)
    if reader.rest:
        reader.fail()
    return tree


def _tokens(text: str) -> list[_Token]:
    if len(text) > LONGEST_TEXT:
        raise BadQuery("The filter is too long.")
    tokens, at, text = list[_Token](), 0, text.rstrip()
    while at < len(text):
        found = TOKEN.match(text, at)
        if found is None or found.lastgroup is None:
            raise BadQuery(f"Syntax error at position {at} of the filter.")
        tokens.append(_Token(found.lastgroup, found[found.lastgroup], found.start(found.lastgroup)))
        at = found.end()
        if len(tokens) > MOST_TOKENS:
            raise BadQuery("The filter has too many parts.")
    if not tokens:
        raise BadQuery("The filter is empty.")
    return tokens


class _Reader:
    """Goes through the tokens once, from left to right."""

    def __init__(self, tokens: Sequence[_Token]) -> None:
        self.tokens = tokens
        self.at = 0
        self.variable = ""  # the word that stands for a member inside any(…)

    @property
    def rest(self) -> bool:
        return self.at < len(self.tokens)

    def fail(self) -> NoReturn:
        if self.rest:
            token = self.tokens[self.at]
            raise BadQuery(f"Syntax error at position {token.at} of the filter: '{token.text[:40]}'.")
        raise BadQuery("The filter ends too early.")

    def either(self, depth: int) -> Tree:
        return self._chain("or", depth)

    def _chain(self, word: str, depth: int) -> Tree:
        below = self._both if word == "or" else self._negation
        parts = [below(depth)]
        while self._is_word(word):
            self.at += 1
            parts.append(below(depth))
        if len(parts) == 1:
            return parts[0]
        return Either(tuple(parts)) if word == "or" else Both(tuple(parts))

    def _both(self, depth: int) -> Tree:
        return self._chain("and", depth)

    def _negation(self, depth: int) -> Tree:
        if self._is_word("not"):
            self.at += 1
            self._deeper(depth)
            return Not(self._negation(depth + 1))
        return self._primary(depth)

    def _primary(self, depth: int) -> Tree:
        if self._is_mark("("):
            self.at += 1
            self._deeper(depth)
            tree = self.either(depth + 1)
            self._take_mark(")")
            return tree
        path = self._take("word")
        if self._is_mark("("):
            return self._any(path, depth) if path.lower().endswith("/any") else self._call(path)
        operator = self._take("word").lower()
        if operator == "in":
            return Claim(self._own(path), "in", self._list())
        if operator not in OPERATORS:
            self.at -= 1
            self.fail()
        return Claim(self._own(path), operator, (self._literal(),))

    def _call(self, name: str) -> Tree:
        if name.lower() not in FUNCTIONS:
            self.at -= 1
            self.fail()
        self._take_mark("(")
        path = self._own(self._take("word"))
        self._take_mark(",")
        value = self._literal()
        self._take_mark(")")
        return Claim(path, name.lower(), (value,))

    def _any(self, path: str, depth: int) -> Tree:
        if self.variable:
            self.fail()
        self._take_mark("(")
        self.variable = self._take("word")
        self._take_mark(":")
        self._deeper(depth)
        inner = self.either(depth + 1)
        self._take_mark(")")
        self.variable = ""
        if not isinstance(inner, Claim) or inner.is_any:
            raise BadQuery("A lambda of a filter may hold one comparison.")
        base = path.rpartition("/")[0]
        return replace(inner, path=f"{base}/{inner.path}" if inner.path else base, is_any=True)

    def _own(self, path: str) -> str:
        """Return a path as seen from the resource; inside any(…) without the member's word."""
        if not self.variable:
            return path
        if path == self.variable:
            return ""
        if not path.startswith(f"{self.variable}/"):
            raise BadQuery("A lambda of a filter may speak of its own variable only.")
        return path.removeprefix(f"{self.variable}/")

    def _list(self) -> tuple[Value, ...]:
        self._take_mark("(")
        values = [self._literal()]
        while self._is_mark(","):
            self.at += 1
            values.append(self._literal())
        self._take_mark(")")
        return tuple(values)

    def _literal(self) -> Value:
        if not self.rest:
            self.fail()
        token = self.tokens[self.at]
        self.at += 1
        if token.kind == "string":
            return token.text[1:-1].replace("''", "'")
        if token.kind == "guid":
            return token.text
        if token.kind == "number":
            return float(token.text) if "." in token.text else int(token.text)
        if token.kind == "moment":
            return read_moment(token.text)
        word = token.text.lower()
        if token.kind == "word" and word in {"true", "false", "null"}:
            return None if word == "null" else word == "true"
        self.at -= 1
        return self.fail()

    def _deeper(self, depth: int) -> None:
        if depth >= DEEPEST:
            raise BadQuery("The filter is nested too deeply.")

    def _is_word(self, word: str) -> bool:
        return self.rest and self.tokens[self.at].kind == "word" and self.tokens[self.at].text.lower() == word

    def _is_mark(self, mark: str) -> bool:
        return self.rest and self.tokens[self.at].text == mark and self.tokens[self.at].kind == "mark"

    def _take(self, kind: str) -> str:
        if not self.rest or self.tokens[self.at].kind != kind:
            self.fail()
        self.at += 1
        return self.tokens[self.at - 1].text

    def _take_mark(self, mark: str) -> None:
        if not self._is_mark(mark):
            self.fail()
        self.at += 1


def read_moment(text: str) -> datetime:
    """Return a date and time as clients write it: up to seven digits of a second, without an offset it is UTC."""
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadQuery(f"'{text[:40]}' is no date and time.") from None
