"""What the API lets clients filter, sort and search, and the rows that come of it: each statement has its index."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from accounts.authority import Actor
from accounts.enums import UserKind
from accounts.memberships import groups_holding
from accounts.models import Group, GroupMember, RoleAssignment, User
from accounts.queries import find_users, groups_within
from accounts.queries.search import Sought, group_ids, user_ids
from accounts.queries.users import count_of
from core.text import fold, fold_upn
from graph.odata.fields import Branch, Field, Kind, Order, identifier, text
from graph.odata.grammar import Value
from graph.odata.options import Asked, Search, Serves
from graph.odata.paging import Found, Position, page_through, page_through_sets, read_token
from graph.shapes.directory import Group as GroupShape
from graph.shapes.directory import RoleAssignment as RoleAssignmentShape
from graph.shapes.directory import User as UserShape
from tap.enums import Listing
from tap.models import TemporaryAccessPass
from tap.queries import listed_for

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
WITHIN: Mapping[str, tuple[str, Callable[[str], str]]] = {
    "displayName": ("name_key", fold),
    "userPrincipalName": ("upn_key", fold_upn),
    "mail": ("mail", str),
}


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


NO_ID = UUID(int=0)  # stands before every id
FEW_GROUPS = 4
ROLE_ASSIGNMENTS = Serves(
    properties=RoleAssignmentShape.properties(),
    filters={
        "id": Field("id", Kind.GUID),
        "principalId": Field(look_up=lambda value, _tenant_id: _of_principal(value)),
        "roleDefinitionId": Field("role", fold=str.lower),
    },
    expand=("principal", "roleDefinition"),
    is_paged=True,
)


def members(group_id: UUID) -> tuple[QuerySet[GroupMember], list[Branch]]:
    """Return a group's direct members: people as they were added, then groups."""
    people = Branch(Q(user__isnull=False, user__deleted_at__isnull=True), order=("id", "id"))
    children = Branch(Q(child_id__gt=NO_ID), order=("child_id", "id"))
    return _with_principals(GroupMember.objects.filter(group_id=group_id)), [people, children]


def transitive_members(group_id: UUID) -> tuple[QuerySet[GroupMember], list[Branch]]:
    """Return everybody and every group within a group, each once.

    Of a few groups, one after the other through the index of each; many are small ones, and sorted together.
    """
    within = [group_id, *groups_within(group_id)]
    rows = GroupMember.objects.filter(group_id__in=within)
    before = GroupMember.objects.filter(group_id__in=within, id__lt=OuterRef("id"))
    children = Branch(Q(~Exists(before.filter(child=OuterRef("child"))), child_id__gt=NO_ID), order=("id", "id"))
    people = Q(user__isnull=False, user__deleted_at__isnull=True)
    if len(within) > FEW_GROUPS:
        once = Branch(people & Q(~Exists(before.filter(user=OuterRef("user")))), order=("id", "id"))
        return _with_principals(rows), [once, children]
    branches = []
    for number, one in enumerate(within):
        seen = GroupMember.objects.filter(group_id__in=within[:number], user=OuterRef("user"))
        branches.append(Branch(people & Q(~Exists(seen), group_id=one), order=("id", "id")))
    return _with_principals(rows), [*branches, children]


def groups_of_user(user_id: UUID, *, is_transitive: bool) -> QuerySet[Group]:
    """Return the groups somebody is in."""
    if is_transitive:
        return Group.objects.filter(pk__in=groups_holding(user_id))
    return Group.objects.filter(memberships__user=user_id)


def role_assignments(tenant_id: UUID) -> QuerySet[RoleAssignment]:
    """Return who holds which role, as it was given: to people and to groups."""
    return RoleAssignment.objects.filter(tenant_id=tenant_id, user__deleted_at__isnull=True).select_related(
        "user", "group"
    )


def passes(
    actor: Actor, listings: Sequence[Listing], *, at: Position, size: int, now: datetime
) -> Found[TemporaryAccessPass]:
    """Return a page of the passes the actor may see: of some listings, each in its own order, or of all by their end."""
    sets = [(listed_for(actor, listing, now=now), listing.order) for listing in listings]
    sets = sets or [(listed_for(actor, None, now=now), ("-ends_at", "-id"))]
    return page_through_sets(sets, at=at, size=size)


def _with_principals(rows: QuerySet[GroupMember]) -> QuerySet[GroupMember]:
    return rows.select_related("user", "child")


def _of_principal(value: Value) -> Q:
    principal = identifier(value)
    return Q(user_id=principal) | Q(group_id=principal)
