"""Reading app registrations and what they were given."""

from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from accounts.authority import Actor
from accounts.models import Domain, Tenant, User
from core.errors import NotFound
from oidc.enums import Permission, PermissionKind
from oidc.models import Application, ApplicationPermission, ClientSecret, UserConsent
from oidc.scopes import LOW

ANY_TENANT = frozenset({"common", "organizations"})
LONGEST_NAME = 253


def tenant_named(name: str) -> Tenant | None:
    """Return the tenant an address names by id or verified domain, None for any. Raises NotFound."""
    if name in ANY_TENANT:
        return None
    try:
        found = Tenant.objects.filter(pk=UUID(name)).first()
    except ValueError:
        owned = Domain.objects.select_related("tenant").filter(name=name[:LONGEST_NAME].casefold(), is_verified=True)
        domain = owned.first()
        found = domain.tenant if domain else None
    if found is None or not found.is_enabled:
        raise NotFound("tenant")
    return found


def client_named(client_id: str, tenant: Tenant | None) -> Application | None:
    """Return the enabled application with that client id, if it is one of ``tenant`` (None: of any)."""
    try:
        applications = Application.objects.select_related("tenant").filter(client_id=client_id, is_enabled=True)
        found = applications.first() if "\x00" not in client_id else None
    except (ValidationError, ValueError):
        return None
    if found is None or not found.tenant.is_enabled or (tenant is not None and found.tenant_id != tenant.id):
        return None
    return found


def missing_consents(
    application: Application, user: User, wanted: frozenset[Permission]
) -> tuple[frozenset[Permission], frozenset[Permission]]:
    """Return what the person must agree to before ``wanted`` is given, and what only an administrator can give."""
    missing = wanted - given_to(application, PermissionKind.DELEGATED)
    agreed = UserConsent.objects.filter(application=application, user=user).values_list("name", flat=True)
    return (missing & LOW) - {Permission(name) for name in agreed}, missing - LOW


def applications_of(actor: Actor) -> QuerySet[Application]:
    """Return the registrations within the actor's reach: those of his tenant, for the operator all."""
    applications = Application.objects.select_related("tenant")
    return applications if actor.is_operator else applications.filter(tenant_id=actor.tenant_id)


def application_for(actor: Actor, application_id: UUID) -> Application:
    """Return a registration of the actor's tenant. Raises NotFound, for another tenant's too."""
    found = applications_of(actor).filter(pk=application_id).first()
    if found is None:
        raise NotFound("application")
    return found


def given_to(application: Application, kind: PermissionKind) -> frozenset[Permission]:
    """Return the permissions an administrator has given an application."""
    rows = ApplicationPermission.objects.filter(application=application, kind=kind, consented_at__isnull=False)
    return frozenset(Permission(name) for name in rows.values_list("name", flat=True))


def delegated_of(application: Application) -> frozenset[Permission]:
    """Return the delegated permissions an application asks for: what ``.default`` means in a person's name."""
    rows = ApplicationPermission.objects.filter(application=application, kind=PermissionKind.DELEGATED)
    return frozenset(Permission(name) for name in rows.values_list("name", flat=True))


def permissions_of(application: Application) -> list[ApplicationPermission]:
    """Return what an application asks for, delegated first."""
    return list(ApplicationPermission.objects.filter(application=application).order_by("-kind", "name"))


def secrets_of(application: Application) -> list[ClientSecret]:
    """Return an application's secrets, newest first."""
    return list(ClientSecret.objects.filter(application=application).order_by("-created_at", "id"))


def people_who_agreed(application: Application, *, limit: int) -> list[UserConsent]:
    """Return what people agreed to for themselves, newest first, as far as ``limit``."""
    agreed = UserConsent.objects.select_related("user").filter(application=application)
    return list(agreed.order_by("-id")[:limit])
