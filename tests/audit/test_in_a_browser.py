"""The logs in a real browser: filtering and reading one event without JavaScript."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from audit.sealing import seal_all
from tap.actions import Issued
from tests.accounts.test_directory_in_a_browser import be
from tests.conftest import SignIn
from tests.plugins.browser import OpenPage

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


def test_an_event_is_found_and_read(
    world: SimpleNamespace, as_: SignIn, give_pass: Callable[..., Issued], open_page: OpenPage, site: str
) -> None:
    give_pass(world.mia)
    give_pass(world.tapuser)
    seal_all()
    page = be(open_page(java_script_enabled=False), as_(world.grace), site)
    page.goto(reverse("accounts:audit"))
    page.get_by_label("Person").fill("mia@contoso.com")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("rowheader")).to_have_text(["Create Temporary Access Pass"])
    page.get_by_role("link", name="Create Temporary Access Pass").click()
    expect(page.get_by_role("dialog")).to_contain_text("Admin registered security info")
    page.get_by_role("dialog").get_by_role("link", name="Close").last.click()
    page.get_by_role("link", name="Verify chain").click()
    expect(page.get_by_text("Log intact.")).to_be_visible()
