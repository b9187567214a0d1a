"""The densest pages in German, whose words are a third longer: nothing is wider than the window."""

from types import SimpleNamespace

import pytest
import time_machine
from django.conf import settings

from tests.look.pages import PAGES
from tests.look.seeded import NOW
from tests.look.window import Theme, Window

pytestmark = pytest.mark.django_db
LOOKS: list[tuple[int, Theme]] = [(1280, "light"), (390, "dark"), (320, "light")]
PAGES_BY_TITLE = {page.title: page for page in PAGES}
DENSEST = (
    "accounts audit grace",
    "authmethods add_method grace created",
    "authmethods add_method grace not in scope",
    "authmethods home grace",
    "authmethods security_info mia",
    "authmethods user_methods grace not in scope",
    "directory settings grace",
    "signin tap wrong",
    "tap passes grace",
    "tap policy_configure grace",
)


@pytest.mark.parametrize("title", DENSEST)
def test_it_fits_in_german(
    world: SimpleNamespace, window: Window, pictures: str, monkeypatch: pytest.MonkeyPatch, title: str
) -> None:
    monkeypatch.setattr(settings, "LANGUAGE_CODE", "de")
    with time_machine.travel(NOW, tick=False):
        client, address, answer = PAGES_BY_TITLE[title].open(world)
    assert '<html lang="de"' in answer.content.decode()
    window.set_to(width=1280, theme="light")
    window.show(client, address, answer)
    said = []
    for width, theme in LOOKS:
        window.set_to(width=width, theme=theme)
        said += [f"{width}: {window.overflow} px too wide"] if window.overflow > 0 else []
        window.keep_picture(pictures, f"de {title} {width} {theme}")
    assert said + window.complaints() == []
