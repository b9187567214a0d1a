"""Every method a person has, and the ones of one kind."""

from http import HTTPStatus

from django.http import HttpResponse

from accounts.enums import Act, Role
from accounts.models import User
from authmethods import passwords
from authmethods.catalogue import Methods, methods_of, people
from core import clock
from graph import serialise
from graph.answers import as_json, base_of, collection, entity
from graph.entrance import ME, GraphRequest
from graph.enums import Dialect
from graph.errors import Problem, no_such_method
from graph.odata.options import Asked, Serves, read_options
from graph.operations import Part
from graph.permissions import METHODS_READ, METHODS_WRITE
from graph.shapes.base import Collection
from graph.shapes.methods import (
    NOT_TO_BE_CHOSEN,
    PASSWORD_ID,
    AuthenticationMethod,
    Fido2Method,
    PasswordMethod,
    PasswordReset,
    SentReset,
    TemporaryAccessPassMethod,
)

part = Part("Authentication methods", Dialect.METHODS)
AnyMethod = TemporaryAccessPassMethod | Fido2Method | PasswordMethod
SERVES = Serves(
    properties=tuple(
        dict.fromkeys(
            TemporaryAccessPassMethod.properties() + Fido2Method.properties() + PasswordMethod.properties(),
        )
    )
)
PASSWORDS = Serves(properties=PasswordMethod.properties())
OF_USER, OF_ME = "/users/{user_id}/authentication", "/me/authentication"
# Kinds nobody can have here yet: their collections are there, and empty.
NOT_YET = (
    "phoneMethods",
    "emailMethods",
    "softwareOathMethods",
    "hardwareOathMethods",
    "microsoftAuthenticatorMethods",
    "windowsHelloForBusinessMethods",
    "platformCredentialMethods",
    "externalAuthenticationMethods",
)


@part.get(f"{OF_USER}/methods", need=METHODS_READ, returns=Collection[AnyMethod], serves=SERVES)
def list_methods(request: GraphRequest, user_id: str) -> HttpResponse:
    """Return every method of a person."""
    asked = _asked(request, SERVES)
    user, held = methods(request, user_id)
    return collection(request, map(serialise.method, held.methods), context=_context(user, "methods"), asked=asked)


@part.get(f"{OF_ME}/methods", need=METHODS_READ, returns=Collection[AnyMethod], serves=SERVES)
def list_my_methods(request: GraphRequest) -> HttpResponse:
    """Return every method of the caller."""
    return list_methods(request, ME)


@part.get(f"{OF_USER}/methods/{{method_id}}", need=METHODS_READ, returns=AnyMethod, serves=SERVES)
def get_method(request: GraphRequest, user_id: str, method_id: str) -> HttpResponse:
    """Return a method of a person, of whatever kind."""
    asked = _asked(request, SERVES)
    user, held = methods(request, user_id)
    found = _named(map(serialise.method, held.methods), method_id)
    return entity(request, found, context=_context(user, "methods"), asked=asked)


@part.get(f"{OF_ME}/methods/{{method_id}}", need=METHODS_READ, returns=AnyMethod, serves=SERVES)
def get_my_method(request: GraphRequest, method_id: str) -> HttpResponse:
    """Return a method of the caller."""
    return get_method(request, ME, method_id)


@part.get(f"{OF_USER}/passwordMethods", need=METHODS_READ, returns=Collection[PasswordMethod], serves=PASSWORDS)
def list_password_methods(request: GraphRequest, user_id: str) -> HttpResponse:
    """Return whether a person has a password: one method, or none."""
    asked = _asked(request, PASSWORDS)
    user, held = methods(request, user_id)
    return collection(request, _passwords(held), context=_context(user, "passwordMethods"), asked=asked)


@part.get(f"{OF_ME}/passwordMethods", need=METHODS_READ, returns=Collection[PasswordMethod], serves=PASSWORDS)
def list_my_password_methods(request: GraphRequest) -> HttpResponse:
    """Return whether the caller has a password."""
    return list_password_methods(request, ME)


