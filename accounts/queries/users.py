"""Lists of people, and what one person's page says besides the person's own row."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, Model, OuterRef, Q, QuerySet, Subquery

from accounts.enums import UserKind
from accounts.models import Domain, SignInSession, User
from accounts.queries.search import FOUND_AT_MOST, Counted, Sought, capped, found, user_ids
from accounts.sessions import live_of
from core.paging import Page, page_of

COUNTED_AT_MOST = 1000
SESSIONS_AT_MOST = 50
LISTED = ("id", "tenant_id", "upn", "display_name", "name_key", "kind", "is_enabled")


@dataclass(frozen=True)
class UserListing:
    """One page of people and how many there are in all."""

    page: Page[User]
    count: Counted


@dataclass(frozen=True)
class SignIns:
    """The latest session a person began, whatever became of it, and the newest of those that give access."""

    last: SignInSession | None
    live: Sequence[SignInSession]


def count_of(rows: QuerySet[Model], *, field: str = "pk", limit: int = COUNTED_AT_MOST) -> Counted:
    """Count ``rows``, in the order of an index that holds ``field`` too, as far as ``limit``."""
    number = rows.values(field)[: limit + 1].count()
    return Counted(min(number, limit), is_more=number > limit)


def user_listing(
    tenant_id: UUID, *, term: str = "", kind: UserKind | None = None, is_enabled: bool | None = None, cursor: str = ""
) -> UserListing:
    """Return one page of the tenant's people by name; with ``term``, of those it finds."""
    sought = Sought(tenant_id, term, limit=FOUND_AT_MOST + 1, kind=kind, is_enabled=is_enabled)
    if not term.strip():
        rows = sought.people
        count = count_of(rows.order_by("name_key", "id"))
    else:
        ids, count = capped(user_ids(sought))
        rows = found(User.objects.all(), ids)
    return UserListing(page_of(rows.only(*LISTED), order=("name_key", "id"), cursor=cursor), count)


def sign_ins_of(user_id: UUID, *, now: datetime) -> SignIns:
    """Return a person's latest session and those that are live, in one query."""
    every = SignInSession.objects.filter(user_id=user_id).order_by("-authenticated_at")
    is_live = Exists(live_of(user_id, now=now).filter(pk=OuterRef("pk")))
    wanted = every.annotate(is_live=is_live).filter(Q(is_live=True) | Q(pk=Subquery(every.values("pk")[:1])))
    found = list(wanted[: SESSIONS_AT_MOST + 1])
    return SignIns(found[0] if found else None, [one for one in found if one.is_live][:SESSIONS_AT_MOST])


def domain_of(user: User) -> Domain | None:
    """Return the domain a user name ends in."""
    return Domain.objects.filter(tenant_id=user.tenant_id, name=user.domain_name).first()


def with_last_sign_in(people: QuerySet[User]) -> QuerySet[User]:
    """Return ``people`` with when and how each began his latest session: last_sign_in_at, last_sign_in_with."""
    latest = SignInSession.objects.filter(user=OuterRef("pk")).order_by("-authenticated_at")
    return people.annotate(
        last_sign_in_at=Subquery(latest.values("authenticated_at")[:1]),
        last_sign_in_with=Subquery(latest.values("method")[:1]),
    )
