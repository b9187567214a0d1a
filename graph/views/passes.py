"""Temporary Access Passes of one person: list, get, make, delete."""

from uuid import UUID

from django.http import HttpResponse

from accounts.access import Reached
from accounts.enums import Act
from accounts.models import User
from authmethods import actions as authmethods
from core import clock
from core.errors import Invalid
from graph import serialise
from graph.answers import collection, entity, nothing
from graph.entrance import ME, GraphRequest
from graph.enums import Dialect
from graph.errors import bad_body, no_such_method
from graph.odata.options import Asked, Serves, read_options
from graph.operations import Part
from graph.permissions import PASSES_DELETE, PASSES_READ, PASSES_WRITE
from graph.shapes.base import Collection
from graph.shapes.methods import SentPass, TemporaryAccessPassMethod
from tap import actions, queries

part = Part("Temporary Access Pass", Dialect.METHODS)
SERVES = Serves(properties=TemporaryAccessPassMethod.properties())
OF_USER, OF_ME = "/users/{user_id}/authentication", "/me/authentication"
PASSES = "temporaryAccessPassMethods"


@part.get(f"{OF_USER}/{PASSES}", need=PASSES_READ, returns=Collection[TemporaryAccessPassMethod], serves=SERVES)
def list_passes(request: GraphRequest, user_id: str) -> HttpResponse:
    """Return the one pass a person has, or none."""
    asked = _asked(request)
    user, held = _held(request, user_id)
    return collection(request, held, context=_context(user), asked=asked)


@part.get(f"{OF_ME}/{PASSES}", need=PASSES_READ, returns=Collection[TemporaryAccessPassMethod], serves=SERVES)
def list_my_passes(request: GraphRequest) -> HttpResponse:
    """Return the caller's own pass, or none."""
    return list_passes(request, ME)


@part.get(f"{OF_USER}/{PASSES}/{{pass_id}}", need=PASSES_READ, returns=TemporaryAccessPassMethod, serves=SERVES)
def get_pass(request: GraphRequest, user_id: str, pass_id: str) -> HttpResponse:
    """Return a pass. Never its code."""
    asked = _asked(request)
    user, held = _held(request, user_id)
    found = next((one for one in held if one.id == pass_id.lower()), None)
    if found is None:
        raise no_such_method()
    return entity(request, found, context=_context(user), asked=asked)


@part.get(f"{OF_ME}/{PASSES}/{{pass_id}}", need=PASSES_READ, returns=TemporaryAccessPassMethod, serves=SERVES)
def get_my_pass(request: GraphRequest, pass_id: str) -> HttpResponse:
    """Return the caller's own pass. Never its code."""
    return get_pass(request, ME, pass_id)


@part.post(f"{OF_USER}/{PASSES}", need=PASSES_WRITE, returns=TemporaryAccessPassMethod)
def create_pass(request: GraphRequest, user_id: str, body: SentPass) -> HttpResponse:
    """Make a pass in place of an earlier one, and answer its code, this once. Nobody makes one for himself."""
    target = _target(request, user_id, Act.PASS_ISSUE)
    policy = queries.policy_of(target.user.tenant_id)
    try:
        made = actions.issue(
            request.actor,
            target=target,
            lifetime_in_minutes=body.lifetime_in_minutes,
            starts_at=body.start_date_time,
            is_usable_once=body.is_usable_once,
        )
    except Invalid as problem:
        if problem.code != "lifetime_out_of_range":
            raise
        words = "Invalid LifetimeInMinutes specified. The valid range between {} and {}."
        raise bad_body(Dialect.METHODS, words.format(policy.minimum_lifetime, policy.maximum_lifetime)) from problem
    state = queries.state_of(made.issued, policy=policy, now=clock.now())
    shape = serialise.temporary_access_pass(made.issued, state, code=made.code)
    return entity(request, shape, context=_context(target.user), status=201)


@part.post(f"{OF_ME}/{PASSES}", need=PASSES_WRITE, returns=TemporaryAccessPassMethod)
def create_my_pass(request: GraphRequest, body: SentPass) -> HttpResponse:
    """Refuse: nobody makes a pass for himself."""
    return create_pass(request, str(request.caller.me.id), body)


@part.delete(f"{OF_USER}/{PASSES}/{{pass_id}}", need=PASSES_DELETE)
def delete_pass(request: GraphRequest, user_id: str, pass_id: str) -> HttpResponse:
    """Delete a pass; its sessions and tokens end."""
    caller, known = request.caller, method_id(pass_id)
    if caller.is_me(user_id):
        authmethods.delete_pass(caller.actor, user=caller.me, pass_id=known)
    else:
        actions.delete(caller.actor, target=_target(request, user_id, Act.PASS_DELETE), pass_id=known)
    return nothing()


@part.delete(f"{OF_ME}/{PASSES}/{{pass_id}}", need=PASSES_DELETE)
def delete_my_pass(request: GraphRequest, pass_id: str) -> HttpResponse:
    """Delete the caller's own pass."""
    return delete_pass(request, ME, pass_id)


def method_id(text: str) -> UUID:
    """Return the id of a method. Raises Problem: what is no id names no method."""
    try:
        return UUID(text)
    except ValueError:
        raise no_such_method() from None


def _target(request: GraphRequest, user_id: str, act: Act) -> Reached:
    return request.caller.person(user_id, act)


def _held(request: GraphRequest, user_id: str) -> tuple[User, list[TemporaryAccessPassMethod]]:
    caller = request.caller
    if caller.is_me(user_id):
        user, roles = caller.me, caller.actor.roles
    else:
        reached = _target(request, user_id, Act.PASS_VIEW)
        user, roles = reached.user, reached.roles
    holding = queries.holding_of(user, now=clock.now(), roles=roles)
    if holding.issued is None or holding.state is None:
        return user, []
    return user, [serialise.temporary_access_pass(holding.issued, holding.state)]


def _asked(request: GraphRequest) -> Asked:
    return read_options(request.GET, SERVES, tenant_id=request.caller.tenant_id)


def _context(user: User) -> str:
    return f"users('{user.id}')/authentication/{PASSES}"