@part.get(f"{OF_USER}/passwordMethods/{{method_id}}", need=METHODS_READ, returns=PasswordMethod, serves=PASSWORDS)
def get_password_method(request: GraphRequest, user_id: str, method_id: str) -> HttpResponse:
    """Return a person's password method. The password itself is null."""
    asked = _asked(request, PASSWORDS)
    user, held = methods(request, user_id)
    found = _named(_passwords(held), method_id)
    return entity(request, found, context=_context(user, "passwordMethods"), asked=asked)


@part.get(f"{OF_ME}/passwordMethods/{{method_id}}", need=METHODS_READ, returns=PasswordMethod, serves=PASSWORDS)
def get_my_password_method(request: GraphRequest, method_id: str) -> HttpResponse:
    """Return the caller's password method."""
    return get_password_method(request, ME, method_id)


@part.post(f"{OF_USER}/methods/{{method_id}}/resetPassword", need=METHODS_WRITE, returns=PasswordReset, status=202)
def reset_password(request: GraphRequest, user_id: str, method_id: str, body: SentReset | None = None) -> HttpResponse:
    """Give a person a one-off password and answer it, once. Nobody chooses another person's (docs/decisions/0066)."""
    reached = request.caller.person(user_id, Act.PASSWORD_RESET)
    if method_id.lower() != PASSWORD_ID:
        raise no_such_method()
    if body is not None and body.new_password is not None:
        raise Problem(HTTPStatus.BAD_REQUEST, "badRequest", NOT_TO_BE_CHOSEN)
    made = PasswordReset(new_password=passwords.reset_password(request.caller.actor, target=reached).password)
    where = f"{base_of(request.version)}/users/{reached.user.id}/authentication/methods/{PASSWORD_ID}"
    context = {"@odata.context": f"{base_of(request.version)}/$metadata#microsoft.graph.passwordResetResponse"}
    return as_json(context | made.written(), status=HTTPStatus.ACCEPTED, headers={"Location": where})


def _serve_empty(kind: str) -> None:
    def list_nothing(request: GraphRequest, user_id: str) -> HttpResponse:
        """Return no method: nobody can have one of this kind here."""
        _asked(request, Serves())
        user, _held = methods(request, user_id)
        return collection(request, (), context=_context(user, kind))

    def list_nothing_of_mine(request: GraphRequest) -> HttpResponse:
        """Return no method: the caller cannot have one of this kind here."""
        return list_nothing(request, ME)

    list_nothing.__name__, list_nothing_of_mine.__name__ = f"list_{kind}", f"list_my_{kind}"
    part.get(f"{OF_USER}/{kind}", need=METHODS_READ, returns=Collection[AuthenticationMethod])(list_nothing)
    part.get(f"{OF_ME}/{kind}", need=METHODS_READ, returns=Collection[AuthenticationMethod])(list_nothing_of_mine)


for _kind in NOT_YET:
    _serve_empty(_kind)


def methods(request: GraphRequest, user_id: str) -> tuple[User, Methods]:
    """Return a person whose methods the caller may see, and the methods. Raises Problem, Refused."""
    user, roles = viewed(request, user_id)
    return user, methods_of(user, now=clock.now(), roles=roles)


def viewed(request: GraphRequest, user_id: str) -> tuple[User, frozenset[Role]]:
    """Return a person whose methods the caller may see, with the roles he holds. Raises Problem, Refused."""
    caller = request.caller
    if caller.is_me(user_id):
        return caller.me, caller.actor.roles
    reached = caller.person(user_id, Act.METHODS_VIEW, people=people())
    return reached.user, reached.roles


def _passwords(held: Methods) -> list[AuthenticationMethod]:
    return [one for one in map(serialise.method, held.methods) if isinstance(one, PasswordMethod)]


def _named(found: "map[AuthenticationMethod] | list[AuthenticationMethod]", method_id: str) -> AuthenticationMethod:
    one = next((one for one in found if one.id == method_id.lower()), None)
    if one is None:
        raise no_such_method()
    return one


def _asked(request: GraphRequest, serves: Serves) -> Asked:
    return read_options(request.GET, serves, tenant_id=request.caller.tenant_id)


def _context(user: User, kind: str) -> str:
    return f"users('{user.id}')/authentication/{kind}"
