"""A person's Authentication methods page: what works, what does not and why, and taking methods away."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from types import SimpleNamespace
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.enums import MethodKind, RequiredStrength, TargetSide
from accounts.models import MethodTarget, SignInSession, Tenant, User
from audit.enums import Event
from audit.models import AuditEvent
from authmethods.models import Passkey
from core import clock
from tap.actions import Issued
from tap.models import TapPolicy, TemporaryAccessPass
from tests.authmethods.center import add_url, methods_url, pass_of, plain_text_of, text_of
from tests.authmethods.test_center_home import passkey_of
from tests.conftest import SignIn

GivePass = Callable[..., Issued]
MOST_QUERIES = 8
TEN = datetime(2026, 11, 24, 10, 14, tzinfo=ZoneInfo("Europe/Berlin"))


@pytest.fixture
def grace(world: SimpleNamespace, as_: SignIn) -> Client:
    return as_(world.grace)


@pytest.fixture
def morning() -> Iterator[None]:
    with time_machine.travel(TEN, tick=False):
        yield


def change(issued: TemporaryAccessPass, **facts: object) -> None:
    TemporaryAccessPass.objects.filter(pk=issued.pk).update(**facts)


def used(issued: TemporaryAccessPass, at: datetime, times: int = 1) -> None:
    change(issued, first_used_at=at, last_used_at=at, use_count=times, last_used_from="203.0.113.24", verifier="")


STATES = [
    ("one-time", "usable", "Active 1 hour left", "One-time · ends 24 Nov 2026, 11:14 (UTC+01:00)"),
    ("multiple", "usable", "Active 1 hour left", "Multiple use · ends 24 Nov 2026, 11:14 (UTC+01:00)"),
    (
        "multiple, used",
        "usable",
        "Active 1 hour left",
        "Multiple use · used 2 times, last 24 Nov 2026, 10:14 (UTC+01:00) · ends 24 Nov 2026, 11:14 (UTC+01:00)",
    ),
    (
        "scheduled",
        "not_usable",
        "Starts 1 Dec, 08:00",
        "One-time · starts 1 Dec 2026, 08:00 (UTC+01:00) · ends 1 Dec 2026, 09:00 (UTC+01:00)",
    ),
    ("used", "not_usable", "Used", "Used 24 Nov 2026, 10:14 (UTC+01:00) from 203.0.113.24"),
    ("expired", "not_usable", "Expired", "Ended 24 Nov 2026, 09:14 (UTC+01:00), never used"),
    ("expired, used", "not_usable", "Expired", "Ended 24 Nov 2026, 09:14 (UTC+01:00), used once"),
    ("locked", "not_usable", "Locked", "Too many wrong attempts. Add a new pass."),
    ("method off", "not_usable", "Disabled by policy", "The Temporary Access Pass policy is off Open policy"),
    ("not in scope", "not_usable", "Not in scope", "Mia isn't in a group the policy includes. Open policy"),
    ("excluded", "not_usable", "Disabled by policy", "The policy excludes Mia. Open policy"),
    (
        "one-time now required",
        "not_usable",
        "Disabled by policy",
        "The policy now requires one-time use; this is a multiple-use pass Open policy",
    ),
]


def bring_about(world: SimpleNamespace, give_pass: GivePass, state: str) -> TemporaryAccessPass:
    mia, policy = world.mia, TapPolicy.objects.filter(tenant=world.contoso)
    targets = MethodTarget.objects.filter(tenant=world.contoso)
    if state == "scheduled":
        start = datetime(2026, 12, 1, 8, tzinfo=ZoneInfo("Europe/Berlin"))
        return give_pass(mia, is_usable_once=True, starts_at=start).issued
    issued = give_pass(mia, is_usable_once=state not in ("multiple", "multiple, used", "one-time now required")).issued
    hour = timedelta(hours=1)
    if state.startswith("expired"):
        change(issued, is_usable_once="used" not in state, starts_at=TEN - 2 * hour, ends_at=TEN - hour)
    if state.endswith("used"):
        used(issued, clock.now(), 2 if state.startswith("multiple") else 1)
    if state == "locked":
        change(issued, locked_at=clock.now())
    elif state == "method off":
        policy.update(is_enabled=False)
    elif state == "not in scope":
        targets.filter(group=None).delete()
    elif state == "excluded":
        targets.create(tenant=world.contoso, method=issued_method(), side=TargetSide.EXCLUDE, user=mia)
    elif state == "one-time now required":
        policy.update(is_usable_once=True)
    return issued


def issued_method() -> MethodKind:
    return MethodKind.TEMPORARY_ACCESS_PASS


@pytest.mark.usefixtures("morning")
@pytest.mark.parametrize(("state", "table", "pill", "detail"), STATES, ids=[state[0] for state in STATES])
def test_it_shows_a_pass_in_each_state(
    world: SimpleNamespace, grace: Client, give_pass: GivePass, state: str, table: str, pill: str, detail: str
) -> None:
    issued = bring_about(world, give_pass, state)
    answer = grace.get(methods_url(world.mia))
    rows = answer.context[table]
    assert [row["method"].issued for row in rows] == [issued]
    page = plain_text_of(answer)
    heading = "Usable authentication methods" if table == "usable" else "Non-usable authentication methods"
    place = page.rindex(detail)
    assert page.rindex(heading) < place < page.index("Delete", place)
    assert pill in page[place:]
    assert str(issued.id) in text_of(answer)


SCOPES = [
    ("all users", "In scope of the Temporary Access Pass policy through all users"),
    ("a group", "In scope of the Temporary Access Pass policy through New hires"),
    ("by name", "In scope of the Temporary Access Pass policy by name"),
    (
        "not included",
        "Not in scope of the Temporary Access Pass policy. Tap isn't in a group the policy includes. Open",
    ),
    ("excluded by name", "Not in scope of the Temporary Access Pass policy. The policy excludes Tap. Open policy"),
    (
        "excluded through a group",
        "Not in scope of the Temporary Access Pass policy. The policy excludes New hires, and Tap is a member. Open policy",
    ),
    ("off", "The Temporary Access Pass policy is off. Open policy"),
]


@pytest.mark.parametrize(("how", "words"), SCOPES, ids=[one[0] for one in SCOPES])
def test_it_says_before_issuing_whether_the_policy_reaches_the_person(
    world: SimpleNamespace, grace: Client, how: str, words: str
) -> None:
    targets = MethodTarget.objects.filter(tenant=world.contoso)
    line = {"tenant": world.contoso, "method": issued_method(), "side": TargetSide.INCLUDE}
    if how not in ("all users", "off") and not how.startswith("excluded"):
        targets.filter(group=None).delete()
    if how == "a group":
        targets.create(**line, group=world.groups["New hires"])
    elif how == "by name":
        targets.create(**line, user=world.tapuser)
    elif how.startswith("excluded"):
        named = {"user": world.tapuser} if how == "excluded by name" else {"group": world.groups["New hires"]}
        targets.create(**line | {"side": TargetSide.EXCLUDE}, **named)
    elif how == "off":
        TapPolicy.objects.filter(tenant=world.contoso).update(is_enabled=False)
    assert words in plain_text_of(grace.get(methods_url(world.tapuser)))


def test_it_shows_lasting_methods_and_the_last_sign_in(world: SimpleNamespace, grace: Client, as_: SignIn) -> None:
    with time_machine.travel(TEN - timedelta(days=40), tick=False):
        passkey_of(world.mia, clock.now())
        as_(world.mia, MethodKind.PASSWORD)
    User.objects.filter(pk=world.mia.pk).update(password="argon2$…", password_changed_at=TEN - timedelta(days=3))
    page = plain_text_of(grace.get(methods_url(world.mia)))
    assert "Passkey Key · added 15 Oct 2026 · never used Usable Delete Passkey Key" in page
    assert "Password Changed 21 Nov 2026 Usable" in page
    assert "15 Oct 2026, 10:14 (UTC+02:00) with Password" in page
    assert "Non-usable authentication methods There is none." in page


def test_it_says_what_to_do_where_there_is_no_method(world: SimpleNamespace, grace: Client) -> None:
    page = plain_text_of(grace.get(methods_url(world.mia)))
    assert "No sign-in methods yet. Add a Temporary Access Pass so Mia can sign in and register a passkey." in page
    guest = plain_text_of(grace.get(methods_url(world.vera_external)))
    assert "Guests sign in with a pass from their own organisation." in guest
    assert "Add Temporary Access Pass" not in guest


def test_it_says_that_sign_in_is_blocked(world: SimpleNamespace, grace: Client) -> None:
    User.objects.filter(pk=world.mia.pk).update(is_enabled=False)
    assert "Sign-in state Blocked" in plain_text_of(grace.get(methods_url(world.mia)))


# --- who may look but not change ------------------------------------------------------------------------------------


NOTICES = [
    ("grace", "grace", "You can't issue a pass to yourself. Ask another administrator."),
    (
        "rosa",
        "mia",
        "You can't change methods of this person. None of your roles allows it. Needs: Authentication Administrator, Priv",
    ),
    (
        "rosa",
        "priya",
        "You can't change methods of this person. None of your roles allows it. Needs: Privileged Authen",
    ),
    ("grace", "mia", ""),
]


@pytest.mark.parametrize(("who", "whose", "words"), NOTICES)
def test_it_says_why_nothing_can_be_changed_and_hides_the_buttons(
    world: SimpleNamespace, as_: SignIn, give_pass: GivePass, who: str, whose: str, words: str
) -> None:
    person = getattr(world, whose)
    give_pass(person)
    passkey_of(person, clock.now())
    answer = as_(getattr(world, who)).get(methods_url(person))
    assert words in plain_text_of(answer)
    assert ('class="bar info"' in text_of(answer)) is bool(words)
    for hidden in ("/add/", "/delete/", "/revoke-sessions/", "/require-re-register/"):
        assert (hidden in text_of(answer)) is not bool(words), hidden
    assert "Refresh" in text_of(answer)


@pytest.mark.parametrize(("who", "whose"), [("amir", "priya"), ("amir", "noor"), ("paul", "mia")])
def test_it_shows_nothing_to_who_may_not_see_it(world: SimpleNamespace, as_: SignIn, who: str, whose: str) -> None:
    person = getattr(world, whose)
    passkey_of(person, clock.now())
    answer = as_(getattr(world, who)).get(methods_url(person))
    assert answer.status_code == 403
    page = plain_text_of(answer)
    why = {"amir": "They hold an administrator role.", "paul": "None of your roles allows it."}[who]
    needed = "Global Reader, Privileged Authentication Administrator or Global Administrator."
    if whose == "mia":
        needed = f"Global Reader, Authentication Administrator, {needed.partition(', ')[2]}"
    assert f"You can't see the methods of this person. {why} Needs: {needed}" in page
    assert "added" not in page
    assert AuditEvent.objects.filter(event=Event.ACCESS_DENIED, target_id=person.id).count() == 1


def test_a_sign_in_that_is_too_weak_to_change_says_so(world: SimpleNamespace, as_: SignIn, give_pass: GivePass) -> None:
    Tenant.objects.filter(pk=world.contoso.pk).update(issuer_strength=RequiredStrength.LASTING_METHOD)
    give_pass(world.mia)
    answer = as_(world.grace, MethodKind.TEMPORARY_ACCESS_PASS).get(methods_url(world.mia))
    assert "You can't change methods in this sign-in. The way you signed in is not strong enough" in plain_text_of(
        answer
    )
    assert f"{reverse('signin:confirm')}?next=" in text_of(answer)
    assert "/add/" not in text_of(answer)


# --- taking away ----------------------------------------------------------------------------------------------------


def dialog(client: Client, name: str, *ids: object) -> str:
    return plain_text_of(client.get(reverse(f"authmethods:{name}", args=ids)))


def carry_out(client: Client, name: str, *ids: object) -> str:
    answer = client.post(reverse(f"authmethods:{name}", args=ids), follow=True)
    assert answer.redirect_chain == [(reverse("authmethods:user_methods", args=[ids[0]]), 302)]
    return plain_text_of(answer)


def test_a_pass_is_deleted_after_asking(
    world: SimpleNamespace, grace: Client, as_: SignIn, give_pass: GivePass
) -> None:
    issued = give_pass(world.mia).issued
    mia = as_(world.mia, MethodKind.TEMPORARY_ACCESS_PASS, credential_id=issued.id)
    asked = dialog(grace, "delete_pass_of", world.mia.id, issued.id)
    assert "Delete Temporary Access Pass? Mia can't sign in with it any more and is signed out of sessions" in asked
    assert pass_of(world.mia) == issued
    assert "Temporary Access Pass deleted." in carry_out(grace, "delete_pass_of", world.mia.id, issued.id)
    assert pass_of(world.mia) is None
    assert mia.get(reverse("authmethods:overview")).status_code == 302


@pytest.mark.usefixtures("morning")
@pytest.mark.parametrize("state", ["expired", "used", "locked", "scheduled", "method off"])
def test_a_pass_is_deletable_in_every_state(
    world: SimpleNamespace, grace: Client, give_pass: GivePass, state: str
) -> None:
    issued = bring_about(world, give_pass, state)
    carry_out(grace, "delete_pass_of", world.mia.id, issued.id)
    assert pass_of(world.mia) is None


def test_a_passkey_is_deleted_after_asking(world: SimpleNamespace, grace: Client, as_: SignIn) -> None:
    passkey, other = passkey_of(world.mia, clock.now()), passkey_of(world.mia, clock.now())
    mia = as_(world.mia, credential_id=passkey.id)
    asked = dialog(grace, "delete_passkey_of", world.mia.id, passkey.id)
    assert "Delete passkey? Mia can't sign in with “Key” any more" in asked
    assert "Passkey deleted." in carry_out(grace, "delete_passkey_of", world.mia.id, passkey.id)
    assert list(Passkey.objects.all()) == [other]
    assert mia.get(reverse("authmethods:overview")).status_code == 302


def test_sessions_are_revoked_after_asking(world: SimpleNamespace, grace: Client, as_: SignIn) -> None:
    mia = [as_(world.mia), as_(world.mia, MethodKind.PASSWORD)]
    asked = dialog(grace, "revoke_sessions_of", world.mia.id)
    assert "Revoke sessions? Mia is signed out everywhere at once and has to sign in again." in asked
    assert "2 sessions ended." in carry_out(grace, "revoke_sessions_of", world.mia.id)
    assert [one.get(reverse("authmethods:overview")).status_code for one in mia] == [302, 302]
    assert "There was no session left to end." in carry_out(grace, "revoke_sessions_of", world.mia.id)


def test_re_registration_takes_every_passkey_and_says_so_first(
    world: SimpleNamespace, grace: Client, as_: SignIn, give_pass: GivePass
) -> None:
    issued = give_pass(world.mia).issued
    for _ in range(2):
        passkey_of(world.mia, clock.now())
    passkey_of(world.gil, clock.now())
    as_(world.mia)
    asked = dialog(grace, "require_reregistration", world.mia.id)
    assert "2 passkeys of Mia are deleted. Mia is signed out everywhere." in asked
    assert "A password and a Temporary Access Pass stay as they are." in asked
    done = carry_out(grace, "require_reregistration", world.mia.id)
    assert "2 passkeys deleted. Add a Temporary Access Pass so that Mia can register again." in done
    assert [one.user for one in Passkey.objects.all()] == [world.gil]
    assert not SignInSession.objects.filter(user=world.mia, revoked_at=None).exists()
    assert pass_of(world.mia) == issued


def test_what_is_gone_already_is_not_found(world: SimpleNamespace, grace: Client, give_pass: GivePass) -> None:
    """The same answer to a second click, an unknown id and the id of somebody else's pass."""
    issued, others = give_pass(world.mia).issued, give_pass(world.gil).issued
    carry_out(grace, "delete_pass_of", world.mia.id, issued.id)
    for name in ("delete_pass_of", "delete_passkey_of"):
        for one in (issued.id, others.id, uuid4()):
            url = reverse(f"authmethods:{name}", args=[world.mia.id, one])
            assert grace.get(url).status_code == 404
            assert grace.post(url).status_code == 404
    assert pass_of(world.gil) == others


