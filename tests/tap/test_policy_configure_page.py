"""Configure: what passes are made like."""

from collections.abc import Callable
from datetime import timedelta
from html import unescape
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from audit.enums import Event
from audit.models import AuditEvent
from core import clock
from tap.actions import Issued
from tap.models import TapPolicy
from tests.conftest import SignIn
from tests.plain_browser import PlainBrowser

GivePass = Callable[..., Issued]
Open = Callable[..., PlainBrowser]
URL = "/center/authentication-methods/policies/temporary-access-pass/configure/"
DEFAULTS = (60, 480, 60, False, 8)


@pytest.fixture
def open_page(world: SimpleNamespace, as_: SignIn) -> Open:
    def open_it(user: User | None = None) -> PlainBrowser:
        return PlainBrowser(as_(user or world.paul), URL, "policy")

    return open_it


def stored(world: SimpleNamespace) -> tuple[int, int, int, bool, int]:
    one = TapPolicy.objects.get(tenant=world.contoso)
    return one.minimum_lifetime, one.maximum_lifetime, one.default_lifetime, one.is_usable_once, one.default_length


def change(world: SimpleNamespace, **settings: int | bool) -> None:
    TapPolicy.objects.filter(tenant=world.contoso).update(**settings)


def test_its_address_is_the_one_people_know() -> None:
    assert reverse("tap:policy_configure") == URL


def test_it_shows_each_lifetime_in_its_largest_unit(world: SimpleNamespace, open_page: Open) -> None:
    change(world, minimum_lifetime=90, maximum_lifetime=43_200, default_lifetime=120)
    fields = open_page().form.fields
    lifetimes = [
        (fields[name], fields[f"{name}_unit"]) for name in ("minimum_lifetime", "maximum_lifetime", "default_lifetime")
    ]
    assert lifetimes == [("90", "1"), ("30", "1440"), ("2", "60")]


def test_it_saves_what_is_typed(world: SimpleNamespace, open_page: Open) -> None:
    page = open_page().press(
        "Save",
        minimum_lifetime="10",
        minimum_lifetime_unit="1",
        maximum_lifetime="30",
        maximum_lifetime_unit="1440",
        default_lifetime="2",
        default_lifetime_unit="60",
        is_usable_once="on",
        default_length="48",
    )
    assert "Policy saved. It applies at once to new sign-ins." in page.words
    assert stored(world) == (10, 43_200, 120, True, 48)
    event = AuditEvent.objects.get(event=Event.TAP_POLICY_CHANGED)
    assert (event.detail["old"]["length"], event.detail["new"]["length"]) == (8, 48)


def test_it_leaves_the_other_tab_alone(world: SimpleNamespace, open_page: Open) -> None:
    open_page().press("Save", default_length="12")
    assert TapPolicy.objects.get(tenant=world.contoso).is_enabled
    event = AuditEvent.objects.get(event=Event.TAP_POLICY_CHANGED)
    assert event.detail["old"]["targets"] == event.detail["new"]["targets"]


RANGE = "must be a whole number, from 10 minutes to 30 days."
BAD_LIFETIMES = [
    "9",
    "0",
    "-10",
    "43201",
    "1e3",
    "12,5",
    "60.0",
    "1_0",
    "",
    " ",
    "x",
    "\x00",
    "9" * 10_000,
    "∞",
    "½",
    "\u202e60",
]


@pytest.mark.parametrize("typed", BAD_LIFETIMES, ids=lambda text: repr(text[:12]))
@pytest.mark.parametrize("field", ["minimum_lifetime", "maximum_lifetime", "default_lifetime"])
def test_a_lifetime_that_cannot_be_is_named_and_stays_typed(
    world: SimpleNamespace, open_page: Open, field: str, typed: str
) -> None:
    page = open_page().press("Save", **{field: typed, f"{field}_unit": "1"})
    assert page.response.status_code == 422
    label = field.replace("_", " ").capitalize()
    assert f"Settings not saved. Fix 1 field: {label}" in page.words
    assert f"{label} {RANGE}" in page.words
    assert (
        page.form.fields[field].strip() == typed.replace("\x00", "\ufffd").strip() or page.form.fields[field] == typed
    )
    assert stored(world) == DEFAULTS


