"""The audit log, the sign-in log and a person's Activity: who sees them, what they say, how they are filtered."""

import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.access import actor_of
from accounts.models import User
from audit.actions import System, record
from audit.enums import Event
from audit.models import AuditEvent
from audit.sealing import seal_all
from core import clock
from core.errors import NotUsable
from signin.actions import sign_in_with_pass
from tap import actions as tap
from tests.audit.conftest import HERE, run, triggers_off
from tests.conftest import OPERATOR, SignIn, reached, session_of
from tests.drive import enter_password

AUDIT, SIGN_INS = "/center/audit/", "/center/sign-ins/"
GivePass = Callable[..., tap.Issued]


def rows(answer: Any) -> list[list[str]]:
    """Return what the table shows, cell by cell."""
    body = answer.content.decode().partition("<tbody>")[2].partition("</tbody>")[0]
    cells = [re.findall(r"<t[hd].*?>(.*?)</t[hd]>", row, re.DOTALL) for row in body.split("<tr>")[1:]]
    return [[" ".join(re.sub(r"<.*?>", "", cell).split()) for cell in row] for row in cells]


@pytest.fixture
def told(world: SimpleNamespace, give_pass: GivePass, as_: SignIn) -> SimpleNamespace:
    """Mia's day: a pass, two wrong tries, the right one; and Amir who tries what he may not."""
    made = give_pass(world.mia, is_usable_once=True, lifetime_in_minutes=60)
    for _ in range(2):
        with pytest.raises(NotUsable):
            tap.verify(HERE, upn=world.mia.upn, typed="AAAA BBBB")
    sign_in_with_pass(HERE, upn=world.mia.upn, typed=made.code)
    as_(world.amir).get(reverse("accounts:audit"))
    return SimpleNamespace(made=made, world=world)


@pytest.mark.parametrize(
    ("who", "sees_log", "sees_mia", "sees_priya"),
    [
        ("grace", True, True, True),
        ("priya", True, True, True),
        ("rosa", True, True, True),
        ("amir", False, True, False),
        ("paul", False, False, False),
        ("mia", False, True, False),
    ],
)
def test_who_sees_them(
    world: SimpleNamespace, as_: SignIn, who: str, sees_log: bool, sees_mia: bool, sees_priya: bool
) -> None:
    client = as_(getattr(world, who))
    for address in (AUDIT, SIGN_INS, f"{AUDIT}export.csv", f"{SIGN_INS}export.csv"):
        assert client.get(address).status_code == (200 if sees_log else 403), address
    if who != "mia":
        for person, sees in ((world.mia, sees_mia), (world.priya, sees_priya)):
            address = reverse("accounts:user_activity", args=[person.id])
            assert client.get(address).status_code == (200 if sees else 403)


def test_another_tenant_sees_nothing(told: SimpleNamespace, as_: SignIn) -> None:
    world = told.world
    client = as_(world.zed)
    event = AuditEvent.objects.filter(tenant_id=world.contoso.id).latest("id")
    assert rows(client.get(f"{AUDIT}?days=all&person={world.mia.id}")) == []
    assert world.mia.upn not in client.get(f"{AUDIT}?days=all").content.decode()
    for address in (
        f"{AUDIT}{event.id}/",
        f"{SIGN_INS}{event.id}/",
        reverse("accounts:user_activity", args=[world.mia.id]),
    ):
        assert client.get(address).status_code == 404
    exported = b"".join(client.get(f"{AUDIT}export.csv?days=all").streaming_content).decode()  # type: ignore[attr-defined]
    assert world.mia.upn not in exported


