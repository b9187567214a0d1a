"""Passkeys of one person: list, get, register for somebody, delete."""

from typing import Any

from django.http import HttpResponse

from accounts.access import Refused
from accounts.enums import Act
from accounts.models import User
from authmethods import actions, provisioning
from core.errors import Denied
from graph import serialise
from graph.answers import collection, entity, nothing
from graph.entrance import ME, GraphRequest
from graph.enums import Dialect
from graph.errors import bad_body, no_such_method
from graph.odata.options import Asked, Serves, read_options
from graph.operations import Part
from graph.permissions import PASSKEYS_READ, PASSKEYS_WRITE
from graph.shapes.base import Collection
from graph.shapes.methods import CreationOptions, Fido2Method, SentFido2
from graph.views.methods import OF_ME, OF_USER, methods
from graph.views.passes import method_id

part = Part("Passkeys", Dialect.METHODS)
SERVES = Serves(properties=Fido2Method.properties())
KEYS = "fido2Methods"
BLOCKED = (
    "Converged UserCredentialPolicy does not allow creating or updating this authentication method. "
    "AuthMethodType [Fido2]. {}"
)


@part.get(f"{OF_USER}/{KEYS}", need=PASSKEYS_READ, returns=Collection[Fido2Method], serves=SERVES)
def list_fido2_methods(request: GraphRequest, user_id: str) -> HttpResponse:
    """Return a person's passkeys."""
    asked = _asked(request)
    user, held = _held(request, user_id)
    return collection(request, held, context=_context(user), asked=asked)


@part.get(f"{OF_ME}/{KEYS}", need=PASSKEYS_READ, returns=Collection[Fido2Method], serves=SERVES)
def list_my_fido2_methods(request: GraphRequest) -> HttpResponse:
    """Return the caller's passkeys."""
    return list_fido2_methods(request, ME)


@part.get(f"{OF_USER}/{KEYS}/creationOptions", need=PASSKEYS_WRITE, returns=CreationOptions)
def get_creation_options(request: GraphRequest, user_id: str) -> HttpResponse:
    """Begin to register a passkey for somebody: the options for the security key, good for five minutes."""
    _asked(request)
    caller = request.caller
    target = caller.person(user_id, Act.METHODS_ADD)
    try:
        begun = provisioning.begin(caller.actor, target=target)
    except Denied as refusal:
        raise _told(refusal) from refusal
    shape = CreationOptions(challenge_timeout_date_time=begun.expires_at, public_key=begun.options)
    return entity(request, shape, context="microsoft.graph.webauthnCredentialCreationOptions")


@part.get(f"{OF_USER}/{KEYS}/{{key_id}}", need=PASSKEYS_READ, returns=Fido2Method, serves=SERVES)
def get_fido2_method(request: GraphRequest, user_id: str, key_id: str) -> HttpResponse:
    """Return a passkey."""
    asked = _asked(request)
    user, held = _held(request, user_id)
    found = next((one for one in held if one.id == key_id.lower()), None)
    if found is None:
        raise no_such_method()
    return entity(request, found, context=_context(user), asked=asked)


@part.get(f"{OF_ME}/{KEYS}/{{key_id}}", need=PASSKEYS_READ, returns=Fido2Method, serves=SERVES)
def get_my_fido2_method(request: GraphRequest, key_id: str) -> HttpResponse:
    """Return one of the caller's passkeys."""
    return get_fido2_method(request, ME, key_id)


@part.post(f"{OF_USER}/{KEYS}", need=PASSKEYS_WRITE, returns=Fido2Method)
def create_fido2_method(request: GraphRequest, user_id: str, body: SentFido2) -> HttpResponse:
    """Register a passkey for somebody, with what the security key answered."""
    caller = request.caller
    target = caller.person(user_id, Act.METHODS_ADD)
    try:
        made = provisioning.finish(
            caller.actor, target=target, credential=_credential(body), name=body.display_name or ""
        )
    except Denied as refusal:
        raise _told(refusal) from refusal
    return entity(request, serialise.passkey(made), context=_context(target.user), status=201)


@part.delete(f"{OF_USER}/{KEYS}/{{key_id}}", need=PASSKEYS_WRITE)
def delete_fido2_method(request: GraphRequest, user_id: str, key_id: str) -> HttpResponse:
    """Delete a passkey; its sessions and tokens end."""
    caller, known = request.caller, method_id(key_id)
    if caller.is_me(user_id):
        actions.delete_passkey(caller.actor, user=caller.me, passkey_id=known)
    else:
        target = caller.person(user_id, Act.METHODS_DELETE)
        actions.remove_passkey_of(caller.actor, target=target, passkey_id=known)
    return nothing()


@part.delete(f"{OF_ME}/{KEYS}/{{key_id}}", need=PASSKEYS_WRITE)
def delete_my_fido2_method(request: GraphRequest, key_id: str) -> HttpResponse:
    """Delete one of the caller's passkeys, unless it is the last way to sign in."""
    return delete_fido2_method(request, ME, key_id)


def _credential(body: SentFido2) -> dict[str, Any]:
    """Return the credential in WebAuthn's full JSON: Graph leaves out what follows from the rest."""
    sent = body.public_key_credential
    return {
        "id": sent.id,
        "rawId": sent.raw_id or sent.id,
        "type": sent.type or "public-key",
        "response": {
            "clientDataJSON": sent.response.client_data_json,
            "attestationObject": sent.response.attestation_object,
            "transports": sent.response.transports or [],
        },
        "clientExtensionResults": sent.client_extension_results or {},
    }


def _told(refusal: Denied) -> Exception:
    """Return what the policy's refusal is called; that of the caller's rights stays what it is."""
    return refusal if isinstance(refusal, Refused) else bad_body(Dialect.METHODS, BLOCKED.format(refusal.message))


def _held(request: GraphRequest, user_id: str) -> tuple[User, list[Fido2Method]]:
    user, held = methods(request, user_id)
    return user, [one for one in map(serialise.method, held.methods) if isinstance(one, Fido2Method)]


def _asked(request: GraphRequest) -> Asked:
    return read_options(request.GET, SERVES, tenant_id=request.caller.tenant_id)


def _context(user: User) -> str:
    return f"users('{user.id}')/authentication/{KEYS}"