@pytest.mark.parametrize(
    "typed", ["7", "49", "0", "-8", "8.5", "", "x", "\x00", "9" * 10_000, "1_0"], ids=lambda text: repr(text[:12])
)
def test_a_length_that_cannot_be_is_named(world: SimpleNamespace, open_page: Open, typed: str) -> None:
    page = open_page().press("Save", default_length=typed)
    assert "Settings not saved. Fix 1 field: Length" in page.words
    assert "Length must be a whole number from 8 to 48." in page.words
    assert stored(world) == DEFAULTS


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"minimum_lifetime": "9"}, "Minimum lifetime must not be longer than the maximum (8 hours)."),
        (
            {"default_lifetime": "12"},
            "Default lifetime must be between the minimum (1 hour) and the maximum (8 hours). Enter 1 to 8 hours.",
        ),
        ({"default_lifetime": "30", "default_lifetime_unit": "1"}, "Enter 1 to 8 hours."),
        (
            {"maximum_lifetime": "90", "maximum_lifetime_unit": "1", "default_lifetime": "2"},
            "(1 hour) and the maximum (90 minutes). Enter 1 hour to 90 minutes.",
        ),
        ({"minimum_lifetime": "31", "minimum_lifetime_unit": "1440"}, "Minimum lifetime must be a whole number"),
        ({"minimum_lifetime_unit": "7"}, "Choose minutes, hours or days."),
        ({"minimum_lifetime_unit": None}, "Minimum lifetime"),
    ],
)
def test_settings_that_contradict_each_other_are_explained(
    world: SimpleNamespace, open_page: Open, typed: dict[str, str | None], words: str
) -> None:
    page = open_page().press("Save", **typed)
    assert page.response.status_code == 422
    assert words in page.words
    assert stored(world) == DEFAULTS


@pytest.mark.parametrize("typed", ["12", " 12 ", "\uff11\uff12", "١٢", "012"])
def test_a_whole_number_is_read_in_any_digits(world: SimpleNamespace, open_page: Open, typed: str) -> None:
    open_page().press("Save", default_length=typed)
    assert stored(world)[-1] == 12


def test_several_mistakes_are_listed_together(open_page: Open) -> None:
    page = open_page().press("Save", minimum_lifetime="0", maximum_lifetime="x", default_length="99")
    assert "Fix 3 fields: Minimum lifetime Maximum lifetime Length" in " ".join(page.words.replace(",", "").split())


def test_the_example_is_as_long_as_a_pass_would_be(world: SimpleNamespace, open_page: Open) -> None:
    change(world, default_length=10)
    assert "HW4R-TK9M-XQ" in open_page().words


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (
            {},
            (
                "The next pass has 8 characters and works for 1 hour, for one sign-in or for many. "
                "The administrator who issues it may choose another duration (1 to 8 hours)."
            ),
        ),
        (
            {"is_usable_once": True, "maximum_lifetime": 1_440},
            (
                "The next pass has 8 characters and works for one sign-in within 1 hour of its start. "
                "The administrator who issues it may choose another duration (1 to 24 hours)."
            ),
        ),
        (
            {"maximum_lifetime": 60},
            (
                "The next pass has 8 characters and works for 1 hour, for one sign-in or for many, "
                "as the administrator who issues it chooses."
            ),
        ),
        (
            {"maximum_lifetime": 60, "is_usable_once": True},
            "The next pass has 8 characters and works for one sign-in within 1 hour of its start.",
        ),
    ],
)
def test_the_effect_is_one_plain_sentence(
    world: SimpleNamespace, open_page: Open, settings: dict[str, int | bool], sentence: str
) -> None:
    change(world, **settings)
    assert sentence in open_page().words


def test_requiring_one_time_use_asks_first_with_the_count(
    world: SimpleNamespace, give_pass: GivePass, open_page: Open
) -> None:
    for user in (world.mia, world.tapuser):
        give_pass(user, is_usable_once=False)
    give_pass(world.gil, is_usable_once=True)
    page = open_page()
    words = "2 multiple-use passes will stop working at once."
    assert words in page.words  # beside the switch, before anything is saved
    page.press("Save", is_usable_once="on", default_length="9")
    assert "Require one-time use? 2 multiple-use" in page.words
    assert stored(world) == DEFAULTS
    page.press("Cancel")
    assert (page.form.fields["is_usable_once"], page.form.fields["default_length"]) == ("on", "9")
    page.press("Save").press("Require one-time use")
    assert stored(world) == (60, 480, 60, True, 9)


