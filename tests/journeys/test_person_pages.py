"""One's own pages without JavaScript, without passkeys, and with a keyboard. How they look: tests/look."""

import re
from collections.abc import Callable
from types import SimpleNamespace
from uuid import UUID

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts.models import User
from authmethods.models import Passkey
from config.demo import make_world
from core import clock
from tap.actions import Issued
from tests.conftest import SignIn
from tests.plugins.browser import OpenPage

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
GivePass = Callable[..., Issued]
HELLO = UUID("08987058-cadc-4b81-b6e1-30de50dcbe96")
LONG = "A name as long as the form allows, which is one hundred characters of letters and a few spaces in it"
OVERFLOW = "document.documentElement.scrollWidth - window.innerWidth"


@pytest.fixture
def cast(transactional_db: None) -> SimpleNamespace:
    """Everybody, where the running site sees them."""
    return make_world()


def keep_passkey(user: User, name: str, mark: int) -> Passkey:
    return Passkey.objects.create(
        tenant_id=user.tenant_id,
        user=user,
        credential_id=bytes([mark]) * 16,
        public_key=b"-",
        sign_count=0,
        aaguid=HELLO,
        is_backup_eligible=mark > 1,
        is_backed_up=False,
        name=name,
        created_at=clock.now(),
        last_used_at=clock.now(),
    )


def enter(page: Page, client: Client) -> None:
    """Give the browser the session of ``client``."""
    token = client.cookies[settings.SIGN_IN_COOKIE].value
    page.context.clear_cookies()
    page.context.add_cookies([{"name": settings.SIGN_IN_COOKIE, "value": token, "url": settings.PUBLIC_URL}])


def test_without_javascript_everything_but_passkeys_works(
    cast: SimpleNamespace, give_pass: GivePass, as_: SignIn, open_page: OpenPage
) -> None:
    """A password is set, a session ended, the pass deleted; of passkeys the page says what they need."""
    made = give_pass(cast.mia, is_usable_once=False)
    keep_passkey(cast.mia, "Mia's ThinkPad", 1)
    elsewhere = as_(cast.mia)
    page = open_page(java_script_enabled=False)
    enter(page, as_(cast.mia))
    page.goto(reverse("authmethods:passkey_create"))
    expect(page.get_by_text("Passkeys need JavaScript. Turn it on for this site")).to_be_visible()
    expect(page.get_by_role("button", name="Create passkey")).to_be_hidden()

    page.goto(reverse("authmethods:password"))
    page.get_by_label("New password", exact=True).fill("four-unrelated-words-7")
    page.get_by_label("New password, again").fill("four-unrelated-words-7")
    page.get_by_label("Sign out my other sessions").uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Password saved.")).to_be_visible()

    page.goto(reverse("authmethods:sessions"))
    page.get_by_role("button", name=re.compile("^End")).last.click()
    expect(page.get_by_text("Session ended.")).to_be_visible()
    assert elsewhere.get(reverse("authmethods:overview")).status_code == 302

    page.goto(reverse("authmethods:security_info"))
    page.get_by_role("link", name="Delete Temporary Access Pass").click()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Temporary Access Pass deleted.")).to_be_visible()
    made.issued.refresh_from_db()
    assert made.issued.deleted_at is not None


def test_a_browser_without_passkeys_says_so(cast: SimpleNamespace, as_: SignIn, page: Page) -> None:
    """Nothing is asked of the server, and the person learns what to do."""
    page.add_init_script("delete window.PublicKeyCredential")
    enter(page, as_(cast.mia))
    page.goto(reverse("authmethods:passkey_create"))
    page.get_by_role("button", name="Create passkey").click()
    expect(page.get_by_text("This browser can't create passkeys.")).to_be_visible()


def test_a_dialog_gives_the_focus_back(cast: SimpleNamespace, as_: SignIn, page: Page) -> None:
    """Escape closes it, and the focus is where it was before."""
    keep_passkey(cast.mia, "Mia's ThinkPad", 1)
    enter(page, as_(cast.mia))
    page.goto(reverse("authmethods:security_info"))
    for name in ("Rename Mia's ThinkPad", "Delete Mia's ThinkPad", "Add sign-in method", "Sign out everywhere"):
        page.get_by_role("link", name=name).click()
        expect(page.get_by_role("dialog")).to_be_visible()
        page.wait_for_load_state()  # the dialog is there before the script that hears Escape
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
        focused = "document.activeElement === document.body ? document.querySelector(':target')?.id : document.activeElement.id"
        link = page.get_by_role("link", name=name).get_attribute("id")
        assert page.evaluate(focused) == link
