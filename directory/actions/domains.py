"""Domains of an organisation. A domain belongs to one organisation, and names nobody before it is verified."""

from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.access import require_in_tenant
from accounts.authority import Actor
from accounts.enums import Act
from accounts.models import Domain, Tenant
from audit.actions import record
from audit.enums import Event
from core.errors import Conflict, Invalid, NotFound
from directory import queries, rules, wording
from directory.actions.change import lock_tenant


def add_domain(actor: Actor, *, name: str) -> Domain:
    """Add a domain to the actor's tenant, not verified yet. Raises Refused, ConfirmationNeeded, Invalid (``name``)."""
    require_in_tenant(actor, Act.DOMAINS_MANAGE)
    try:
        with transaction.atomic(durable=True):
            return put_domain(actor, name=name)
    except IntegrityError as error:
        raise _taken(actor) from error


def put_domain(actor: Actor, *, name: str) -> Domain:
    """Do it inside a transaction of the caller, who has the right. Raises Invalid; IntegrityError where it is taken."""
    assert actor.tenant is not None  # noqa: S101  nobody without a tenant has the right
    clean = cleaned(name)
    problem = rules.domain_problem(clean)
    if problem is not None:
        raise Invalid(problem.value, fields={"name": wording.problem_message("name", problem)})
    domain = Domain(name=clean, tenant=Tenant.objects.get(pk=actor.tenant.id))
    domain.save(force_insert=True)
    record(Event.DOMAIN_ADDED, actor=actor, target=domain.tenant, detail={"domain": clean})
    return domain


def verify_domain(actor: Actor, *, name: str) -> Domain:
    """Note that the operator has seen that a domain is its tenant's. The first one verified becomes the default.

    Raises Refused, NotFound.
    """
    require_in_tenant(actor, Act.DOMAINS_VERIFY)
    with transaction.atomic(durable=True):
        whose = Domain.objects.filter(name=cleaned(name)).values_list("tenant_id", flat=True).first()
        domain = _locked(whose, name)
        approve(actor, domain)
    return domain


def approve(actor: Actor, domain: Domain) -> None:
    """Do it inside a transaction of the caller, who has the right and lets nobody else change the domain."""
    if domain.is_verified:
        return
    has_default = Domain.objects.filter(tenant_id=domain.tenant_id, is_default=True).exists()
    domain.is_verified, domain.is_default = True, not has_default
    domain.save(update_fields=["is_verified", "is_default"])
    record(Event.DOMAIN_VERIFIED, actor=actor, target=domain.tenant, detail={"domain": domain.name})


def make_default(actor: Actor, *, name: str) -> None:
    """Let new user names end in a verified domain unless another is chosen.

    Raises Refused, ConfirmationNeeded, NotFound, Conflict (not verified).
    """
    require_in_tenant(actor, Act.DOMAINS_MANAGE)
    with transaction.atomic(durable=True):
        domain = _locked(actor.tenant_id, name)
        if not domain.is_verified:
            raise Conflict("domain_not_verified", _("This domain is not verified yet. The operator verifies it."))
        old = Domain.objects.filter(tenant_id=domain.tenant_id, is_default=True)
        detail: dict[str, str | None] = {"old": old.values_list("name", flat=True).first(), "new": domain.name}
        old.update(is_default=False)
        Domain.objects.filter(pk=domain.pk).update(is_default=True)
        record(Event.DOMAIN_MADE_DEFAULT, actor=actor, target=domain.tenant, detail=detail)


def remove_domain(actor: Actor, *, name: str) -> None:
    """Take away a domain that no user name ends in, a deleted person's neither.

    Raises Refused, ConfirmationNeeded, NotFound, Conflict (default, in use).
    """
    require_in_tenant(actor, Act.DOMAINS_MANAGE)
    with transaction.atomic(durable=True):
        domain = _locked(actor.tenant_id, name)
        if domain.is_default:
            raise Conflict("domain_is_default", _("This is the default domain. Make another one the default first."))
        if queries.is_domain_used(domain):
            raise Conflict(
                "domain_in_use",
                _("User names end in this domain. Change them first; deleted people count until they are erased."),
            )
        tenant, gone = domain.tenant, domain.name
        domain.delete()
        record(Event.DOMAIN_REMOVED, actor=actor, target=tenant, detail={"domain": gone})


def _locked(tenant_id: UUID | None, name: str) -> Domain:
    """Return a domain of a tenant as it stays until the caller's transaction ends. Raises NotFound."""
    if tenant_id is None:
        raise NotFound("domain")
    lock_tenant(tenant_id)
    domain = Domain.objects.select_related("tenant").filter(tenant_id=tenant_id, name=cleaned(name)).first()
    if domain is None:
        raise NotFound("domain")
    return domain


def cleaned(name: str) -> str:
    """Return what is stored of a domain that was typed."""
    return name.strip().lower().rstrip(".")


def _taken(actor: Actor) -> Invalid:
    text = _("This domain is in use already. If it's yours, ask the operator of this installation.")
    if actor.is_operator:
        text = _("This domain is in use already.")
    return Invalid("domain_taken", fields={"name": text})
