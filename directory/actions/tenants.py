"""Organisations: made by the operator, configured by their Global Administrators."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.access import require_in_tenant, rules_of
from accounts.authority import Actor
from accounts.enums import Act, MethodKind, RequiredStrength, Role, TargetSide
from accounts.models import Domain, RoleAssignment, Tenant, User
from accounts.targeting import Target, replace_targets
from audit.actions import record
from audit.enums import Event
from core import clock
from core.errors import Conflict, Invalid
from directory import rules, wording
from directory.actions.change import lock_tenant
from directory.actions.domains import approve, cleaned, put_domain
from directory.actions.users import add_user
from directory.rules import Profile
from tap.models import TapPolicy

SETTINGS = (
    "name",
    "time_zone",
    "service_desk",
    "issuer_strength",
    "pass_prompt",
    "methods_fresh_minutes",
    "admin_fresh_minutes",
)


def configure_tenant(actor: Actor, *, settings: Mapping[str, Any]) -> Tenant:
    """Change settings of the actor's organisation, by field name. They apply at once.

    Raises Refused, ConfirmationNeeded, Invalid (by field).
    """
    require_in_tenant(actor, Act.TENANT_CONFIGURE)
    assert actor.tenant_id is not None  # noqa: S101  nobody without a tenant has the right
    with transaction.atomic(durable=True):
        lock_tenant(actor.tenant_id)
        tenant = Tenant.objects.get(pk=actor.tenant_id)
        before = {name: getattr(tenant, name) for name in SETTINGS}
        for name, value in settings.items():
            setattr(tenant, name, rules.one_line(value) if name in ("name", "service_desk") else value)
        changed = [name for name in SETTINGS if getattr(tenant, name) != before[name]]
        problems = rules.tenant_problems(tenant)
        if problems:
            raise wording.invalid(problems)
        _check_strength(actor, tenant)
        if changed:
            tenant.save(update_fields=changed)
            detail = {
                "old": {name: before[name] for name in changed},
                "new": {name: getattr(tenant, name) for name in changed},
            }
            record(Event.TENANT_CONFIGURED, actor=actor, target=tenant, detail=detail)
    return tenant


def create_tenant(actor: Actor, *, name: str, domain: str) -> Tenant:
    """Make an organisation with its first domain, which the operator vouches for.

    Raises Refused, Invalid (by field), Conflict where the domain is somebody's.
    """
    require_in_tenant(actor, Act.TENANTS_CREATE)
    try:
        with transaction.atomic(durable=True):
            return _make(actor, name=name, domain=domain)
    except IntegrityError as error:
        raise _exists(domain) from error


def found_tenant(actor: Actor, *, name: str, domain: str, upn: str, display_name: str) -> User:
    """Make an organisation, its Global Administrator, and a policy that lets him alone sign in with a pass.

    An organisation that is there already is taken where nobody is in it. All or nothing, and once: of several at a time
    one wins (criterion G04). Raises Refused, Invalid (by field), Conflict.
    """
    require_in_tenant(actor, Act.TENANTS_CREATE)
    try:
        with transaction.atomic(durable=True):
            tenant = _without_people(name=name, domain=domain) or _make(actor, name=name, domain=domain)
            within = replace(actor, tenant=rules_of(tenant))
            user = add_user(within, profile=Profile(display_name=display_name, upn=upn))
            RoleAssignment.objects.create(tenant=tenant, role=Role.GLOBAL_ADMINISTRATOR, user=user)
            detail = {"role": Role.GLOBAL_ADMINISTRATOR.value, "name": Role.GLOBAL_ADMINISTRATOR.name}
            record(Event.ROLE_ASSIGNED, actor=actor, target=user, detail=detail)
            TapPolicy.objects.create(tenant=tenant, is_enabled=True)
            only_him = [Target(TargetSide.INCLUDE, user_id=user.id)]
            replace_targets(tenant.id, MethodKind.TEMPORARY_ACCESS_PASS, only_him)
            new: dict[str, object] = {"enabled": True, "targets": [{"side": "include", "user": str(user.id)}]}
            record(Event.TAP_POLICY_CHANGED, actor=actor, target=tenant, detail={"new": new})
    except IntegrityError as error:
        raise _exists(domain) from error
    return user


def _make(actor: Actor, *, name: str, domain: str) -> Tenant:
    tenant = Tenant(name=rules.one_line(name), created_at=clock.now())
    problems = rules.tenant_problems(tenant)
    if problems:
        raise wording.invalid(problems)
    tenant.save(force_insert=True)
    record(Event.TENANT_CREATED, actor=actor, target=tenant, detail={"name": tenant.name})
    within = replace(actor, tenant=rules_of(tenant))
    approve(within, put_domain(within, name=domain))
    return tenant


def _without_people(*, name: str, domain: str) -> Tenant | None:
    """Return the organisation of that name and verified domain, locked, where nobody is in it, a deleted person neither."""
    named = Domain.objects.filter(name=cleaned(domain), is_verified=True, tenant__name=rules.one_line(name))
    found = named.select_related("tenant").first()
    if found is None:
        return None
    lock_tenant(found.tenant_id)
    return None if User.everyone.filter(tenant_id=found.tenant_id).exists() else found.tenant


def _check_strength(actor: Actor, tenant: Tenant) -> None:
    """Nobody may demand of administrators what he has not just done himself: it might lock everybody out."""
    if actor.session is not None and actor.session.strength < RequiredStrength(tenant.issuer_strength).least:
        text = _("You signed in with less than this. Sign in that way yourself first, then choose it.")
        raise Invalid("stronger_than_own_sign_in", fields={"issuer_strength": text})


def _exists(domain: str) -> Conflict:
    return Conflict(
        "tenant_exists", _("The domain %(domain)s belongs to an organisation already.") % {"domain": domain}
    )
