"""E09: nothing of one tenant reaches another. Generated from the addresses and the rows, so that a new page is in it."""

import re
from collections.abc import Iterator
from types import SimpleNamespace
from urllib.parse import quote
from uuid import UUID, uuid4

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, reverse

from accounts.authority import Actor
from accounts.enums import Role
from accounts.models import Domain, Group, GroupMember, SignInSession, User
from accounts.urls import urlpatterns
from audit.actions import record
from audit.enums import Event, Outcome
from audit.models import AuditEvent
from core import clock
from tests.conftest import SignIn

OWN_OF_PARAMETER = {
    "user_id": "user",
    "session_id": "session",
    "group_id": "group",
    "role_id": "role",
    "event_id": "event",
}
Ids = dict[str, UUID | int]
CHANGING = ("end_session", "end_sessions")


@pytest.fixture
def both(world: SimpleNamespace, as_: SignIn) -> SimpleNamespace:
    """The same things in both tenants: ``both.own`` and ``both.other`` map what to its id."""
    for person in (world.tapuser, world.vera_home):
        as_(person)
        # An event of both logs: of the sign-in's, and of the whole.
        record(Event.PASS_REFUSED, actor=Actor(), target=person, outcome=Outcome.FAILURE, reason="wrong_code")
    events = dict(AuditEvent.objects.filter(event=Event.PASS_REFUSED).values_list("target_id", "id"))
    group = Group.objects.create(tenant=world.fabrikam, name="Fabrikam secret", created_at=clock.now())
    GroupMember.objects.create(group=group, user=world.vera_home)
    own = {
        "user": world.tapuser.id,
        "session": SignInSession.objects.get(user=world.tapuser).id,
        "group": world.groups["New hires"].id,
        "role": UUID(Role.GLOBAL_READER.value),
        "event": events[world.tapuser.id],
    }
    other = {
        "user": world.vera_home.id,
        "session": SignInSession.objects.get(user=world.vera_home).id,
        "group": group.id,
        "role": world.fabrikam.id,
        "event": events[world.vera_home.id],
    }
    return SimpleNamespace(own=own, other=other, grace=as_(world.grace), zed=as_(world.zed), world=world)


def addresses(pattern: URLPattern, own: Ids, stranger: Ids) -> Iterator[str]:
    """The pattern's address with one parameter after the other, and then all of them, taken from ``stranger``."""
    parameters = list(pattern.pattern.converters)
    for replaced in [*([one] for one in parameters), *([parameters] if len(parameters) > 1 else [])]:
        ids = {one: (stranger if one in replaced else own)[OWN_OF_PARAMETER[one]] for one in parameters}
        yield reverse(f"accounts:{pattern.name}", kwargs=ids)


def what_it_says(answer: HttpResponse, url: str) -> str:
    """The page without what is new in every answer: the reference, the address itself and the form's key."""
    text = answer.content.decode().replace(url, "")
    text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", text)
    return re.sub(r"\b[0-9a-f]{16}\b", "", text)


WITH_IDS = [pattern for pattern in urlpatterns if pattern.pattern.converters]
WITHOUT_IDS = [pattern for pattern in urlpatterns if not pattern.pattern.converters]


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("pattern", WITH_IDS, ids=lambda pattern: pattern.name)
def test_another_tenants_id_is_as_good_as_none(both: SimpleNamespace, pattern: URLPattern, method: str) -> None:
    """404 for every address with an id of the other tenant, word for word as with an id that nobody has."""
    alive = SignInSession.objects.filter(revoked_at=None).count()
    nobody: Ids = {what: uuid4() for what in both.own} | {"event": 2**31}
    expected = 404 if method == "get" or pattern.name in CHANGING else 405
    theirs = list(addresses(pattern, both.own, both.other))
    absent = list(addresses(pattern, both.own, nobody))
    assert len(theirs) == len(absent) >= 1
    for url, control in zip(theirs, absent, strict=True):
        answer, wanted = getattr(both.grace, method)(url), getattr(both.grace, method)(control)
        assert (answer.status_code, wanted.status_code) == (expected, expected), url
        assert what_it_says(answer, url) == what_it_says(wanted, control)
    assert SignInSession.objects.filter(revoked_at=None).count() == alive


@pytest.mark.parametrize("pattern", WITH_IDS, ids=lambda pattern: pattern.name)
def test_the_same_address_works_for_the_own_tenant(both: SimpleNamespace, pattern: URLPattern) -> None:
    """Without this the test above could not fail."""
    ids = {one: both.own[OWN_OF_PARAMETER[one]] for one in pattern.pattern.converters}
    assert both.grace.get(reverse(f"accounts:{pattern.name}", kwargs=ids)).status_code == 200


def secrets_of(world: SimpleNamespace) -> list[str]:
    """Every name and id of the other tenant that is not a word of ours too."""
    people = User.objects.filter(tenant=world.fabrikam)
    words = [str(value) for person in people for value in (person.id, person.upn)]
    groups = Group.objects.filter(tenant=world.fabrikam)
    words += [str(value) for group in groups for value in (group.id, group.name)]
    return [*words, "Zed Almeida", *Domain.objects.filter(tenant=world.fabrikam).values_list("name", flat=True)]


@pytest.mark.parametrize("query", ["", "q=zed", "q=fabrikam", "q=vera@fabrikam.com", "q=secret", "q=al", "kind=member"])
@pytest.mark.parametrize("pattern", WITHOUT_IDS, ids=lambda pattern: pattern.name)
def test_no_list_shows_anything_of_the_other_tenant(both: SimpleNamespace, pattern: URLPattern, query: str) -> None:
    answer = both.grace.get(f"{reverse(f'accounts:{pattern.name}')}?{query}")
    assert answer.status_code == 200
    # Vera is our guest too: her name here says where she is at home. And what was typed is shown again.
    typed = query.partition("=")[2]
    said = b"".join(answer).decode()
    said = said.replace(typed, "").replace(quote(typed), "") if typed else said
    said = said.replace("vera_fabrikam.com#EXT#@contoso.com", "").replace("vera_.com#EXT#@contoso.com", "")
    assert [word for word in secrets_of(both.world) if word in said] == []


def test_a_cursor_of_the_other_tenant_leads_nowhere_else(both: SimpleNamespace) -> None:
    """A page's cursor holds a name and an id: with one of ours, the other tenant still sees only its own people."""
    contoso = {str(person.id) for person in User.objects.filter(tenant=both.world.contoso)}
    for number in range(60):
        User.objects.create(
            tenant=both.world.contoso, upn=f"a{number}@contoso.com", display_name=f"A {number}", created_at=clock.now()
        )
    cursor = both.grace.get(reverse("accounts:users")).context["listing"].page.next
    listing = both.zed.get(f"{reverse('accounts:users')}?page={cursor}").context["listing"]
    assert cursor
    assert not contoso & {str(person.id) for person in listing.page.rows}


def test_every_parameter_is_known_here() -> None:
    """A new page with a new kind of id must say here what it takes."""
    assert {one for pattern in urlpatterns for one in pattern.pattern.converters} <= set(OWN_OF_PARAMETER)


def test_nobody_signed_in_sees_no_difference(client: Client, both: SimpleNamespace) -> None:
    for what in (both.own["user"], both.other["user"], uuid4()):
        assert client.get(reverse("accounts:user", args=[what])).status_code == 302
