"""The pages of the passkey policy, without JavaScript and in a browser."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import expect

from accounts.enums import MethodKind
from accounts.models import MethodTarget, User
from authmethods.models import PasskeyPolicy
from tests.authmethods.center import methods_url, plain_text_of
from tests.authmethods.steps import make_key, register
from tests.conftest import SignIn
from tests.plain_browser import PlainBrowser
from tests.plugins.accessibility import axe_violations
from tests.plugins.browser import OpenPage

Open = Callable[..., PlainBrowser]
TARGET = "/center/authentication-methods/policies/passkey/"
CONFIGURE, MODELS = f"{TARGET}configure/", f"{TARGET}models/"
KEY = "2fc0579f-8113-47ea-b116-bb5a8db9202a"


@pytest.fixture
def show(world: SimpleNamespace, as_: SignIn) -> Open:
    def open_it(url: str, user: User | None = None) -> PlainBrowser:
        return PlainBrowser(as_(user or world.paul), url, "policy")

    return open_it


def test_the_list_of_policies_leads_to_it(world: SimpleNamespace, as_: SignIn) -> None:
    words = plain_text_of(as_(world.rosa).get(reverse("authmethods:policies")))
    assert "Resists phishing. All users Enabled" in words
    assert reverse("authmethods:passkey_policy_target") == TARGET


def test_who_is_reached_is_saved(world: SimpleNamespace, show: Open) -> None:
    page = show(TARGET).press(None, q="hires").press("Add New hires").press("Save")
    assert "Policy saved." in page.words
    assert MethodTarget.objects.get(method=MethodKind.FIDO2).group == world.groups["New hires"]
    assert MethodTarget.objects.filter(method=MethodKind.TEMPORARY_ACCESS_PASS, tenant=world.contoso).count() == 2


def test_turning_it_off_says_what_stops(world: SimpleNamespace, as_: SignIn, show: Open) -> None:
    register(as_(world.tapuser), make_key())
    page = show(TARGET).press("Save", is_enabled=None)
    assert "Turn off passkeys? 1 registered passkey stops working." in page.words
    assert not PasskeyPolicy.objects.exists()
    page.press("Turn off")
    assert not PasskeyPolicy.objects.get().is_enabled


def test_a_model_is_found_added_and_blocked(world: SimpleNamespace, as_: SignIn, show: Open) -> None:
    """By name; nothing is saved before Save was confirmed; then Security info and the person's page say so."""
    register(as_(world.tapuser), make_key(), aaguid=bytes.fromhex(KEY.replace("-", "")))
    page = show(CONFIGURE).press(None, q="1password", is_key_restricted="on")
    assert "1 result for “1password”" in page.words
    page.press("Add 1Password").press(None, q=KEY.upper()).press("Add YubiKey 5 Series with NFC")
    assert "Not saved yet. 1 registered passkey stops working." in page.words
    page.press("Remove 1Password").press("Save")
    assert "Change which passkeys work? 1 registered passkey stops working." in page.words
    assert not PasskeyPolicy.objects.exists()
    page.press("Save")
    assert PasskeyPolicy.objects.get().aaguids == [KEY]
    shown = plain_text_of(as_(world.priya).get(methods_url(world.tapuser)))
    assert "The policy blocks this model Open policy Disabled by policy" in shown
    assert "YubiKey 5 Series with NFC" in shown
    assert "Not allowed at the moment" in plain_text_of(as_(world.tapuser).get("/mysecurityinfo/"))


def test_an_unknown_aaguid_can_be_added(show: Open) -> None:
    page = show(CONFIGURE).press(None, q="00000000111122223333444444444444", is_key_restricted="on")
    page.press("Add Unknown model").press("Save")
    assert PasskeyPolicy.objects.get().aaguids == ["00000000-1111-2222-3333-444444444444"]


