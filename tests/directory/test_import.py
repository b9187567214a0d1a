"""People from a file: every line judged first, nothing made before somebody said so, and nobody made twice."""

import csv
import io
from types import SimpleNamespace
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.enums import Role, UserKind
from accounts.models import GroupMember, RoleAssignment, User
from audit.enums import Event
from audit.models import AuditEvent
from core import clock
from directory import actions, tasks
from directory.enums import ImportState, RowState
from directory.models import Import, ImportRow
from tests.conftest import SignIn
from tests.directory.imports import HEAD, faults, uploaded
from tests.directory.people import acting, give


@pytest.fixture
def grace(world: SimpleNamespace, as_: SignIn) -> Client:
    return as_(world.grace)


def run(batch: Import) -> Import:
    actions.start_import(acting(batch.author), import_id=batch.pk)
    tasks.run_import.func(str(batch.pk))
    batch.refresh_from_db()
    return batch


def test_nothing_is_made_before_somebody_said_so_and_then_once(world: SimpleNamespace, grace: Client) -> None:
    text = HEAD + "Ann,ann@contoso.com,,Guest,New hires;Contractors,Asia/Tokyo\nBad,,,,,\nBob,bob@contoso.com,,,,\n"
    batch = uploaded(world, text)
    before = User.objects.count()
    tasks.run_import.func(str(batch.pk))
    assert User.objects.count() == before
    page = grace.get(reverse("directory:import", args=[batch.pk])).content.decode()
    assert "2 people are chosen." in page
    assert grace.post(reverse("directory:start_import", args=[batch.pk])).status_code == 302
    assert grace.post(reverse("directory:start_import", args=[batch.pk])).status_code == 409
    assert "0 of 2 people imported." in grace.get(reverse("directory:import", args=[batch.pk])).content.decode()
    for _again in range(2):
        tasks.run_import.func(str(batch.pk))
    progress = grace.get(reverse("directory:import_progress", args=[batch.pk])).json()
    assert progress == {"done": 2, "total": 2, "text": "2 of 2 people imported.", "is_over": True}
    assert "Import finished." in grace.get(reverse("directory:import", args=[batch.pk])).content.decode()
    ann = User.objects.get(upn="ann@contoso.com")
    assert (ann.kind, ann.time_zone, ann.memberships.count()) == (UserKind.INTERNAL_GUEST, "Asia/Tokyo", 2)
    assert User.objects.count() == before + 2
    made = AuditEvent.objects.filter(event=Event.USER_CREATED)
    assert [(one.actor_name, one.detail["import"]) for one in made] == [(world.grace.upn, str(batch.pk))] * 2
    assert AuditEvent.objects.get(event=Event.IMPORT_FINISHED).detail["created"] == 2


