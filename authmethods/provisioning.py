"""Registering a passkey for somebody else, with the security key in an administrator's or a program's hands."""

from dataclasses import dataclass
from datetime import datetime
from secrets import token_bytes

from django.utils.translation import gettext as _

from accounts.access import Reached
from accounts.authority import Actor
from accounts.enums import Act, UserKind
from accounts.models import User
from audit.actions import record
from audit.enums import Event, Outcome
from authmethods import passkeys, wording
from authmethods.actions import CHALLENGE_LIFE, keep_passkey, relying_party, verified_credential
from authmethods.catalogue import passkeys_of
from authmethods.enums import PasskeyBlock, Purpose
from authmethods.models import Ceremony, Passkey
from authmethods.policy import Ruling, ruling_of
from core import clock
from core.errors import Denied, Invalid


@dataclass(frozen=True)
class Begun:
    """What the security key is asked for, and until when it may answer."""

    options: passkeys.Json
    expires_at: datetime


def begin(actor: Actor, *, target: Reached) -> Begun:
    """Open a registration for ``target``. Raises Refused, ConfirmationNeeded, Denied (by the policy), Invalid."""
    ruling = _require(actor, target)
    user, challenge, expires_at = target.user, token_bytes(32), clock.now() + CHALLENGE_LIFE
    Ceremony.objects.create(
        purpose=Purpose.PROVISION,
        challenge=challenge,
        user=user,
        session_id=actor.session_id,
        browser=_program(actor),
        expires_at=expires_at,
    )
    record(Event.PASSKEY_STARTED, actor=actor, target=user)
    owner = passkeys.Owner(bytes(user.webauthn_handle), user.upn, user.display_name)
    exclude = [bytes(one.credential_id) for one in passkeys_of(user.id)]
    options = passkeys.creation_options(
        relying_party(), owner, challenge=challenge, exclude=exclude, asks_for_model=ruling.asks_for_model
    )
    return Begun(options, expires_at)


def finish(actor: Actor, *, target: Reached, credential: object, name: str = "") -> Passkey:
    """Check the security key's answer and keep the passkey. Raises as ``begin`` does, and Conflict."""
    ruling = _require(actor, target)
    made = verified_credential(
        actor,
        target.user,
        credential,
        purpose=Purpose.PROVISION,
        session_id=actor.session_id,
        browser=_program(actor),
    )
    return keep_passkey(actor, target.user, made, ruling=ruling, name=name)


def _require(actor: Actor, target: Reached) -> Ruling:
    """Return what the policy says. That people may not register keys themselves is no reason: this is the other way."""
    target.require(Act.METHODS_ADD)
    _check_person(target.user)
    ruling = ruling_of(target.user)
    block = ruling.registration_block
    if block not in {PasskeyBlock.NONE, PasskeyBlock.SELF_SERVICE_OFF}:
        record(Event.PASSKEY_REFUSED, actor=actor, target=target.user, outcome=Outcome.DENIED, reason=block.value)
        raise Denied(block.value, wording.no_passkey(block))
    return ruling


def _check_person(user: User) -> None:
    if user.kind == UserKind.EXTERNAL_GUEST:
        raise Invalid("guest_without_methods", _("A guest from another organisation has no methods here."))
    if not user.is_enabled:
        raise Invalid("user_disabled", _("This account is disabled. Enable it first."))


def _program(actor: Actor) -> str:
    """Return what ties a challenge to an application that acts by itself, and so has no session."""
    return str(actor.application.id) if actor.is_app_only and actor.application else ""
