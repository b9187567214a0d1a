"""Groups and who is in them."""

import re
from collections.abc import Callable
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse

from accounts.enums import Act
from accounts.models import Group, GroupMember
from directory.actions import groups
from graph import queries, serialise
from graph.answers import belongs_to, collection, entity, nothing
from graph.entrance import ME, GraphRequest
from graph.enums import Dialect
from graph.errors import bad_body
from graph.odata.fields import Branch
from graph.odata.options import Serves, read_options
from graph.odata.paging import page_through, read_token
from graph.operations import Part
from graph.permissions import GROUPS_READ, GROUPS_WRITE, MEMBERS_WRITE
from graph.shapes.base import Collection, Shape
from graph.shapes.directory import Group as GroupShape
from graph.shapes.directory import SentGroup, SentReference
from graph.shapes.directory import User as UserShape

REFERENCE = re.compile(r"(?:directoryObjects|users|groups)/(?P<id>[0-9a-f-]{36})$", re.IGNORECASE)
part = Part("Groups", Dialect.DIRECTORY)
ONE = Serves(properties=queries.GROUPS.properties)
MEMBERS = Serves(
    properties=tuple(dict.fromkeys(queries.USUAL + GroupShape.properties() + UserShape.properties())),
    default=tuple(dict.fromkeys(queries.USUAL + GroupShape.properties())),
    is_paged=True,
)
MEMBER_OF = Serves(properties=queries.GROUPS.properties, is_paged=True)
Members = Callable[[UUID], tuple[QuerySet[GroupMember], list[Branch]]]


@part.get("/groups", need=GROUPS_READ, returns=Collection[GroupShape], serves=queries.GROUPS)
def list_groups(request: GraphRequest) -> HttpResponse:
    """Return groups, a page at a time."""
    caller = request.caller
    caller.require(Act.DIRECTORY_VIEW)
    asked = read_options(request.GET, queries.GROUPS, tenant_id=caller.tenant_id)
    rows = queries.groups(caller.tenant_id, asked.search)
    found = queries.page(rows, asked, belongs_to=belongs_to(request, asked))
    return collection(
        request,
        map(serialise.group, found.rows),
        context="groups",
        asked=asked,
        count=queries.counted(rows, asked.branches) if asked.wants_count and not asked.skiptoken else None,
        following=found.next,
    )


@part.get("/groups/{group_id}", need=GROUPS_READ, returns=GroupShape, serves=ONE)
def get_group(request: GraphRequest, group_id: str) -> HttpResponse:
    """Return a group."""
    asked = read_options(request.GET, ONE, tenant_id=request.caller.tenant_id)
    return entity(request, serialise.group(_group(request, group_id)), context="groups", asked=asked)


@part.post("/groups", need=GROUPS_WRITE, returns=GroupShape)
def create_group(request: GraphRequest, body: SentGroup) -> HttpResponse:
    """Make an empty group."""
    made = groups.create_group(request.actor, name=body.display_name or "", description=body.description or "")
    return entity(request, serialise.group(made), context="groups", status=201)


@part.patch("/groups/{group_id}", need=GROUPS_WRITE)
def update_group(request: GraphRequest, group_id: str, body: SentGroup) -> HttpResponse:
    """Change what is sent; what is left out stays."""
    target = request.caller.group(group_id, Act.GROUPS_MANAGE)
    values = {"name": body.display_name or "", "description": body.description or ""}
    sent = {"display_name": "name", "description": "description"}
    changes = {sent[field]: values[sent[field]] for field in sent.keys() & body.model_fields_set}
    groups.update_group(request.actor, target=target, changes=changes)
    return nothing()


@part.delete("/groups/{group_id}", need=GROUPS_WRITE)
def delete_group(request: GraphRequest, group_id: str) -> HttpResponse:
    """Delete a group with what it gave; its members stay."""
    groups.delete_group(request.actor, target=request.caller.group(group_id, Act.GROUPS_MANAGE))
    return nothing()


