"""The queue: with the act or not at all, at least once, again after a failure, and after a worker that died."""

import signal
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.db import transaction
from django_tasks import TaskContext, TaskResultStatus, task
from django_tasks_db.models import DBTaskResult

from config import worker
from core import clock
from core.models import WorkerBeat
from tests.running import running_worker
from tests.together import together

pytestmark = pytest.mark.django_db
DONE: list[str] = []


class Trouble(Exception):
    pass


@task
def note(word: str) -> None:
    DONE.append(word)


@task(queue_name="long")
def note_slowly(word: str) -> None:
    DONE.append(word)


@task(takes_context=True)
def fail(context: TaskContext, times: int) -> None:
    if context.attempt <= times:
        raise Trouble("the secret is hunter2")
    DONE.append("at last")


@pytest.fixture(autouse=True)
def nothing_done() -> Iterator[None]:
    yield
    DONE.clear()


def states() -> list[str]:
    return list(DBTaskResult.objects.values_list("status", flat=True))


def test_a_task_is_committed_with_the_act_or_not_at_all() -> None:
    with transaction.atomic():
        note.enqueue("never")
        transaction.set_rollback(True)
    with transaction.atomic():
        note.enqueue("mail")
        note_slowly.enqueue("bulk")
    assert worker.run_due() == 2
    assert DONE == ["mail", "bulk"]
    assert worker.run_due() == 0


def test_a_task_for_later_waits() -> None:
    note.using(run_after=clock.now() + timedelta(hours=1)).enqueue("later")
    assert worker.run_due() == 0
    with time_machine.travel(clock.now() + timedelta(hours=1, seconds=1), tick=False):
        assert worker.run_due() == 1


def test_a_failed_task_is_tried_again_with_growing_waits() -> None:
    began = clock.now()
    fail.enqueue(3)
    waits = []
    with time_machine.travel(began, tick=False) as traveller:
        while worker.run_due():
            row = DBTaskResult.objects.get()
            if row.status == TaskResultStatus.READY:
                waits.append((row.run_after - clock.now()).total_seconds())
                traveller.move_to(row.run_after)
    assert waits == [30, 60, 120]
    assert DONE == ["at last"]
    assert states() == [TaskResultStatus.SUCCESSFUL]


def test_it_is_given_up_after_about_a_day_and_its_row_holds_no_words_of_the_error() -> None:
    began = clock.now()
    fail.enqueue(1000)
    with time_machine.travel(began, tick=False) as traveller:
        while worker.run_due():
            row = DBTaskResult.objects.get()
            assert "hunter2" not in str(vars(row))
            if row.status == TaskResultStatus.READY:
                traveller.move_to(row.run_after)
        assert timedelta(hours=22) < clock.now() - began < timedelta(hours=26)
        assert states() == [TaskResultStatus.FAILED]
        assert worker.prune() == 0
        traveller.shift(timedelta(days=31))
        assert worker.prune() == 1


def test_finished_tasks_are_forgotten() -> None:
    note.enqueue("once")
    worker.run_due()
    assert worker.prune() == 0
    with time_machine.travel(clock.now() + timedelta(hours=2)):
        assert worker.prune() == 1


def test_a_dead_workers_task_is_taken_over_and_a_living_ones_is_left_alone() -> None:
    note.enqueue("a")
    note.enqueue("b")
    worker.beat("dies")
    assert worker._claim("dies", "default")
    worker.beat("lives")
    assert worker._claim("lives", "default")
    assert worker.run_due() == 0
    with time_machine.travel(clock.now() + worker.DEAD_AFTER + timedelta(seconds=1)):
        worker.beat("lives")
        assert set(states()) == {TaskResultStatus.READY, TaskResultStatus.RUNNING}
        assert worker.run_due() == 1
    assert DONE == ["a"]


def test_a_worker_that_stops_gives_back_what_it_is_at() -> None:
    note.enqueue("a")
    worker.beat("stops")
    worker._claim("stops", "default")
    worker.leave("stops")
    assert states() == [TaskResultStatus.READY]
    assert not WorkerBeat.objects.exists()


def test_a_task_that_kills_every_worker_is_given_up() -> None:
    note.enqueue("a")
    DBTaskResult.objects.update(worker_ids=["dead"] * 29)
    worker._claim("dead", "default")
    worker.beat("lives")
    assert states() == [TaskResultStatus.FAILED]


def test_what_a_late_worker_says_of_a_task_that_another_has_does_not_count() -> None:
    note.enqueue("a")
    late = worker._claim("late", "default")
    assert late is not None
    worker.beat("other")
    worker._claim("other", "default")
    worker._end(late, TaskResultStatus.SUCCESSFUL)
    assert states() == [TaskResultStatus.RUNNING]


@pytest.mark.django_db(transaction=True)
def test_many_hands_never_take_the_same_task() -> None:
    for number in range(40):
        note.enqueue(str(number))
    together([worker.run_due] * 8, at_once=8)
    assert sorted(DONE, key=int) == [str(number) for number in range(40)]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_the_middle_loses_nothing_and_a_told_one_leaves_at_once() -> None:
    """A real process, killed with SIGKILL; the next one does what it left."""
    slumber.enqueue()
    with running_worker() as first:
        wait_for(TaskResultStatus.RUNNING)
        first.send_signal(signal.SIGKILL)
        first.wait(5)
    assert states() == [TaskResultStatus.RUNNING]
    WorkerBeat.objects.update(seen_at=clock.now() - timedelta(minutes=2))
    DBTaskResult.objects.update(args_kwargs={"args": [], "kwargs": {"seconds": 0}})
    with running_worker() as second:
        wait_for(TaskResultStatus.SUCCESSFUL)
        second.send_signal(signal.SIGTERM)
        assert second.wait(5) == 0
    assert not WorkerBeat.objects.exists()


@task
def slumber(seconds: int = 60) -> None:
    time.sleep(seconds)


def wait_for(status: str) -> None:
    ends = time.monotonic() + 20
    while states() != [status]:
        assert time.monotonic() < ends, states()
        time.sleep(0.05)
