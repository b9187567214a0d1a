"""What Home says about passes: every figure counted through an index, no further than is worth it."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from math import ceil
from statistics import median
from typing import Any
from uuid import UUID

from django.db.models import Exists, IntegerField, Model, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from accounts.authority import Actor, reach_of
from accounts.enums import Act, Standing
from accounts.memberships import administrators_of
from accounts.models import Tenant, User
from accounts.queries import Counted
from audit.enums import Event
from audit.models import AuditEvent
from authmethods.models import Passkey
from tap import queries as tap
from tap.enums import Listing
from tap.models import PassQuerySet, TapPolicy, TemporaryAccessPass

DAYS = 14
MOST_COUNTED = 1000
SOON = timedelta(hours=1)
BLOCKED_WITHIN = timedelta(hours=24)
ENDS = ("used", "expired", "deleted")
EDGES = (2, 4, 6, 8, 10, 20, 60)  # minutes: where one bar of the times to the first passkey ends and the next begins


class CappedCount(Subquery):
    """How many rows a sliced queryset has, as a column of another query."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()


@dataclass(frozen=True)
class Day:
    """How many passes ended on one day, as the reader's calendar has it, and how."""

    date: date
    used: int
    expired: int
    deleted: int


@dataclass(frozen=True)
class Figures:
    """The tiles and the days. A day's numbers stop at MOST_COUNTED."""

    policy: TapPolicy
    active: Counted
    ending_soon: Counted
    scheduled: Counted
    next_start: datetime | None
    used: Counted
    expired: Counted
    blocked: Counted
    days: Sequence[Day]

    @property
    def is_any(self) -> bool:
        """True where the tenant has had passes of late."""
        counted = (self.active, self.scheduled, self.used, self.expired, self.blocked)
        return any(one.number for one in counted) or any(day.used or day.expired or day.deleted for day in self.days)

    @property
    def is_capped(self) -> bool:
        """True where some day had more passes than were counted."""
        return any(max(day.used, day.expired, day.deleted) > MOST_COUNTED for day in self.days)

    @property
    def expired_share(self) -> int | None:
        """Return the percentage of the ended passes that nobody used; None where that is not known."""
        ended = sum(day.used + day.expired + day.deleted for day in self.days)
        return None if self.is_capped or not ended else round(100 * sum(day.expired for day in self.days) / ended)


@dataclass(frozen=True)
class SignedInWithPass:
    """One person's first sign-in with a pass within the days looked at, and the first passkey added after it."""

    user_id: UUID
    used_at: datetime
    registered_at: datetime | None
    has_passkey: bool


@dataclass(frozen=True)
class TimesToPasskey:
    """How long people took from their sign-in with a pass to a passkey: ``seconds``, sorted; ``people`` in all."""

    seconds: Sequence[float]
    people: int

    @property
    def bars(self) -> list[int]:
        """Return how many took less than the first edge, from each edge to the next, and longer than the last."""
        places = [bisect_right(EDGES, one / 60) for one in self.seconds]
        return [places.count(index) for index in range(len(EDGES) + 1)]

    @property
    def median(self) -> float:
        """Return what half of them did not exceed."""
        return median(self.seconds)

    @property
    def ninetieth(self) -> float:
        """Return what nine in ten did not exceed."""
        return self.seconds[ceil(len(self.seconds) * 0.9) - 1]

    @property
    def share(self) -> int:
        """Return the percentage of all people who have added one."""
        return round(100 * len(self.seconds) / self.people)

    @property
    def median_place(self) -> float:
        """Return where the median lies, counted in bars."""
        minutes = self.median / 60
        index = bisect_right(EDGES, minutes)
        if index == len(EDGES):
            return index + 0.5
        least = EDGES[index - 1] if index else 0
        return index + (minutes - least) / (EDGES[index] - least)


def times_to_passkey(sign_ins: Sequence[SignedInWithPass]) -> TimesToPasskey:
    """Return the times of those who have added a passkey since."""
    times = ((one.registered_at - one.used_at).total_seconds() for one in sign_ins if one.registered_at)
    return TimesToPasskey(sorted(times), len(sign_ins))


def figures_of(actor: Actor, *, now: datetime) -> Figures:
    """Return what the actor may know of his tenant's passes, in one query."""
    assert actor.tenant_id is not None  # noqa: S101  who may view passes belongs to a tenant
    midnights = _midnights(now)
    since = midnights[0]
    standing = {listing: tap.visible_to(actor, tap.listed(listing, now=now)) for listing in Listing}
    counts: dict[str, Any] = {
        "active": _capped(standing[Listing.LIVE]),
        "ending_soon": _capped(standing[Listing.LIVE].filter(ends_at__lte=now + SOON)),
        "scheduled": _capped(standing[Listing.SCHEDULED]),
        "next_start": Subquery(standing[Listing.SCHEDULED].order_by("starts_at").values("starts_at")[:1]),
        "used": _capped(standing[Listing.USED].filter(first_used_at__gte=since)),
        "expired": _capped(standing[Listing.EXPIRED].filter(first_used_at=None, ends_at__gte=since)),
        "blocked": _capped(blocked_sign_ins(actor, now=now)),
    }
    for index, (begins, ends) in enumerate(pairwise(midnights)):
        for how, rows in _ended_between(actor, begins, ends, now=now).items():
            counts[f"{how}_{index}"] = _capped(rows)
    # Names of our own, because the model has fields and relations called "passes" and the like.
    columns = {f"figure_{name}": column for name, column in counts.items()}
    row = Tenant.objects.select_related("tap_policy").annotate(**columns).get(pk=actor.tenant_id)
    return _figures(row, midnights)