def test_the_audit_log_says_what_happened(told: SimpleNamespace, as_: SignIn) -> None:
    found = [row[1:] for row in rows(as_(told.world.grace).get(AUDIT))]
    assert found == [
        ["Access denied", "Amir Haddad", "–", "Denied", "None of the roles allows it"],
        ["Sign in with Temporary Access Pass", "Mia Fontaine", "Mia Fontaine", "Success", ""],
        ["Use Temporary Access Pass", "Mia Fontaine", "Mia Fontaine", "Success", "One-time pass"],
        ["Sign in with Temporary Access Pass", "somebody@contoso.com", "Mia Fontaine", "Failure", "Wrong pass"],
        ["Sign in with Temporary Access Pass", "somebody@contoso.com", "Mia Fontaine", "Failure", "Wrong pass"],
        [
            "Create Temporary Access Pass",
            "The operator of this installation",
            "Mia Fontaine",
            "Success",
            "One-time, 1 hour",
        ],
    ]


def test_the_sign_in_log_tells_the_true_reason(told: SimpleNamespace, as_: SignIn) -> None:
    found = [row[1:] for row in rows(as_(told.world.rosa).get(SIGN_INS))]
    wrong = "Wrong pass Can they use a pass? Mia Fontaine"
    assert found == [
        ["Mia Fontaine", "Temporary Access Pass", "Success", "", "192.0.2.7", "–"],
        ["Mia Fontaine", "Temporary Access Pass", "Failure", wrong, "192.0.2.7", "–"],
        ["Mia Fontaine", "Temporary Access Pass", "Failure", wrong, "192.0.2.7", "–"],
    ]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("days=1", 6),
        ("days=all", 6),
        ("days=nonsense&outcome=nonsense&event=nonsense", 6),
        ("outcome=failure", 2),
        ("outcome=denied", 1),
        ("event=tap:pass:issued", 1),
        ("event=tap:pass:refused&outcome=success", 0),
        ("person=mia@contoso.com", 5),
        ("person=mia", 5),
        ("person=amir", 1),
        ("person=amir&outcome=failure", 0),
        ("request=abc123", 4),
        ("request=nonsense", 0),
        ("page=nonsense", 6),
    ],
)
def test_filters(told: SimpleNamespace, as_: SignIn, query: str, expected: int) -> None:
    answer = as_(told.world.grace).get(f"{AUDIT}?{query}")
    assert (answer.status_code, len(rows(answer))) == (200, expected)
    assert ("No events match these filters." in answer.content.decode()) is (expected == 0)


def test_a_name_of_several_offers_them(told: SimpleNamespace, as_: SignIn) -> None:
    body = as_(told.world.grace).get(f"{AUDIT}?person=contoso").content.decode()
    assert "Several people have that name" in body
    assert len(re.findall(r'href="\?person=[0-9a-f-]{36}"', body)) == 8
    assert "Nobody has that name." in as_(told.world.grace).get(f"{AUDIT}?person=nobodyhere").content.decode()


def test_a_panel_shows_old_and_new(world: SimpleNamespace, as_: SignIn) -> None:
    client = as_(world.grace)
    actor = actor_of(session_of(client))
    tap.change_policy(actor, version=1, settings={"default_length": 12})
    event = AuditEvent.objects.get(event=Event.TAP_POLICY_CHANGED)
    assert event.activity == "Authentication Methods Policy Update"
    assert rows(client.get(AUDIT))[0][5] == "Length 8 → 12"
    answer = client.get(f"{AUDIT}{event.id}/?days=30").content.decode()
    panel = answer.partition('role="dialog"')[2]
    assert re.search(r"<th scope=\"row\">Length</th><td class=\"break\">8</td><td class=\"break\">12</td>", panel)
    assert "&quot;default_lifetime&quot;" in panel
    assert f"{AUDIT}?days=30#event-{event.id}" in panel


