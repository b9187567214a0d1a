"""The directory in the admin center: users, one user, groups, roles, and the picker."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.enums import MethodKind, Role, UserKind
from accounts.models import GroupMember, RoleAssignment, SignInSession, User
from accounts.queries import groups as group_queries
from accounts.queries import users as user_queries
from audit.enums import Event
from audit.models import AuditEvent
from core import clock
from tests.conftest import SignIn

MOST_QUERIES = 8


def text_of(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def names_in(page: str, people: list[User]) -> list[str]:
    """Who of ``people`` a page links to, in the order of the page."""
    found = {page.find(reverse("accounts:user", args=[person.id])): person.upn for person in people}
    return [upn for place, upn in sorted(found.items()) if place >= 0]


# --- users ----------------------------------------------------------------------------------------------------------


def test_it_lists_the_people_of_the_tenant_by_name(world: SimpleNamespace, grace: Client) -> None:
    page = text_of(grace, reverse("accounts:users"))
    everyone = list(User.objects.all())
    own = [user for user in everyone if user.tenant_id == world.contoso.id]
    assert names_in(page, everyone) == [user.upn for user in sorted(own, key=lambda user: user.name_key)]
    assert "15 users" in page


def test_it_pages_forward_and_back_without_losing_anybody(grace: Client, crowd: list[User]) -> None:
    url, seen, pages = reverse("accounts:users") + "?kind=member", list[str](), list[str]()
    while url:
        pages.append(url)
        answer = grace.get(url)
        seen += [user.upn for user in answer.context["listing"].page.rows]
        following = answer.context["listing"].page.next
        url = f"{reverse('accounts:users')}?kind=member&page={following}" if following else ""
    wanted = User.objects.filter(tenant=crowd[0].tenant, kind=UserKind.MEMBER).order_by("name_key", "id")
    assert seen == [user.upn for user in wanted]
    assert len(pages) == 3
    back = grace.get(pages[-1]).context["listing"].page.previous
    again = grace.get(f"{reverse('accounts:users')}?kind=member&page={back}").context["listing"].page
    assert [user.upn for user in again.rows] == seen[50:100]


def test_its_links_to_other_pages_keep_the_filters(grace: Client, crowd: list[User]) -> None:
    page = text_of(grace, reverse("accounts:users") + "?q=zoe&kind=member")
    assert 'rel="next"' in page
    link = page.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    following = grace.get(reverse("accounts:users") + link).context["listing"].page
    assert [user.display_name for user in following.rows] == [f"Zoe {number:03}" for number in range(50, 100)]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ("q=mar", ["rosa@contoso.com"]),
        ("q=MARIN", ["rosa@contoso.com"]),
        ("q=weber", ["user2@contoso.com"]),
        ("q=weber+jonas", ["user2@contoso.com"]),
        ("q=user2@", ["user2@contoso.com"]),
        ("q=User2%40Contoso.com", ["user2@contoso.com"]),
        ("q=fr", ["fred@fed.contoso.com"]),
        ("kind=internal_guest", ["gil@contoso.com"]),
        ("q=contoso&kind=external_guest", ["vera_fabrikam.com#EXT#@contoso.com"]),
        ("q=contoso&kind=internal_guest&state=enabled", ["gil@contoso.com"]),
        ("state=disabled", ["mia@contoso.com"]),
        ("q=contoso&state=disabled", ["mia@contoso.com"]),
        ("q=contoso&state=disabled&kind=external_guest", []),
        ("q=zed", []),
    ],
)
def test_it_finds_people(world: SimpleNamespace, grace: Client, filters: str, found: list[str]) -> None:
    User.objects.filter(pk=world.mia.pk).update(is_enabled=False)
    page = text_of(grace, f"{reverse('accounts:users')}?{filters}")
    assert names_in(page, list(User.objects.all())) == found


@pytest.mark.parametrize(
    ("filters", "said"),
    [
        ("q=nobody+at+all", "No users match “nobody at all”."),
        ("q=%3Cscript%3E", "No users match “&lt;script&gt;”."),
        ("kind=internal_guest&state=disabled", "No users of this kind."),
    ],
)
def test_it_says_what_an_empty_list_means(grace: Client, filters: str, said: str) -> None:
    assert said in text_of(grace, f"{reverse('accounts:users')}?{filters}")


@pytest.mark.parametrize(
    "filters",
    [
        "q=" + "x" * 10_000,
        "kind=king",
        "state=asleep",
        "page=%21%21",
        "page=" + "A" * 5000,
        "page=WzAsIDEsIDJd",
        "page=WzAsICJhIiwgImIiXQ",
        "q=%22%27%25_%5C*",
        "q=AND+OR+NOT+NEAR(",
        "q=%CC%81",
        "q=%F0%9F%98%80%F0%9F%98%80%F0%9F%98%80",
        "q=%ED%A0%80abc",
        "q=++",
    ],
)
@pytest.mark.parametrize("name", ["users", "groups"])
def test_it_answers_whatever_is_asked(grace: Client, name: str, filters: str) -> None:
    assert grace.get(f"{reverse(f'accounts:{name}')}?{filters}").status_code == 200


def test_it_says_that_a_term_is_too_long(grace: Client) -> None:
    assert "No name is that long." in text_of(grace, reverse("accounts:users") + "?q=" + "x" * 321)


def test_it_counts_no_further_than_it_must(grace: Client, crowd: list[User], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(user_queries.count_of, "__kwdefaults__", {"field": "pk", "limit": 100})
    assert "More than 100 users" in text_of(grace, reverse("accounts:users"))


# --- one user -------------------------------------------------------------------------------------------------------


def test_it_shows_the_facts_of_a_person(world: SimpleNamespace, grace: Client) -> None:
    page = text_of(grace, reverse("accounts:user", args=[world.priya.id]))
    assert "<h1>Priya Raman</h1>" in page
    for fact in ("priya@contoso.com", "Privileged Authentication Administrator", "Asia/Kolkata", "0 groups", "Never"):
        assert fact in page


def test_it_shows_through_which_group_a_role_is_held(world: SimpleNamespace, grace: Client) -> None:
    RoleAssignment.objects.create(tenant=world.contoso, group=world.groups["Everyone new"], role=Role.GLOBAL_READER)
    page = text_of(grace, reverse("accounts:user", args=[world.tapuser.id]))
    assert "Global Reader" in page
    assert "through Everyone new" in page
    holders = text_of(grace, reverse("accounts:role", args=[Role.GLOBAL_READER.value]))
    assert names_in(holders, list(User.objects.all())) == [
        "gil@contoso.com",
        "user2@contoso.com",
        "user3@contoso.com",
        "rosa@contoso.com",
        "tapuser@contoso.com",
    ]
    assert holders.count("Through Everyone new") == 4
    assert holders.count("Directly") == 1


def test_it_shows_direct_and_nested_groups(world: SimpleNamespace, grace: Client) -> None:
    page = text_of(grace, reverse("accounts:user_groups", args=[world.tapuser.id]))
    assert page.index("Everyone new") < page.index("Through New hires") < page.index("Directly")
    assert "2 groups" in text_of(grace, reverse("accounts:user", args=[world.tapuser.id]))


def test_it_ends_where_groups_contain_each_other(world: SimpleNamespace, grace: Client) -> None:
    GroupMember.objects.create(group=world.groups["New hires"], child=world.groups["Everyone new"])
    page = text_of(grace, reverse("accounts:user_groups", args=[world.tapuser.id]))
    assert page.count('<th scope="row">') == 2
    assert "Through New hires" in page


def test_it_says_that_somebody_is_in_no_group(world: SimpleNamespace, grace: Client) -> None:
    assert "Mia Fontaine is in no group." in text_of(grace, reverse("accounts:user_groups", args=[world.mia.id]))


# --- sessions -------------------------------------------------------------------------------------------------------


def test_it_lists_live_sessions_and_ends_one(world: SimpleNamespace, grace: Client, as_: SignIn) -> None:
    as_(world.tapuser, address="192.0.2.7")
    as_(world.tapuser, MethodKind.PASSWORD)
    page = text_of(grace, reverse("accounts:user", args=[world.tapuser.id]))
    assert "192.0.2.7" in page
    live = SignInSession.objects.filter(user=world.tapuser, revoked_at=None)
    url = reverse("accounts:end_session", args=[world.tapuser.id, live.get(address="192.0.2.7").id])
    assert url in page
    assert "End this session?" in text_of(grace, url)
    assert live.count() == 2
    assert b"Session ended." in grace.post(url, follow=True).content
    assert [session.method for session in live] == [MethodKind.PASSWORD]
    assert AuditEvent.objects.filter(event=Event.SESSIONS_REVOKED, target_id=world.tapuser.id).count() == 1
    assert grace.post(url).status_code == 404


def test_it_ends_all_sessions_after_asking(world: SimpleNamespace, grace: Client, as_: SignIn) -> None:
    as_(world.tapuser)
    as_(world.tapuser)
    url = reverse("accounts:end_sessions", args=[world.tapuser.id])
    asked = text_of(grace, url)
    assert "End all sessions?" in asked
    assert "Tap User is signed out everywhere" in asked
    assert SignInSession.objects.filter(user=world.tapuser, revoked_at=None).count() == 2
    assert b"2 sessions ended." in grace.post(url, follow=True).content
    assert not SignInSession.objects.filter(user=world.tapuser, revoked_at=None).exists()
    assert b"There was no session left to end." in grace.post(url, follow=True).content


def test_it_knows_no_session_of_somebody_else(world: SimpleNamespace, grace: Client, as_: SignIn) -> None:
    as_(world.mia)
    others = SignInSession.objects.get(user=world.mia)
    url = reverse("accounts:end_session", args=[world.tapuser.id, others.id])
    assert grace.get(url).status_code == 404
    assert grace.post(url).status_code == 404
    others.refresh_from_db()
    assert others.revoked_at is None


@pytest.mark.parametrize(
    ("actor", "target", "sees", "ends"),
    [
        ("grace", "tapuser", True, True),
        ("grace", "priya", True, True),
        ("grace", "grace", True, False),
        ("amir", "tapuser", True, True),
        ("amir", "grace", False, False),
        ("rosa", "tapuser", True, False),
        ("paul", "tapuser", False, False),
    ],
)
def test_it_offers_what_the_role_allows_and_refuses_the_rest(
    world: SimpleNamespace, as_: SignIn, actor: str, target: str, *, sees: bool, ends: bool
) -> None:
    as_(getattr(world, target))
    client, person = as_(getattr(world, actor)), getattr(world, target)
    page = text_of(client, reverse("accounts:user", args=[person.id]))
    assert ("Live sessions" in page) is sees
    url = reverse("accounts:end_sessions", args=[person.id])
    assert (url in page) is ends
    alive = SignInSession.objects.filter(user=person, revoked_at=None).count()
    assert client.get(url).status_code == (200 if ends else 403)
    answer = client.post(url)
    assert answer.status_code == (302 if ends else 403)
    left = SignInSession.objects.filter(user=person, revoked_at=None).count()
    assert left == (0 if ends else alive)
    assert AuditEvent.objects.filter(event=Event.ACCESS_DENIED).exists() is not ends


def test_it_asks_for_a_fresh_sign_in_before_ending_sessions(world: SimpleNamespace, as_: SignIn) -> None:
    with time_machine.travel(clock.now() - timedelta(minutes=61), tick=False):
        client = as_(world.grace)
    SignInSession.objects.update(last_seen_at=clock.now())
    answer = client.get(reverse("accounts:end_sessions", args=[world.tapuser.id]))
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("signin:confirm"))


# --- groups ---------------------------------------------------------------------------------------------------------


def test_it_lists_and_finds_groups(world: SimpleNamespace, grace: Client) -> None:
    page = text_of(grace, reverse("accounts:groups"))
    assert page.index("Break glass") < page.index("Contractors") < page.index("Everyone new") < page.index("New hires")
    found = grace.get(reverse("accounts:groups") + "?q=ew").context["listing"].page.rows
    assert [group.name for group in found] == []
    found = grace.get(reverse("accounts:groups") + "?q=new").context["listing"].page.rows
    assert [group.name for group in found] == ["Everyone new", "New hires"]
    assert "No groups match “xyz”." in text_of(grace, reverse("accounts:groups") + "?q=xyz")


def test_it_shows_direct_members_children_and_parents(world: SimpleNamespace, grace: Client) -> None:
    page = text_of(grace, reverse("accounts:group", args=[world.groups["New hires"].id]))
    assert names_in(page, list(User.objects.all())) == ["user2@contoso.com", "tapuser@contoso.com"]
    assert page.index("Member of") < page.index("Everyone new")
    above = text_of(grace, reverse("accounts:group", args=[world.groups["Everyone new"].id]))
    assert "Nobody is a direct member of this group." in above
    below = above[above.index("Groups in this group") :]
    assert below.index("Contractors") < below.index("New hires")


@pytest.mark.parametrize("is_large", [False, True])
def test_it_pages_the_members(
    world: SimpleNamespace, grace: Client, crowd: list[User], monkeypatch: pytest.MonkeyPatch, *, is_large: bool
) -> None:
    """By name, or as they were added where sorting would cost too much; nobody twice, nobody lost."""
    group = world.groups["Contractors"]
    added = list(reversed(crowd))
    GroupMember.objects.bulk_create(GroupMember(group=group, user=person) for person in added)
    if is_large:
        monkeypatch.setattr(group_queries, "SORTED_AT_MOST", 100)
    seen, url = list[User](), reverse("accounts:group", args=[group.id])
    while url:
        page = grace.get(url).context["page"]
        seen += page.people
        url = f"{reverse('accounts:group', args=[group.id])}?page={page.next}" if page.next else ""
    assert page.is_by_name is not is_large
    wanted = [world.user3, world.gil, *added]
    if is_large:
        assert {user.upn for user in seen[:2]} == {world.user3.upn, world.gil.upn}
        assert [user.upn for user in seen[2:]] == [user.upn for user in added]
    else:
        assert [user.upn for user in seen] == [user.upn for user in sorted(wanted, key=lambda user: user.name_key)]


# --- roles ----------------------------------------------------------------------------------------------------------


def test_it_lists_the_roles_with_the_number_of_holders(world: SimpleNamespace, grace: Client) -> None:
    answer = grace.get(reverse("accounts:roles"))
    assert [(one.role, one.count.number) for one in answer.context["counts"]] == [
        (Role.GLOBAL_ADMINISTRATOR, 2),
        (Role.PRIVILEGED_AUTHENTICATION_ADMINISTRATOR, 1),
        (Role.AUTHENTICATION_ADMINISTRATOR, 2),
        (Role.USER_ADMINISTRATOR, 0),
        (Role.AUTHENTICATION_POLICY_ADMINISTRATOR, 1),
        (Role.GLOBAL_READER, 1),
    ]
    page = answer.content.decode()
    assert all(str(role.summary) in page for role in Role)


def test_it_names_the_holders_of_a_role(world: SimpleNamespace, grace: Client) -> None:
    page = text_of(grace, reverse("accounts:role", args=[Role.AUTHENTICATION_ADMINISTRATOR.value]))
    assert names_in(page, list(User.objects.all())) == ["amir@contoso.com", "noor@contoso.com"]
    RoleAssignment.objects.filter(role=Role.GLOBAL_READER).delete()
    assert "Held by nobody." in text_of(grace, reverse("accounts:role", args=[Role.GLOBAL_READER.value]))
    assert grace.get(reverse("accounts:role", args=[uuid4()])).status_code == 404


# --- who may, and at what cost --------------------------------------------------------------------------------------


def center_urls(world: SimpleNamespace) -> dict[str, str]:
    """Every page of the directory."""
    return {
        "users": reverse("accounts:users"),
        "search": reverse("accounts:users") + "?q=contoso&state=enabled&kind=member",
        "user": reverse("accounts:user", args=[world.tapuser.id]),
        "user_groups": reverse("accounts:user_groups", args=[world.tapuser.id]),
        "end_sessions": reverse("accounts:end_sessions", args=[world.tapuser.id]),
        "groups": reverse("accounts:groups"),
        "group": reverse("accounts:group", args=[world.groups["New hires"].id]),
        "roles": reverse("accounts:roles"),
        "role": reverse("accounts:role", args=[Role.GLOBAL_READER.value]),
        "principals": reverse("accounts:principals") + "?q=contoso",
    }


PAGES = ("users", "search", "user", "user_groups", "end_sessions", "groups", "group", "roles", "role", "principals")


@pytest.mark.parametrize("name", PAGES)
def test_it_refuses_people_without_a_role(world: SimpleNamespace, as_: SignIn, name: str) -> None:
    for person in (world.mia, world.gil, world.sam):
        assert as_(person).get(center_urls(world)[name]).status_code == 403
    assert as_(world.grace, MethodKind.PASSWORD).get(center_urls(world)[name]).status_code in (302, 403)
    assert Client().get(center_urls(world)[name]).status_code == 302


@pytest.mark.parametrize("name", PAGES)
def test_it_takes_few_queries_however_many_there_are(
    world: SimpleNamespace,
    as_: SignIn,
    crowd: list[User],
    django_assert_max_num_queries: Callable[..., Any],
    name: str,
) -> None:
    GroupMember.objects.bulk_create(GroupMember(group=world.groups["New hires"], user=person) for person in crowd)
    RoleAssignment.objects.create(tenant=world.contoso, group=world.groups["New hires"], role=Role.GLOBAL_READER)
    for _ in range(5):
        as_(world.tapuser)
    client, url = as_(world.grace), center_urls(world)[name]
    with django_assert_max_num_queries(MOST_QUERIES) as few:
        assert client.get(url).status_code == 200
    GroupMember.objects.all().delete()
    RoleAssignment.objects.exclude(user=world.grace).delete()
    User.objects.filter(pk__in=[person.pk for person in crowd]).delete()
    with django_assert_max_num_queries(MOST_QUERIES) as fewer:
        assert client.get(url).status_code == 200
    assert len(fewer) <= len(few)
