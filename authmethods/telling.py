"""Telling people what happened to their methods (criterion B09). Called in the transactions of what they tell."""

from datetime import datetime
from typing import Any

from accounts.authority import Actor
from accounts.models import User
from authmethods.models import Passkey
from core import clock
from notices import actions as notices
from notices.enums import Kind


def passkey_added(actor: Actor, user: User, passkey: Passkey) -> None:
    """Tell a person that his account has one more passkey."""
    notices.tell(Kind.PASSKEY_ADDED, person=user, facts=_now(actor) | _one(passkey))


def passkey_removed(actor: Actor, user: User, passkey: Passkey) -> None:
    """Tell a person that a passkey is gone, and who removed it."""
    facts = _now(actor) | _one(passkey) | {"own": actor.user_id == user.id}
    notices.tell(Kind.PASSKEY_REMOVED, person=user, facts=facts)


def passkeys_removed(actor: Actor, user: User) -> None:
    """Tell a person that he has to register anew."""
    notices.tell(Kind.REREGISTRATION, person=user, facts=_now(actor))


def password_set(actor: Actor, user: User) -> None:
    """Tell a person that his password is another one."""
    notices.tell(Kind.PASSWORD_SET, person=user, facts=_now(actor))


def password_reset(actor: Actor, user: User, *, ends_at: datetime) -> None:
    """Tell a person that an administrator had a one-off password made in place of his own."""
    notices.tell(Kind.PASSWORD_RESET, person=user, facts=_now(actor) | {"ends": ends_at.isoformat()})


def _one(passkey: Passkey) -> dict[str, Any]:
    return {"passkey": str(passkey.id), "name": passkey.name}


def _now(actor: Actor) -> dict[str, Any]:
    return {"by": actor.told_as, "at": clock.now().isoformat(), "address": actor.address}