@part.post("/groups/{group_id}/members/$ref", need=MEMBERS_WRITE, status=204)
def add_member(request: GraphRequest, group_id: str, body: SentReference) -> HttpResponse:
    """Add a person or a group, named by an address that ends in its id."""
    caller = request.caller
    target = caller.group(group_id, Act.GROUPS_MANAGE)
    named = REFERENCE.search(body.member)
    if named is None:
        raise bad_body(Dialect.DIRECTORY, "@odata.id must end in directoryObjects/ and an id.")
    groups.add_member(caller.actor, target=target, member=caller.principal(named["id"], Act.DIRECTORY_VIEW))
    return nothing()


@part.delete("/groups/{group_id}/members/{member_id}/$ref", need=MEMBERS_WRITE)
def remove_member(request: GraphRequest, group_id: str, member_id: str) -> HttpResponse:
    """Take a direct member out."""
    caller = request.caller
    target = caller.group(group_id, Act.GROUPS_MANAGE)
    groups.remove_member(caller.actor, target=target, member=caller.principal(member_id, Act.DIRECTORY_VIEW))
    return nothing()


@part.get("/groups/{group_id}/members", need=GROUPS_READ, returns=Collection[UserShape | GroupShape], serves=MEMBERS)
def list_members(request: GraphRequest, group_id: str) -> HttpResponse:
    """Return the direct members: people and groups."""
    return _members(request, group_id, queries.members)


@part.get(
    "/groups/{group_id}/transitiveMembers",
    need=GROUPS_READ,
    returns=Collection[UserShape | GroupShape],
    serves=MEMBERS,
)
def list_transitive_members(request: GraphRequest, group_id: str) -> HttpResponse:
    """Return everybody and every group within, through other groups too."""
    return _members(request, group_id, queries.transitive_members)


@part.get("/users/{user_id}/memberOf", need=GROUPS_READ, returns=Collection[GroupShape], serves=MEMBER_OF)
def list_member_of(request: GraphRequest, user_id: str) -> HttpResponse:
    """Return the groups somebody is a direct member of."""
    return _member_of(request, user_id, is_transitive=False)


@part.get("/users/{user_id}/transitiveMemberOf", need=GROUPS_READ, returns=Collection[GroupShape], serves=MEMBER_OF)
def list_transitive_member_of(request: GraphRequest, user_id: str) -> HttpResponse:
    """Return the groups somebody is in, through other groups too."""
    return _member_of(request, user_id, is_transitive=True)


@part.get("/me/memberOf", need=GROUPS_READ, returns=Collection[GroupShape], serves=MEMBER_OF)
def list_my_groups(request: GraphRequest) -> HttpResponse:
    """Return the groups the caller is a direct member of."""
    return _member_of(request, ME, is_transitive=False)


def _member_of(request: GraphRequest, user_id: str, *, is_transitive: bool) -> HttpResponse:
    caller = request.caller
    user = caller.me if caller.is_me(user_id) else caller.person(user_id, Act.DIRECTORY_VIEW).user
    asked = read_options(request.GET, MEMBER_OF, tenant_id=caller.tenant_id)
    rows = queries.groups_of_user(user.id, is_transitive=is_transitive)
    found = queries.page(rows, asked, belongs_to=belongs_to(request, asked))
    return collection(
        request, map(serialise.group, found.rows), context="directoryObjects", asked=asked, following=found.next
    )


def _members(request: GraphRequest, group_id: str, members: Members) -> HttpResponse:
    group = _group(request, group_id)
    asked = read_options(request.GET, MEMBERS, tenant_id=request.caller.tenant_id)
    rows, branches = members(group.id)
    bound = belongs_to(request, asked)
    at = read_token(asked.skiptoken, belongs_to=bound)
    found = page_through(rows, branches, order=("id", "id"), at=at, size=asked.top)
    return collection(
        request, map(_principal, found.rows), context="directoryObjects", asked=asked, following=found.next
    )


def _principal(row: GroupMember) -> Shape:
    if row.user is not None:
        return serialise.user(row.user)
    assert row.child is not None  # noqa: S101  a constraint: one of the two
    return serialise.group(row.child)


def _group(request: GraphRequest, group_id: str) -> Group:
    return request.caller.group(group_id, Act.DIRECTORY_VIEW).group
