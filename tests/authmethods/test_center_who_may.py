"""Who may do what on the pages: every role against every kind of person, and every address against the other tenant."""

import re
from collections.abc import Callable
from types import SimpleNamespace
from uuid import UUID, uuid4

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, reverse

from accounts.enums import MethodKind, RequiredStrength
from accounts.models import SignInSession, Tenant, User
from audit.enums import Event, Outcome
from audit.models import AuditEvent
from authmethods.forms.issue import Setting
from authmethods.models import Passkey
from authmethods.urls import urlpatterns
from core import clock
from tap.actions import Issued
from tap.models import TapPolicy, TemporaryAccessPass
from tests.authmethods.center import add_url, code_in, methods_url, pass_of, text_of
from tests.authmethods.test_center_home import passkey_of
from tests.conftest import SignIn
from tests.tap.test_who_may import COLUMN, ROLES, TARGETS, read_table, two_people

GivePass = Callable[..., Issued]
# What the pages offer, and the letter that allows it in the specification's table (tests/tap/test_who_may.py).
PAGES = {
    "add": "I",
    "issue": "I",
    "delete_pass_of": "D",
    "delete_passkey_of": "D",
    "revoke_sessions_of": "D",
    "require_reregistration": "D",
    "view": "V",
}
CELLS = [
    pytest.param(
        actor, page, target, letter in cells[COLUMN.get(target, 3)], id=f"{actor}-{page}-{target}".replace(" ", "_")
    )
    for actor, cells in read_table().items()
    for page, letter in PAGES.items()
    for target in TARGETS
]


def signed(doer: User, person: User) -> str:
    """A form's id as the page would give it out, for those whom it gives none."""
    policy = TapPolicy.objects.get(tenant=doer.tenant)
    return Setting(person, doer.id, policy, clock.now()).signer.sign(str(uuid4()))


def request(client: Client, doer: User, person: User, page: str, ids: dict[str, UUID]) -> HttpResponse:
    """Do what the page is for, as somebody would who knows its address and its fields."""
    data = {"form": signed(doer, person), "method": "TemporaryAccessPass", "duration": "60", "once": "yes"}
    if page == "view":
        return client.get(methods_url(person))  # type: ignore[return-value]
    if page == "add":
        return client.post(add_url(person), data)  # type: ignore[return-value]
    if page == "issue":
        return client.post(reverse("authmethods:issue"), data | {"user": str(person.id)})  # type: ignore[return-value]
    more = {"delete_pass_of": [ids["pass"]], "delete_passkey_of": [ids["passkey"]]}.get(page, [])
    return client.post(reverse(f"authmethods:{page}", args=[person.id, *more]))  # type: ignore[return-value]


def state_of(person: User) -> tuple[object, ...]:
    return (
        pass_of(person),
        set(Passkey.objects.filter(user=person)),
        SignInSession.objects.filter(user=person, revoked_at=None).count(),
    )


@pytest.mark.parametrize(("actor", "page", "target", "may"), CELLS)
def test_a_page_obeys_the_table(
    world: SimpleNamespace, as_: SignIn, give_pass: GivePass, actor: str, page: str, target: str, may: bool
) -> None:
    """A08, A09: hidden buttons are not what keeps anybody out."""
    doer, person = two_people(world, actor, target)
    ids = {"pass": give_pass(person).issued.id, "passkey": passkey_of(person, clock.now()).id}
    client = as_(doer)
    before = state_of(person)
    answer = request(client, doer, person, page, ids)
    refusals = AuditEvent.objects.filter(event=Event.ACCESS_DENIED, actor_id=doer.id, outcome=Outcome.DENIED)
    if may:
        assert answer.status_code == (302 if PAGES[page] == "D" else 200)
        assert bool(code_in(answer)) is (PAGES[page] == "I")
        assert (state_of(person) != before) is (page != "view") or page == "revoke_sessions_of"
        assert not refusals.exists()
    else:
        assert answer.status_code == 403
        assert not code_in(answer)
        assert state_of(person) == before
        assert refusals.exists()


@pytest.mark.parametrize("actor", [name for name in ROLES if name != "nobody"])
@pytest.mark.parametrize("target", TARGETS)
def test_a_button_is_there_exactly_where_it_works(
    world: SimpleNamespace, as_: SignIn, give_pass: GivePass, actor: str, target: str
) -> None:
    """A09: the page shows what the table allows."""
    doer, person = two_people(world, actor, target)
    give_pass(person)
    passkey_of(person, clock.now())
    letters = read_table()[actor][COLUMN.get(target, 3)]
    answer = as_(doer).get(methods_url(person))
    page = text_of(answer)
    assert answer.status_code == (200 if "V" in letters else 403)
    assert (f'href="{add_url(person)}"' in page) is ("I" in letters)
    assert page.count("/delete/") == (2 if "D" in letters else 0)
    for name in ("revoke_sessions_of", "require_reregistration"):
        assert (reverse(f"authmethods:{name}", args=[person.id]) in page) is ("D" in letters)


