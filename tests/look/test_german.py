"""The densest pages in German, whose words are a third longer: nothing is wider than the window."""

import re
from types import SimpleNamespace

import pytest
import time_machine
from django.conf import settings
from django.http import HttpResponse

from tests.look.pages import PAGES
from tests.look.seeded import NOW
from tests.look.window import Theme, Window

pytestmark = pytest.mark.django_db
LOOKS: list[tuple[int, Theme]] = [(1280, "light"), (390, "dark"), (320, "light")]
PAGES_BY_TITLE = {page.title: page for page in PAGES}
LEFT = "[data-countdown-until]"
DENSEST = (
    "admin accounts_user_change sam with a role",
    "admin accounts_user_history sam",
    "admin accounts_user_why sam locked",
    "admin django_tasks_database_dbtaskresult_changelist sam",
    "admin index sam",
    "admin notices_notice_changelist sam",
    "accounts audit grace",
    "authmethods add_method grace created",
    "authmethods add_method grace not in scope",
    "authmethods home grace",
    "authmethods security_info mia",
    "authmethods user_methods amir",
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
    said = [
        f"the script says {said!r} and the server {left!r}"
        for said, left in zip(window.page.locator(LEFT).all_inner_texts(), left_in(answer), strict=True)
        if said != left
    ]
    for width, theme in LOOKS:
        window.set_to(width=width, theme=theme)
        said += [f"{width}: {window.overflow} px too wide"] if window.overflow > 0 else []
        window.keep_picture(pictures, f"de {title} {width} {theme}")
    assert said + window.complaints() == []


def left_in(answer: HttpResponse) -> list[str]:
    """Return how long is left, wherever the page says it, before a script has said it anew."""
    return re.findall(r"<b[^>]*data-countdown-until[^>]*>([^<]*)</b>", answer.content.decode())
