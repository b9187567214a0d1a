"""The directory in a real browser: with JavaScript and without."""

from types import SimpleNamespace

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts.models import SignInSession
from tests.conftest import SignIn
from tests.plugins.browser import OpenPage

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def be(page: Page, client: Client, site: str) -> Page:
    """Give the browser the session of a client that is signed in."""
    token = client.cookies[settings.SIGN_IN_COOKIE].value
    page.context.add_cookies([{"name": settings.SIGN_IN_COOKIE, "value": token, "url": site}])
    return page


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_somebody_is_found_and_signed_out_everywhere(
    world: SimpleNamespace, as_: SignIn, open_page: OpenPage, site: str, *, scripts: bool
) -> None:
    as_(world.tapuser, address="203.0.113.24")
    page = be(open_page(java_script_enabled=scripts), as_(world.grace), site)
    page.goto(reverse("accounts:users"))
    page.get_by_label("Name, user name or mail").fill("ap us")
    page.get_by_label("Kind").select_option("Member")
    page.get_by_role("button", name="Find").click()
    expect(page.get_by_role("status")).to_have_text("1 user")
    page.get_by_role("link", name="Tap User").click()
    expect(page.get_by_text("203.0.113.24")).to_be_visible()
    page.get_by_role("link", name="End all").click()
    page.get_by_role("dialog").get_by_role("link", name="Cancel").click()
    assert SignInSession.objects.filter(user=world.tapuser, revoked_at=None).exists()
    page.get_by_role("link", name="End all").click()
    page.get_by_role("dialog").get_by_role("button", name="End all sessions").click()
    expect(page.get_by_text("1 session ended.")).to_be_visible()
    expect(page.get_by_text("No live sessions.")).to_be_visible()
    assert not SignInSession.objects.filter(user=world.tapuser, revoked_at=None).exists()


def test_the_search_on_top_finds_people(world: SimpleNamespace, as_: SignIn, open_page: OpenPage, site: str) -> None:
    page = be(open_page(), as_(world.grace), site)
    page.goto(reverse("accounts:groups"))
    page.keyboard.press("/")
    page.keyboard.type("fontaine")
    page.keyboard.press("Enter")
    expect(page.get_by_role("rowheader")).to_have_text(["MFMia Fontaine"])
