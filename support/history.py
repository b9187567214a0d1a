"""What happened to and by one person, newest first: two walks along an index, whatever the log holds."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from audit.models import AuditEvent
from audit.queries import NEWEST_FIRST, Filters, page

PAGE = 50


@dataclass(frozen=True)
class History:
    """One page of events; ``next`` is where the page before it in time begins."""

    events: list[AuditEvent]
    next: str


def history_of(tenant_id: UUID, user_id: UUID, *, before: str = "") -> History:
    """Return one page of the events that name a person as actor or as target."""
    found = page(tenant_id, Filters(person=user_id), cursor=before, size=PAGE)
    return History(list(found.rows), found.next or "")


def naming(rows: QuerySet[AuditEvent], people: Collection[UUID], *, most: int) -> QuerySet[AuditEvent]:
    """Narrow events to the newest ``most`` that name any of ``people`` as target, and as many as actor."""
    ids: set[int] = set()
    for named in (rows.filter(target_id__in=people), rows.filter(actor_id__in=people)):
        ids |= set(named.order_by(*NEWEST_FIRST).values_list("pk", flat=True)[:most])
    return rows.filter(pk__in=ids)