@pytest.mark.parametrize(
    ("required", "method", "status"),
    [
        (RequiredStrength.MULTI_FACTOR, MethodKind.TEMPORARY_ACCESS_PASS, 200),
        (RequiredStrength.LASTING_METHOD, MethodKind.TEMPORARY_ACCESS_PASS, 302),
        (RequiredStrength.LASTING_METHOD, MethodKind.FIDO2, 200),
        (RequiredStrength.PHISHING_RESISTANT, MethodKind.FIDO2, 200),
        (RequiredStrength.MULTI_FACTOR, MethodKind.PASSWORD, 302),
    ],
)
def test_an_issuers_sign_in_must_be_what_the_tenant_demands(
    world: SimpleNamespace, as_: SignIn, required: RequiredStrength, method: MethodKind, status: int
) -> None:
    """A10: an administrator in a session made by a pass is sent to prove himself, and nothing is issued."""
    Tenant.objects.filter(pk=world.contoso.pk).update(issuer_strength=required)
    client = as_(world.grace, method)
    answer = client.get(add_url(world.mia))
    assert answer.status_code == status
    if status == 302:
        assert answer["Location"].startswith(f"{reverse('signin:confirm')}?next=")
    sent = request(client, world.grace, world.mia, "add", {})
    assert sent.status_code == (200 if status == 200 else 403)
    assert bool(code_in(sent)) is (status == 200)
    assert (pass_of(world.mia) is not None) is (status == 200)
    if status == 302 and method is MethodKind.TEMPORARY_ACCESS_PASS:
        assert "No pass was added yet." in text_of(sent)
        assert reverse("signin:confirm") in text_of(sent)


# --- E09 ------------------------------------------------------------------------------------------------------------

CENTER = [pattern for pattern in urlpatterns if str(pattern.pattern).startswith("center/")]
WITH_IDS = [pattern for pattern in CENTER if pattern.pattern.converters]


def what_it_says(answer: HttpResponse, ids: list[UUID]) -> str:
    """The page without what is new in every answer: ids of the address, the reference, the form's key."""
    text = answer.content.decode()
    for one in ids:
        text = text.replace(str(one), "…")
    text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", text)
    return re.sub(r"\b[0-9a-f]{16}\b", "", text)


@pytest.mark.parametrize("verb", ["get", "post"])
@pytest.mark.parametrize("pattern", WITH_IDS, ids=[str(pattern.name) for pattern in WITH_IDS])
def test_the_other_tenants_ids_lead_nowhere(
    world: SimpleNamespace, as_: SignIn, give_pass: GivePass, pattern: URLPattern, verb: str
) -> None:
    """E09: one parameter after the other, and all of them; the answer is that for an id nobody has."""
    people, rows = {"own": world.mia, "other": world.vera_home}, dict[str, dict[str, UUID]]()
    for whose, person in people.items():
        issued, passkey = give_pass(person).issued, passkey_of(person, clock.now())
        rows[whose] = {"user_id": person.id, "pass_id": issued.id, "passkey_id": passkey.id}
    client, names = as_(world.grace), list(pattern.pattern.converters)
    before = [state_of(person) for person in people.values()]
    for replaced in [*([name] for name in names), names]:
        answers = []
        for strange in (rows["other"], {name: uuid4() for name in names}):
            ids = {name: (strange if name in replaced else rows["own"])[name] for name in names}
            answer = getattr(client, verb)(reverse(f"authmethods:{pattern.name}", kwargs=ids))
            answers.append((answer.status_code, what_it_says(answer, list(ids.values()))))
        assert answers[0] == answers[1]
        assert answers[0][0] == (405 if pattern.name in {"user_methods", "why"} and verb == "post" else 404)
    assert [state_of(person) for person in people.values()] == before


def test_the_panel_from_home_finds_nobody_of_the_other_tenant(world: SimpleNamespace, as_: SignIn) -> None:
    """E09."""
    grace, url = as_(world.grace), reverse("authmethods:issue")
    for one in (world.vera_home.id, uuid4(), "nonsense", "\x01", "x" * 10_000):
        assert grace.get(url, {"user": str(one)}).status_code == 404
        assert grace.post(url, {"user": str(one)}).status_code == 404
    assert "vera@fabrikam.com" not in text_of(grace.get(url, {"q": "vera"}))
    assert not TemporaryAccessPass.objects.exists()


def test_lists_and_figures_hold_nothing_of_the_other_tenant(
    world: SimpleNamespace, as_: SignIn, give_pass: GivePass
) -> None:
    """E09."""
    give_pass(world.vera_home)
    TemporaryAccessPass.objects.update(first_used_at=clock.now(), use_count=1)
    answer = as_(world.grace).get(reverse("authmethods:home"))
    assert "No passes yet." in text_of(answer)
    assert as_(world.zed).get(reverse("authmethods:home")).context["tiles"][0].value == "1"
    for name in ("home", "without_passkey", "blocked", "issue"):
        assert "Vera Novak" not in text_of(as_(world.grace).get(reverse(f"authmethods:{name}"))), name


@pytest.mark.parametrize("pattern", CENTER, ids=[str(pattern.name) for pattern in CENTER])
def test_every_page_asks_who_is_there(client: Client, world: SimpleNamespace, pattern: URLPattern) -> None:
    url = reverse(f"authmethods:{pattern.name}", kwargs={name: uuid4() for name in pattern.pattern.converters})
    for answer in (client.get(url), client.post(url)):
        assert answer.status_code == 302
        assert answer["Location"].startswith(reverse("signin:identify"))
