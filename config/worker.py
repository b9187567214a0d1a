"""The worker: runs what was put into the queue, sends mail, tidies up, and takes over the tasks of workers that died.

A task is put into the queue by an INSERT in the transaction of the act that wants it, so it is committed with the act or
not at all. It runs at least once: a worker that dies leaves its task to the next, so every task can be run again without
harm. What django-tasks-db lacks and is added here: a second try, growing waits, and life after a dead worker
(docs/decisions/0035).
"""

import logging
import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any, TypeAlias, cast

from django.conf import settings
from django.db import DatabaseError, close_old_connections, connection
from django.db.models import Q
from django_tasks import TaskContext, TaskResult, TaskResultStatus
from django_tasks_db.models import DBTaskResult, get_date_max

from config.housekeeping import keep_records, tidy
from core import clock, logs, secrets
from core.models import WorkerBeat
from core.outages import in_words, outage_of
from core.retention import thin_out
from core.retries import wait_after
from core.sql import keep_statistics
from notices.delivery import ServerDown, deliver_next

log = logging.getLogger("gatepass.worker")

POLL = 1.0  # seconds until a hand looks again after finding nothing
MAIL_SERVER_REST = 30.0  # seconds until the mail server is tried again after it did not answer
BEAT, TIDY, RECORDS = 5.0, 60.0, 3600.0  # seconds between
DEAD_AFTER = timedelta(seconds=60)  # more than SQLite's longest wait for a lock
MOST_TRIES = 30  # which makes about a day
PATIENCE = 10.0  # seconds for what is running when the worker stops; then it is given back
KEPT, FAILED_KEPT = timedelta(hours=1), timedelta(days=30)
LESS_URGENT = 10  # nice: people who wait for a page come first

Task: TypeAlias = DBTaskResult[Any, Any]


class Worker:
    """One process: a hand (a thread) for each queue and one for mail, and the main thread that beats, tidies and takes over."""

    def __init__(self) -> None:
        self.name = f"{os.getpid()}-{secrets.make_token()[:16]}"
        self.stopping = threading.Event()

    def run(self) -> None:
        """Work until SIGTERM or SIGINT."""
        os.nice(LESS_URGENT)
        logs.take_everything()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stopping.set())
        _survive(lambda: beat(self.name))
        jobs: list[Callable[[], float]] = [
            partial(_task, self.name, queue) for queue in settings.TASKS["default"]["QUEUES"]
        ]
        hands = [threading.Thread(target=self._work_off, args=(job,), daemon=True) for job in [*jobs, _mail]]
        for hand in hands:
            hand.start()
        since_tidied, since_recorded = TIDY, RECORDS
        while not self.stopping.is_set() and all(hand.is_alive() for hand in hands):
            _survive(lambda: beat(self.name))
            if since_tidied >= TIDY:
                _survive(_tidy)
                since_tidied = 0.0
            if since_recorded >= RECORDS:
                _survive(_keep_records)
                _survive(keep_statistics)
                since_recorded = 0.0
            since_tidied, since_recorded = since_tidied + BEAT, since_recorded + BEAT
            self.stopping.wait(BEAT)
        self.stopping.set()
        for hand in hands:
            hand.join(PATIENCE)
        _survive(lambda: leave(self.name))
        logging.shutdown()
        os._exit(0)  # a hand that is still at something is cut off: its transaction rolls back, its task starts again

    def _work_off(self, job: Callable[[], float]) -> None:
        """Do ``job`` again and again, each time after the rest it asks for."""
        while not self.stopping.is_set():
            rest = POLL
            try:
                rest = job()
            except DatabaseError as error:
                _tell("the queue cannot be read", error)
                rest = BEAT
            close_old_connections()
            self.stopping.wait(rest)


def run_next(worker: str, queue: str) -> bool:
    """Claim the most urgent due task of a queue and run it. False where there is none."""
    task = _claim(worker, queue)
    if task is None:
        return False
    with logs.carrying(task=str(task.pk)):
        try:
            result = task.task_result
            call = result.task.call
            arguments = (TaskContext(task_result=cast("TaskResult[Any]", result)),) if result.task.takes_context else ()
            call(*arguments, *result.args, **result.kwargs)
        except Exception as error:  # noqa: BLE001  whatever it was, the queue goes on
            _failed(task, error)
        else:
            _end(task, TaskResultStatus.SUCCESSFUL)
            log.info("task %s is done", _name(task))
    return True


def run_due(queues: list[str] | None = None) -> int:
    """Run everything that is due, here and now, and send mail where no queue is named. Return how many of both that were."""
    done = 0
    for queue in queues or settings.TASKS["default"]["QUEUES"]:
        while run_next("here", queue):
            done += 1
    with suppress(ServerDown):
        while queues is None and deliver_next():
            done += 1
    return done