def test_paging_by_key(world: SimpleNamespace, as_: SignIn, write: Callable[..., None]) -> None:
    """Every event once, whoever else writes meanwhile."""
    write(120)
    client, seen, address = as_(world.grace), [], f"{AUDIT}?person={world.mia.id}"
    for _ in range(3):
        answer = client.get(address)
        seen += re.findall(r'id="event-(\d+)"', answer.content.decode())
        write(1)
        following = re.search(r'href="(\?[^"]*page=[^"]*)"[^>]*rel="next"', answer.content.decode()) or re.findall(
            r'href="(\?[^"]*page=[^"]*)"', answer.content.decode()
        )
        address = AUDIT + (following[-1] if isinstance(following, list) else following[1]).replace("&amp;", "&")
    assert len(seen) == len(set(seen)) == 120


def test_the_csv_streams_and_is_recorded(told: SimpleNamespace, as_: SignIn, write: Callable[..., None]) -> None:
    world: SimpleNamespace = told.world
    User.objects.filter(pk=world.mia.pk).update(upn="=cmd()@contoso.com")
    world.mia.refresh_from_db()
    write(1)
    answer = as_(world.rosa).get(f"{AUDIT}export.csv?person={world.mia.id}")
    assert answer.streaming
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="audit-')
    found = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode())))  # type: ignore[attr-defined]
    assert found[0][:4] == ["Time", "Event", "Activity", "Result"]
    assert [row[1] for row in found[1:]] == [
        "accounts:sessions:revoked",
        "signin:session:started",
        "tap:pass:used",
        "tap:pass:refused",
        "tap:pass:refused",
        "tap:pass:issued",
    ]
    assert found[1][6] == "'=cmd()@contoso.com"
    event = AuditEvent.objects.get(event=Event.LOG_EXPORTED)
    assert (event.actor_id, event.detail["log"], event.detail["filters"]["person"]) == (
        world.rosa.id,
        "audit",
        str(world.mia.id),
    )


def test_it_says_whether_the_chain_is_intact(told: SimpleNamespace, as_: SignIn, settings: Settings) -> None:
    client = as_(told.world.grace)
    assert "Nothing is sealed yet." in client.get(f"{AUDIT}?verify=1").content.decode()
    seal_all()
    assert "Log intact." in client.get(f"{AUDIT}?verify=1").content.decode()
    event = AuditEvent.objects.filter(event=Event.PASS_ISSUED).latest("id")
    with triggers_off():
        run(f"UPDATE audit_auditevent SET actor_name = 'nobody' WHERE id = {event.id}")
    body = client.get(f"{AUDIT}?verify=1").content.decode()
    assert "Log damaged." in body
    assert f"Event {event.id} was changed." in body
    settings.LANGUAGE_CODE = "de"
    assert f"Ereignis {event.id} wurde geändert." in client.get(f"{AUDIT}?verify=1").content.decode()


def test_what_was_done_tells_its_reason_too(told: SimpleNamespace, as_: SignIn) -> None:
    record(Event.PASS_DELETED, actor=System(told.world.contoso.id), target=told.world.mia, reason="restored")
    assert "The database was restored from a backup that held it" in as_(told.world.grace).get(AUDIT).content.decode()


def test_one_pass_on_one_line_of_time(told: SimpleNamespace, as_: SignIn) -> None:
    """The help desk reads from top to bottom what became of a pass."""
    world = told.world
    tap.delete(OPERATOR, target=reached(world.mia), pass_id=told.made.issued.id)
    body = as_(world.amir).get(reverse("accounts:user_activity", args=[world.mia.id])).content.decode()
    life = re.findall(r"<b>(.*?)</b>", body.partition('class="timeline"')[2].partition("</ol>")[0])
    assert life == ["Created", "Refused", "Used to sign in", "Deleted"]
    assert "2 times" in body
    assert "1 session ended" in body
    assert body.count("The operator of this installation, from 127.0.0.1<") == 2  # who made it and who deleted it
    assert told.made.code not in body