def sign_ins_with_pass(actor: Actor, *, now: datetime) -> list[SignedInWithPass]:
    """Return who signed in with a pass in the last DAYS days and what came of it, newest first, in one query.

    Looked at: the latest MOST_COUNTED passes used.
    """
    later = Passkey.objects.filter(user=OuterRef("user_id"), created_at__gte=OuterRef("first_used_at"))
    rows = (
        _of_tenant(actor)
        .filter(first_used_at__gte=_midnights(now)[0])
        .order_by("-first_used_at")
        .values_list(
            "user_id",
            "first_used_at",
            Subquery(later.order_by("created_at").values("created_at")[:1]),
            Exists(Passkey.objects.filter(user=OuterRef("user_id"))),
        )[:MOST_COUNTED]
    )
    people: dict[UUID, SignedInWithPass] = {}
    for row in rows:
        found = SignedInWithPass(*row)
        people[found.user_id] = found  # an earlier sign-in of the same person takes the place
    return list(people.values())


def people_of(ids: Sequence[UUID]) -> dict[UUID, User]:
    """Return users by id."""
    return User.objects.in_bulk(ids)


def next_to_end(actor: Actor, *, now: datetime, most: int) -> list[TemporaryAccessPass]:
    """Return the active passes the actor may view that end first, with their people."""
    rows = tap.visible_to(actor, tap.listed(Listing.LIVE, now=now)).select_related("user")
    return list(rows.order_by("ends_at", "id")[:most])


def blocked_sign_ins(actor: Actor, *, now: datetime) -> QuerySet[AuditEvent]:
    """Return the sign-ins with a pass that were refused within the last day, of people whose passes the actor may view."""
    rows = AuditEvent.objects.filter(
        tenant_id=actor.tenant_id, event=Event.PASS_REFUSED, at__gte=now - BLOCKED_WITHIN, target_id__isnull=False
    )
    if Standing.ADMIN in reach_of(actor, Act.PASS_VIEW):
        return rows
    return rows.filter(Q(target_id=actor.user_id) | ~Q(target_id__in=administrators_of(actor.tenant_id)))


def _ended_between(actor: Actor, begins: datetime, ends: datetime, *, now: datetime) -> dict[str, PassQuerySet]:
    """Return the passes that ended in a span, by how: a used one ended when it was first used."""
    rows = _of_tenant(actor)
    unused = rows.filter(first_used_at=None)
    return {
        "used": rows.filter(first_used_at__gte=begins, first_used_at__lt=ends),
        "expired": unused.open().filter(ends_at__gte=begins, ends_at__lt=ends, ends_at__lte=now),
        "deleted": unused.filter(deleted_at__gte=begins, deleted_at__lt=ends),
    }


def _of_tenant(actor: Actor) -> PassQuerySet:
    return tap.visible_to(actor, TemporaryAccessPass.objects.all())


def _capped(rows: QuerySet[Model]) -> CappedCount:
    return CappedCount(rows.order_by().values("pk")[: MOST_COUNTED + 1])


def _midnights(now: datetime) -> list[datetime]:
    """Return where the last DAYS days began in the active time zone, and where today ends."""
    zone = timezone.get_current_timezone()
    today = timezone.localtime(now).date()
    days = (today - timedelta(days=DAYS - 1 - index) for index in range(DAYS + 1))
    return [datetime.combine(day, time.min, tzinfo=zone) for day in days]


def _figures(row: Tenant, midnights: Sequence[datetime]) -> Figures:
    found = {name.removeprefix("figure_"): value for name, value in vars(row).items() if name.startswith("figure_")}
    counted = {
        name: Counted(min(found[name], MOST_COUNTED), is_more=found[name] > MOST_COUNTED)
        for name in ("active", "ending_soon", "scheduled", "used", "expired", "blocked")
    }
    days = [
        Day(begins.date(), *(found[f"{how}_{index}"] for how in ENDS)) for index, begins in enumerate(midnights[:-1])
    ]
    policy = getattr(row, "tap_policy", None) or TapPolicy(tenant_id=row.id)
    return Figures(policy=policy, next_start=found["next_start"], days=days, **counted)
