"""Reading app registrations and what they were given."""

from uuid import UUID

from django.db.models import QuerySet

from accounts.authority import Actor
from core.errors import NotFound
from oidc.enums import Permission, PermissionKind
from oidc.models import Application, ApplicationPermission


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
