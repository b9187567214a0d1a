"""What a tenant's passkey policy says of its people. A tenant that never saved one has passkeys on for everybody."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from accounts.enums import MethodKind, TargetSide
from accounts.models import Tenant, User
from accounts.targeting import Scope, Target, can_shrink, scope_in, scope_of, scopes_of, targets_of
from authmethods import rules
from authmethods.enums import PasskeyBlock
from authmethods.models import Passkey, PasskeyPolicy

METHOD = MethodKind.FIDO2
EVERYBODY = (Target(TargetSide.INCLUDE),)
MOST_COUNTED = 1000


@dataclass(frozen=True)
class Ruling:
    """What the policy says of one person, and of any passkey of his."""

    policy: PasskeyPolicy
    scope: Scope

    @property
    def registration_block(self) -> PasskeyBlock:
        """Return what stops him from registering a passkey."""
        return rules.registration_block(self.policy, self.scope)

    @property
    def asks_for_model(self) -> bool:
        """True where a new passkey has to tell or prove its model."""
        return self.policy.is_attestation_enforced or self.policy.is_key_restricted

    def block_of(self, aaguid: UUID) -> PasskeyBlock:
        """Return what stops him from signing in with a passkey of that model."""
        return rules.passkey_block(self.policy, self.scope, aaguid)


@dataclass(frozen=True)
class Effect:
    """How many passkeys a change stops; ``is_capped``: there are more than were looked at, so that this is the least."""

    passkeys: int = 0
    is_capped: bool = False


def policy_of(tenant_id: UUID) -> PasskeyPolicy:
    """Return the tenant's policy, or what holds without one."""
    return PasskeyPolicy.objects.filter(tenant_id=tenant_id).first() or PasskeyPolicy(tenant_id=tenant_id)


def policy_in(tenant: Tenant) -> PasskeyPolicy:
    """Do the same without a query where ``tenant`` was read together with ``passkey_policy``."""
    return getattr(tenant, "passkey_policy", None) or PasskeyPolicy(tenant=tenant)


def targets(policy: PasskeyPolicy) -> list[Target]:
    """Return the policy's include and exclude lists."""
    return list(EVERYBODY) if _is_unsaved(policy) else targets_of(policy.pk, METHOD)


def ruling_of(user: User, policy: PasskeyPolicy | None = None, scope: Scope | None = None) -> Ruling:
    """Judge one person by his tenant's policy: a query each for what is not given, none for who an unsaved one reaches.

    ``scope``: what the stored lists say of him.
    """
    found = policy or policy_of(user.tenant_id)
    if _is_unsaved(found):
        return Ruling(found, scope_of(user.id, EVERYBODY, ()))
    return Ruling(found, scope or scope_in(user, METHOD))


def effect_of(
    before: PasskeyPolicy, after: PasskeyPolicy, *, lists: Collection[Target], proposed: Collection[Target]
) -> Effect:
    """Count the passkeys that work and that ``after`` and ``proposed`` would stop, in two queries; none where nothing can."""
    if not (_can_stop(before, after) or (before.is_enabled and can_shrink(lists, proposed))):
        return Effect()
    looked_at = Passkey.objects.filter(tenant_id=before.pk).order_by("-created_at").values_list("user_id", "aaguid")
    held = list(looked_at[: MOST_COUNTED + 1])
    is_capped, held = len(held) > MOST_COUNTED, held[:MOST_COUNTED]
    people = {user_id for user_id, _ in held}
    old, new = scopes_of(people, lists), scopes_of(people, proposed)
    return Effect(_stopped(held, (before, old), (after, new)), is_capped)


def _stopped(
    held: Iterable[tuple[UUID, UUID]],
    before: tuple[PasskeyPolicy, dict[UUID, Scope]],
    after: tuple[PasskeyPolicy, dict[UUID, Scope]],
) -> int:
    return sum(
        not rules.passkey_block(before[0], before[1][user_id], aaguid)
        and bool(rules.passkey_block(after[0], after[1][user_id], aaguid))
        for user_id, aaguid in held
    )


def _can_stop(before: PasskeyPolicy, after: PasskeyPolicy) -> bool:
    """Say whether the settings alone could stop a passkey that works."""
    if not before.is_enabled:
        return False
    restriction = (after.is_key_restricted, after.enforcement, after.aaguids)
    is_other = restriction != (before.is_key_restricted, before.enforcement, before.aaguids)
    return not after.is_enabled or (after.is_key_restricted and is_other)


def _is_unsaved(policy: PasskeyPolicy) -> bool:
    return policy.changed_at is None
