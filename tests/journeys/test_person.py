"""A person's way from the pass to the passkey and back, in a real browser."""

import re
from base64 import b64decode
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.contrib.auth.hashers import make_password
from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts.models import SignInSession, User
from authmethods.models import Passkey
from config.demo import make_world
from core import clock
from tap import actions as tap
from tap.actions import Issued
from tests.conftest import OPERATOR, reached
from tests.plugins.authenticator import SecurityKey
from tests.plugins.browser import OpenPage

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
GivePass = Callable[..., Issued]
UPN = "tapuser@contoso.com"
PASSWORD = "four-unrelated-words-7"
ON_INFO = re.compile(r"/mysecurityinfo/(\?added=1)?(#\S*)?$")


@pytest.fixture
def cast(transactional_db: None) -> SimpleNamespace:
    """Everybody, where the running site sees them."""
    return make_world()


def name_oneself(page: Page) -> None:
    page.goto(reverse("signin:identify"))
    page.get_by_label("User name").fill(UPN)
    page.get_by_role("button", name="Next").click()


def sign_in_with_passkey(page: Page, key: SecurityKey) -> None:
    """By the user name. Nobody touches the key before, or the browser's own offer would already sign in."""
    key.set_owner_is_there(is_there=False)
    name_oneself(page)
    key.set_owner_is_there(is_there=True)
    page.get_by_role("button", name="Use your passkey").click()


def sign_in_with_pass(page: Page, code: str) -> None:
    name_oneself(page)
    page.get_by_role("textbox", name="Temporary Access Pass").fill(code)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Security info", level=1)).to_be_visible()


def begin_passkey(page: Page) -> None:
    page.goto(reverse("authmethods:security_info"))
    page.get_by_role("link", name="Add sign-in method").click()
    page.get_by_role("dialog").get_by_role("link", name="Passkey", exact=False).first.click()
    page.get_by_role("button", name="Create passkey").click()


def name_passkey(page: Page, name: str) -> None:
    expect(page.get_by_role("dialog", name="Name your passkey")).to_be_visible()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_text(f"Passkey added. “{name}” is ready.")).to_be_visible()


def add_passkey(page: Page, name: str) -> None:
    begin_passkey(page)
    name_passkey(page, name)


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="account menu").click()
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("heading", name="You're signed out")).to_be_visible()


def delete(page: Page, what: str) -> None:
    page.get_by_role("link", name=f"Delete {what}").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()


def test_from_a_pass_to_a_passkey_and_back(cast: SimpleNamespace, give_pass: GivePass, page: Page) -> None:
    """B04, D06: a one-time pass adds a passkey, which signs in by name, by the button and from the browser's own offer."""
    key = SecurityKey(page)
    sign_in_with_pass(page, give_pass(cast.tapuser, is_usable_once=True).code)
    expect(page.get_by_role("heading", name="Add a passkey before your pass ends")).to_be_visible()
    expect(page.get_by_text(re.compile(r"You have (9|10) minutes left to add a sign-in method"))).to_be_visible()
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_role("button", name="Create passkey").click()
    name_passkey(page, "My laptop")
    expect(page.get_by_text("You no longer need the Temporary Access Pass.")).to_be_visible()
    assert [one["rpId"] for one in key.credentials] == ["localhost"]
    sign_out(page)

    sign_in_with_passkey(page, key)
    expect(page).to_have_url(ON_INFO)
    expect(page.get_by_text("My laptop").first).to_be_visible()
    sign_out(page)
    assert Passkey.objects.get().last_used_at is not None

    key.set_owner_is_there(is_there=False)
    page.goto(reverse("signin:identify"))
    page.wait_for_load_state("networkidle")
    key.set_owner_is_there(is_there=True)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page).to_have_url(ON_INFO)
    sign_out(page)

    page.goto(reverse("signin:identify"))
    expect(page).to_have_url(ON_INFO)
    delete(page, "Temporary Access Pass")
    expect(page.get_by_text("Temporary Access Pass deleted.")).to_be_visible()
    expect(page.get_by_role("heading", name="Add a passkey before your pass ends")).to_have_count(0)


