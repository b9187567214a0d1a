"""What comes out of the printer."""

import re
from types import SimpleNamespace

import pytest
import time_machine

from tests.look.pages import PAGES
from tests.look.seeded import NOW
from tests.look.window import Window

pytestmark = pytest.mark.django_db
SHEETS = {page.title: page for page in PAGES if page.name == "authmethods:add_method" and "created" in page.state}


@pytest.mark.parametrize("title", SHEETS)
def test_the_sheet_of_a_pass_is_one_page(world: SimpleNamespace, window: Window, pictures: str, title: str) -> None:
    """The longest code and the longest name fit on one A4, and nothing of the page behind is printed."""
    with time_machine.travel(NOW, tick=False):
        window.show(*SHEETS[title].open(world))
    printed = window.page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type /Page\b", printed)) == 1
    window.page.emulate_media(media="print", color_scheme="dark")
    assert window.page.locator(".sheet h1").is_visible()
    assert window.page.locator(".sheet .pass-code").is_visible()
    assert not window.page.locator(".panel").is_visible()
    window.keep_picture(pictures, f"{title} printed")
    window.page.emulate_media(media="screen")
