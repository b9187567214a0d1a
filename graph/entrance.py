"""Who is calling, and with which permissions: judged before anything else of a request is read."""

from typing import cast
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja.security.base import AuthBase

from accounts.access import Reached, ReachedGroup, reach, reach_group, reach_upn, require_in_tenant
from accounts.authority import Actor
from accounts.enums import Act
from accounts.models import User
from accounts.requests import Request
from core import logs
from core.errors import NotFound
from core.text import fold_upn
from graph.enums import Dialect, Version
from graph.errors import DENIED, Problem, absent
from graph.permissions import Need
from oidc.jose import TokenRefused
from oidc.tokens import Bearer, bearer_of, graph_audience

ME = "me"


class GraphRequest(Request):
    """A request to the API, judged by the middleware and by ``BearerToken``."""

    version: Version
    client_request_id: str
    dialect: Dialect
    caller: "Caller"


class Caller:
    """A bearer at one operation: what the token allows there, and the doors to people."""

    def __init__(self, bearer: Bearer, need: Need, dialect: Dialect) -> None:
        self.bearer = bearer
        self.need = need
        self.dialect = dialect

    @property
    def actor(self) -> Actor:
        """Return who acts, with the limits of the token."""
        return self.bearer.actor

    @property
    def tenant_id(self) -> UUID:
        """Return the tenant everything happens in: the token's, whatever the request says."""
        tenant = self.actor.tenant_id
        assert tenant is not None  # noqa: S101  every token is of a tenant
        return tenant

    @property
    def me(self) -> User:
        """Return the person himself. Raises Problem for an application that acts by itself."""
        if self.bearer.session is None:
            raise Problem(400, "BadRequest", "/me request is only valid with delegated authentication flow.")
        user = self.bearer.session.user
        user.tenant = self.bearer.session.tenant
        return user

    @property
    def may_others(self) -> bool:
        """True where the token is good for more than the caller himself."""
        return bool(self.bearer.scopes & {one.value for one in self.need.any_of})

    @property
    def may_enter(self) -> bool:
        """True where the token is good for anything here."""
        own = set() if self.bearer.is_app_only else {one.value for one in self.need.own}
        return self.may_others or bool(self.bearer.scopes & own)

    def is_me(self, key: str) -> bool:
        """True where ``key`` names the caller himself."""
        actor = self.actor
        if actor.user_id is None:
            return key == ME
        return key == ME or key.lower() == str(actor.user_id) or fold_upn(key) == fold_upn(actor.upn)

    def require_others(self) -> None:
        """Raise unless the token is good for more than the caller himself."""
        if not self.may_others:
            raise self.denied()

    def denied(self) -> Problem:
        """Return the failure of whoever may not."""
        return Problem(403, *DENIED[self.dialect])

    def require(self, act: Act) -> None:
        """Raise unless the caller may do ``act``, which concerns nobody in particular."""
        self.require_others()
        require_in_tenant(self.actor, act)

    def person(self, key: str, act: Act, *, people: QuerySet[User] | None = None) -> Reached:
        """Return somebody of the caller's tenant by id or user principal name, if the caller may do ``act`` to him.

        ``people``: users with whatever else of them the answer needs.
        Raises Problem, Refused, ConfirmationNeeded; another tenant's person is as absent as nobody.
        """
        self.require_others()
        try:
            return (reach_upn if "@" in key else reach)(self.actor, key, act, people=people)
        except NotFound:
            raise absent(key) from None

    def group(self, group_id: str, act: Act) -> ReachedGroup:
        """Return a group of the caller's tenant, if the caller may do ``act`` to it. Raises Problem, Refused."""
        self.require_others()
        try:
            return reach_group(self.actor, group_id, act)
        except NotFound:
            raise absent(group_id) from None

    def principal(self, key: str, act: Act) -> Reached | ReachedGroup:
        """Return the person or group of that id. Raises Problem, Refused."""
        try:
            return reach(self.actor, key, act)
        except NotFound:
            return self.group(key, act)


class BearerToken(AuthBase):
    """The only way in: an access token for this API. Cookies mean nothing here."""

    openapi_type = "http"
    openapi_scheme = "bearer"
    openapi_bearerFormat = "JWT"  # noqa: N815  ninja reads the name

    def __init__(self, need: Need, dialect: Dialect) -> None:
        super().__init__()
        self.need = need
        self.dialect = dialect

    def __call__(self, request: HttpRequest) -> Caller:
        """Judge the token. Raises Problem."""
        graph_request = cast("GraphRequest", request)
        graph_request.dialect = self.dialect
        try:
            bearer = bearer_of(graph_request, graph_audience())
        except TokenRefused as refused:
            raise Problem(401, message=str(refused.problem.message), headers=CHALLENGE) from refused
        caller = Caller(bearer, self.need, self.dialect)
        if not caller.may_enter:
            raise caller.denied()
        graph_request.caller, graph_request.actor = caller, bearer.actor
        logs.carry(tenant=bearer.actor.tenant_id, user=bearer.actor.user_id)
        return caller


CHALLENGE = {"WWW-Authenticate": 'Bearer realm="graph", error="invalid_token"'}
