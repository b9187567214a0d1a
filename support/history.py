"""What happened to and by one person, newest first: two walks along an index, whatever the log holds."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from audit.models import AuditEvent

PAGE = 50
LONGEST_NUMBER = 18  # digits of a position that every database can compare


@dataclass(frozen=True)
class History:
    """One page of events; ``next`` is where the page before it in time begins."""

    events: list[AuditEvent]
    next: str


def history_of(tenant_id: UUID, user_id: UUID, *, before: str = "") -> History:
    """Return one page of the events that name a person as actor or as target."""
    events = AuditEvent.objects.filter(tenant_id=tenant_id)
    if before.isascii() and before.isdecimal() and len(before) <= LONGEST_NUMBER:
        events = events.filter(pk__lt=int(before))
    found = {
        event.pk: event
        for rows in (events.filter(target_id=user_id), events.filter(actor_id=user_id))
        for event in rows.order_by("-id")[: PAGE + 1]
    }
    newest = sorted(found.values(), key=lambda event: event.pk, reverse=True)
    return History(newest[:PAGE], str(newest[PAGE - 1].pk) if len(newest) > PAGE else "")


def naming(rows: QuerySet[AuditEvent], people: Collection[UUID], *, most: int) -> QuerySet[AuditEvent]:
    """Narrow events to the newest ``most`` that name any of ``people`` as target, and as many as actor."""
    ids: set[int] = set()
    for named in (rows.filter(target_id__in=people), rows.filter(actor_id__in=people)):
        ids |= set(named.order_by("-id").values_list("pk", flat=True)[:most])
    return rows.filter(pk__in=ids)
