"""Reading batches. Only whoever ordered one sees it."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from accounts.authority import Actor
from accounts.memberships import members_of
from accounts.models import Group, User
from bulk.enums import RowState
from bulk.models import Batch, BatchRow
from core.errors import NotFound
from tap.models import TemporaryAccessPass

CHUNK = 1000
MOST_LISTED = 20


@dataclass(frozen=True)
class Counts:
    """How many people of a batch stand where."""

    waiting: int
    issued: int
    refused: int
    skipped: int
    undone: int
    outside: int
    with_pass: int
    sealed: int

    @property
    def total(self) -> int:
        """Return how many get, got or were to get a pass."""
        return self.waiting + self.issued + self.undone + self.skipped

    @property
    def done(self) -> int:
        """Return how many of those have been dealt with."""
        return self.total - self.waiting


def batch_of(actor: Actor, batch_id: UUID) -> Batch:
    """Return a batch the actor ordered. Raises NotFound for anybody else's."""
    own = Batch.objects.select_related("tenant").filter(issuer_id=actor.user_id, pk=batch_id)
    batch = own.first() if actor.user_id else None
    if batch is None or batch.tenant_id != actor.tenant_id:
        raise NotFound("batch")
    return batch


def batches_of(actor: Actor) -> list[Batch]:
    """Return the latest batches the actor ordered."""
    return list(Batch.objects.filter(issuer_id=actor.user_id).order_by("-created_at", "id")[:MOST_LISTED])


def counts_of(batch: Batch) -> Counts:
    """Count the rows of a batch, in one query over its own rows."""
    waiting = Q(state=RowState.WAITING)
    by_state = {state.value: Count("pk", filter=Q(state=state)) for state in RowState}
    found = batch.rows.aggregate(
        **by_state,
        outside=Count("pk", filter=Q(is_outside=True) & ~Q(state=RowState.REFUSED)),
        with_pass=Count("pk", filter=Q(has_pass=True) & waiting),
        sealed=Count("pk", filter=Q(sealed__isnull=False)),
    )
    return Counts(**found)


def refused_rows(batch: Batch) -> QuerySet[BatchRow]:
    """Return the people who get no pass, for a page of them."""
    return batch.rows.filter(state__in=(RowState.REFUSED, RowState.SKIPPED)).select_related("user")


def undoable(batch: Batch) -> QuerySet[BatchRow]:
    """Return the rows whose pass stands and has not been used."""
    unused = TemporaryAccessPass.objects.open().filter(pk=OuterRef("pass_id"), first_used_at=None)
    return batch.rows.filter(Exists(unused), state=RowState.ISSUED).order_by("position")


def people_named(tenant_id: UUID, keys: Collection[str]) -> dict[str, UUID]:
    """Return the users of a tenant by their folded user names."""
    found: dict[str, UUID] = {}
    wanted = sorted(keys)
    for at in range(0, len(wanted), CHUNK):
        users = User.objects.filter(tenant_id=tenant_id, upn_key__in=wanted[at : at + CHUNK])
        found.update(users.values_list("upn_key", "pk"))
    return found


def people_with(tenant_id: UUID, ids: Collection[UUID], *, most: int) -> list[tuple[UUID, str]]:
    """Return id and user name of users of a tenant, by name."""
    users = User.objects.filter(tenant_id=tenant_id, pk__in=list(ids))
    return list(users.order_by("name_key", "id").values_list("pk", "upn")[:most])


def members(group: Group, *, most: int) -> list[UUID]:
    """Return the people in a group, nested groups among them."""
    users = User.objects.filter(tenant_id=group.tenant_id, pk__in=members_of(group.pk))
    return list(users.values_list("pk", flat=True)[:most])
