"""Changing the directory in a real browser: with JavaScript, without, and for every eye."""

from types import SimpleNamespace

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from accounts.enums import Role
from accounts.models import GroupMember, User
from directory import actions
from tests.accounts.test_directory_in_a_browser import be
from tests.conftest import SignIn
from tests.directory.people import acting
from tests.plugins.accessibility import axe_violations
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


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_every_page_is_for_every_eye(
    world: SimpleNamespace, as_: SignIn, open_page: OpenPage, site: str, width: int, scheme: str
) -> None:
    page = open_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    be(page, as_(world.grace), site)
    grace = acting(world.grace)
    text = "displayName,userPrincipalName\nAnn,ann@contoso.com\nBad,\n"
    batch = actions.upload(grace, name="people.csv", text=text)
    group, role = world.groups["New hires"].id, Role.GLOBAL_READER.value
    asked = f"{reverse('directory:assign_role', args=[role])}?holder=user:{world.mia.id}"
    addresses = [
        asked,
        reverse("directory:edit_user", args=[world.mia.id]),
        reverse("directory:add_member", args=[group]),
        reverse("directory:delete_group", args=[world.groups["Break glass"].id]),
        reverse("directory:settings"),
        reverse("directory:import_users"),
        reverse("directory:import", args=[batch.pk]),
        reverse("accounts:group", args=[group]),
    ]
    for address in addresses:
        page.goto(address)
        assert axe_violations(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