@pytest.mark.parametrize(
    "name", ["delete_pass_of", "delete_passkey_of", "revoke_sessions_of", "require_reregistration"]
)
def test_a_stale_sign_in_is_asked_to_confirm_and_comes_back(
    world: SimpleNamespace, as_: SignIn, give_pass: GivePass, name: str
) -> None:
    issued, passkey = give_pass(world.mia, lifetime_in_minutes=480).issued, passkey_of(world.mia, clock.now())
    grace = as_(world.grace)
    SignInSession.objects.update(authenticated_at=clock.now() - timedelta(hours=2))
    ids = {"delete_pass_of": [issued.id], "delete_passkey_of": [passkey.id]}.get(name, [])
    url = reverse(f"authmethods:{name}", args=[world.mia.id, *ids])
    for answer in (grace.get(url), grace.post(url)):
        assert answer.status_code == 302
        assert answer["Location"] == f"{reverse('signin:confirm')}?next={url.replace('/', '%2F')}"
    assert pass_of(world.mia) == issued
    assert Passkey.objects.get() == passkey


@pytest.mark.parametrize(
    "page", ["methods", "add", "revoke_sessions_of", "require_reregistration", "delete_passkey_of"]
)
@pytest.mark.parametrize("whose", ["mia", "priya", "grace"])
def test_its_queries_do_not_grow(
    world: SimpleNamespace,
    as_: SignIn,
    give_pass: GivePass,
    django_assert_max_num_queries: Callable[..., object],
    page: str,
    whose: str,
) -> None:
    person = getattr(world, whose)
    give_pass(person)
    change(pass_of(person) or TemporaryAccessPass(), issuer_id=world.noor.id)
    passkeys = [passkey_of(person, clock.now()) for _ in range(20)]
    client = as_(world.priya if whose == "grace" else world.grace)
    ids = [person.id, passkeys[0].id] if page == "delete_passkey_of" else [person.id]
    urls = {"methods": methods_url(person), "add": add_url(person)}
    url = urls.get(page) or reverse(f"authmethods:{page}", args=ids)
    with django_assert_max_num_queries(MOST_QUERIES):  # type: ignore[attr-defined]
        assert client.get(url).status_code == 200
