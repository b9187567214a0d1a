"""What is handed over with a pass, in the language of who gets it; and how a pass is read out."""

from datetime import UTC, datetime
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.utils import translation

from accounts.models import User
from authmethods.passwords import chosen
from authmethods.wording import SPELLING
from core.errors import Invalid
from core.secrets import ALPHABET
from tests.authmethods.center import add, plain_text_of
from tests.conftest import SignIn


def test_what_is_handed_over_speaks_the_language_of_who_gets_it(world: SimpleNamespace, as_: SignIn) -> None:
    """Whoever issues reads his own language; the sheet and the mail are the other's."""
    User.objects.filter(pk=world.mia.pk).update(language="de")
    with time_machine.travel(datetime(2026, 11, 24, 9, 14, tzinfo=UTC), tick=False):
        answer = add(as_(world.grace), world.mia)
    page, mail = plain_text_of(answer), parse_qs(urlsplit(answer.context["mail_url"]).query)
    assert "Pass created. Give it to Mia now." in page
    assert "Ihr Befristeter Zugriffspass Mia Fontaine" in page
    assert "Gilt ab 24.11.2026, 10:14 (UTC+01:00)" in page
    assert 'class="sheet" lang="de"' in answer.content.decode()
    assert mail["subject"] == ["Melden Sie sich mit Ihrem Befristeten Zugriffspass an"]
    assert mail["body"][0].startswith("Guten Tag Mia,")


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_symbol_of_a_code_has_a_word(language: str) -> None:
    assert set(SPELLING) == set(ALPHABET)
    with translation.override(language):
        words = {symbol: str(word) for symbol, word in SPELLING.items()}
    assert len(set(words.values())) == len(ALPHABET)
    assert [symbol for symbol, word in words.items() if symbol.isalpha() and word[0].upper() != symbol] == []


@pytest.mark.parametrize(
    ("password", "said", "german"),
    [
        ("short", "too short. Use at least 12 characters.", "zu kurz. Verwenden Sie mindestens 12 Zeichen."),
        ("mia fontaine", "too much like your name", "ähnelt Ihrem Namen"),
        ("mia@contoso.com", "too much like your name", "ähnelt Ihrem Namen"),
        ("qwerty123456", "Many people use", "verwenden viele"),
        ("920184756201", "digits only", "nur aus Ziffern"),
    ],
)
def test_what_is_wrong_with_a_password_is_said_in_our_words(
    world: SimpleNamespace, password: str, said: str, german: str
) -> None:
    for language, words in (("en", said), ("de", german)):
        with translation.override(language), pytest.raises(Invalid) as refused:
            chosen(world.mia, password)
        assert words in str(refused.value.fields["password"])