def test_a_deleted_pass_ends_the_sessions_made_with_it(
    cast: SimpleNamespace, give_pass: GivePass, open_page: OpenPage
) -> None:
    """B02: here with the passkey, there still with the pass: deleting it here ends it there, and there it says why."""
    here, there = open_page(), open_page()
    code = give_pass(cast.tapuser, is_usable_once=False).code
    SecurityKey(here)
    sign_in_with_pass(there, code)
    sign_in_with_pass(here, code)
    add_passkey(here, "My laptop")
    sign_out(here)
    here.goto(reverse("signin:identify"))
    expect(here).to_have_url(ON_INFO)
    delete(here, "Temporary Access Pass")
    expect(here.get_by_text("Temporary Access Pass deleted.")).to_be_visible()

    there.get_by_role("link", name="Recent activity").click()
    expect(there).to_have_url(re.compile("/signin/"))
    expect(there.get_by_text("You're signed out because your Temporary Access Pass was deleted.")).to_be_visible()
    here.reload()
    expect(here).to_have_url(ON_INFO)


def test_a_pass_deleted_by_an_administrator_ends_the_session(
    cast: SimpleNamespace, give_pass: GivePass, page: Page
) -> None:
    """B02: on the next click, and the page says why."""
    made = give_pass(cast.tapuser, is_usable_once=False)
    sign_in_with_pass(page, made.code)
    tap.delete(OPERATOR, target=reached(cast.tapuser), pass_id=made.issued.pk)
    page.get_by_role("link", name="Sessions", exact=True).click()
    expect(page).to_have_url(re.compile("/signin/"))
    expect(page.get_by_text("You're signed out because your Temporary Access Pass was deleted.")).to_be_visible()


def test_what_is_offered_after_adding(cast: SimpleNamespace, give_pass: GivePass, open_page: OpenPage) -> None:
    """B09: to sign out everywhere else."""
    here, there = open_page(), open_page()
    code = give_pass(cast.tapuser, is_usable_once=False).code
    SecurityKey(here)
    sign_in_with_pass(there, code)
    sign_in_with_pass(here, code)
    add_passkey(here, "My laptop")
    expect(here.get_by_role("link", name="Delete the pass")).to_be_visible()
    here.get_by_role("button", name="Sign out everywhere else").click()
    expect(here.get_by_text("Signed out everywhere else.")).to_be_visible()
    there.reload()
    expect(there).to_have_url(re.compile("/signin/"))
    expect(there.get_by_text("You're signed out because your sessions were ended.")).to_be_visible()


