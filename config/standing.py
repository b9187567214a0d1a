"""What ``/metrics`` shows: what is counted in all processes of this server, and what stands in the database at this moment."""

import os
import platform
from collections.abc import Iterator

import django
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Count, Min, Q
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult, get_date_max
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from audit.models import AuditEvent, Seal, SealedUpTo, Verification
from config.version import version
from config.worker import DEAD_AFTER
from core import clock
from core.metrics import PREFIX, SHARED, registry
from core.models import WorkerBeat
from notices.models import Notice

CONTENT_TYPE = CONTENT_TYPE_LATEST
MAIL = "mail"  # the queue of what is not a task: docs/decisions/0062
MOST_COUNTED = 10_000  # beyond, it is too many anyway
STANDING = {
    "build_info": "1, with the version of the product, Python, Django and the kind of database as labels.",
    "database_up": "1 where the database answered what is below, else 0, and none of it is there.",
    "workers": "Workers that live.",
    "tasks_waiting": "Tasks that are due and mails that are not sent yet, by queue; 10,000 stands for that or more.",
    "oldest_task_seconds": "How long the oldest task that is due has been waiting since it was put in, by queue.",
    "audit_unsealed": "Audit events that are not sealed yet; 10,000 stands for that or more.",
    "audit_sealed_at_seconds": "When the newest seal was made, in Unix time.",
    "audit_verified_at_seconds": "When audit_verify last looked at the whole log, in Unix time.",
    "audit_intact": "1 where it found the log intact, else 0.",
}


Values = list[tuple[dict[str, str], float]]


def text() -> bytes:
    """Return everything there is to show; the counts of this process alone where no others share them."""
    shown = CollectorRegistry()
    if SHARED in os.environ:
        MultiProcessCollector(shown)  # type: ignore[no-untyped-call]
    else:
        shown.register(registry())
    shown.register(Standing())
    return generate_latest(shown)


class Standing(Collector):
    """What is looked up when it is asked for: a handful of statements, each of which stops at a bound."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Look it up."""
        yield _gauge("build_info", [(_build(), 1)])
        try:
            found = {**_tasks(), **_log()}
        except DatabaseError:
            yield _gauge("database_up", [({}, 0)])
            return
        yield _gauge("database_up", [({}, 1)])
        for name, values in found.items():
            yield _gauge(name, values)


def _gauge(name: str, values: Values) -> GaugeMetricFamily:
    labels = list(values[0][0]) if values else []
    family = GaugeMetricFamily(f"{PREFIX}_{name}", STANDING[name], labels=labels)
    for given, value in values:
        family.add_metric([given[label] for label in labels], value)
    return family


def _tasks() -> dict[str, Values]:
    now = clock.now()
    due = Q(run_after=get_date_max()) | Q(run_after__lte=now)
    ready = DBTaskResult.objects.filter(due, status=TaskResultStatus.READY).order_by()
    waiting: Values = []
    oldest: Values = []
    for queue in settings.TASKS["default"]["QUEUES"]:
        some = ready.filter(queue_name=queue)[:MOST_COUNTED]
        found = some.aggregate(many=Count("pk"), since=Min("enqueued_at"))
        waiting.append(({"queue": queue}, found["many"]))
        oldest.append(({"queue": queue}, (now - found["since"]).total_seconds() if found["since"] else 0))
    mails = Notice.objects.filter(next_try_at__isnull=False).order_by()[:MOST_COUNTED]
    unsent = mails.aggregate(many=Count("pk"), since=Min("due_at"))
    waiting.append(({"queue": MAIL}, unsent["many"]))
    oldest.append(({"queue": MAIL}, (now - unsent["since"]).total_seconds() if unsent["since"] else 0))
    living = WorkerBeat.objects.filter(seen_at__gte=now - DEAD_AFTER).count()
    return {"workers": [({}, living)], "tasks_waiting": waiting, "oldest_task_seconds": oldest}


def _log() -> dict[str, Values]:
    mark = SealedUpTo.objects.filter(pk=1).values_list("event_id", flat=True).first() or 0
    unsealed = AuditEvent.objects.filter(id__gt=mark).order_by()[:MOST_COUNTED].count()
    found: dict[str, Values] = {"audit_unsealed": [({}, unsealed)]}
    sealed_at = Seal.objects.order_by("-id").values_list("sealed_at", flat=True).first()
    if sealed_at is not None:
        found["audit_sealed_at_seconds"] = [({}, sealed_at.timestamp())]
    verified = Verification.objects.filter(pk=1).first()
    if verified is not None:
        found["audit_verified_at_seconds"] = [({}, verified.at.timestamp())]
        found["audit_intact"] = [({}, int(verified.is_intact))]
    return found


def _build() -> dict[str, str]:
    return {
        "version": version(),
        "python": platform.python_version(),
        "django": django.get_version(),
        "database": connection.vendor,
    }
