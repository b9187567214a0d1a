"""Changing the directory in a real browser: with JavaScript and without."""

from types import SimpleNamespace

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from accounts.models import GroupMember, User
from tests.accounts.test_directory_in_a_browser import be
from tests.conftest import SignIn
from tests.plugins.browser import OpenPage

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_somebody_new_is_put_into_a_group(
    world: SimpleNamespace, as_: SignIn, open_page: OpenPage, site: str, *, scripts: bool
) -> None:
    page = be(open_page(java_script_enabled=scripts), as_(world.grace), site)
    page.goto(reverse("accounts:users"))
    page.get_by_role("link", name="New user").click()
    panel = page.get_by_role("dialog")
    panel.get_by_label("Name", exact=True).fill("Ann Example")
    panel.get_by_label("User name").fill("ann@fabrikam.com")
    panel.get_by_role("button", name="Create").click()
    expect(panel.get_by_text("Choose a verified domain of your organisation.")).to_be_visible()
    panel.get_by_label("User name").fill("ann@contoso.com")
    panel.get_by_role("button", name="Create").click()
    expect(page.get_by_text("User created.")).to_be_visible()
    page.goto(reverse("accounts:group", args=[world.groups["New hires"].id]))
    page.get_by_role("link", name="Add members").click()
    panel.get_by_label("Add groups or users").fill("ann ex")
    panel.get_by_label("Add groups or users").press("Enter")
    panel.get_by_role("button", name="Add Ann Example").click()
    expect(panel.get_by_text("Ann Example was added.")).to_be_visible()
    panel.get_by_role("link", name="Done").click()
    page.get_by_role("link", name="Remove Ann Example").click()
    panel.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("Ann Example was removed.")).to_be_visible()
    ann = User.objects.get(upn="ann@contoso.com")
    assert not GroupMember.objects.filter(user=ann).exists()
