"""What the API lets clients filter, sort and search, and the rows that come of it: each statement has its index."""

from collections.abc import Sequence
from typing import TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet

from accounts.enums import UserKind
from accounts.models import Group, User
from accounts.queries import find_users
from accounts.queries.search import Sought, group_ids, user_ids
from accounts.queries.users import count_of
from core.text import fold, fold_upn
from graph.odata.fields import Branch, Field, Kind, Order, text
from graph.odata.grammar import Value
from graph.odata.options import Asked, Search, Serves
from graph.odata.paging import Found, page_through, read_token
from graph.shapes.directory import Group as GroupShape
from graph.shapes.directory import User as UserShape

COUNTED_AT_MOST = 10_000
FOUND_AT_MOST = 200
BY_NAME: Order = ("name_key", "id")
BY_UPN: Order = ("upn_key", "id")
NAMED = frozenset({"eq", "in", "startswith"})
Row = TypeVar("Row", bound=Model)


def _of_type(value: Value, _tenant_id: UUID) -> Q:
    kinds = {"member": [UserKind.MEMBER], "guest": [UserKind.INTERNAL_GUEST, UserKind.EXTERNAL_GUEST]}
    return Q(kind__in=kinds.get(text(value).lower(), []))


def _with_mail(value: Value, tenant_id: UUID) -> Q:
    """Find people by their mail address through the search index, then compare it exactly."""
    return Q(pk__in=user_ids(Sought(tenant_id, text(value)))) & Q(mail__iexact=text(value))


USER_FILTERS = {
    "id": Field("id", Kind.GUID),
    "displayName": Field("name_key", operators=NAMED, fold=fold, order=BY_NAME),
    "userPrincipalName": Field("upn_key", operators=NAMED, fold=fold_upn, order=BY_UPN),
    "mail": Field(look_up=_with_mail),
    "accountEnabled": Field("is_enabled", Kind.FLAG, frozenset({"eq"})),
    "userType": Field(look_up=_of_type),
}
# What is told of somebody where his other properties were not asked for: Graph's own list.
USUAL = (
    "id",
    "displayName",
    "userPrincipalName",
    "mail",
    "givenName",
    "surname",
    "jobTitle",
    "mobilePhone",
    "officeLocation",
    "businessPhones",
    "preferredLanguage",
)
USERS = Serves(
    properties=UserShape.properties(),
    default=USUAL,
    filters=USER_FILTERS,
    orders={"displayName": BY_NAME, "userPrincipalName": BY_UPN},
    search=("displayName", "userPrincipalName", "mail"),
    is_paged=True,
)
BASIC = ("id", "displayName", "userPrincipalName", "mail", "givenName", "surname")
BASIC_USERS = Serves(
    properties=BASIC,
    default=BASIC,
    filters={name: one for name, one in USER_FILTERS.items() if name in BASIC},
    orders=USERS.orders,
    search=USERS.search,
    is_paged=True,
)
GROUPS = Serves(
    properties=GroupShape.properties(),
    filters={
        "id": Field("id", Kind.GUID),
        "displayName": Field("name_key", operators=NAMED, fold=fold, order=BY_NAME),
    },
    orders={"displayName": BY_NAME},
    search=("displayName",),
    is_paged=True,
)
WITHIN = {"displayName": ("name_key", fold), "userPrincipalName": ("upn_key", fold_upn), "mail": ("mail", str)}


def users(tenant_id: UUID, search: Search | None = None) -> QuerySet[User]:
    """Return the people of a tenant; of those a search finds, up to FOUND_AT_MOST."""
    if search is None:
        return User.objects.filter(tenant_id=tenant_id)
    return _within(find_users(tenant_id, search.term), search)


def groups(tenant_id: UUID, search: Search | None = None) -> QuerySet[Group]:
    """Return the groups of a tenant, or those a search finds."""
    if search is None:
        return Group.objects.filter(tenant_id=tenant_id)
    return Group.objects.filter(pk__in=group_ids(Sought(tenant_id, search.term, limit=FOUND_AT_MOST)))


def page(
    rows: QuerySet[Row], asked: Asked, *, belongs_to: Sequence[str], order: Order = BY_NAME, size: int | None = None
) -> Found[Row]:
    """Return the page of ``rows`` a client asks for. Raises BadQuery for a skip token of another query."""
    return page_through(
        rows,
        asked.branches,
        order=asked.order or order,
        at=read_token(asked.skiptoken, belongs_to=belongs_to),
        size=size or asked.top,
        is_sorted=asked.order is not None,
    )


def counted(rows: QuerySet[Row], branches: Sequence[Branch]) -> int | None:
    """Count what a filter leaves; None where that is more than is worth counting (docs/decisions/0046)."""
    condition = Q()
    for branch in branches:
        condition |= branch.condition
    found = count_of(rows.filter(condition), limit=COUNTED_AT_MOST)
    return None if found.is_more else found.number


def _within(rows: QuerySet[User], search: Search) -> QuerySet[User]:
    if not search.within:
        return rows
    column, spelled = WITHIN[search.within]
    return rows.filter(**{f"{column}__icontains" if column == "mail" else f"{column}__contains": spelled(search.term)})
