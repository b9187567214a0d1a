"""People: list, get, count, and oneself."""

from dataclasses import replace
from typing import Any

from django.http import HttpResponse

from accounts.enums import Act, UserKind
from directory.actions import users
from directory.rules import Profile
from graph import queries, serialise
from graph.answers import belongs_to, collection, entity, nothing
from graph.entrance import ME, Caller, GraphRequest
from graph.enums import Dialect
from graph.errors import Unsupported, bad_body
from graph.odata.options import Asked, Serves, read_options
from graph.operations import Part
from graph.permissions import ME as ME_NEED
from graph.permissions import USERS_READ, USERS_WRITE
from graph.shapes.base import Collection
from graph.shapes.directory import SentUser, User
from graph.shapes.methods import KNOWN_TO_NOBODY_ELSE
from oidc.enums import Permission

part = Part("Users", Dialect.DIRECTORY)
ONE = Serves(properties=queries.USERS.properties, default=queries.USERS.default)
TEXTS = {
    "display_name": "display_name",
    "upn": "user_principal_name",
    "mail": "mail",
    "language": "preferred_language",
}
KINDS = {"Member": UserKind.MEMBER, "Guest": UserKind.INTERNAL_GUEST}
TOO_MANY_TO_COUNT = f"There are more than {queries.COUNTED_AT_MOST}. Narrow them with $filter."


@part.get("/users", need=USERS_READ, returns=Collection[User], serves=queries.USERS)
def list_users(request: GraphRequest) -> HttpResponse:
    """Return people, a page at a time."""
    caller = request.caller
    caller.require(Act.DIRECTORY_VIEW)
    asked = read_options(request.GET, _served(caller), tenant_id=caller.tenant_id)
    rows = queries.users(caller.tenant_id, asked.search)
    found = queries.page(rows, asked, belongs_to=belongs_to(request, asked))
    is_first = asked.wants_count and not asked.skiptoken
    return collection(
        request,
        map(serialise.user, found.rows),
        context="users",
        asked=asked,
        count=queries.counted(rows, asked.branches) if is_first else None,
        following=found.next,
    )


@part.get_number(
    "/users/$count", need=USERS_READ, serves=Serves(filters=queries.USERS.filters, search=queries.USERS.search)
)
def count_users(request: GraphRequest) -> HttpResponse:
    """Return how many people there are, or that a filter leaves."""
    caller = request.caller
    caller.require(Act.DIRECTORY_VIEW)
    asked = read_options(request.GET, _served(caller), tenant_id=caller.tenant_id)
    number = queries.counted(queries.users(caller.tenant_id, asked.search), asked.branches)
    if number is None:
        raise Unsupported(TOO_MANY_TO_COUNT)
    return HttpResponse(str(number), content_type="text/plain")


@part.get("/users/{user_id}", need=USERS_READ, returns=User, serves=ONE)
def get_user(request: GraphRequest, user_id: str) -> HttpResponse:
    """Return somebody by id or user principal name."""
    caller = request.caller
    is_me = caller.is_me(user_id)
    user = caller.me if is_me else caller.person(user_id, Act.DIRECTORY_VIEW).user
    served = ONE if is_me else _one_of(_served(caller))
    asked = read_options(request.GET, served, tenant_id=caller.tenant_id)
    return entity(request, serialise.user(user), context="users", asked=asked)


@part.post("/users", need=USERS_WRITE, returns=User)
def create_user(request: GraphRequest, body: SentUser) -> HttpResponse:
    """Make an account. It has no way to sign in until a pass is issued for it."""
    _refuse_password(body)
    if not body.display_name or not body.user_principal_name:
        raise bad_body(Dialect.DIRECTORY, "displayName and userPrincipalName are needed.")
    profile = Profile(display_name=body.display_name, upn=body.user_principal_name)
    made = users.create_user(
        request.actor, profile=replace(profile, **_changes(body)), is_enabled=body.account_enabled is not False
    )
    return entity(request, serialise.user(made), context="users", asked=Asked(select=ONE.default), status=201)


@part.patch("/users/{user_id}", need=USERS_WRITE)
def update_user(request: GraphRequest, user_id: str, body: SentUser) -> HttpResponse:
    """Change what is sent; what is left out stays."""
    _refuse_password(body)
    caller = request.caller
    if changes := _changes(body):
        users.update_user(caller.actor, target=caller.person(user_id, Act.USERS_UPDATE), changes=changes)
    if body.account_enabled is not None:
        target = caller.person(user_id, Act.USERS_DISABLE)
        users.set_enabled(caller.actor, target=target, is_enabled=body.account_enabled)
    elif not changes:
        caller.person(user_id, Act.USERS_UPDATE)
    return nothing()


@part.delete("/users/{user_id}", need=USERS_WRITE)
def delete_user(request: GraphRequest, user_id: str) -> HttpResponse:
    """Delete somebody, restorable for a while. Pass and sessions end at once."""
    caller = request.caller
    users.delete_user(caller.actor, target=caller.person(user_id, Act.USERS_DELETE))
    return nothing()


@part.get("/me", need=ME_NEED, returns=User, serves=ONE)
def get_me(request: GraphRequest) -> HttpResponse:
    """Return the caller himself."""
    return get_user(request, ME)


def _changes(body: SentUser) -> dict[str, Any]:
    """Return the fields of a profile that were sent. Raises Problem."""
    sent = body.model_fields_set
    if ("display_name" in sent and not body.display_name) or (
        "user_principal_name" in sent and not body.user_principal_name
    ):
        raise bad_body(Dialect.DIRECTORY, "displayName and userPrincipalName cannot be empty.")
    texts = {name: getattr(body, of_body) or "" for name, of_body in TEXTS.items() if of_body in sent}
    return texts | ({"kind": KINDS[body.user_type]} if body.user_type else {})


def _refuse_password(body: SentUser) -> None:
    if body.password_profile is not None and body.password_profile.password is not None:
        raise bad_body(Dialect.DIRECTORY, KNOWN_TO_NOBODY_ELSE)


def _served(caller: Caller) -> Serves:
    """Return what the token lets the caller see of others: User.ReadBasic.All shows less."""
    fuller = caller.bearer.scopes & {one.value for one in USERS_READ.any_of - {Permission.USER_READ_BASIC_ALL}}
    return queries.USERS if fuller else queries.BASIC_USERS


def _one_of(serves: Serves) -> Serves:
    return Serves(properties=serves.properties, default=serves.default)
