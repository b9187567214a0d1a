"""Adding a pass in the admin center: what may be chosen, what is said, and that sending twice makes one pass."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import MethodTarget, SignInSession, User
from audit.enums import Event
from audit.models import AuditEvent
from authmethods.wording import SPELLING
from core import clock
from tap import actions as tap
from tap.actions import Issued
from tap.models import TapPolicy, TemporaryAccessPass
from tests.authmethods.center import add, add_url, code_in, filled_in, methods_url, pass_of, plain_text_of, text_of
from tests.conftest import OPERATOR, SignIn
from tests.together import together

GivePass = Callable[..., Issued]
BERLIN, KOLKATA = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Kolkata")
TEN = datetime(2026, 11, 24, 10, 14, tzinfo=BERLIN)
ONE_PASS = "This pass was shown once."
ISSUE = "authmethods:issue"


@pytest.fixture
def grace(world: SimpleNamespace, as_: SignIn) -> Client:
    return as_(world.grace)


@pytest.fixture
def morning() -> Iterator[None]:
    with time_machine.travel(TEN, tick=False):
        yield


def allow(world: SimpleNamespace, **settings: Any) -> None:
    TapPolicy.objects.filter(tenant=world.contoso).update(**settings)


def test_the_defaults_make_a_pass_and_show_it(world: SimpleNamespace, grace: Client) -> None:
    answer = add(grace, world.mia, reason=" Ticket  4711 ")
    issued = pass_of(world.mia)
    assert issued is not None
    assert (issued.lifetime_in_minutes, issued.is_usable_once, issued.reason) == (60, True, "Ticket 4711")
    assert (issued.issuer, issued.issued_by) == (world.grace, "Grace Hollis")
    assert tap.verify(OPERATOR, upn=world.mia.upn, typed=code_in(answer)).issued == issued
    assert answer["Cache-Control"] == "no-store"
    assert answer["Referrer-Policy"] == "no-referrer"


@pytest.mark.usefixtures("morning")
def test_the_page_with_the_code_says_all_there_is_to_hand_over(world: SimpleNamespace, grace: Client) -> None:
    User.objects.filter(pk=world.mia.pk).update(time_zone="Asia/Kolkata")
    answer = add(grace, world.mia)
    page, code = plain_text_of(answer), code_in(answer)
    assert "Pass created. Give it to Mia now. For security, it's shown only once and can't be read again" in page
    assert "For Mia Fontaine, mia@contoso.com" in page
    assert "Valid from 24 Nov 2026, 10:14 (UTC+01:00) now" in page
    assert "Valid until 24 Nov 2026, 11:14 (UTC+01:00) · 24 Nov 2026, 15:44 (UTC+05:30) for Mia" in page
    assert "Use One-time" in page
    assert " ".join(f"{symbol} {SPELLING[symbol]}" for symbol in code) in page
    assert "Works from 24 Nov 2026, 14:44 (UTC+05:30) until 24 Nov 2026, 15:44 (UTC+05:30), for one sign-in." in page
    assert "Questions: Contoso service desk, +49 30 5550 100." in page


def test_link_qr_and_mail_hold_the_user_name_and_never_the_pass(
    world: SimpleNamespace, grace: Client, settings: Any
) -> None:
    settings.PUBLIC_URL = "https://id.contoso.example"
    answer = add(grace, world.mia)
    link, code = answer.context["link"], code_in(answer)
    assert urlsplit(link)._replace(query="").geturl() == "https://id.contoso.example/tap/"
    assert parse_qs(urlsplit(link).query) == {"u": ["mia@contoso.com"]}
    mail = urlsplit(answer.context["mail_url"])
    asked = parse_qs(mail.query)
    assert (mail.scheme, mail.path) == ("mailto", "mia@contoso.com")
    assert link in asked["body"][0]
    for text in (link, *asked["body"], *asked["subject"]):
        assert code.casefold() not in text.casefold()


def test_a_form_sent_twice_makes_one_pass_and_shows_it_once(world: SimpleNamespace, grace: Client) -> None:
    data = filled_in(grace, world.mia)
    first, again = grace.post(add_url(world.mia), data), grace.post(add_url(world.mia), data)
    assert code_in(first)
    assert (again.status_code, code_in(again)) == (409, "")
    assert f"{ONE_PASS} It can't be shown again. Add a new pass if it was lost" in plain_text_of(again)
    assert TemporaryAccessPass.objects.count() == 1
    assert AuditEvent.objects.filter(event=Event.PASS_ISSUED).count() == 1


def test_a_form_sent_again_after_its_pass_was_deleted_makes_none(world: SimpleNamespace, grace: Client) -> None:
    data = filled_in(grace, world.mia)
    grace.post(add_url(world.mia), data)
    issued = pass_of(world.mia)
    assert issued is not None
    grace.post(reverse("authmethods:delete_pass_of", args=[world.mia.id, issued.id]))
    assert ONE_PASS in plain_text_of(grace.post(add_url(world.mia), data))
    assert pass_of(world.mia) is None


@pytest.mark.django_db(transaction=True)
def test_a_form_sent_many_times_at_once_makes_one_pass(world: SimpleNamespace, as_: SignIn) -> None:
    data = filled_in(as_(world.grace), world.mia)
    clients = [as_(world.grace) for _ in range(6)]
    answers = together([partial(one.post, add_url(world.mia), data) for one in clients], at_once=6)
    assert sum(bool(code_in(answer)) for answer in answers) == 1
    assert TemporaryAccessPass.objects.count() == 1


@pytest.mark.parametrize(
    "form", ["", "nonsense", "x" * 10_000, "\x00", "0b0f9a9e-5a3c-4f43-9c38-7a1d2a3b4c5d", "somebody else's"]
)
def test_a_form_that_was_not_given_out_for_this_makes_nothing(world: SimpleNamespace, grace: Client, form: str) -> None:
    data = filled_in(grace, world.mia, reason="Ticket 4711")
    data["form"] = filled_in(grace, world.gil)["form"] if form == "somebody else's" else form
    answer = grace.post(add_url(world.mia), data)
    assert "Ticket 4711" in text_of(answer)
    assert "Error: Add authentication method" in text_of(answer)
    assert not TemporaryAccessPass.objects.exists()
    fresh = answer.context["form"].token
    assert code_in(grace.post(add_url(world.mia), data | {"form": fresh}))


LIFETIMES = [
    ({"duration": "60"}, 60),
    ({"duration": "480"}, 480),
    ({"duration": "custom", "amount": "90", "unit": "minutes"}, 90),
    ({"duration": "custom", "amount": " 60 ", "unit": "minutes"}, 60),
    ({"duration": "custom", "amount": "8", "unit": "hours"}, 480),
    ({"duration": "custom", "amount": "59", "unit": "minutes"}, "The policy allows 1 hour to 8 hours."),
    ({"duration": "custom", "amount": "481", "unit": "minutes"}, "The policy allows 1 hour to 8 hours."),
    ({"duration": "custom", "amount": "9", "unit": "hours"}, "The policy allows 1 hour to 8 hours."),
    ({"duration": "custom", "amount": "1", "unit": "days"}, "The policy allows 1 hour to 8 hours."),
    ({"duration": "custom", "amount": "", "unit": "hours"}, "The policy allows 1 hour to 8 hours."),
    ({"duration": "custom", "amount": "0", "unit": "hours"}, "The policy allows 1 hour to 8 hours."),
    ({"duration": "custom", "amount": "-60", "unit": "minutes"}, "The policy allows 1 hour to 8 hours."),
    ({"duration": "custom", "amount": "1.5", "unit": "hours"}, "Enter a whole number."),
    ({"duration": "custom", "amount": "١٢٠", "unit": "minutes"}, 120),
    ({"duration": "custom", "amount": "9" * 10_000, "unit": "days"}, "Enter a whole number."),
    ({"duration": "custom", "amount": "9" * 400, "unit": "days"}, "The policy allows 1 hour to 8 hours."),
    ({"duration": "custom", "amount": "1\x00", "unit": "hours"}, "Enter a whole number."),
    ({"duration": "custom", "amount": "2", "unit": "fortnights"}, "Choose minutes, hours or days."),
    ({"duration": "59"}, "Choose one of the durations, or Custom."),
    ({"duration": "𝟞𝟘"}, "Choose one of the durations, or Custom."),
    ({"duration": None}, "Choose a duration."),
]


@pytest.mark.parametrize(("chosen", "comes"), LIFETIMES)
def test_a_lifetime_lies_within_the_policy(
    world: SimpleNamespace, grace: Client, chosen: dict[str, Any], comes: int | str
) -> None:
    """A05 through the page."""
    answer, issued = add(grace, world.mia, **chosen), pass_of(world.mia)
    if isinstance(comes, int):
        assert issued is not None
        assert issued.lifetime_in_minutes == comes
    else:
        assert comes in plain_text_of(answer)
        assert issued is None


STARTS = [
    ({"start": "2026-12-01T08:00", "zone": "Europe/Berlin"}, datetime(2026, 12, 1, 7, tzinfo=UTC)),
    ({"start": "2026-12-01T08:00", "zone": "Asia/Kolkata"}, datetime(2026, 12, 1, 2, 30, tzinfo=UTC)),
    ({"start": "2026-12-01T08:00", "zone": "UTC"}, datetime(2026, 12, 1, 8, tzinfo=UTC)),
    ({"start": "2026-12-01 08:00", "zone": None}, datetime(2026, 12, 1, 7, tzinfo=UTC)),
    ({"start": "2026-11-24T10:10", "zone": "Europe/Berlin"}, datetime(2026, 11, 24, 9, 10, tzinfo=UTC)),
    ({"start": "2026-11-24T10:08", "zone": "Europe/Berlin"}, "The start lies in the past."),
    ({"start": "2027-11-24T10:14", "zone": "Europe/Berlin"}, datetime(2027, 11, 24, 9, 14, tzinfo=UTC)),
    ({"start": "2027-11-24T10:15", "zone": "Europe/Berlin"}, "The start must lie within the next 365 days."),
    ({"start": "2100-01-01T00:00", "zone": "UTC"}, "The start must lie within the next 365 days."),
    ({"start": "9999-12-31T23:59", "zone": "Asia/Kolkata"}, "The start must lie within the next 365 days."),
    ({"start": "0001-01-01T00:00", "zone": "Asia/Kolkata"}, "The start lies in the past."),
    ({"start": "2027-03-28T02:30", "zone": "Europe/Berlin"}, "The clocks skip this time on that day."),
    ({"start": "2027-10-31T02:30", "zone": "Europe/Berlin"}, "The clocks show this time twice on that day."),
    ({"start": "2026-12-01T08:00Z", "zone": "UTC"}, "Enter the date and time of the start"),
    ({"start": "", "zone": "UTC"}, "Enter the date and time of the start"),
    ({"start": "tomorrow", "zone": "UTC"}, "Enter the date and time of the start"),
    ({"start": "2026-13-41T25:61", "zone": "UTC"}, "Enter the date and time of the start"),
    ({"start": "2" * 10_000, "zone": "UTC"}, "Enter the date and time of the start"),
    ({"start": "2026-12-01T08:00", "zone": "Mars/Olympus"}, "Choose one of the time zones."),
    ({"start": "2026-12-01T08:00", "zone": "America/New_York"}, "Choose one of the time zones."),
    ({"start": "2026-12-01T08:00", "zone": "../../etc/passwd"}, "Choose one of the time zones."),
]


@pytest.mark.usefixtures("morning")
@pytest.mark.parametrize(("chosen", "comes"), STARTS)
def test_a_start_may_be_delayed_in_either_ones_time(
    world: SimpleNamespace, grace: Client, chosen: dict[str, Any], comes: datetime | str
) -> None:
    """A05 through the page."""
    User.objects.filter(pk=world.mia.pk).update(time_zone="Asia/Kolkata")
    answer, issued = add(grace, world.mia, delayed="on", **chosen), pass_of(world.mia)
    if isinstance(comes, datetime):
        assert issued is not None
        assert (issued.starts_at, issued.ends_at) == (comes, comes + timedelta(hours=1))
    else:
        assert comes in plain_text_of(answer)
        assert issued is None


def test_a_start_counts_only_when_it_is_chosen(world: SimpleNamespace, grace: Client) -> None:
    before = clock.now()
    add(grace, world.mia, start="1999-01-01T00:00", zone="UTC")
    issued = pass_of(world.mia)
    assert issued is not None
    assert before <= issued.starts_at <= clock.now()


def test_a_person_with_a_time_zone_nobody_knows_counts_in_the_tenants(world: SimpleNamespace, grace: Client) -> None:
    User.objects.filter(pk=world.mia.pk).update(time_zone="Mars/Olympus")
    assert grace.get(add_url(world.mia)).context["person_zone"] == "Europe/Berlin"
    assert code_in(add(grace, world.mia))


def test_a_policy_that_demands_one_time_use_offers_nothing_else(world: SimpleNamespace, grace: Client) -> None:
    allow(world, is_usable_once=True)
    page = plain_text_of(grace.get(add_url(world.mia)))
    assert "Required by policy." in page
    assert "any number of sign-ins" not in page
    answer = add(grace, world.mia, once="no")
    assert "Choose whether the pass is for one sign-in, as the policy allows." in plain_text_of(answer)
    assert pass_of(world.mia) is None
    assert code_in(add(grace, world.mia))


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ({"once": None}, "Choose whether the pass is for one sign-in."),
        ({"once": "maybe"}, "Choose whether the pass is for one sign-in"),
        ({"method": "Fido2"}, "Only a Temporary Access Pass can be added here."),
        ({"reason": "x" * 201}, "The reason can have up to 200 characters"),
        ({"reason": "é" * 10_000}, "The reason can have up to 200 characters"),
        ({"reason": "nul\x00"}, "Null characters are not allowed."),
        ({"reason": "bell\x07"}, "in one line of plain text"),
    ],
)
def test_other_fields_are_read_with_care(
    world: SimpleNamespace, grace: Client, chosen: dict[str, Any], words: str
) -> None:
    answer = add(grace, world.mia, **chosen)
    assert answer.status_code == 200
    assert words in plain_text_of(answer)
    assert pass_of(world.mia) is None


@pytest.mark.parametrize(
    "reason", ["x" * 200, "日本語 🙂 e\u0301", "\u202eevil", "<script>alert(1)</script>", "a\r\nb"]
)
def test_odd_text_is_kept_as_text(world: SimpleNamespace, grace: Client, reason: str) -> None:
    assert code_in(add(grace, world.mia, reason=reason))
    issued = pass_of(world.mia)
    assert issued is not None
    assert issued.reason == " ".join(reason.split())


def test_what_was_typed_stays_when_something_is_wrong(world: SimpleNamespace, grace: Client) -> None:
    typed = {
        "duration": "custom",
        "amount": "7",
        "unit": "days",
        "delayed": "on",
        "once": "no",
        "reason": "Ticket 4711",
    }
    page = text_of(add(grace, world.mia, start="2031-01-31T08:00", zone="UTC", **typed))
    for kept in ('value="7"', 'value="2031-01-31T08:00"', "Ticket 4711", '<option value="UTC" selected>'):
        assert kept in page
    assert "Pass not added." in page
    assert "Fix 2 fields" in page


@pytest.mark.usefixtures("morning")
def test_a_stale_sign_in_keeps_everything_typed(world: SimpleNamespace, as_: SignIn) -> None:
    grace = as_(world.grace, ends_at=TEN + timedelta(hours=9))
    typed = {"duration": "custom", "amount": "90", "unit": "minutes", "delayed": "on", "zone": "UTC", "once": "no"}
    data = filled_in(grace, world.mia, start="2026-12-01T08:00", reason="Ticket & 4711", **typed)
    SignInSession.objects.update(authenticated_at=TEN - timedelta(minutes=61))
    answer = grace.post(add_url(world.mia), data)
    assert answer.status_code == 403
    assert "No pass was added yet. You signed in a while ago. Confirm that it's you." in plain_text_of(answer)
    assert "Ticket & 4711" in text_of(answer)
    confirm = urlsplit(answer.context["confirm_url"])
    assert confirm.path == reverse("signin:confirm")
    back = parse_qs(confirm.query)["next"][0]
    shown = as_(world.grace).get(back).context["form"]
    assert {name: shown[name].value() for name in typed} == typed
    assert (shown["start"].value(), shown["reason"].value()) == ("2026-12-01T08:00", "Ticket & 4711")
    assert pass_of(world.mia) is None


# --- what is said before --------------------------------------------------------------------------------------------


def test_it_warns_that_a_pass_is_replaced(world: SimpleNamespace, grace: Client, give_pass: GivePass) -> None:
    old = give_pass(world.mia)
    page = plain_text_of(grace.get(add_url(world.mia)))
    assert "Mia already has an active pass. Adding a new one replaces it; the old code stops working at once." in page
    add(grace, world.mia)
    assert TemporaryAccessPass.objects.get(pk=old.issued.pk).replaced_by == pass_of(world.mia)
    TemporaryAccessPass.objects.update(first_used_at=clock.now(), is_usable_once=True)
    assert "replaces it" not in plain_text_of(grace.get(add_url(world.mia)))


def test_it_warns_that_the_person_is_out_of_scope_and_lets_go_on(world: SimpleNamespace, grace: Client) -> None:
    MethodTarget.objects.filter(tenant=world.contoso, group=None).delete()
    page = plain_text_of(grace.get(add_url(world.mia)))
    assert "Mia can't sign in with a pass yet. Mia isn't in a group the policy includes. Open policy" in page
    answer = add(grace, world.mia)
    assert code_in(answer)
    assert "Mia can't sign in with a pass yet." in plain_text_of(answer)


IMPOSSIBLE = [
    ("method off", "mia", "Temporary Access Pass is turned off for this organisation. No pass can be issued."),
    ("disabled", "mia", "This account is disabled. Enable it before you issue a pass."),
    ("external", "vera_external", "Temporary Access Pass cannot be added to an external guest user"),
]


@pytest.mark.parametrize(("why", "whose", "words"), IMPOSSIBLE)
def test_where_no_pass_is_possible_it_says_why_and_offers_no_button(
    world: SimpleNamespace, grace: Client, why: str, whose: str, words: str
) -> None:
    """A08: refused by the action too, for who sends the form all the same."""
    person = getattr(world, whose)
    data = filled_in(grace, person)
    if why == "method off":
        allow(world, is_enabled=False)
    elif why == "disabled":
        User.objects.filter(pk=person.pk).update(is_enabled=False)
    shown, sent = grace.get(add_url(person)), grace.post(add_url(person), data)
    for answer in (shown, sent):
        assert words in plain_text_of(answer)
        assert '<button class="btn primary">' not in text_of(answer)
        assert not code_in(answer)
    assert ("Guests sign in with a pass from their own organisation." in plain_text_of(shown)) is (why == "external")
    assert pass_of(person) is None


# --- from Home ------------------------------------------------------------------------------------------------------


def test_from_home_a_person_is_chosen_first(world: SimpleNamespace, grace: Client) -> None:
    url = reverse(ISSUE)
    found = grace.get(url, {"q": "fontaine", "find": "1"})
    assert [item["id"] for item in found.context["results"]] == [str(world.mia.id)]
    assert f'name="user" value="{world.mia.id}"' in text_of(found)
    assert "No users match “nobody”. Check the spelling." in plain_text_of(grace.get(url, {"q": "nobody"}))
    panel = grace.get(url, {"user": str(world.mia.id), "q": "fontaine"})
    assert "Mia Fontaine mia@contoso.com" in plain_text_of(panel)
    data = filled_in(grace, world.mia, user=str(world.mia.id))
    answer = grace.post(url, data)
    assert code_in(answer)
    assert answer.context["close_url"] == f"{reverse('authmethods:home')}#issue"
    assert ONE_PASS in plain_text_of(grace.post(url, data))


@pytest.mark.parametrize(
    ("who", "whose", "words"),
    [
        ("amir", "priya", "They hold an administrator role. Needs: Privileged Authentication Administrator or Global"),
        ("amir", "amir", "It is your own account. Ask another administrator."),
        ("grace", "grace", "It is your own account. Ask another administrator."),
    ],
)
def test_from_home_whoever_is_out_of_reach_is_refused_where_he_was_chosen(
    world: SimpleNamespace, as_: SignIn, who: str, whose: str, words: str
) -> None:
    answer = as_(getattr(world, who)).get(reverse(ISSUE), {"user": str(getattr(world, whose).id)})
    assert answer.status_code == 403
    assert f"You can't issue a pass to this person. {words}" in plain_text_of(answer)
    assert "For whom?" in plain_text_of(answer)


def test_closing_leads_back_to_where_it_was_opened(world: SimpleNamespace, grace: Client) -> None:
    assert grace.get(add_url(world.mia)).context["close_url"] == f"{methods_url(world.mia)}#add"
    assert grace.get(reverse(ISSUE)).context["close_url"] == f"{reverse('authmethods:home')}#issue"
