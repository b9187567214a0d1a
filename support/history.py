"""Events of the people somebody looked for: two walks along an index for each, whatever the log holds."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import QuerySet

from audit.models import AuditEvent
from audit.queries import NEWEST_FIRST


def naming(rows: QuerySet[AuditEvent], people: Collection[UUID], *, most: int) -> QuerySet[AuditEvent]:
    """Narrow events to the newest ``most`` that name any of ``people`` as target, and as many as actor."""
    ids: set[int] = set()
    for named in (rows.filter(target_id__in=people), rows.filter(actor_id__in=people)):
        ids |= set(named.order_by(*NEWEST_FIRST).values_list("pk", flat=True)[:most])
    return rows.filter(pk__in=ids)