def test_a_change_that_stops_nothing_is_saved_at_once(
    world: SimpleNamespace, give_pass: GivePass, open_page: Open
) -> None:
    give_pass(world.gil, is_usable_once=True)
    open_page().press("Save", is_usable_once="on")
    assert stored(world)[3] is True


def test_reset_asks_first(world: SimpleNamespace, open_page: Open) -> None:
    change(world, minimum_lifetime=10, maximum_lifetime=20, default_lifetime=20, is_usable_once=True, default_length=20)
    before = stored(world)
    page = open_page().press("Reset to defaults", default_length="99")
    assert "Reset to defaults? Passes issued from now on work for 1 hour" in page.words
    assert stored(world) == before
    page.press("Cancel")
    assert page.form.fields["default_length"] == "99"
    page = open_page().press("Reset to defaults")
    page.show(page.client.post(URL, page.form.sent(None, {"reset_confirmed": "1", "save": None}), follow=True))
    assert stored(world) == DEFAULTS
    assert AuditEvent.objects.get(event=Event.TAP_POLICY_RESET).detail["old"]["length"] == 20


def test_somebody_elses_change_is_shown_beside_ones_own(world: SimpleNamespace, open_page: Open) -> None:
    mine, theirs = open_page(), open_page(world.grace)
    theirs.press("Save", default_length="16")
    mine.press("Save", default_length="12", maximum_lifetime="10")
    assert mine.response.status_code == 409
    assert "Someone changed this policy while you were editing. Grace Hollis saved on" in mine.words
    assert "Maximum lifetime 8 hours 10 hours" in mine.words
    assert "Length 16 12" in mine.words
    assert (mine.form.fields["default_length"], mine.form.fields["maximum_lifetime"]) == ("12", "10")
    assert stored(world)[-1] == 16
    mine.press("Save")
    assert stored(world) == (60, 600, 60, False, 12)


def test_a_change_of_the_other_tab_meanwhile_is_told_too(world: SimpleNamespace, open_page: Open, as_: SignIn) -> None:
    mine = open_page()
    target = PlainBrowser(as_(world.grace), reverse("tap:policy_target"), "policy")
    target.press(None, q="hires").press("Add New hires").press("Save")
    mine.press("Save", default_length="12")
    assert "Someone changed this policy while you were editing." in mine.words
    mine.press("Save")
    assert stored(world)[-1] == 12


def test_saving_twice_saves_once(world: SimpleNamespace, open_page: Open) -> None:
    page = open_page()
    sent = page.form.sent("Save", {"default_length": "12"})
    for _ in range(2):
        page.show(page.client.post(URL, sent, follow=True))
        assert "Policy saved." in page.words
    assert AuditEvent.objects.filter(event=Event.TAP_POLICY_CHANGED).count() == 1


@pytest.mark.parametrize("version", ["", "-1", "999", "x", "9" * 10_000, "\x00"])
def test_a_version_nobody_gave_out_overwrites_nothing(world: SimpleNamespace, open_page: Open, version: str) -> None:
    page = open_page().press("Save", version=version, default_length="12")
    assert page.response.status_code == 409
    assert stored(world) == DEFAULTS


@pytest.mark.parametrize("who", ["priya", "amir", "rosa"])
def test_who_may_look_but_not_change_sees_that(world: SimpleNamespace, open_page: Open, who: str) -> None:
    """A09."""
    page = open_page(getattr(world, who))
    assert "You can view this policy but not change it. Needs: Authentication Policy Administrator." in page.words
    assert page.form.buttons == {}
    assert "default_length" not in page.form.fields
    for button in ("save", "reset_confirmed", "confirmed"):
        assert page.client.post(URL, {button: "1", "version": "1", "default_length": "12"}).status_code == 403
    assert stored(world) == DEFAULTS
    assert AuditEvent.objects.filter(event=Event.ACCESS_DENIED).count() == 3


def test_who_holds_no_role_does_not_see_it(world: SimpleNamespace, as_: SignIn) -> None:
    assert as_(world.mia).get(URL).status_code == 403