@pytest.mark.parametrize("add", ["nonsense", "\x00", "0" * 32, "x" * 10_000])
def test_what_is_no_model_is_left_out(show: Open, add: str) -> None:
    page = show(CONFIGURE)
    page.press(None, add=add, aaguids=add)
    assert page.response.status_code == 200
    assert page.form.fields["aaguids"] == ""


def test_a_list_that_allows_nothing_is_refused(show: Open) -> None:
    page = show(CONFIGURE).press("Save", is_key_restricted="on", enforcement="allow")
    assert page.response.status_code == 422
    assert "Settings not saved. Nobody could sign in with a passkey." in page.words
    assert not PasskeyPolicy.objects.exists()


def test_somebody_elses_change_is_shown_beside_ones_own(world: SimpleNamespace, show: Open) -> None:
    mine, theirs = show(CONFIGURE), show(CONFIGURE, world.grace)
    theirs.press("Save", is_attestation_enforced="on")
    mine.press(None, add=KEY).press("Save", is_key_restricted="on")
    assert mine.response.status_code == 409
    assert "Grace Hollis saved on" in mine.words
    assert "Require attestation On Off" in mine.words
    assert "Models None YubiKey 5 Series with NFC (2fc0579f)" in mine.words
    mine.press("Save")
    policy = PasskeyPolicy.objects.get()
    assert (policy.is_attestation_enforced, policy.aaguids) == (False, [KEY])


def test_defaults_are_given_back(show: Open) -> None:
    page = show(CONFIGURE).press("Save", is_self_service_allowed=None)
    page.press("Reset to defaults")
    assert not PasskeyPolicy.objects.get().is_self_service_allowed
    page.press("Reset to defaults")
    assert PasskeyPolicy.objects.get().is_self_service_allowed


@pytest.mark.parametrize("url", [TARGET, CONFIGURE])
def test_a_reader_looks_only(world: SimpleNamespace, as_: SignIn, show: Open, url: str) -> None:
    page = show(url, world.rosa)
    assert "You can view this policy but not change it." in page.words
    assert "Save" not in page.form.buttons
    assert as_(world.rosa).post(url, {"save": "1", "version": "1"}).status_code == 403
    assert not PasskeyPolicy.objects.exists()


@pytest.mark.parametrize("url", [TARGET, CONFIGURE, MODELS])
def test_nobody_else_looks(world: SimpleNamespace, as_: SignIn, url: str) -> None:
    assert as_(world.mia).get(url).status_code == 403


def test_the_person_is_told_instead_of_sent_in_circles(world: SimpleNamespace, as_: SignIn) -> None:
    PasskeyPolicy.objects.create(tenant=world.contoso, is_self_service_allowed=False)
    client = as_(world.tapuser)
    answer = client.get("/mysecurityinfo/passkeys/add/", follow=True)
    assert "You can't add a passkey. Your organisation sets up passkeys for you." in plain_text_of(answer)
    refused = client.post("/mysecurityinfo/passkeys/options/")
    assert (refused.status_code, "sets up passkeys" in refused.json()["message"]) == (403, True)


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_a_model_is_added_in_a_browser(world: SimpleNamespace, as_: SignIn, open_page: OpenPage, site: str) -> None:
    page = open_page()
    token = as_(world.paul).cookies[settings.SIGN_IN_COOKIE].value
    page.context.add_cookies([{"name": settings.SIGN_IN_COOKIE, "value": token, "url": site}])
    page.goto(CONFIGURE)
    page.get_by_role("switch", name="Restrict models").check()
    page.get_by_label("Add models").fill("1password")
    page.get_by_role("button", name="Add 1Password").click()
    expect(page.get_by_role("rowheader", name="1Password")).to_be_visible()
    assert axe_violations(page) == []
    page.set_viewport_size({"width": 390, "height": 800})
    assert axe_violations(page) == []
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Policy saved. It applies at once to new sign-ins.")).to_be_visible()
