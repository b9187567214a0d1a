"""System, Light or Dark: chosen in the account menu, kept on this browser, written by the server so that nothing flashes."""

from types import SimpleNamespace

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from tests.conftest import SignIn

HOME = "/center/"


@pytest.mark.parametrize(
    ("chosen", "written"), [("light", ' data-theme="light"'), ("dark", ' data-theme="dark"'), ("system", "")]
)
def test_a_theme_is_kept(world: SimpleNamespace, as_: SignIn, chosen: str, written: str) -> None:
    grace = as_(world.grace)
    answer = grace.post(reverse("core:theme"), {"theme": chosen, "next": HOME})
    assert (answer.status_code, answer["Location"]) == (302, HOME)
    assert answer.cookies[settings.THEME_COOKIE]["httponly"]
    page = grace.get(HOME).content.decode()
    assert (f'dir="ltr"{written}>' in page, page.count("data-theme=")) == (True, bool(written))
    assert f'value="{chosen}" aria-pressed="true"' in page


@pytest.mark.parametrize("chosen", ["", "purple", '"><script>'])
def test_no_other_theme_is_taken(db: None, chosen: str) -> None:
    answer = Client().post(reverse("core:theme"), {"theme": chosen, "next": "https://evil.example/"})
    assert answer["Location"] == "/"
    assert settings.THEME_COOKIE not in answer.cookies
