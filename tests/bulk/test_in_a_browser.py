"""Passes for many in a real browser: the whole way, every page in both themes and widths, the sheets as they are printed."""

import re
from types import SimpleNamespace

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from config import worker
from config.demo import make_world
from core.http import public_link
from notices.links import denial_link
from notices.models import Notice
from tests.conftest import SignIn
from tests.plugins.accessibility import axe_violations
from tests.plugins.browser import OpenPage

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
OVERFLOW = "document.documentElement.scrollWidth - window.innerWidth"


def look_over(page: Page) -> None:
    """Axe and width: light at a desk, dark on a phone."""
    for width, scheme in ((1280, "light"), (390, "dark")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert axe_violations(page) == []
        assert page.evaluate(OVERFLOW) <= 0
    page.set_viewport_size({"width": 1280, "height": 900})


def test_the_whole_way(transactional_db: None, open_page: OpenPage, as_: SignIn) -> None:
    world: SimpleNamespace = make_world()
    page = open_page()
    token = as_(world.grace).cookies[settings.SIGN_IN_COOKIE].value
    page.context.add_cookies([{"name": settings.SIGN_IN_COOKIE, "value": token, "url": settings.PUBLIC_URL}])
    page.goto("/center/passes/")
    page.get_by_role("link", name="Issue to many").click()
    expect(page.get_by_label("User names")).to_be_visible()
    look_over(page)
    page.get_by_label("User names").fill("mia@contoso.com\ngil@contoso.com\nnobody@contoso.com")
    page.get_by_role("button", name="Check the list").click()
    expect(page.get_by_role("button", name="Issue 2 passes")).to_be_visible()
    look_over(page)
    page.get_by_role("button", name="Issue 2 passes").click()
    expect(page.get_by_text("The passes are being made.")).to_be_visible()
    page.get_by_role("link", name="See how far it is").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    look_over(page)
    worker.run_due(["long"])
    page.get_by_role("button", name="Hand over now").wait_for()  # the page loads itself anew
    look_over(page)
    page.get_by_role("button", name="Hand over now").click()
    expect(page.get_by_role("rowheader", name="Mia Fontaine")).to_be_visible()
    look_over(page)
    page.emulate_media(media="print")
    expect(page.locator(".sheet")).to_have_count(2)
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))) == 2
    page.emulate_media(media="screen")
    page.get_by_role("link", name="Done").click()
    page.get_by_role("link", name="Delete all unused passes").click()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("2 unused passes were deleted.")).to_be_visible()
    page.goto("/center/notices/")
    look_over(page)
    stranger = open_page()
    stranger.goto(denial_link(Notice.objects.filter(person=world.mia)[0].pk).removeprefix(public_link("")))
    look_over(stranger)
    stranger.get_by_role("button", name="It was not me").click()
    expect(stranger.get_by_text("your administrators have been told")).to_be_visible()