def beat(name: str) -> None:
    """Say that a worker lives, and give the tasks of the dead back to the queue."""
    now = clock.now()
    WorkerBeat.objects.update_or_create(name=name, defaults={"seen_at": now})
    WorkerBeat.objects.filter(seen_at__lt=now - DEAD_AFTER).delete()
    living = set(WorkerBeat.objects.values_list("name", flat=True))
    for task in DBTaskResult.objects.running():
        if not task.worker_ids or task.worker_ids[-1] not in living:
            log.warning("task %s was left by a worker that died; it starts again", _name(task))
            _give_back(task)


def leave(name: str) -> None:
    """Give back what a worker that stops is still at, and strike it off."""
    for task in DBTaskResult.objects.running():
        if task.worker_ids and task.worker_ids[-1] == name:
            _give_back(task)
    WorkerBeat.objects.filter(name=name).delete()


def prune() -> int:
    """Forget finished tasks; failed ones stay long enough to be asked about. Returns how many went."""
    now = clock.now()
    over = Q(status=TaskResultStatus.SUCCESSFUL, finished_at__lt=now - KEPT)
    failed = Q(status=TaskResultStatus.FAILED, finished_at__lt=now - FAILED_KEPT)
    return thin_out(DBTaskResult.objects.filter(over | failed).order_by())


def _task(worker: str, queue: str) -> float:
    return 0.0 if run_next(worker, queue) else POLL


def _mail() -> float:
    try:
        return 0.0 if deliver_next() else POLL
    except ServerDown:
        return MAIL_SERVER_REST


def _claim(worker: str, queue: str) -> Task | None:
    """Take one task: a conditional UPDATE, so that of many workers one has it, and none waits for a lock to look."""
    now = clock.now()
    due = Q(run_after=get_date_max()) | Q(run_after__lte=now)
    ready = DBTaskResult.objects.filter(due, status=TaskResultStatus.READY, queue_name=queue)
    while (task := ready.first()) is not None:
        task.worker_ids = [*task.worker_ids, worker]
        task.status, task.started_at = TaskResultStatus.RUNNING, now
        mine = DBTaskResult.objects.filter(pk=task.pk, status=TaskResultStatus.READY)
        if mine.update(status=task.status, started_at=now, worker_ids=task.worker_ids):
            return task
    return None


def _failed(task: Task, error: Exception) -> None:
    """Try again later, each time a little later, for about a day. The row keeps the error's kind, never its words."""
    tries = len(task.worker_ids)
    kind = f"{type(error).__module__}.{type(error).__qualname__}"
    if tries >= MOST_TRIES:
        log.error("task %s failed %s times and is given up", _name(task), tries, exc_info=error)
        _end(task, TaskResultStatus.FAILED, kind)
        return
    wait = wait_after(tries)
    log.warning("task %s failed (%s); next try in %s s", _name(task), kind, int(wait.total_seconds()), exc_info=error)
    _put(task, status=TaskResultStatus.READY, run_after=clock.now() + wait, exception_class_path=kind)


def _end(task: Task, status: TaskResultStatus, kind: str = "") -> None:
    _put(task, status=status, finished_at=clock.now(), exception_class_path=kind)


def _give_back(task: Task) -> None:
    if len(task.worker_ids) >= MOST_TRIES:
        log.error("task %s took %s workers with it and is given up", _name(task), MOST_TRIES)
        _end(task, TaskResultStatus.FAILED)
    else:
        _put(task, status=TaskResultStatus.READY)


def _put(task: Task, **values: object) -> None:
    """Change a running task, unless another worker has taken it over meanwhile."""
    DBTaskResult.objects.filter(pk=task.pk, status=TaskResultStatus.RUNNING, worker_ids=task.worker_ids).update(
        **values
    )


def _name(task: Task) -> str:
    return f"{task.task_path} {task.pk}"


def _tidy() -> None:
    tidied = tidy(now=clock.now()) | {"tasks": prune()}
    if any(tidied.values()):
        log.info("tidied %s", " ".join(f"{name}={count}" for name, count in tidied.items()))


def _keep_records() -> None:
    kept = keep_records(now=clock.now())
    if any(kept.values()):
        log.info("kept %s", " ".join(f"{name}={count}" for name, count in kept.items()))


def _survive(job: Callable[[], None]) -> None:
    """Do ``job``; a database that cannot be reached, or a full disk, is no reason to stop."""
    try:
        job()
    except (DatabaseError, OSError) as error:
        _tell("something was left for later", error)
        connection.close()
    close_old_connections()


def _tell(what: str, error: DatabaseError | OSError) -> None:
    """Say in one line what is the matter with the database, and in full what is a fault of ours."""
    outage = outage_of(error)
    if outage is None:
        log.error("%s; trying again", what, exc_info=error)
    else:
        log.error("%s; trying again: %s", what, in_words(outage, error))
