"""The logs in a real browser: filtering and reading one event without JavaScript, and what axe says of the pages."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from audit.sealing import seal_all
from tap.actions import Issued
from tests.accounts.test_directory_in_a_browser import be
from tests.conftest import SignIn
from tests.plugins.accessibility import axe_violations
from tests.plugins.browser import OpenPage

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
LOOKS = {"dark": ("dark", 1280), "phone": ("light", 390)}


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


@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing(
    world: SimpleNamespace, as_: SignIn, give_pass: Callable[..., Issued], open_page: OpenPage, site: str, look: str
) -> None:
    give_pass(world.mia)
    seal_all()
    scheme, width = LOOKS[look]
    page = be(open_page(color_scheme=scheme, viewport={"width": width, "height": 900}), as_(world.grace), site)
    person = reverse("accounts:user_activity", args=[world.mia.id])
    for address in ("/center/audit/?verify=1", "/center/audit/?person=contoso", "/center/sign-ins/", person):
        page.goto(address)
        assert axe_violations(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
    page.goto(person)
    page.get_by_role("link", name="Create Temporary Access Pass").click()
    expect(page.get_by_role("heading", name="Create Temporary Access Pass")).to_be_visible()
    assert axe_violations(page) == []
