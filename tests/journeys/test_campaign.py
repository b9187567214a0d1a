"""A person's way through what the organisation asks of her, in a real browser: the campaign, and a one-off password."""

from types import SimpleNamespace

import pytest
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts.enums import Campaign, TargetSide
from accounts.models import MethodTarget, User
from authmethods.models import Passkey, RegistrationCampaign
from core import clock
from tests.conftest import sign_in
from tests.journeys.test_person import GivePass, cast, name_oneself, name_passkey
from tests.plugins.accessibility import axe_violations
from tests.plugins.authenticator import SecurityKey
from tests.plugins.browser import OpenPage

__all__ = ["cast"]

FORGOTTEN, CHOSEN = "four-unrelated-words-7", "quite-another-lot-of-words-8"
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def test_skipped_once_then_done(cast: SimpleNamespace, give_pass: GivePass, page: Page) -> None:
    """Design §5, Interrupt: asked before anything else, skipped, asked again, and left alone once there is a passkey."""
    now = clock.now()
    RegistrationCampaign.objects.create(
        tenant=cast.contoso, is_enabled=True, is_default=False, changed_at=now, snooze_days=0
    )
    MethodTarget.objects.create(tenant=cast.contoso, method=Campaign.REGISTRATION, side=TargetSide.INCLUDE)
    code = give_pass(cast.tapuser, is_usable_once=False).code

    def arrive() -> None:
        name_oneself(page)
        page.get_by_role("textbox", name="Temporary Access Pass").fill(code)
        page.get_by_role("button", name="Sign in").click()

    arrive()
    expect(page.get_by_role("heading", name="Add a passkey", level=1)).to_be_visible()
    assert axe_violations(page) == []
    page.goto(reverse("authmethods:sessions"))
    expect(page.get_by_role("heading", name="Add a passkey", level=1)).to_be_visible()
    page.get_by_role("button", name="Skip for now").click()
    expect(page.get_by_role("heading", name="Sessions", level=1)).to_be_visible()

    arrive()
    SecurityKey(page)  # plugged in only now: looking at the page takes the key out
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_role("button", name="Create passkey").click()
    name_passkey(page, "My laptop")
    expect(page.get_by_role("heading", name="Security info", level=1)).to_be_visible()
    assert Passkey.objects.get().name == "My laptop"


def test_a_password_from_the_service_desk(cast: SimpleNamespace, open_page: OpenPage) -> None:
    """ASVS 6.4.6: Amir resets and reads it out; Tap User types it, chooses his own, and is in."""
    set_at = clock.now()
    User.objects.filter(pk=cast.tapuser.pk).update(password=make_password(FORGOTTEN), password_changed_at=set_at)
    desk = open_page()
    token = sign_in(cast.amir).cookies[settings.SIGN_IN_COOKIE].value
    desk.context.add_cookies([{"name": settings.SIGN_IN_COOKIE, "value": token, "url": settings.PUBLIC_URL}])
    desk.goto(reverse("authmethods:user_methods", args=[cast.tapuser.pk]))
    desk.get_by_role("link", name="Reset password").click()
    desk.get_by_role("dialog").get_by_role("button", name="Reset password").click()
    panel = desk.get_by_role("dialog", name="One-off password")
    expect(panel.get_by_role("button", name="Copy password")).to_be_focused()
    made = desk.locator("#pass-code").inner_text()

    page = open_page()
    name_oneself(page)
    page.get_by_role("textbox", name="Password").fill(made)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Choose a new password")).to_be_visible()
    assert axe_violations(page) == []
    page.get_by_role("textbox", name="New password", exact=True).fill(CHOSEN)
    page.get_by_role("textbox", name="New password, again").fill(CHOSEN)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Security info", level=1)).to_be_visible()
    expect(page.get_by_text("Password saved.")).to_be_visible()
    assert User.objects.get(pk=cast.tapuser.pk).has_lasting_password
