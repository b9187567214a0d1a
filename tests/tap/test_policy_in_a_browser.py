"""The policy's pages and the list of passes in a real browser: with JavaScript and without."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts.models import MethodTarget
from tap.actions import Issued
from tap.models import TapPolicy
from tests.conftest import SignIn
from tests.plugins.accessibility import axe_violations
from tests.plugins.browser import OpenPage

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
GivePass = Callable[..., Issued]
TARGET, CONFIGURE, PASSES = "tap:policy_target", "tap:policy_configure", "tap:passes"


def be(page: Page, client: Client, site: str) -> Page:
    """Give the browser the session of a client that is signed in."""
    token = client.cookies[settings.SIGN_IN_COOKIE].value
    page.context.add_cookies([{"name": settings.SIGN_IN_COOKIE, "value": token, "url": site}])
    return page


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_effects_are_seen_before_anything_is_saved(
    world: SimpleNamespace, as_: SignIn, give_pass: GivePass, open_page: OpenPage, site: str, scripts: bool
) -> None:
    give_pass(world.mia)
    page = be(open_page(java_script_enabled=scripts, viewport={"width": 390, "height": 844}), as_(world.grace), site)
    page.goto(reverse(TARGET))
    page.get_by_role("switch", name="Enable").uncheck()
    page.get_by_role("button", name="Preview effects").click()
    panel = page.get_by_role("dialog", name="Effects of your changes")
    expect(panel).to_contain_text("1 active pass stops working.")
    assert not scripts or axe_violations(page) == []
    panel.get_by_label("Name or user name").fill("mia")
    if not scripts:
        panel.get_by_label("Name or user name").press("Enter")
    panel.get_by_role("button", name="Show Mia").click()
    expect(panel).to_contain_text("Your changes make a difference to Mia.")
    assert not scripts or axe_violations(page) == []
    if scripts:
        page.keyboard.press("Escape")
    else:
        panel.get_by_role("button", name="Back to editing").click()
    expect(panel).to_have_count(0)
    expect(page.get_by_role("switch", name="Enable")).not_to_be_checked()
    assert TapPolicy.objects.get(tenant=world.contoso).is_enabled


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_group_is_included_and_the_method_turned_off(
    world: SimpleNamespace, as_: SignIn, give_pass: GivePass, open_page: OpenPage, site: str, scripts: bool
) -> None:
    give_pass(world.mia)
    page = be(open_page(java_script_enabled=scripts), as_(world.paul), site)
    page.goto(reverse(TARGET))
    page.get_by_label("Select groups").check()
    page.get_by_label("Add groups or users").fill("hires")
    if not scripts:
        page.get_by_label("Add groups or users").press("Enter")
    found = page.get_by_role("button", name="Add New hires")
    found.wait_for()
    assert not scripts or axe_violations(page) == [], "what a script has drawn"
    found.click()
    expect(page.get_by_role("rowheader", name="New hires")).to_be_visible()
    expect(page.get_by_label("Add groups or users")).to_be_focused()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("dialog", name="Change who can use a pass?")).to_contain_text(
        "1 active pass stops working."
    )
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.get_by_text("Policy saved. It applies at once to new sign-ins.")).to_be_visible()
    assert MethodTarget.objects.get(tenant=world.contoso, side="include").group == world.groups["New hires"]
    give_pass(world.tapuser)
    page.get_by_role("switch", name="Enable").uncheck()
    page.get_by_role("button", name="Save").click()
    page.get_by_role("dialog", name="Turn off Temporary Access Pass?").get_by_role("button", name="Turn off").click()
    expect(page.get_by_text("Disabled", exact=True)).to_be_visible()
    assert not TapPolicy.objects.get(tenant=world.contoso).is_enabled


def test_escape_closes_the_question_and_keeps_what_was_typed(
    world: SimpleNamespace, as_: SignIn, give_pass: GivePass, open_page: OpenPage, site: str
) -> None:
    give_pass(world.mia, is_usable_once=False)
    page = be(open_page(), as_(world.paul), site)
    page.goto(reverse(CONFIGURE))
    warning = page.get_by_text("1 multiple-use pass will stop working at once.")
    expect(warning).to_be_hidden()
    page.get_by_role("switch", name="Require one-time use").check()
    expect(warning).to_be_visible()
    page.get_by_label("Length").fill("16")
    page.get_by_role("button", name="Save").click()
    dialog = page.get_by_role("dialog", name="Require one-time use?")
    expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.get_by_label("Length")).to_have_value("16")
    expect(page.get_by_role("switch", name="Require one-time use")).to_be_checked()
    page.get_by_role("button", name="Reset to defaults").click()
    page.get_by_role("dialog", name="Reset to defaults?").get_by_role("button", name="Reset to defaults").click()
    expect(page.get_by_label("Length")).to_have_value("8")


def test_the_summary_of_mistakes_takes_the_focus_and_leads_to_each(
    world: SimpleNamespace, as_: SignIn, open_page: OpenPage, site: str
) -> None:
    page = be(open_page(), as_(world.paul), site)
    page.goto(reverse(CONFIGURE))
    page.get_by_label("Default lifetime", exact=True).fill("twelve")
    page.get_by_label("Default lifetime", exact=True).press("Enter")
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("Settings not saved. Fix 1 field: Default lifetime")
    expect(page).to_have_title("Error: Temporary Access Pass settings · Gatepass")
    expect(page.get_by_label("Default lifetime", exact=True)).to_have_value("twelve")
    summary.get_by_role("link", name="Default lifetime").click()
    expect(page.get_by_label("Default lifetime", exact=True)).to_be_focused()
