"""Saving the policy of a method: one way for all methods."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias, TypeVar

from django.db import transaction

from accounts.access import require_in_tenant
from accounts.authority import Actor
from accounts.enums import Act, Targeted
from accounts.models import MethodPolicy, Tenant
from accounts.targeting import Target, replace_targets, targets_of
from audit.actions import record
from audit.enums import Event
from core import clock
from core.errors import Conflict

Public: TypeAlias = Mapping[str, Any]
P = TypeVar("P", bound=MethodPolicy)


@dataclass(frozen=True)
class PolicyKind(Generic[P]):
    """How one method keeps its policy: ``check`` raises Invalid, ``public`` says what auditors read of the settings.

    ``tell`` lets people know of a change, in its transaction. ``default_targets``: whom the method reaches in a
    tenant that never saved its policy.
    """

    method: Targeted
    model: type[P]
    check: Callable[[P], None]
    public: Callable[[P], Mapping[str, object]]
    tell: Callable[[Actor, Tenant, Targeted, Public, Public], None]
    default_targets: tuple[Target, ...] = ()


def save_policy(
    actor: Actor,
    event: Event,
    *,
    kind: PolicyKind[P],
    version: int,
    settings: Mapping[str, Any],
    targets: Collection[Target] | None = None,
) -> P:
    """Save the policy of the actor's tenant: ``settings`` by field name, those left out stay; the lists unless None.

    ``version`` is the one the form was filled from. Raises Refused, ConfirmationNeeded, Invalid (by field), Conflict.
    """
    require_in_tenant(actor, Act.POLICY_CHANGE)
    assert actor.tenant_id is not None  # noqa: S101  nobody without a tenant passes the line above
    tenant = Tenant.objects.get(pk=actor.tenant_id)
    objects = kind.model._default_manager  # noqa: SLF001  the documented way to the manager of any model
    with transaction.atomic(durable=True):
        _, is_new = objects.get_or_create(tenant=tenant)
        if is_new and kind.default_targets:
            replace_targets(tenant.id, kind.method, kind.default_targets)
        stored = objects.select_for_update().get(tenant=tenant)
        if stored.version != version:
            raise Conflict("policy_changed_meanwhile")
        before = _public(kind, stored)
        policy = stored.having(settings)
        kind.check(policy)
        policy.version, policy.changed_at, policy.changed_by = version + 1, clock.now(), actor.name
        policy.save()
        if targets is not None:
            replace_targets(tenant.id, kind.method, targets)
        after = _public(kind, policy)
        record(event, actor=actor, target=tenant, detail={"old": before, "new": after})
        kind.tell(actor, tenant, kind.method, before, after)
    return policy


def _public(kind: PolicyKind[P], policy: P) -> dict[str, object]:
    targets = [
        {
            "side": target.side.value,
            "all": target.is_all_users,
            "user": str(target.user_id or ""),
            "group": str(target.group_id or ""),
        }
        for target in targets_of(policy.pk, kind.method)
    ]
    return {"enabled": policy.is_enabled, **kind.public(policy), "targets": targets}
