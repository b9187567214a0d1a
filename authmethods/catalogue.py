"""Every method a user has, usable or not and why: one list for Security info, the admin centre and the sign-in offer."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef

from accounts.enums import MethodKind, Role
from accounts.models import User
from accounts.targeting import Scope
from authmethods.aaguids import model_name
from authmethods.models import Passkey
from tap import queries as tap
from tap.models import TapPolicy, TemporaryAccessPass
from tap.rules import State


@dataclass(frozen=True)
class Method:
    """One method. Exactly one of ``issued`` (with ``state``), ``passkey``, ``password_changed_at`` speaks of it."""

    kind: MethodKind
    is_usable: bool
    issued: TemporaryAccessPass | None = None
    state: State | None = None
    passkey: Passkey | None = None
    password_changed_at: datetime | None = None

    @property
    def is_lasting(self) -> bool:
        """True for what stays when a pass is over."""
        return self.kind is not MethodKind.TEMPORARY_ACCESS_PASS

    @property
    def model(self) -> str:
        """Return the authenticator's model, where it is known."""
        return model_name(self.passkey.aaguid) if self.passkey else ""


@dataclass(frozen=True)
class Methods:
    """A user's methods, and what rules his pass: three queries, a fourth where he is an administrator with a pass."""

    methods: list[Method]
    policy: TapPolicy
    scope: Scope

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


def methods_of(user: User, *, now: datetime, roles: frozenset[Role] | None = None) -> Methods:
    """Return every method of ``user``, strongest first, the pass before all. ``roles``: the user's, if known already."""
    holding = tap.holding_of(user, now=now, roles=roles)
    found: list[Method] = []
    if holding.issued is not None and holding.state is not None:
        kind, state = MethodKind.TEMPORARY_ACCESS_PASS, holding.state
        found.append(Method(kind, state.is_usable, issued=holding.issued, state=state))
    found += [Method(MethodKind.FIDO2, is_usable=True, passkey=one) for one in passkeys_of(user.id)]
    if user.has_password:
        found.append(Method(MethodKind.PASSWORD, is_usable=True, password_changed_at=user.password_changed_at))
    return Methods(found, holding.policy, holding.scope)


def passkeys_of(user_id: UUID) -> list[Passkey]:
    """Return a user's passkeys, oldest first."""
    return list(Passkey.objects.filter(user_id=user_id).order_by("created_at"))


def with_passkey(user_ids: Collection[UUID]) -> set[UUID]:
    """Return which of the users have at least one passkey."""
    has_one = Exists(Passkey.objects.filter(user=OuterRef("pk")))
    return set(User.objects.filter(has_one, pk__in=user_ids).values_list("pk", flat=True))
