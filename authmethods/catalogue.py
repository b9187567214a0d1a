"""Every method a user has, usable or not and why: one list for Security info, the admin centre and the sign-in offer."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from accounts.enums import MethodKind, Role
from accounts.models import User
from accounts.queries import with_last_sign_in
from accounts.targeting import Scope, scopes_in
from authmethods.authenticators import model_name
from authmethods.enums import PasskeyBlock
from authmethods.models import Passkey
from authmethods.policy import Ruling, policy_in, ruling_of
from tap import queries as tap
from tap.models import TapPolicy, TemporaryAccessPass
from tap.rules import State


@dataclass(frozen=True)
class Method:
    """One method. Exactly one of ``issued`` (with ``state``), ``passkey`` (with ``block``) and ``password_changed_at``
    speaks of it.
    """

    kind: MethodKind
    is_usable: bool
    issued: TemporaryAccessPass | None = None
    state: State | None = None
    passkey: Passkey | None = None
    block: PasskeyBlock = PasskeyBlock.NONE
    password_changed_at: datetime | None = None
    password_ends_at: datetime | None = None

    @property
    def is_lasting(self) -> bool:
        """True for what stays when a pass or a one-off password is over."""
        return self.kind is not MethodKind.TEMPORARY_ACCESS_PASS and self.password_ends_at is None

    @property
    def model(self) -> str:
        """Return the authenticator's model, where it is known."""
        return model_name(self.passkey.aaguid) if self.passkey else ""


@dataclass(frozen=True)
class Methods:
    """A user's methods, and what rules his pass and his passkeys.

    Two queries where the user is one of ``people()``, else three; one more where he is an administrator with a pass.
    """

    methods: list[Method]
    policy: TapPolicy
    scope: Scope
    passkey_ruling: Ruling

    @property
    def usable(self) -> list[Method]:
        """Return the methods he can sign in with."""
        return [method for method in self.methods if method.is_usable]

    @property
    def not_usable(self) -> list[Method]:
        """Return the others."""
        return [method for method in self.methods if not method.is_usable]

    @property
    def lasting(self) -> list[Method]:
        """Return the methods that stay."""
        return [method for method in self.methods if method.is_lasting]

    @property
    def passkeys(self) -> list[Passkey]:
        """Return the passkeys, oldest first."""
        return [method.passkey for method in self.methods if method.passkey]

    @property
    def temporary_access_pass(self) -> Method | None:
        """Return the pass, whatever its state."""
        return next((method for method in self.methods if method.issued), None)


def people() -> QuerySet[User]:
    """Return users with their open pass, the policies that rule their methods, and their latest sign-in."""
    return with_last_sign_in(tap.holders().select_related("tenant__passkey_policy"))


def methods_of(user: User, *, now: datetime, roles: frozenset[Role] | None = None) -> Methods:
    """Return every method of ``user``, strongest first, the pass before all. ``roles``: the user's, if known already."""
    read = user if hasattr(user, "open_pass") else people().get(pk=user.pk)
    scopes = scopes_in(user, [MethodKind.TEMPORARY_ACCESS_PASS, MethodKind.FIDO2])
    holding = tap.holding_of(read, now=now, roles=roles, scope=scopes[MethodKind.TEMPORARY_ACCESS_PASS])
    found: list[Method] = []
    if holding.issued is not None and holding.state is not None:
        kind, state = MethodKind.TEMPORARY_ACCESS_PASS, holding.state
        found.append(Method(kind, state.is_usable, issued=holding.issued, state=state))
    ruling = ruling_of(user, policy_in(read.tenant), scopes[MethodKind.FIDO2])
    for one in passkeys_of(user.id):
        block = ruling.block_of(one.aaguid)
        found.append(Method(MethodKind.FIDO2, is_usable=not block, passkey=one, block=block))
    if user.has_password:
        ends_at = user.password_ends_at
        is_usable, changed_at = ends_at is None or now < ends_at, user.password_changed_at
        found.append(Method(MethodKind.PASSWORD, is_usable, password_changed_at=changed_at, password_ends_at=ends_at))
    return Methods(found, holding.policy, holding.scope, ruling)


def passkeys_of(user_id: UUID) -> list[Passkey]:
    """Return a user's passkeys, oldest first."""
    return list(Passkey.objects.filter(user_id=user_id).order_by("created_at"))


def has_usable_passkey(user: User) -> bool:
    """Say whether a user has a passkey that the policy lets him sign in with."""
    aaguids = list(Passkey.objects.filter(user=user).values_list("aaguid", flat=True))
    if not aaguids:
        return False
    ruling = ruling_of(user)
    return any(not ruling.block_of(aaguid) for aaguid in aaguids)


def others_left(user: User, passkey_id: UUID) -> int:
    """Return with how many passkeys a user could sign in without one; where that one works for nobody, any other counts."""
    ruling, passkeys = ruling_of(user), passkeys_of(user.id)
    others = [one for one in passkeys if one.id != passkey_id]
    if any(one.id == passkey_id and ruling.block_of(one.aaguid) for one in passkeys):
        return len(others)
    return sum(not ruling.block_of(one.aaguid) for one in others)
