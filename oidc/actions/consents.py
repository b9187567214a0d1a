"""What applications ask for, and what they are given."""

from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import require_in_tenant
from accounts.authority import Actor
from accounts.enums import Act
from accounts.models import User
from audit.actions import Detail, record
from audit.enums import Event, Outcome
from core import clock
from core.errors import Invalid, NotFound
from oidc.actions.registrations import end_tokens_of
from oidc.enums import Permission, PermissionKind
from oidc.models import Application, ApplicationPermission, UserConsent
from oidc.scopes import KINDS


def request_permissions(
    actor: Actor, *, application: Application, kind: PermissionKind, permissions: Iterable[Permission]
) -> None:
    """Add to what an application asks for. Raises Refused, ConfirmationNeeded, Invalid."""
    require_in_tenant(actor, Act.APPLICATIONS_MANAGE)
    wanted = list(permissions)
    unfit = [one for one in wanted if one not in KINDS[kind]]
    if unfit:
        words = _("%(permission)s is no permission an application can use by itself.")
        raise Invalid("permission_kind", words % {"permission": unfit[0].value})
    with transaction.atomic():
        ApplicationPermission.objects.bulk_create(
            [ApplicationPermission(application=application, kind=kind, name=one) for one in wanted],
            ignore_conflicts=True,
        )
        added = [f"{one.value} ({kind})" for one in wanted]
        record(Event.PERMISSIONS_CHANGED, actor=actor, target=application, detail={"added": added})


def remove_permission(actor: Actor, *, application: Application, permission_id: int) -> None:
    """Take a permission away; if it had been given, every token of the application ends, for any may carry it.

    Raises Refused, ConfirmationNeeded, NotFound.
    """
    require_in_tenant(actor, Act.APPLICATIONS_MANAGE)
    with transaction.atomic():
        asked = ApplicationPermission.objects.filter(pk=permission_id, application=application).first()
        if asked is None:
            raise NotFound("permission")
        asked.delete()
        ended = end_tokens_of(application) if asked.consented_at else 0
        detail: Detail = {"removed": [f"{asked.name} ({asked.kind})"], "tokens_ended": ended}
        record(Event.PERMISSIONS_CHANGED, actor=actor, target=application, detail=detail)


def consent_for_everybody(actor: Actor, *, application: Application) -> list[str]:
    """Give an application everything it asks for, for all people of the tenant. Raises Refused, ConfirmationNeeded."""
    require_in_tenant(actor, Act.CONSENT_GRANT)
    with transaction.atomic():
        asked = ApplicationPermission.objects.filter(application=application, consented_at__isnull=True)
        names = [f"{one.name} ({one.kind})" for one in asked.order_by("kind", "name")]
        asked.update(consented_at=clock.now(), consented_by=actor.user_id, consented_by_name=actor.audit_name)
        detail: Detail = {"permissions": names, "for_everybody": True}
        record(Event.CONSENT_GRANTED, actor=actor, target=application, detail=detail)
    return names


def withdraw_consents(actor: Actor, *, application: Application) -> int:
    """Forget what people agreed to for themselves and end the application's tokens; return how many people that were.

    Raises Refused, ConfirmationNeeded.
    """
    require_in_tenant(actor, Act.CONSENT_GRANT)
    with transaction.atomic():
        agreed = UserConsent.objects.filter(application=application)
        people = agreed.values("user").distinct().count()
        agreed.delete()
        detail = {"people": people, "tokens_ended": end_tokens_of(application)}
        record(Event.CONSENT_WITHDRAWN, actor=actor, target=application, detail=detail)
    return people


def agree(actor: Actor, *, application: Application, user: User, permissions: Iterable[Permission]) -> None:
    """Keep what a person agreed to for himself."""
    names = sorted(one.value for one in permissions)
    now = clock.now()
    with transaction.atomic():
        UserConsent.objects.bulk_create(
            [UserConsent(application=application, user=user, name=name, consented_at=now) for name in names],
            ignore_conflicts=True,
        )
        detail: Detail = {"permissions": names, "for_everybody": False}
        record(Event.CONSENT_GRANTED, actor=actor, target=application, detail=detail)


def refuse(actor: Actor, *, application: Application) -> None:
    """Note that a person did not agree."""
    record(Event.CONSENT_REFUSED, actor=actor, target=application, outcome=Outcome.DENIED)
