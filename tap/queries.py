"""Reading passes and the policy that rules them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import FilteredRelation, Q

from accounts.authority import Actor, reach_of
from accounts.enums import Act, MethodKind, Standing
from accounts.memberships import roles_of
from accounts.models import User
from accounts.targeting import Scope, Target, scopes_of, targets_of
from core.text import fold_upn
from tap.models import TapPolicy, TemporaryAccessPass
from tap.rules import State, usability

METHOD = MethodKind.TEMPORARY_ACCESS_PASS


@dataclass(frozen=True)
class Account:
    """What a typed user name leads to: a person or nobody, and the open pass or none."""

    user: User | None
    issued: TemporaryAccessPass | None


def account_named(upn: str) -> Account:
    """Return user, tenant, policy and open pass in one indexed query, so that every answer takes as long (criterion C04)."""
    user = (
        User.objects.filter(upn_key=fold_upn(upn))
        .alias(open_pass=FilteredRelation("passes", condition=Q(passes__deleted_at=None, passes__replaced_by=None)))
        .select_related("tenant__tap_policy", "open_pass")
        .first()
    )
    issued: TemporaryAccessPass | None = getattr(user, "open_pass", None)
    return Account(user=user, issued=issued)


def policy_of(tenant_id: UUID) -> TapPolicy:
    """Return the tenant's policy; one that was never saved has the specification's defaults and is off."""
    return TapPolicy.objects.filter(tenant_id=tenant_id).first() or TapPolicy(tenant_id=tenant_id)


def pass_of(user_id: UUID) -> TemporaryAccessPass | None:
    """Return the one pass a user has, whatever its state."""
    return TemporaryAccessPass.objects.open().select_related("user").filter(user_id=user_id).first()


def targets(tenant_id: UUID) -> list[Target]:
    """Return the include and exclude lists of the policy."""
    return targets_of(tenant_id, METHOD)


def scope_for(user: User) -> Scope:
    """Say whether the policy reaches ``user``, and through which line."""
    return scopes_of([user.id], targets(user.tenant_id))[user.id]


def state_of(issued: TemporaryAccessPass, *, policy: TapPolicy, now: datetime) -> State:
    """Judge one open pass."""
    return states_of([issued], policy=policy, lists=targets(issued.tenant_id), now=now)[issued.id]


def states_of(
    passes: Collection[TemporaryAccessPass],
    *,
    policy: TapPolicy,
    lists: Collection[Target],
    now: datetime,
) -> dict[UUID, State]:
    """Judge many passes of one tenant in two queries, whatever their number."""
    scopes = scopes_of({issued.user_id for issued in passes}, lists)
    people = {issued.user_id for issued in passes} | {issued.issuer_id for issued in passes if issued.issuer_id}
    roles = roles_of(people) if people else {}
    states = {}
    for issued in passes:
        is_admin = bool(roles[issued.user_id])
        issuer = (
            Actor(user_id=issued.issuer_id, roles=roles[issued.issuer_id])
            if issued.issuer_id
            else Actor(is_operator=True)
        )
        may = not is_admin or Standing.ADMIN in reach_of(issuer, Act.PASS_ISSUE)
        states[issued.id] = usability(issued, policy, scopes[issued.user_id], now=now, issuer_may=may)
    return states
