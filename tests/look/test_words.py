"""Every word people see is one that can be translated: with a catalogue that crosses everything out, only data is left."""

import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from zoneinfo import available_timezones

import pytest
import time_machine
from django.apps import apps
from django.db import models
from django.utils.translation import deactivate, trans_real

from directory.judging import COLUMNS
from oidc.enums import Permission
from tests.house.test_templates import Words
from tests.look.page import Page
from tests.look.pages import PAGES
from tests.look.seeded import NOW

pytestmark = pytest.mark.django_db
# A page and its states share most of their words: the plain one stands for them, and every mistake is looked at.
STATES = ("", "mistakes", "wrong", "created")
# This one is opened by the words on a button.
MAIN = {
    page.title: page for page in PAGES if page.state in STATES and page.title != "tap policy_configure grace mistakes"
}
KEPT_OR_LETTER = re.compile(r"(%\([^)]*\)[sd]|%[sd%]|{[^}]*}|<[^>]*>|&\w+;)|[^\W\d_]")
NO_WORD = re.compile(r"https?://\S+|\S+@\S+|[0-9a-f]{8}(?:-?[0-9a-f]{4})+")  # addresses and ids
INITIALS_OR_CODE = re.compile(r"[A-Z]{1,4}|M+")  # M+: the longest name of the seeded world, cut


def words_of(text: str) -> Iterator[str]:
    """Yield what may be a word of some language written in Latin letters."""
    for word in re.findall(r"\w+", NO_WORD.sub("", text)):
        if re.fullmatch(r"[A-Za-z]{2,}", word) and not INITIALS_OR_CODE.fullmatch(word):
            yield word


# Names of things: the product and where it is tested, the clock, makers of passkeys, time zones, scopes, columns.
NAMES = {"gatepass", "localhost", "utc", "fido", "metadata", "english", "deutsch"}
NAMES |= {"windows", "hello", "hardware", "authenticator", "yubikey", "series"}
NAMES |= {word.lower() for one in (*available_timezones(), *Permission.values, *COLUMNS) for word in words_of(one)}


class CrossedOut:
    """A catalogue in which every letter of every message is ẋ; what is filled in stays."""

    def gettext(self, message: str) -> str:
        return KEPT_OR_LETTER.sub(lambda found: found[1] or "ẋ", message)

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        return self.gettext(singular if number == 1 else plural)

    def language(self) -> str:
        return "en"

    def to_language(self) -> str:
        return "en"


@pytest.fixture
def crossed_out(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every word of the program is crossed out."""
    catalogue = CrossedOut()
    monkeypatch.setattr(trans_real, "translation", lambda language: catalogue)
    yield
    deactivate()


@pytest.mark.parametrize("title", MAIN)
def test_it_can_be_translated(world: SimpleNamespace, crossed_out: None, title: str) -> None:
    left = {word for word in seen_on(MAIN[title], world) if word.lower() not in NAMES | data_of(world)}
    assert sorted(left) == []


def seen_on(page: Page, world: SimpleNamespace) -> Iterator[str]:
    """Yield the words of Latin letters on a page."""
    with time_machine.travel(NOW, tick=False):
        _, _, answer = page.open(world)
    reader = Words()
    reader.feed(answer.content.decode())
    reader.close()
    for text in reader.found:
        yield from words_of(text)


def data_of(world: SimpleNamespace) -> set[str]:
    """Return every word that stands in a table."""
    if not hasattr(world, "words"):
        world.words = {word.lower() for text in texts() for word in words_of(text)}
    return world.words  # type: ignore[no-any-return]


def texts() -> Iterator[str]:
    for model in apps.get_models():
        names = [field.name for field in model._meta.fields if isinstance(field, models.CharField | models.TextField)]
        rows: Any = model._default_manager.values_list(*names) if names else ()
        yield from (text for row in rows for text in row if isinstance(text, str))