def test_the_browser_forgets_a_deleted_passkey(cast: SimpleNamespace, give_pass: GivePass, page: Page) -> None:
    """D07: Security info tells the browser which passkeys are left, and the key drops the others."""
    key = SecurityKey(page)
    sign_in_with_pass(page, give_pass(cast.tapuser, is_usable_once=False).code)
    add_passkey(page, "My laptop")
    (held,) = key.credentials
    assert b64decode(held["credentialId"]) == bytes(Passkey.objects.get().credential_id)
    User.objects.filter(pk=cast.tapuser.pk).update(password=make_password(PASSWORD))
    delete(page, "My laptop")
    expect(page.get_by_text("Passkey “My laptop” deleted.")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert key.credentials == []


def test_the_browser_learns_the_accounts_new_name(cast: SimpleNamespace, give_pass: GivePass, page: Page) -> None:
    """D07: what the browser shows for a passkey follows the directory."""
    key = SecurityKey(page)
    sign_in_with_pass(page, give_pass(cast.tapuser, is_usable_once=False).code)
    add_passkey(page, "My laptop")
    User.objects.filter(pk=cast.tapuser.pk).update(display_name="Renamed Person")
    page.goto(reverse("authmethods:security_info"))
    page.wait_for_load_state("networkidle")
    (held,) = key.credentials
    assert (held["userName"], held["userDisplayName"]) == (UPN, "Renamed Person")


def test_a_key_registers_once(cast: SimpleNamespace, give_pass: GivePass, page: Page) -> None:
    """D03: the browser refuses a key that holds a passkey of this account, and the page says what to do."""
    key = SecurityKey(page)
    sign_in_with_pass(page, give_pass(cast.tapuser, is_usable_once=False).code)
    add_passkey(page, "My laptop")
    begin_passkey(page)
    expect(page.get_by_text("This device already has a passkey for your account.")).to_be_visible()
    assert (len(key.credentials), Passkey.objects.count()) == (1, 1)


def test_a_failed_ceremony_can_be_tried_again(cast: SimpleNamespace, give_pass: GivePass, page: Page) -> None:
    """B04: in the same session, within its ten minutes."""
    key = SecurityKey(page)
    sign_in_with_pass(page, give_pass(cast.tapuser, is_usable_once=True).code)
    key.set_owner_verifies(verifies=False)
    begin_passkey(page)
    expect(page.get_by_text("No passkey was created.")).to_be_visible()
    assert not Passkey.objects.exists()
    key.set_owner_verifies(verifies=True)
    page.get_by_role("button", name="Create passkey").click()
    name_passkey(page, "My laptop")


def test_after_ten_minutes_it_is_over(cast: SimpleNamespace, give_pass: GivePass, page: Page) -> None:
    """B04: the page that was open says so, and so does Security info; nothing is registered."""
    SecurityKey(page)
    sign_in_with_pass(page, give_pass(cast.tapuser, is_usable_once=True).code)
    page.get_by_role("link", name="Add a passkey").click()
    ended = clock.now() - timedelta(seconds=1)
    SignInSession.objects.update(registration_ends_at=ended)
    page.get_by_role("button", name="Create passkey").click()
    expect(page.get_by_role("alert").get_by_text("Time to add a method is over.")).to_be_visible()
    page.goto(reverse("authmethods:security_info"))
    expect(page.get_by_text("Sign in with a new pass. Ask your administrator for one.")).to_be_visible()
    expect(page.get_by_role("link", name="Add sign-in method")).to_have_count(0)
    assert not Passkey.objects.exists()


def test_a_confirmation_keeps_the_name_typed(cast: SimpleNamespace, give_pass: GivePass, page: Page) -> None:
    """B08: the form was open too long: the person confirms with the passkey and finds what was typed."""
    key = SecurityKey(page)
    sign_in_with_pass(page, give_pass(cast.tapuser, is_usable_once=True).code)
    add_passkey(page, "My laptop")
    sign_out(page)
    sign_in_with_passkey(page, key)
    page.get_by_role("link", name="Rename My laptop").click()
    SignInSession.objects.update(authenticated_at=clock.now() - timedelta(minutes=16))
    page.get_by_label("Name", exact=True).fill("Priya's #1 & only")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("You signed in a while ago.")).to_be_visible()
    page.get_by_role("link", name="Confirm that it's you").click()
    page.get_by_role("button", name="Use your passkey").click()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Priya's #1 & only")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("It is called “Priya's #1 & only” now.")).to_be_visible()
    assert Passkey.objects.get().name == "Priya's #1 & only"


def test_a_password_is_set_and_signs_in(cast: SimpleNamespace, give_pass: GivePass, page: Page) -> None:
    """B08: a sign-in with the password alone sees the methods, and is asked for something stronger to change them."""
    sign_in_with_pass(page, give_pass(cast.tapuser, is_usable_once=True).code)
    page.goto(reverse("authmethods:password"))
    secret = page.get_by_label("New password", exact=True)
    page.get_by_label("Show password").check()
    expect(secret).to_have_attribute("type", "text")
    secret.fill(PASSWORD)
    page.get_by_label("New password, again").fill(PASSWORD)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Password saved.")).to_be_visible()
    sign_out(page)

    name_oneself(page)
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("You signed in with a password only.")).to_be_visible()
    page.get_by_role("link", name="Add sign-in method").click()
    expect(page.get_by_role("heading", name="Choose a way to sign in")).to_be_visible()
    expect(page.get_by_text("The way you signed in is not strong enough for this.")).to_be_visible()
