"""Roles, and who holds them."""

from uuid import UUID

from django.http import HttpResponse

from accounts.enums import Act, Role
from accounts.models import RoleAssignment
from directory.actions import roles as directory
from graph import queries, serialise
from graph.answers import belongs_to, collection, entity, nothing, select
from graph.entrance import GraphRequest
from graph.enums import Dialect
from graph.errors import absent, bad_body
from graph.odata.options import Asked, Serves, read_options
from graph.operations import Part
from graph.permissions import ROLES_READ, ROLES_WRITE
from graph.shapes.base import Collection, Shape
from graph.shapes.directory import DirectoryRole, Group, RoleDefinition, SentRoleAssignment, User
from graph.shapes.directory import RoleAssignment as RoleAssignmentShape
from graph.small import keep

part = Part("Roles", Dialect.DIRECTORY)
DEFINITIONS = Serves(properties=RoleDefinition.properties(), is_small=True)
DIRECTORY_ROLES = Serves(properties=DirectoryRole.properties(), is_small=True)
ONE_ASSIGNMENT = Serves(properties=queries.ROLE_ASSIGNMENTS.properties, expand=queries.ROLE_ASSIGNMENTS.expand)
MEMBERS = Serves(properties=User.properties(), default=queries.USUAL, is_paged=True)
ROOT = "/roleManagement/directory"


@part.get(f"{ROOT}/roleDefinitions", need=ROLES_READ, returns=Collection[RoleDefinition], serves=DEFINITIONS)
def list_role_definitions(request: GraphRequest) -> HttpResponse:
    """Return every role with what it may do."""
    asked = _asked(request, DEFINITIONS)
    kept = keep(map(serialise.role_definition, Role), asked.tree, DEFINITIONS)
    return collection(request, kept, context="roleManagement/directory/roleDefinitions", asked=asked)


@part.get(f"{ROOT}/roleDefinitions/{{role_id}}", need=ROLES_READ, returns=RoleDefinition)
def get_role_definition(request: GraphRequest, role_id: str) -> HttpResponse:
    """Return a role."""
    _asked(request, Serves())
    shape = serialise.role_definition(_role(role_id))
    return entity(request, shape, context="roleManagement/directory/roleDefinitions")


@part.get(
    f"{ROOT}/roleAssignments",
    need=ROLES_READ,
    returns=Collection[RoleAssignmentShape],
    serves=queries.ROLE_ASSIGNMENTS,
)
def list_role_assignments(request: GraphRequest) -> HttpResponse:
    """Return who holds which role."""
    asked = _asked(request, queries.ROLE_ASSIGNMENTS)
    rows = queries.role_assignments(request.caller.tenant_id)
    found = queries.page(rows, asked, belongs_to=belongs_to(request, asked), order=("id", "id"))
    return collection(
        request,
        [_expanded(row, asked) for row in found.rows],
        context="roleManagement/directory/roleAssignments",
        asked=asked,
        count=queries.counted(rows, asked.branches) if asked.wants_count and not asked.skiptoken else None,
        following=found.next,
    )


@part.get(
    f"{ROOT}/roleAssignments/{{assignment_id}}", need=ROLES_READ, returns=RoleAssignmentShape, serves=ONE_ASSIGNMENT
)
def get_role_assignment(request: GraphRequest, assignment_id: str) -> HttpResponse:
    """Return one assignment."""
    _asked(request, ONE_ASSIGNMENT)
    return entity(
        request,
        serialise.role_assignment(assignment(request, assignment_id)),
        context="roleManagement/directory/roleAssignments",
    )


@part.post(f"{ROOT}/roleAssignments", need=ROLES_WRITE, returns=RoleAssignmentShape)
def create_role_assignment(request: GraphRequest, body: SentRoleAssignment) -> HttpResponse:
    """Give a role to a person or a group."""
    caller = request.caller
    if body.directory_scope_id != "/":
        raise bad_body(Dialect.DIRECTORY, "Roles are given for the whole organisation: directoryScopeId must be '/'.")
    target = caller.principal(body.principal_id, Act.ROLES_ASSIGN)
    made = directory.assign_role(caller.actor, role=_role(body.role_definition_id), target=target)
    shape = serialise.role_assignment(made)
    return entity(request, shape, context="roleManagement/directory/roleAssignments", status=201)


@part.delete(f"{ROOT}/roleAssignments/{{assignment_id}}", need=ROLES_WRITE)
def delete_role_assignment(request: GraphRequest, assignment_id: str) -> HttpResponse:
    """Take a role."""
    caller = request.caller
    held = assignment(request, assignment_id)
    target = caller.principal(str(held.user_id or held.group_id), Act.ROLES_ASSIGN)
    directory.remove_role(caller.actor, role=Role(held.role), target=target)
    return nothing()


@part.get("/directoryRoles", need=ROLES_READ, returns=Collection[DirectoryRole], serves=DIRECTORY_ROLES)
def list_directory_roles(request: GraphRequest) -> HttpResponse:
    """Return every role as older clients know it."""
    asked = _asked(request, DIRECTORY_ROLES)
    kept = keep(map(serialise.directory_role, Role), asked.tree, DIRECTORY_ROLES)
    return collection(request, kept, context="directoryRoles", asked=asked)


@part.get("/directoryRoles/{role_id}", need=ROLES_READ, returns=DirectoryRole)
def get_directory_role(request: GraphRequest, role_id: str) -> HttpResponse:
    """Return a role by its id or, in brackets, its template's."""
    _asked(request, Serves())
    return entity(request, serialise.directory_role(_role(role_id)), context="directoryRoles")


@part.get("/directoryRoles/{role_id}/members", need=ROLES_READ, returns=Collection[User | Group], serves=MEMBERS)
def list_role_members(request: GraphRequest, role_id: str) -> HttpResponse:
    """Return the people and groups that hold a role."""
    asked = _asked(request, MEMBERS)
    rows = queries.role_assignments(request.caller.tenant_id).filter(role=_role(role_id))
    found = queries.page(rows, asked, belongs_to=belongs_to(request, asked), order=("id", "id"))
    return collection(
        request, map(_principal, found.rows), context="directoryObjects", asked=asked, following=found.next
    )


def assignment(request: GraphRequest, assignment_id: str) -> RoleAssignment:
    """Return an assignment of the caller's tenant. Raises Problem."""
    try:
        found = queries.role_assignments(request.caller.tenant_id).filter(pk=UUID(assignment_id)).first()
    except ValueError:
        found = None
    if found is None:
        raise absent(assignment_id)
    return found


def _asked(request: GraphRequest, serves: Serves) -> Asked:
    request.caller.require(Act.DIRECTORY_VIEW)
    return read_options(request.GET, serves, tenant_id=request.caller.tenant_id)


def _expanded(row: RoleAssignment, asked: Asked) -> dict[str, object]:
    written: dict[str, object] = select(serialise.role_assignment(row), asked)
    if "principal" in asked.expand:
        written["principal"] = _principal(row).written()
    if "roleDefinition" in asked.expand:
        written["roleDefinition"] = serialise.role_definition(Role(row.role)).written()
    return written


def _principal(row: RoleAssignment) -> Shape:
    if row.user is not None:
        return serialise.user(row.user)
    assert row.group is not None  # noqa: S101  a constraint: one of the two
    return serialise.group(row.group)


def _role(role_id: str) -> Role:
    try:
        return Role(role_id.lower())
    except ValueError:
        raise absent(role_id) from None
