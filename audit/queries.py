"""Reading the logs: by time, newest first, each filter through an index of its own. Pages and REST read through here."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Concat

from audit.chain import NOBODYS
from audit.enums import Event, Outcome
from audit.models import AuditEvent
from core.errors import NotFound
from core.paging import Page, page_of

NEWEST_FIRST = ("-at", "-id")
ROWS_AT_ONCE = 1000
# A filter that leaves few events leads through its index; the others then look at what it found. In this order.
LEADING = ("request_id", "actor_id", "target_id", "activity", "event")
TEXTS = frozenset({"request_id", "activity", "event", "outcome"})


@dataclass(frozen=True)
class Filters:
    """Which events; None and "" leave a filter out. ``person``: whoever did it or had it done to him."""

    begins: datetime | None = None
    ends: datetime | None = None
    event: str = ""
    activity: str = ""
    outcome: str = ""
    actor_id: UUID | None = None
    target_id: UUID | None = None
    person: UUID | None = None
    request_id: str = ""
    is_sign_in: bool | None = None

    @property
    def is_any(self) -> bool:
        """True where something but the log itself is asked for."""
        return replace(self, is_sign_in=None) != Filters()

    def public(self) -> dict[str, object]:
        """Return the filters that are set, as an event keeps them."""
        return {name: str(value) for name, value in vars(self).items() if value not in (None, "")}


def events(tenant_id: UUID, wanted: Filters) -> list[QuerySet[AuditEvent]]:
    """Return the events as sets to be read together, each through one index; an event may stand in two of them."""
    if wanted.person is not None:
        both = [
            replace(wanted, person=None, actor_id=wanted.person),
            replace(wanted, person=None, target_id=wanted.person),
        ]
        return [rows for one in both for rows in events(tenant_id, one)]
    rows = AuditEvent.objects.filter(tenant_id=tenant_id)
    if wanted.begins is not None:
        rows = rows.filter(at__gte=wanted.begins)
    if wanted.ends is not None:
        rows = rows.filter(at__lt=wanted.ends)
    given = {name: getattr(wanted, name) for name in LEADING if getattr(wanted, name)}
    leading = next(iter(given), None)
    if leading is None and wanted.outcome not in ("", Outcome.SUCCESS):
        leading, given = "outcome", {"outcome": wanted.outcome}
    elif wanted.outcome:
        given["outcome"] = wanted.outcome
    for name, value in given.items():
        rows = _beside(rows, name, value) if name != leading and name in TEXTS else rows.filter(**{name: value})
    if wanted.is_sign_in is not None:
        # "In": a bare truth value in a condition keeps SQLite from the index.
        is_alone, log = leading is None, wanted.is_sign_in
        rows = rows.filter(is_sign_in__in=[log]) if is_alone else rows.exclude(is_sign_in=not log)
    return [rows]


def page(tenant_id: UUID, wanted: Filters, *, cursor: str = "", size: int = 50) -> Page[AuditEvent]:
    """Return one page of events, newest first."""
    first, *others = events(tenant_id, wanted)
    return page_of(first, order=NEWEST_FIRST, cursor=cursor, size=size, beside=others)


def every(tenant_id: UUID, wanted: Filters) -> Iterator[AuditEvent]:
    """Yield every event, newest first, a thousand at a time: as many as there are, in steady memory."""
    cursor: str | None = ""
    while cursor is not None:
        found = page(tenant_id, wanted, cursor=cursor, size=ROWS_AT_ONCE)
        yield from found.rows
        cursor = found.next


def event_of(tenant_id: UUID, event_id: int) -> AuditEvent:
    """Return one event. Raises NotFound, for another tenant's too."""
    found = AuditEvent.objects.filter(tenant_id=tenant_id, pk=event_id).first()
    if found is None:
        raise NotFound("event")
    return found


def happened_to(tenant_id: UUID, user_id: UUID, *, kinds: Collection[Event] = ()) -> QuerySet[AuditEvent]:
    """Return what happened to one person, by anybody."""
    rows = AuditEvent.objects.filter(tenant_id=tenant_id, target_id=user_id)
    return _beside(rows, "event__in", kinds) if kinds else rows


def addresses_of(tenant_id: UUID, people: Collection[UUID], *, event: Event, since: datetime) -> dict[UUID, list[str]]:
    """Return where ``event`` came from, for those of the people to whom it has happened ``since``, latest first."""
    rows = AuditEvent.objects.filter(tenant_id=tenant_id, target_id__in=people, at__gte=since)
    found: dict[UUID, list[str]] = {}
    for person, address in _beside(rows, "event", event).order_by("-at").values_list("target_id", "address"):
        if person and address and address not in found.setdefault(person, []):
            found[person].append(address)
    return found


def first_of(tenant_id: UUID) -> AuditEvent | None:
    """Return the oldest event that is kept."""
    return AuditEvent.objects.filter(tenant_id=tenant_id).order_by("at", "id").first()


def last_restored(chain: UUID) -> datetime | None:
    """Return when a backup last took the place of the database, as this chain tells it."""
    return (
        chain_of(chain).filter(event=Event.BACKUP_RESTORED).order_by(*NEWEST_FIRST).values_list("at", flat=True).first()
    )


def chain_of(chain: UUID) -> QuerySet[AuditEvent]:
    """Return the events of one chain, in its order: by id."""
    tenant = Q(tenant_id__isnull=True) if chain == NOBODYS else Q(tenant_id=chain)
    return AuditEvent.objects.filter(tenant).order_by("id")


def _beside(rows: QuerySet[AuditEvent], name: str, value: Any) -> QuerySet[AuditEvent]:
    """Filter without offering the database this column's index: it could take it for the better one, and be wrong."""
    column = name.partition("__")[0]
    return rows.alias(**{f"plain_{column}": Concat(F(column), Value(""))}).filter(**{f"plain_{name}": value})
