"""Two workers at one import: one was taken for dead and lives. Every line is written once, and told what became of it."""

from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction

from accounts.models import User
from audit.enums import Event
from audit.models import AuditEvent
from config.worker import run_due
from core import clock
from core.errors import Conflict
from directory import actions, tasks
from directory.enums import ImportState, RowState
from directory.judging import Judge
from directory.models import Import, ImportRow
from tests.directory.people import acting
from tests.together import together

HEAD = "displayName,userPrincipalName\n"
PEOPLE = 600  # more than are checked while the page loads

Come = Callable[[int, Callable[[], object]], None]


@pytest.fixture
def come(monkeypatch: pytest.MonkeyPatch) -> Come:
    """Let another come between, before some lines are judged for the so manieth time."""
    monkeypatch.setattr(tasks, "CHECKED_AT_ONCE", 100)
    real, calls, others = Judge.rows, list[int](), dict[int, Callable[[], object]]()

    def rows(*arguments: Any) -> list[ImportRow]:
        calls.append(1)
        others.pop(len(calls), bool)()
        return real(*arguments)

    monkeypatch.setattr(Judge, "rows", rows)
    return others.__setitem__


def uploaded(world: SimpleNamespace) -> Import:
    lines = "".join(f"P {number},p{number}@contoso.com\n" for number in range(PEOPLE))
    return actions.upload(acting(world.grace), name="people.csv", text=f"{HEAD}{lines}Bad,bad@example.org\n")


def check(batch: Import) -> None:
    tasks.check_import.func(str(batch.pk))


def clash(*_: object) -> bool:
    raise IntegrityError


def die() -> None:
    raise KeyboardInterrupt


def assert_checked_once(batch: Import) -> None:
    batch.refresh_from_db()
    assert (batch.state, batch.good, batch.bad, bytes(batch.packed)) == (ImportState.CHECKED, PEOPLE, 1, b"")
    numbers = list(batch.rows.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(2, PEOPLE + 3))


@pytest.mark.parametrize("at", [1, 2, 7])
def test_a_second_check_takes_over_and_the_first_writes_nothing_more(
    world: SimpleNamespace, come: Come, at: int
) -> None:
    batch = uploaded(world)
    come(at, partial(check, batch))
    check(batch)
    assert_checked_once(batch)


def test_whoever_takes_over_and_dies_leaves_it_to_a_third(world: SimpleNamespace, come: Come) -> None:
    batch = uploaded(world)

    def begin_and_die() -> None:
        with pytest.raises(KeyboardInterrupt):
            check(batch)

    come(3, begin_and_die)  # two hundred lines are written …
    come(5, die)  # … then another writes a hundred, and is gone
    check(batch)
    batch.refresh_from_db()
    assert (batch.state, batch.rows.count()) == (ImportState.CHECKING, 100)
    check(batch)
    assert_checked_once(batch)


def test_what_is_thrown_away_while_it_is_checked_stays_away(world: SimpleNamespace, come: Come) -> None:
    batch = uploaded(world)
    come(7, partial(actions.discard_import, acting(world.grace), import_id=batch.pk))
    check(batch)
    assert not Import.objects.exists()
    assert not ImportRow.objects.exists()


def test_a_late_worker_changes_nothing_that_is_over(world: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = uploaded(world)
    late = Import.objects.get(pk=batch.pk)
    monkeypatch.setattr(tasks, "MOST_LINES", 599)
    check(batch)
    monkeypatch.undo()
    stopped = Import.objects.filter(pk=batch.pk).values().get()
    assert (stopped["state"], bool(stopped["problem"])) == (ImportState.STOPPED, True)
    tasks.check(late)
    assert Import.objects.filter(pk=batch.pk).values().get() == stopped
    assert not batch.rows.exists()


def test_the_database_takes_no_line_twice(world: SimpleNamespace) -> None:
    line = {"batch": uploaded(world), "number": 2, "state": RowState.GOOD}
    ImportRow.objects.create(**line)
    with pytest.raises(IntegrityError), transaction.atomic():
        ImportRow.objects.create(**line)


@pytest.mark.parametrize("is_alone", [False, True])
def test_two_runs_at_once_tell_of_each_line_what_became_of_it(
    world: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, is_alone: bool
) -> None:
    """The first has read its lines when the second makes their people; ``is_alone``: line by line, after a clash."""
    batch = uploaded(world)
    check(batch)
    actions.start_import(acting(world.grace), import_id=batch.pk)
    monkeypatch.setattr(tasks, "MADE_AT_ONCE", 250)
    real = tasks._make

    def second_comes(*arguments: Any) -> bool:
        monkeypatch.setattr(tasks, "_make", real)
        tasks.run_import.func(str(batch.pk))
        if is_alone:
            monkeypatch.setattr(tasks, "_make", clash)
            Import.objects.filter(pk=batch.pk).update(state=ImportState.RUNNING)
        return tasks._make(*arguments)

    monkeypatch.setattr(tasks, "_make", second_comes)
    tasks.run_import.func(str(batch.pk))
    batch.refresh_from_db()
    assert (batch.state, batch.created, batch.refused) == (ImportState.DONE, PEOPLE, 0)
    assert batch.rows.filter(state=RowState.CREATED).count() == PEOPLE
    assert User.objects.filter(upn__startswith="p", display_name__startswith="P ").count() == PEOPLE
    assert AuditEvent.objects.filter(event=Event.USER_CREATED).count() == PEOPLE


def test_a_short_file_whose_page_died_is_checked_by_the_worker(
    world: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "check", lambda _batch: die())
    with pytest.raises(KeyboardInterrupt):
        actions.upload(acting(world.grace), name="people.csv", text=HEAD + "Ann,ann@contoso.com\n")
    monkeypatch.undo()
    run_due(["long"])
    assert Import.objects.get().state == ImportState.CHECKING
    with time_machine.travel(clock.now() + actions.imports.WORKER_LOOKS_AFTER, tick=True):
        run_due(["long"])
    assert Import.objects.get().state == ImportState.CHECKED


def test_lines_that_end_as_old_ones_did_are_counted(world: SimpleNamespace) -> None:
    batch = actions.upload(acting(world.grace), name="people.csv", text=HEAD.strip() + "\rAnn,ann@contoso.com" * 600)
    assert (batch.state, batch.lines) == (ImportState.CHECKING, 601)
    check(batch)
    batch.refresh_from_db()
    assert (batch.state, batch.good, batch.bad) == (ImportState.CHECKED, 1, 599)


@pytest.mark.django_db(transaction=True)
def test_workers_and_its_author_at_one_import_at_the_same_moment(world: SimpleNamespace) -> None:
    """Each on a connection of its own. In the end it was checked once, or thrown away."""
    batch, grace = uploaded(world), acting(world.grace)
    assert together([partial(check, batch)] * 4, at_once=4) == [None] * 4
    assert_checked_once(batch)
    other = uploaded(world)
    jobs = [partial(check, other), partial(actions.discard_import, grace, import_id=other.pk), partial(check, other)]
    assert together(jobs, at_once=3) == [None] * 3
    assert not ImportRow.objects.exclude(batch=batch).exists()
    start = partial(actions.start_import, grace, import_id=batch.pk)
    answers = together([start] * 3, at_once=3)
    assert [type(answer) for answer in answers if answer] == [Conflict, Conflict]
    assert AuditEvent.objects.filter(event=Event.IMPORT_STARTED).count() == 1
