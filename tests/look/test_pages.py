"""The bars of docs/ui.md, over every page of the table, each opened once and then looked at in every width and theme."""

import gzip
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from types import SimpleNamespace

import pytest
import time_machine
from django.http import HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver

from tests.look.page import Page
from tests.look.pages import ELSEWHERE, EXCUSES, PAGES
from tests.look.seeded import NOW
from tests.look.window import Theme, Window
from tests.plugins.accessibility import COLOURS, EVERYTHING

pytestmark = pytest.mark.django_db
LOOKS: list[tuple[int, Theme]] = [(1280, "light"), (1280, "dark"), (390, "dark"), (390, "light"), (320, "light")]
DATA = "application/json"
KB = 1000
MOST_HTML, MOST_LONG, MOST_VIEW, MOST_REQUESTS = 8 * KB, 14 * KB, 45 * KB, 8
PAGES_BY_TITLE = {page.title: page for page in PAGES}


@pytest.mark.parametrize("title", PAGES_BY_TITLE)
def test_it_keeps_the_bars(world: SimpleNamespace, window: Window, pictures: str, title: str) -> None:
    """Accessible, no wider than the window, no complaint of the browser, nothing inline, and light."""
    page = PAGES_BY_TITLE[title]
    with time_machine.travel(NOW, tick=False):
        client, address, answer = page.open(world)
    assert answer.status_code == page.status
    said = inline_in(answer)
    said += too_heavy(page, answer)
    window.set_to(width=1280, theme="light")
    window.show(client, address, answer)
    for width, theme in LOOKS:
        window.set_to(width=width, theme=theme)
        said += [
            f"{width} {theme}: {one}" for one in window.axe.violations(EVERYTHING if theme == "light" else COLOURS)
        ]
        said += [f"{width}: {window.overflow} px too wide"] if window.overflow > 0 else []
        window.keep_picture(pictures, f"{title} {width} {theme}")
    window.set_to(width=1280, theme="light")
    window.turn_round()
    said += [f"right to left: {window.overflow} px too wide"] if window.overflow > 0 else []
    window.keep_picture(pictures, f"{title} rtl")
    said += too_much(window)
    assert said + window.complaints() == []


def test_every_page_is_in_the_table() -> None:
    """A page that nobody looks at is found here: give it a line in tests/look/pages.py."""
    looked_at = {page.name for page in PAGES}
    known = {name for name in names() if not name.startswith(ELSEWHERE)}
    assert sorted(known - looked_at - set(EXCUSES)) == []
    assert sorted(set(EXCUSES) - known) == []
    assert sorted(looked_at & set(EXCUSES)) == []


def names() -> Iterator[str]:
    """Yield the name of every address."""
    found: list[tuple[str, URLPattern | URLResolver]] = [("", one) for one in get_resolver().url_patterns]
    while found:
        space, one = found.pop()
        if isinstance(one, URLPattern):
            yield f"{space}{one.name}"
        else:
            found += [(f"{one.namespace}:" if one.namespace else space, inner) for inner in one.url_patterns]


def too_heavy(page: Page, answer: HttpResponse) -> list[str]:
    weight, most = len(gzip.compress(answer.content, 9)), MOST_LONG if page.is_long else MOST_HTML
    return [f"its HTML weighs {weight} bytes"] if weight > most else []


def too_much(window: Window) -> list[str]:
    parts, total = window.sent.parts, window.sent.total
    said = [f"weighs {total} bytes"] if total > MOST_VIEW else []
    return said + ([f"{len(parts)} requests: {sorted(parts)}"] if len(parts) > MOST_REQUESTS else [])


class Inline(HTMLParser):
    """Finds what the content security policy would stop, and what it would not but should not be there, such as an id
    that two elements have: a label would speak of the other one.
    """

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.ids: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        have = dict(attrs)
        if (own := have.get("id")) is not None:
            self.found += [f"twice: #{own}"] if own in self.ids else []
            self.ids.add(own)
        bad = [name for name in have if name == "style" or name.startswith("on")]
        bad += [
            name
            for name in ("href", "src", "action")
            if re.match(r"\s*javascript:", have.get(name) or "", re.IGNORECASE)
        ]
        if bad or tag == "style" or (tag == "script" and "src" not in have and have.get("type") != DATA):
            self.found.append(f"inline: <{tag} {' '.join(bad)}>")


def inline_in(answer: HttpResponse) -> list[str]:
    parser = Inline()
    parser.feed(answer.content.decode())
    return parser.found


@pytest.mark.parametrize(
    "written",
    [
        '<p style="color:red">',
        "<style>p{}</style>",
        "<script>go()</script>",
        '<a onclick="go()">',
        '<a href="javascript:go()">',
        '<p id="one"></p><p id="one">',
    ],
)
def test_what_is_inline_is_found(written: str) -> None:
    assert inline_in(HttpResponse(written)) != []