def test_a_worker_that_dies_in_the_middle_makes_nobody_twice(
    world: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = uploaded(world, HEAD + "".join(f"P {n},p{n}@contoso.com,,,New hires,\n" for n in range(7)))
    monkeypatch.setattr(tasks, "MADE_AT_ONCE", 3)
    actions.start_import(acting(world.grace), import_id=batch.pk)
    real, calls = tasks._make, list[int]()

    def dies(*args: object) -> bool:
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(tasks, "_make", dies)
    with pytest.raises(KeyboardInterrupt):
        tasks.run_import.func(str(batch.pk))
    assert User.objects.filter(upn__regex=r"^p\d@").count() == 3
    tasks.run_import.func(str(batch.pk))
    batch.refresh_from_db()
    assert (batch.state, batch.created, batch.refused) == (ImportState.DONE, 7, 0)
    assert GroupMember.objects.filter(user__upn__regex=r"^p\d@").count() == 7


def test_what_changed_since_the_check_is_seen(world: SimpleNamespace) -> None:
    batch = uploaded(
        world, HEAD + "Ann,ann@contoso.com,,,,\nBob,bob@contoso.com,,,New hires,\nCid,cid@contoso.com,,,,\n"
    )
    User.objects.create(tenant=world.contoso, upn="ANN@contoso.com", display_name="First", created_at=clock.now())
    world.groups["New hires"].delete()
    run(batch)
    assert (batch.created, batch.refused) == (1, 2)
    assert [row.problems for row in batch.rows.filter(state=RowState.REFUSED).order_by("number")] == [
        [["upn", "taken"]],
        [["groups", "group_unknown"]],
    ]


@pytest.mark.parametrize("how", ["lost the role", "disabled", "signed out by force"])
def test_it_stops_where_its_author_may_not_any_more(world: SimpleNamespace, how: str) -> None:
    give(world.mia, Role.USER_ADMINISTRATOR)
    mia = acting(world.mia)
    batch = actions.upload(mia, name="p.csv", text=HEAD + "Ann,ann@contoso.com,,,,\n")
    actions.start_import(mia, import_id=batch.pk)
    if how == "lost the role":
        RoleAssignment.objects.filter(user=world.mia).delete()
    elif how == "disabled":
        User.objects.filter(pk=world.mia.pk).update(is_enabled=False)
    else:
        world.mia.sign_in_sessions.update(revoked_at=clock.now(), revoked_reason="revoked")
    tasks.run_import.func(str(batch.pk))
    batch.refresh_from_db()
    assert (batch.state, batch.created) == (ImportState.STOPPED, 0)
    assert not User.objects.filter(upn="ann@contoso.com").exists()


def test_nobody_is_imported_into_a_role_by_who_may_not_give_it(world: SimpleNamespace) -> None:
    RoleAssignment.objects.create(tenant=world.contoso, group=world.groups["New hires"], role=Role.GLOBAL_READER)
    give(world.mia, Role.USER_ADMINISTRATOR)
    text = HEAD + "Ann,ann@contoso.com,,,New hires,\n"
    assert faults(actions.upload(acting(world.mia), name="p", text=text)) == {2: ["groups:group_denied"]}
    assert faults(uploaded(world, text)) == {}


def test_a_long_file_is_the_workers(world: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = uploaded(world, HEAD + "".join(f"P {n},p{n}@contoso.com,,,,\n" for n in range(600)))
    assert (batch.state, batch.rows.count()) == (ImportState.CHECKING, 0)
    for _again in range(2):
        tasks.check_import.func(str(batch.pk))
    batch.refresh_from_db()
    assert (batch.state, batch.good, batch.rows.count(), bytes(batch.packed)) == (ImportState.CHECKED, 600, 600, b"")
    monkeypatch.setattr(tasks, "MOST_LINES", 599)
    again = uploaded(world, HEAD + "".join(f"P {n},p{n}@contoso.com,,,,\n" for n in range(600)))
    tasks.check_import.func(str(again.pk), "de")
    again.refresh_from_db()
    assert (again.state, "Die Tabelle hat mehr als" in again.problem) == (ImportState.STOPPED, True)


@pytest.mark.parametrize("who", ["breakglass", "zed", "rosa"])
def test_an_import_is_its_authors_alone(world: SimpleNamespace, as_: SignIn, who: str) -> None:
    """E09."""
    batch, client = uploaded(world, HEAD + "Ann,ann@contoso.com,,,,\n"), as_(getattr(world, who))
    assert client.get(reverse("directory:import", args=[batch.pk])).status_code == 404
    assert client.get(reverse("directory:import_progress", args=[batch.pk])).status_code == 404
    for name in ("start_import", "discard_import"):
        assert client.post(reverse(f"directory:{name}", args=[batch.pk])).status_code == (403 if who == "rosa" else 404)
    assert Import.objects.get().state == ImportState.CHECKED


def test_it_is_discarded_and_forgotten(world: SimpleNamespace, grace: Client) -> None:
    batch = uploaded(world, HEAD + "Ann,ann@contoso.com,,,,\n")
    assert grace.post(reverse("directory:discard_import", args=[batch.pk])).status_code == 302
    uploaded(world, HEAD + "Ann,ann@contoso.com,,,,\n")
    assert actions.forget_imports(now=clock.now()) == 0
    assert actions.forget_imports(now=clock.now() + actions.imports.KEPT) == 1
    assert not ImportRow.objects.exists()


def test_the_export_runs_nothing_and_can_be_read_back(world: SimpleNamespace, grace: Client) -> None:
    User.objects.filter(pk=world.mia.pk).update(display_name="=HYPERLINK(1)", is_enabled=False)
    answer = grace.get(reverse("directory:export_users"))
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    rows = {row["userPrincipalName"]: row for row in csv.DictReader(io.StringIO(text))}
    assert rows["mia@contoso.com"] == {
        "displayName": "'=HYPERLINK(1)",
        "userPrincipalName": "mia@contoso.com",
        "mail": "mia@contoso.com",
        "userType": "Member",
        "groups": "",
        "timeZone": "",
        "accountEnabled": "false",
    }
    assert rows["gil@contoso.com"]["userType"] == "Guest"
    assert rows["user3@contoso.com"]["groups"] == "Contractors"
    assert not any(upn.endswith("@fabrikam.com") for upn in rows)
    assert AuditEvent.objects.filter(event=Event.USERS_EXPORTED, actor_id=world.grace.id).count() == 1
    batch = uploaded(world, text)
    assert batch.bad == len(rows)  # all of them are there already
    assert not any("mail" in fault for found in faults(batch).values() for fault in found)


def many(count: int, *, bad: int = 0) -> str:
    good = "".join(f"Ann {number},ann{number}@contoso.com,,,,\n" for number in range(count))
    return HEAD + good + "".join(f"Bob,bob{number}@example.org,,,,\n" for number in range(bad))


def press(client: Client, batch: Import, button: str, *, without: set[int] | None = None, **more: str) -> str:
    """Press a button of the list with some ticks taken away, as a browser without scripts does; return where it leads."""
    shown = [row.number for row in client.get(the_page(batch, **more)).context["choosing"].rows]
    sent = {"shown": shown, "chosen": [one for one in shown if one not in (without or set())], "then": button}
    name = "start_import" if button == "start" else "choose_rows"
    answer = client.post(reverse(f"directory:{name}", args=[batch.pk]), sent)
    assert answer.status_code == 302
    return str(answer["Location"])


def the_page(batch: Import, **asked: str) -> str:
    return f"{reverse('directory:import', args=[batch.pk])}?{urlencode(asked)}"


def test_single_people_are_left_out_and_that_holds_over_pages(world: SimpleNamespace, grace: Client) -> None:
    """Nothing is written unless all or the chosen good lines go in."""
    batch = uploaded(world, many(120))
    first = grace.get(the_page(batch))
    assert "120 people can be imported." in first.content.decode()
    second = press(grace, batch, first.context["choosing"].next, without={3, 4})
    cursor = parse_qs(urlsplit(second).query)["good"][0]
    assert first.context["choosing"].rows[-1].number < grace.get(second).context["choosing"].rows[0].number
    press(grace, batch, "", without={60}, good=cursor)
    assert "3 of them are left out." in grace.get(the_page(batch)).content.decode()
    page = grace.get(the_page(batch)).content.decode()
    assert page.count('"chosen"') - page.count('" checked>') == 2
    press(grace, batch, "", without={3})  # 4 is ticked again
    assert not User.objects.filter(display_name__startswith="Ann").exists()
    batch.refresh_from_db()
    assert (batch.good, batch.left_out, batch.choosable) == (118, 2, 120)
    assert press(grace, batch, "start", without={3, 5}) == reverse("directory:import", args=[batch.pk])
    tasks.run_import.func(str(batch.pk))
    batch.refresh_from_db()
    assert (batch.state, batch.created, batch.left_out) == (ImportState.DONE, 117, 3)
    made = set(User.objects.filter(display_name__startswith="Ann").values_list("display_name", flat=True))
    assert {f"Ann {number}" for number in range(120)} - made == {"Ann 1", "Ann 3", "Ann 58"}
    assert AuditEvent.objects.get(event=Event.IMPORT_STARTED).detail["left_out"] == 3


def test_all_or_nobody_is_chosen_at_once(world: SimpleNamespace, grace: Client) -> None:
    batch = uploaded(world, many(60, bad=2))
    press(grace, batch, "none")
    batch.refresh_from_db()
    assert (batch.good, batch.left_out, batch.bad) == (0, 60, 2)
    answer = grace.post(reverse("directory:start_import", args=[batch.pk]), follow=True)
    assert "Choose at least one person." in answer.content.decode()
    press(grace, batch, "all")
    batch.refresh_from_db()
    assert (batch.good, batch.left_out, batch.state) == (60, 0, ImportState.CHECKED)


def test_choosing_is_for_the_author_and_over_once_it_runs(world: SimpleNamespace, grace: Client, as_: SignIn) -> None:
    """E09, and odd numbers change nothing."""
    batch = uploaded(world, many(3, bad=1))
    address, bad = reverse("directory:choose_rows", args=[batch.pk]), batch.rows.get(state=RowState.BAD).number
    for who in (world.breakglass, world.zed):
        assert as_(who).post(address, {"shown": "2"}).status_code == 404
    assert grace.get(address).status_code == 405
    for sent in ({"shown": ["x", "-1", "9" * 30, "999"]}, {"shown": [bad], "chosen": [bad]}, {"chosen": [bad]}, {}):
        assert grace.post(address, sent).status_code == 302
    assert list(batch.rows.order_by("number").values_list("state", flat=True)) == [RowState.GOOD] * 3 + [RowState.BAD]
    actions.start_import(acting(world.grace), import_id=batch.pk)
    assert grace.post(address, {"then": "none"}).status_code == 409
    assert batch.rows.filter(state=RowState.LEFT_OUT).count() == 0


def test_the_pages_of_an_import_ask_few_questions(
    world: SimpleNamespace, grace: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    batch = uploaded(world, many(130, bad=60))
    with django_assert_max_num_queries(8):
        grace.get(the_page(batch))
    shown = list(range(2, 52))
    with django_assert_max_num_queries(11):  # with those that begin and end the transaction
        grace.post(reverse("directory:choose_rows", args=[batch.pk]), {"shown": shown, "chosen": shown[1:]})


def test_what_is_refused_can_be_taken_away_with_the_reasons(
    world: SimpleNamespace, grace: Client, as_: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("directory.queries.EXPORTED_AT_ONCE", 3)
    batch = uploaded(world, HEAD + "=cmd(),mia@contoso.com,ann,,,\n" + many(1, bad=7).removeprefix(HEAD))
    address = reverse("directory:import_refused", args=[batch.pk])
    assert address in grace.get(the_page(batch)).content.decode()
    text = b"".join(grace.get(address).streaming_content).decode()  # type: ignore[attr-defined]
    lines = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    assert lines[0] == ["line", "userPrincipalName", "displayName", "why"]
    assert [line[0] for line in lines[1:]] == [str(number) for number in (2, *range(4, 11))]
    assert lines[1][2] == "'=cmd()"
    for word in ("displayName: ", "userPrincipalName: ", "mail: "):
        assert word in lines[1][3]
    for who in (world.breakglass, world.zed):
        assert as_(who).get(address).status_code == 404
