"""The passes of the whole tenant: who sees which, in which state."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
import time_machine
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.access import actor_of
from accounts.authority import Actor
from accounts.enums import Role
from accounts.models import Group, GroupMember, MethodTarget, RoleAssignment, User
from audit.enums import Event
from audit.models import AuditEvent
from core import clock
from tap import actions, queries
from tap.actions import Issued
from tap.enums import Listing
from tap.models import TapPolicy, TemporaryAccessPass
from tests.conftest import OPERATOR, SignIn, reached
from tests.plain_browser import PlainPage

GivePass = Callable[..., Issued]
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
URL = "/center/passes/"


def listed(client: Client, **query: str) -> set[str]:
    """Return the user names on the page."""
    response = client.get(URL, query)
    assert response.status_code == 200
    return {row["person"].upn.partition("@")[0] for row in response.context["rows"]}


def words(client: Client, **query: str) -> str:
    return " ".join(PlainPage(client.get(URL, query)).text.split())  # type: ignore[arg-type]


@pytest.fixture
def passes(world: SimpleNamespace, give_pass: GivePass) -> Iterable[SimpleNamespace]:
    """At noon: one pass in every state there is."""
    with time_machine.travel(NOON - timedelta(hours=2), tick=False):
        give_pass(world.user2, lifetime_in_minutes=60)
        used_multi = give_pass(world.user3, lifetime_in_minutes=480)
        used_once = give_pass(world.gil, is_usable_once=True)
        visitor = Actor(address="203.0.113.9")
        for made in (used_multi, used_once):
            with transaction.atomic():
                verified = actions.verify(visitor, upn=made.issued.user.upn, typed=made.code)
                actions.claim(visitor, verified=verified)
        gone = give_pass(world.fred)
        actions.delete(OPERATOR, target=reached(world.fred), pass_id=gone.issued.pk)
    with time_machine.travel(NOON, tick=False):
        give_pass(world.tapuser, is_usable_once=True)
        give_pass(world.mia, starts_at=NOON + timedelta(days=1))
        give_pass(world.breakglass)
        give_pass(world.amir)
        give_pass(world.vera_home)
        yield world


def test_its_address_is_the_one_people_know() -> None:
    assert reverse("tap:passes") == URL


def test_each_pass_stands_in_exactly_one_list(passes: SimpleNamespace, as_: SignIn) -> None:
    client = as_(passes.grace)
    assert listed(client) == {"tapuser", "user3", "breakglass", "amir"}
    assert listed(client, state="live") == listed(client)
    assert listed(client, state="scheduled") == {"mia"}
    assert listed(client, state="used") == {"gil"}
    assert listed(client, state="expired") == {"user2"}
    of_contoso = TemporaryAccessPass.objects.open().filter(tenant=passes.contoso)
    assert sum(len(listed(client, state=one)) for one in Listing) == of_contoso.count()


@pytest.mark.parametrize(
    ("state", "row"),
    [
        (
            "live",
            "The operator of this installation One-time 24 Nov 2026, 13:00 (UTC+01:00) 24 Nov 2026, 14:00 (UTC+01:00) Active",
        ),
        ("live", "Multiple use 24 Nov 2026, 11:00 (UTC+01:00) 24 Nov 2026, 19:00 (UTC+01:00) Active Used once"),
        ("live", "Disabled by policy The policy excludes this person"),
        ("scheduled", "25 Nov 2026, 13:00 (UTC+01:00) 25 Nov 2026, 14:00 (UTC+01:00) Not yet valid"),
        ("used", "Used Used 24 Nov 2026, 11:00 (UTC+01:00)"),
        ("expired", "24 Nov 2026, 12:00 (UTC+01:00) Expired Never used"),
    ],
)
def test_a_row_tells_use_times_state_and_why(passes: SimpleNamespace, as_: SignIn, state: str, row: str) -> None:
    assert row in words(as_(passes.grace), state=state)


def test_a_pass_somebody_guessed_at_says_so(passes: SimpleNamespace, as_: SignIn) -> None:
    TemporaryAccessPass.objects.filter(user=passes.tapuser).update(locked_at=NOON)
    assert "Locked Too many wrong attempts. Add a new pass." in words(as_(passes.grace))


def test_a_pass_out_of_scope_says_so(passes: SimpleNamespace, as_: SignIn) -> None:
    MethodTarget.objects.filter(tenant=passes.contoso, side="include").delete()
    assert "Not in scope Not in a group the policy includes" in words(as_(passes.grace))


def test_a_person_leads_to_his_methods(passes: SimpleNamespace, as_: SignIn) -> None:
    html = as_(passes.grace).get(URL).content.decode()
    assert f'href="{reverse("authmethods:user_methods", args=[passes.tapuser.pk])}"' in html


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("grace", {"tapuser", "user3", "breakglass", "amir"}),
        ("priya", {"tapuser", "user3", "breakglass", "amir"}),
        ("rosa", {"tapuser", "user3", "breakglass", "amir"}),
        ("noor", {"tapuser", "user3"}),
        ("amir", {"tapuser", "user3", "amir"}),
    ],
)
def test_it_shows_the_passes_one_may_view(passes: SimpleNamespace, as_: SignIn, who: str, sees: set[str]) -> None:
    """A09: an Authentication Administrator sees those of members and his own; a Global Reader sees all."""
    assert listed(as_(getattr(passes, who))) == sees


@pytest.mark.parametrize(("who", "offers"), [("grace", True), ("priya", True), ("amir", True), ("rosa", False)])
def test_it_offers_to_issue_only_to_issuers(passes: SimpleNamespace, as_: SignIn, who: str, offers: bool) -> None:
    assert ("Issue a pass" in words(as_(getattr(passes, who)))) is offers


@pytest.mark.parametrize("who", ["paul", "mia", "gil", "sam"])
def test_it_is_refused_to_who_may_not_see_passes(passes: SimpleNamespace, as_: SignIn, who: str) -> None:
    """A09: an Authentication Policy Administrator among them. The refusal is recorded."""
    assert as_(getattr(passes, who)).get(URL).status_code == 403
    event = AuditEvent.objects.get(event=Event.ACCESS_DENIED)
    assert (event.actor_id, event.detail) == (getattr(passes, who).id, {"act": "tap:pass:view"})


def test_a_visitor_is_sent_to_sign_in(passes: SimpleNamespace, client: Client) -> None:
    assert client.get(URL).status_code == 302


def test_the_other_tenant_sees_its_own(passes: SimpleNamespace, as_: SignIn) -> None:
    """E09."""
    client = as_(passes.zed)
    assert listed(client) == {"vera"}
    assert listed(client, q="tap") == set()
    cursor = as_(passes.grace).get(URL).context["next_url"]
    assert listed(client, cursor=cursor) <= {"vera"}


@pytest.mark.parametrize("through", ["a group", "a nested group"])
def test_a_role_through_a_group_hides_a_pass_alike(passes: SimpleNamespace, as_: SignIn, through: str) -> None:
    """A09: the narrowing in the database and the rule agree."""
    inner = Group.objects.create(tenant=passes.contoso, name="Inner", created_at=NOON)
    outer = Group.objects.create(tenant=passes.contoso, name="Outer", created_at=NOON)
    GroupMember.objects.create(group=outer, child=inner)
    GroupMember.objects.create(group=inner, child=outer)  # groups may contain each other
    GroupMember.objects.create(group=inner, user=passes.tapuser)
    holder = inner if through == "a group" else outer
    RoleAssignment.objects.create(tenant=passes.contoso, role=Role.GLOBAL_READER, group=holder)
    assert listed(as_(passes.noor)) == {"user3"}
    assert "tapuser" in listed(as_(passes.grace))


@pytest.mark.parametrize(
    ("term", "found"),
    [
        ("tap", {"tapuser"}),
        ("TAPUSER@CONTOSO.COM", {"tapuser"}),
        ("okafor", {"user3"}),
        ("mia", set()),
        ("%", set()),
        ("'\"--", set()),
        ("x" * 10_000, set()),
        ("\u202e", set()),
        ("  ", {"tapuser", "user3", "breakglass", "amir"}),
    ],
)
def test_it_is_searched_by_person(passes: SimpleNamespace, as_: SignIn, term: str, found: set[str]) -> None:
    assert listed(as_(passes.grace), q=term) == found


def test_nothing_found_says_so_and_how_to_go_back(passes: SimpleNamespace, as_: SignIn) -> None:
    said = words(as_(passes.grace), q="<b>mia")
    assert "No passes match “<b>mia”." in said
    assert "Clear search" in said


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("live", "No active passes."),
        ("scheduled", "No scheduled passes."),
        ("used", "No used passes."),
        ("expired", "No expired passes."),
    ],
)
def test_an_empty_list_says_so(world: SimpleNamespace, as_: SignIn, state: str, said: str) -> None:
    assert said in words(as_(world.grace), state=state)


@pytest.mark.parametrize(
    "query",
    [
        {"state": "nonsense"},
        {"state": "x" * 5_000},
        {"cursor": "x"},
        {"cursor": "eyJhIjoxfQ"},
        {"cursor": "WzAsIngiLDFd"},
    ],
)
def test_an_address_nobody_gave_out_shows_the_active_ones(
    passes: SimpleNamespace, as_: SignIn, query: dict[str, str]
) -> None:
    assert listed(as_(passes.grace), **query) == {"tapuser", "user3", "breakglass", "amir"}


def many(world: SimpleNamespace, count: int, *, same_end: bool) -> None:
    now = clock.now()
    users = [
        User(tenant=world.contoso, upn=f"n{number:03}@contoso.com", display_name=f"N {number:03}", created_at=now)
        for number in range(count)
    ]
    for number, user in enumerate(users):
        user.fill_keys()
        user.webauthn_handle = number.to_bytes(32)
    User.objects.bulk_create(users)
    TemporaryAccessPass.objects.bulk_create(
        TemporaryAccessPass(
            id=uuid4(),
            tenant=world.contoso,
            user=user,
            created_at=now,
            starts_at=now,
            lifetime_in_minutes=60,
            ends_at=now + timedelta(minutes=60, seconds=0 if same_end else number),
            is_usable_once=False,
            issued_by="operator",
            issuer=world.amir if number % 2 else None,
        )
        for number, user in enumerate(users)
    )


@pytest.mark.parametrize("same_end", [True, False], ids=["all end together", "each has its end"])
def test_pages_follow_each_other_without_gap_or_doublet(world: SimpleNamespace, as_: SignIn, same_end: bool) -> None:
    many(world, 120, same_end=same_end)
    client, pages, url = as_(world.grace), [], f"{URL}?state=live&q="
    while url:
        context = client.get(url).context
        pages.append([row["person"].upn for row in context["rows"]])
        url, back = context["next_url"], context["prev_url"]
    assert [len(page) for page in pages] == [50, 50, 20]
    seen = [upn for page in pages for upn in page]
    assert len(set(seen)) == 120
    assert same_end or seen == sorted(seen)
    assert [row["person"].upn for row in client.get(back).context["rows"]] == pages[1]


@pytest.mark.parametrize("query", [{}, {"q": "n 0"}, {"q": "nobody@contoso.com"}, {"state": "expired"}])
@pytest.mark.parametrize("who", ["grace", "amir"])
def test_it_asks_the_database_a_constant_number_of_questions(
    world: SimpleNamespace, as_: SignIn, who: str, query: dict[str, str]
) -> None:
    """At most eight, however many rows."""
    many(world, 60, same_end=False)
    client = as_(getattr(world, who))
    with CaptureQueriesContext(connection) as asked:
        client.get(URL, query)
    assert len(asked) <= 8


@pytest.mark.parametrize("listing", Listing)
def test_a_list_is_read_through_an_index(world: SimpleNamespace, as_: SignIn, listing: Listing) -> None:
    many(world, 20, same_end=False)
    actor = actor_of(as_(world.grace).sign_in_session)  # type: ignore[attr-defined]
    rows = queries.listed_for(actor, listing, now=clock.now()).order_by(*listing.order)[:51]
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = off"
            )
    plan = rows.explain()
    assert any(name in plan for name in ("pass_open_by_end", "pass_open_by_start", "pass_by_use"))


def test_no_page_and_no_event_holds_a_code(passes: SimpleNamespace, as_: SignIn, give_pass: GivePass) -> None:
    """A02: the lists know passes, never codes."""
    made = give_pass(passes.fred)
    client = as_(passes.grace)
    everything = "".join(client.get(URL, {"state": state}).content.decode() for state in Listing)
    everything += str(list(AuditEvent.objects.values())) + str(list(TemporaryAccessPass.objects.values()))
    for spelling in (
        made.code,
        made.code.lower(),
        f"{made.code[:4]}-{made.code[4:]}",
        f"{made.code[:4]} {made.code[4:]}",
    ):
        assert spelling not in everything
    assert TapPolicy.objects.get(tenant=passes.contoso).is_enabled