def test_no_page_says_a_code(told: SimpleNamespace, as_: SignIn) -> None:
    """A02: not a code, not a part of it, in any log or file."""
    world = told.world
    client = as_(world.grace)
    seal_all()
    event = AuditEvent.objects.filter(event=Event.PASS_ISSUED).latest("id")
    pages = [AUDIT, SIGN_INS, f"{AUDIT}{event.id}/", reverse("accounts:user_activity", args=[world.mia.id])]
    everything = "".join(client.get(page).content.decode() for page in pages)
    everything += b"".join(client.get(f"{AUDIT}export.csv").streaming_content).decode()  # type: ignore[attr-defined]
    assert told.made.code not in everything
    assert told.made.code[:4] not in re.sub(r"[^A-Z0-9]", " ", everything).split()


@pytest.mark.parametrize("page", [AUDIT, f"{AUDIT}?person=mia", SIGN_INS, "activity", f"{AUDIT}?verify=1"])
def test_its_queries_do_not_grow(
    told: SimpleNamespace,
    as_: SignIn,
    write: Callable[..., None],
    django_assert_max_num_queries: Callable[..., Any],
    page: str,
) -> None:
    write(60)
    seal_all()
    client: Client = as_(told.world.grace)
    address = reverse("accounts:user_activity", args=[told.world.mia.id]) if page == "activity" else page
    with django_assert_max_num_queries(14 if "verify" in page else 8):
        assert client.get(address).status_code == 200


def test_a_refused_pass_leads_to_what_stops_it(told: SimpleNamespace, as_: SignIn, give_pass: GivePass) -> None:
    """Of a person who is known and still here; a right pass, and a name nobody has, ask nothing."""
    client, why = as_(told.world.grace), reverse("authmethods:why", args=[told.world.mia.id])
    with pytest.raises(NotUsable):
        tap.verify(HERE, upn="nobody@contoso.com", typed="AAAA BBBB")
    assert client.get(SIGN_INS).content.decode().count("Can they use a pass?") == 2
    refused = AuditEvent.objects.filter(event=Event.PASS_REFUSED, target_id=told.world.mia.id).latest("id")
    assert client.get(f"{SIGN_INS}{refused.id}/").content.decode().count(why) == 3
    assert client.get(why).status_code == 200


def test_odd_event_ids(world: SimpleNamespace, as_: SignIn) -> None:
    client = as_(world.grace)
    for number in (0, 2**63, 10**30):
        assert client.get(f"{AUDIT}{number}/").status_code == 404


def test_an_event_of_no_known_kind_is_still_shown(world: SimpleNamespace, as_: SignIn) -> None:
    """A log outlives the product's versions."""
    record(Event.SIGNED_OUT, actor=HERE, target=world.mia, detail={"other": {"thing": [1, None]}})
    with triggers_off():
        run("UPDATE audit_auditevent SET event = 'once:upon:a_time', outcome = 'failure', reason = 'long ago'")
    answer = as_(world.grace).get(AUDIT)
    assert rows(answer)[0][1:] == ["Sign-out activity", "somebody@contoso.com", "Mia Fontaine", "Failure", "long ago"]
    event = AuditEvent.objects.latest("id")
    assert as_(world.grace).get(f"{AUDIT}{event.id}/").status_code == 200
    assert as_(world.grace).get(reverse("accounts:user_activity", args=[world.mia.id])).status_code == 200
    assert as_(world.mia).get(reverse("authmethods:activity")).status_code == 200


def test_a_pass_typed_where_a_password_is_asked_for_leads_there_too(
    told: SimpleNamespace, as_: SignIn, give_pass: GivePass
) -> None:
    made = give_pass(told.world.gil, starts_at=clock.now() + timedelta(days=1))
    User.objects.filter(pk=told.world.gil.pk).update(password="x$y")
    enter_password(Client(), told.world.gil.upn, made.code)
    refused = AuditEvent.objects.get(event=Event.PASSWORD_REFUSED, target_id=told.world.gil.id)
    why = reverse("authmethods:why", args=[told.world.gil.id])
    assert why in as_(told.world.rosa).get(f"{SIGN_INS}{refused.id}/").content.decode()
