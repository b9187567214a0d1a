"""A person's way from the pass to the passkey and back, in a real browser."""

import re
from base64 import b64decode
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.contrib.auth.hashers import make_password
from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts.models import User
from authmethods.models import Passkey
from config.demo import make_world
from tap import actions as tap
from tap.actions import Issued
from tests.conftest import OPERATOR, reached
from tests.plugins.accessibility import axe_violations
from tests.plugins.authenticator import SecurityKey
from tests.plugins.browser import OpenPage

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
GivePass = Callable[..., Issued]
UPN = "tapuser@contoso.com"
ON_INFO = re.compile(r"/mysecurityinfo/(\?added=1)?(#\S*)?$")


@pytest.fixture
def cast(transactional_db: None) -> SimpleNamespace:
    """Everybody, where the running site sees them."""
    return make_world()


def name_oneself(page: Page) -> None:
    page.goto(reverse("signin:identify"))
    page.get_by_label("User name").fill(UPN)
    page.get_by_role("button", name="Next").click()


def sign_in_with_pass(page: Page, code: str) -> None:
    name_oneself(page)
    page.get_by_role("textbox", name="Temporary Access Pass").fill(code)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Security info", level=1)).to_be_visible()


def add_passkey(page: Page, name: str) -> None:
    page.goto(reverse("authmethods:security_info"))
    page.get_by_role("link", name="Add sign-in method").click()
    page.get_by_role("dialog").get_by_role("link", name="Passkey", exact=False).first.click()
    page.get_by_role("button", name="Create passkey").click()
    expect(page.get_by_role("dialog", name="Name your passkey")).to_be_visible()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_text(f"Passkey added. “{name}” is ready.")).to_be_visible()


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="account menu").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="You're signed out")).to_be_visible()


def test_from_a_pass_to_a_passkey_and_back(cast: SimpleNamespace, give_pass: GivePass, page: Page) -> None:
    """B04, D06, D07: a one-time pass adds a passkey, which signs in by name and without; deleted, it leaves the key too."""
    key = SecurityKey(page)
    sign_in_with_pass(page, give_pass(cast.tapuser, is_usable_once=True).code)
    page.get_by_role("link", name="Add a passkey").click()
    expect(page.get_by_role("heading", name="Create your passkey")).to_be_visible()
    add_passkey(page, "My laptop")
    assert [one["rpId"] for one in key.credentials] == ["localhost"]
    sign_out(page)

    name_oneself(page)
    page.get_by_role("button", name="Use your passkey").click()
    expect(page).to_have_url(ON_INFO)
    expect(page.get_by_text("My laptop").first).to_be_visible()
    sign_out(page)
    assert Passkey.objects.get().last_used_at is not None

    page.goto(reverse("signin:identify"))
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page).to_have_url(ON_INFO)
    User.objects.filter(pk=cast.tapuser.pk).update(password=make_password("four-unrelated-words-7"))
    page.reload()
    signed_with = Passkey.objects.get()
    page.get_by_role("link", name="Delete My laptop").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page).to_have_url(re.compile("/signin/"))
    assert not Passkey.objects.filter(pk=signed_with.pk).exists()


def test_the_browser_forgets_a_deleted_passkey(cast: SimpleNamespace, give_pass: GivePass, page: Page) -> None:
    """D07: Security info tells the browser which passkeys are left, and the key drops the others."""
    key = SecurityKey(page)
    sign_in_with_pass(page, give_pass(cast.tapuser, is_usable_once=False).code)
    add_passkey(page, "My laptop")
    (held,) = key.credentials
    assert b64decode(held["credentialId"]) == bytes(Passkey.objects.get().credential_id)
    User.objects.filter(pk=cast.tapuser.pk).update(password=make_password("four-unrelated-words-7"))
    page.get_by_role("link", name="Delete My laptop").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Passkey “My laptop” deleted.")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert key.credentials == []


def test_a_pass_deleted_elsewhere_ends_the_session(cast: SimpleNamespace, give_pass: GivePass, page: Page) -> None:
    """B03: on the next click, and the page says why."""
    made = give_pass(cast.tapuser, is_usable_once=False)
    sign_in_with_pass(page, made.code)
    tap.delete(OPERATOR, target=reached(cast.tapuser), pass_id=made.issued.pk)
    page.get_by_role("link", name="Sessions", exact=True).click()
    expect(page).to_have_url(re.compile("/signin/"))
    expect(page.get_by_text("You're signed out because your Temporary Access Pass was deleted.")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_pages_are_accessible(cast: SimpleNamespace, give_pass: GivePass, open_page: OpenPage, theme: str) -> None:
    """Every step of signing in, and Security info with its dialogs."""
    page, code = open_page(color_scheme=theme), give_pass(cast.tapuser, is_usable_once=False).code
    said: list[str] = []
    name_oneself(page)
    expect(page).to_have_url(re.compile(reverse("signin:tap")))
    for name in ("tap", "password", "passkey", "options", "signed_out"):
        page.goto(reverse(f"signin:{name}"))
        expect(page).to_have_url(re.compile(reverse(f"signin:{name}") + "$"))
        said += [f"{name}: {one}" for one in axe_violations(page)]
    page.goto(reverse("signin:identify"))
    said += [f"identify: {one}" for one in axe_violations(page)]
    sign_in_with_pass(page, code)
    for name in ("security_info", "add_own_method", "passkey_create", "password", "delete_own_pass", "sessions"):
        page.goto(reverse(f"authmethods:{name}"))
        said += [f"{name}: {one}" for one in axe_violations(page)]
    assert said == []
