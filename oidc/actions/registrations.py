"""Registering applications and giving them permissions."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import require_in_tenant
from accounts.authority import Actor
from accounts.enums import Act
from audit.actions import record
from audit.enums import Event
from core import clock
from core.errors import Invalid, NotFound
from oidc.enums import Permission, PermissionKind
from oidc.models import Application, ApplicationPermission
from oidc.scopes import KINDS


def register(actor: Actor, *, name: str, is_confidential: bool, redirect_uris: Iterable[str] = ()) -> Application:
    """Register an application in the actor's tenant. Raises Refused, ConfirmationNeeded, Invalid."""
    tenant_id = tenant_to_manage(actor)
    with transaction.atomic():
        application = Application.objects.create(
            tenant_id=tenant_id,
            name=name.strip(),
            client_type=Application.CLIENT_CONFIDENTIAL if is_confidential else Application.CLIENT_PUBLIC,
            redirect_uris=" ".join(redirect_uris),
        )
        record(Event.APPLICATION_REGISTERED, actor=actor, target=application)
    return application


def request_permissions(
    actor: Actor, *, application: Application, kind: PermissionKind, permissions: Iterable[Permission]
) -> None:
    """Add to what an application asks for. Raises Refused, ConfirmationNeeded, Invalid."""
    require_in_tenant(actor, Act.APPLICATIONS_MANAGE)
    wanted = list(permissions)
    unfit = [one for one in wanted if one not in KINDS[kind]]
    if unfit:
        raise Invalid(
            "permission_kind",
            _("%(permission)s is no permission an application can use by itself.") % {"permission": unfit[0].value},
        )
    with transaction.atomic():
        ApplicationPermission.objects.bulk_create(
            [ApplicationPermission(application=application, kind=kind, name=one) for one in wanted],
            ignore_conflicts=True,
        )


def consent_for_everybody(actor: Actor, *, application: Application) -> list[str]:
    """Give an application everything it asks for, for all people of the tenant. Raises Refused, ConfirmationNeeded."""
    require_in_tenant(actor, Act.CONSENT_GRANT)
    with transaction.atomic():
        asked = ApplicationPermission.objects.filter(application=application, consented_at__isnull=True)
        names = [f"{one.name} ({one.kind})" for one in asked.order_by("kind", "name")]
        asked.update(consented_at=clock.now(), consented_by=actor.user_id, consented_by_name=actor.audit_name)
        record(
            Event.CONSENT_GRANTED,
            actor=actor,
            target=application,
            detail={"permissions": names, "for_everybody": True},
        )
    return names


def tenant_to_manage(actor: Actor) -> UUID:
    """Return the tenant whose applications the actor may manage. Raises Refused, ConfirmationNeeded."""
    require_in_tenant(actor, Act.APPLICATIONS_MANAGE)
    if actor.tenant_id is None:
        raise NotFound("tenant")
    return actor.tenant_id
