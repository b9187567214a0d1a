"""Templates: each is used, each word in them can be translated, each script they ask for is there."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.template.base import Lexer, TokenType

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "templates"
TEMPLATES = {path.relative_to(FOLDER).as_posix(): path for path in sorted(FOLDER.rglob("*.html"))}
NO_WORDS = {"Gatepass", "inert"}  # the product's name, and an attribute that a block fills in
SHOWN = {"alt", "aria-label", "aria-description", "content", "placeholder", "summary", "title"}
SPEAKS_TO_MACHINES = {"viewport", "robots", "color-scheme"}
UNREAD = {"script", "style", "pre", "textarea"}  # pre: what programs write; textarea: what a person typed
COMPOSED = re.compile(r"a[1-5]|c-[a-z]+")  # classes put together of a letter and a number, or a name of a colour
NO_PART = {"tests", "migrations", ".venv", "node_modules"}


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_word_can_be_translated(name: str) -> None:
    assert words_left_in(TEMPLATES[name].read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_script_is_there(name: str) -> None:
    asked = re.findall(r'{% script "([^"]+)"', TEMPLATES[name].read_text(encoding="utf-8"))
    assert [one for one in asked if not (ROOT / f"static/js/{one}.js").exists()] == []


def test_every_template_is_used() -> None:
    used = re.compile("|".join(sorted(pattern_of(one) for one in names_said())))
    assert [name for name in TEMPLATES if not used.fullmatch(name)] == []


def test_every_script_is_used() -> None:
    asked = {one for path in TEMPLATES.values() for one in re.findall(r'{% script "([^"]+)"', path.read_text("utf-8"))}
    assert {path.stem for path in (ROOT / "static/js").glob("*.js")} - asked == set()


def test_every_class_that_is_styled_is_used() -> None:
    sheets = [path.read_text(encoding="utf-8") for path in (ROOT / "static").rglob("*.css")]
    styled = {name for sheet in sheets for name in re.findall(r"\.([a-z][\w-]*)(?=[^{}]*\{)", sheet)}
    places = [*TEMPLATES.values(), *(ROOT / "static/js").glob("*.js"), *product_files()]
    used = {word for path in places for word in re.findall(r"[\w-]+", path.read_text(encoding="utf-8"))}
    assert {name for name in styled - used if not COMPOSED.fullmatch(name)} == set()


@pytest.mark.parametrize(
    ("source", "left"),
    [
        ("<p>Hello</p>", ["Hello"]),
        ('<p>{% translate "Hello" %}: {{ name }} · 12</p>', []),
        ("{% blocktranslate %}Hello {{ name }}{% endblocktranslate %}{# a note #}", []),
        ('<a title="Close">{{ x }}</a>', ["Close"]),
        ("<b>{% if a %}yes{% endif %}</b>", ["yes"]),
        ('<a class="btn" data-x="words">{{ x }}</a>', []),
    ],
)
def test_it_finds_what_cannot_be_translated(source: str, left: list[str]) -> None:
    assert words_left_in(source) == left


class Words(HTMLParser):
    """Collects what people read of a page: text, and the attributes that are shown or spoken."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in UNREAD
        have = dict(attrs)
        if have.get("name") not in SPEAKS_TO_MACHINES and "http-equiv" not in have:
            self.found += [have[name] or "" for name in SHOWN & set(have)]

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in UNREAD

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.found.append(data)


def words_left_in(source: str) -> list[str]:
    """Return the text that stands outside translate and blocktranslate and has letters in it."""
    parser = Words()
    parser.feed("".join(outside_translation(source)))
    parser.close()
    plain = (" ".join(one.split()).strip("· ") for one in parser.found)
    return [one for one in plain if re.search(r"[^\W\d_]", one) and one not in NO_WORDS]


def outside_translation(source: str) -> Iterator[str]:
    inside = False
    for token in Lexer(source).tokenize():
        name = token.contents.split(maxsplit=1)[0] if token.contents.strip() else ""
        if token.token_type is TokenType.BLOCK:
            inside = name in ("blocktranslate", "comment") or (inside and not name.startswith("end"))
        elif token.token_type is TokenType.TEXT and not inside:
            yield token.contents


def names_said() -> Iterator[str]:
    """Yield every string of the sources that may name a template, with holes where a value goes in."""
    for path in [*product_files(), *TEMPLATES.values()]:
        yield from re.findall(r'"([^"\s]+\.html)"', path.read_text(encoding="utf-8"))


def product_files() -> list[Path]:
    return [path for path in ROOT.rglob("*.py") if not NO_PART & set(path.relative_to(ROOT).parts)]


def pattern_of(said: str) -> str:
    return "[^/]+".join(re.escape(part) for part in re.split(r"{[^}]*}", said))
