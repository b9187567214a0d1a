"""People: list, get, count, and oneself."""

from django.http import HttpResponse

from accounts.enums import Act
from graph import queries, serialise
from graph.answers import belongs_to, collection, entity
from graph.entrance import ME, Caller, GraphRequest
from graph.enums import Dialect
from graph.errors import Unsupported
from graph.odata.options import Serves, read_options
from graph.operations import Part
from graph.permissions import ME as ME_NEED
from graph.permissions import USERS_READ
from graph.shapes.base import Collection
from graph.shapes.directory import User
from oidc.enums import Permission

part = Part("Users", Dialect.DIRECTORY)
ONE = Serves(properties=queries.USERS.properties, default=queries.USERS.default)
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


@part.get("/me", need=ME_NEED, returns=User, serves=ONE)
def get_me(request: GraphRequest) -> HttpResponse:
    """Return the caller himself."""
    return get_user(request, ME)


def _served(caller: Caller) -> Serves:
    """Return what the token lets the caller see of others: User.ReadBasic.All shows less."""
    fuller = caller.bearer.scopes & {one.value for one in USERS_READ.any_of - {Permission.USER_READ_BASIC_ALL}}
    return queries.USERS if fuller else queries.BASIC_USERS


def _one_of(serves: Serves) -> Serves:
    return Serves(properties=serves.properties, default=serves.default)