def test_a_stale_sign_in_loses_nothing_typed(world: SimpleNamespace, open_page: Open) -> None:
    """A10."""
    page = open_page()
    start = clock.now()
    with time_machine.travel(start + timedelta(minutes=40), tick=False):
        page.client.get(URL)
    with time_machine.travel(start + timedelta(minutes=80), tick=False):
        page.press("Save", default_length="12", minimum_lifetime="abc", is_usable_once="on")
        assert "Settings not saved." in page.words  # what is wrong is told first: it needs no new sign-in
        page.press("Save", minimum_lifetime="2", default_lifetime="2")
        assert page.response.status_code == 403
        assert "Nothing was saved yet." in page.words
        assert (page.form.fields["default_length"], page.form.fields["is_usable_once"]) == ("12", "on")
        html = page.response.content.decode()
        at = html.index(reverse("signin:confirm"))
        back = parse_qs(urlsplit(unescape(html[at : html.index('"', at)])).query)["next"][0]
        again = PlainBrowser(page.client, back, "policy")
        assert (again.form.fields["default_length"], again.form.fields["minimum_lifetime"]) == ("12", "2")
    assert stored(world) == DEFAULTS


def test_confirming_leads_back_to_what_was_typed_and_it_can_be_saved(
    world: SimpleNamespace, give_pass: GivePass, open_page: Open
) -> None:
    """A10: through the real sign-in, whose new session also brings a new CSRF value."""
    page = open_page()
    start = clock.now()
    with time_machine.travel(start + timedelta(minutes=40), tick=False):
        page.client.get(URL)
    with time_machine.travel(start + timedelta(minutes=80), tick=False):
        made = give_pass(world.paul)
        page.press("Save", default_length="12")
        html = page.response.content.decode()
        at = html.index(reverse("signin:confirm"))
        asked = page.client.get(unescape(html[at : html.index('"', at)]))
        confirmed = page.client.post(asked.url, {"secret": made.code})  # type: ignore[attr-defined]
        onward = page.client.get(confirmed.url)  # type: ignore[attr-defined]
        again = PlainBrowser(page.client, onward.url, "policy")  # type: ignore[attr-defined]
        assert again.form.fields["default_length"] == "12"
        again.press("Save")
        assert "Policy saved." in again.words
    assert stored(world)[-1] == 12


def test_a_draft_belongs_to_its_person_and_its_page(world: SimpleNamespace, open_page: Open) -> None:
    page = open_page()
    start = clock.now()
    with time_machine.travel(start + timedelta(minutes=40), tick=False):
        page.client.get(URL)
    with time_machine.travel(start + timedelta(minutes=80), tick=False):
        page.press("Save", default_length="12")
        html = page.response.content.decode()
        at = html.index(reverse("signin:confirm"))
        back = parse_qs(urlsplit(unescape(html[at : html.index('"', at)])).query)["next"][0]
        assert open_page(world.grace).client.get(back).context["form"].initial["default_length"] == 8
        assert PlainBrowser(page.client, back, "policy").form.fields["default_length"] == "12"
    with time_machine.travel(start + timedelta(minutes=150), tick=False):
        late = open_page()
        late.show(late.client.get(back))
        assert late.form.fields["default_length"] == "8"


def test_a_tenant_that_never_saved_a_policy_can(world: SimpleNamespace, open_page: Open) -> None:
    TapPolicy.objects.filter(tenant=world.contoso).delete()
    page = open_page()
    assert "Disabled" in page.words
    page.press("Save", default_length="12")
    assert stored(world)[-1] == 12


def test_it_asks_the_database_a_constant_number_of_questions(
    world: SimpleNamespace, give_pass: GivePass, open_page: Open
) -> None:
    """At most eight for a page, the confirmation of a change included."""
    for user in (world.mia, world.tapuser, world.user2, world.gil):
        give_pass(user, is_usable_once=False)
    page = open_page()
    with CaptureQueriesContext(connection) as shown:
        page.client.get(URL)
    with CaptureQueriesContext(connection) as asked:
        page.client.post(URL, page.form.sent("Save", {"is_usable_once": "on"}))
    assert len(shown) <= 8
    assert len(asked) <= 8
