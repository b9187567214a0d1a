"""The support desk in a real browser: within the content policy, and on a phone."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import expect

from accounts.enums import Role
from accounts.models import RoleAssignment
from tap.actions import Issued
from tests.conftest import SignIn
from tests.plugins.browser import OpenPage
from tests.support.desk import person_url

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
PHONE = {"width": 390, "height": 844}


def test_somebody_is_helped(
    world: SimpleNamespace,
    as_: SignIn,
    give_pass: Callable[..., Issued],
    open_page: OpenPage,
    site: str,
) -> None:
    RoleAssignment.objects.create(tenant=world.contoso, user=world.sam, role=Role.AUTHENTICATION_ADMINISTRATOR)
    give_pass(world.tapuser)
    page = open_page(viewport=PHONE)
    token = as_(world.sam).cookies[settings.SIGN_IN_COOKIE].value
    page.context.add_cookies([{"name": settings.SIGN_IN_COOKIE, "value": token, "url": site}])
    page.goto(reverse("admin:index"))
    page.get_by_role("searchbox", name="Find a user").fill("ap us")
    page.get_by_role("button", name="Find").click()
    expect(page.get_by_role("link", name="Tap User")).to_be_visible()
    page.get_by_role("link", name="Tap User").click()
    expect(page.get_by_role("heading", name="Tap User")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("link", name="Issue a pass").click()
    expect(page.get_by_role("heading", name="Issue a pass")).to_be_visible()
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_text("Pass created.")).to_be_visible()
    page.get_by_role("link", name="Done").click()
    page.get_by_role("link", name="Delete pass").click()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Temporary Access Pass deleted.")).to_be_visible()
    page.goto(person_url(world.tapuser, "history"))
