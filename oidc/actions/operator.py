"""What only the machine's operator does, from the command line: tokens for scripts, and new signing keys."""

import uuid
from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction

from accounts.access import Reached, require_in_tenant
from accounts.authority import Actor
from accounts.enums import Act, MethodKind, UserKind
from accounts.models import Tenant
from audit.actions import record
from audit.enums import Event
from core import clock
from core.errors import Invalid
from oidc import keys
from oidc.actions.grants import record_issue
from oidc.enums import Permission, PermissionKind
from oidc.models import Application, SigningKey, TokenFamily
from oidc.queries import given_to
from oidc.tokens import Minted, mint
from signin.establish import establish

COMMAND_LINE = "Command line"


def issue_for_person(
    actor: Actor, *, target: Reached, permissions: Iterable[Permission], lifetime: timedelta
) -> Minted:
    """Make a delegated token for somebody, with a sign-in of its own that ends with it.

    The sign-in says that the operator vouched for the person (docs/decisions/0040). Raises Refused, Invalid.
    """
    target.require(Act.TOKENS_ISSUE)
    user, now = target.user, clock.now()
    if not user.is_enabled or not user.tenant.is_enabled:
        raise Invalid("user_disabled", "This account is disabled.")
    if user.kind == UserKind.EXTERNAL_GUEST:
        raise Invalid("external_guest", "A guest from another organisation signs in there.")
    with transaction.atomic():
        application = _command_line_of(user.tenant)
        session = establish(
            actor, user=user, method=MethodKind.OPERATOR, now=now, ends_at=now + lifetime, user_agent=COMMAND_LINE
        ).session
        session.user = user
        family = TokenFamily.objects.create(application=application, session=session, began_at=now)
        minted = mint(family, permissions, now=now, lifetime=lifetime)
        record_issue(actor, minted, application)
    return minted


def issue_for_application(actor: Actor, *, application: Application, lifetime: timedelta) -> Minted:
    """Make a token with which an application acts by itself, with whatever it was given. Raises Refused, Invalid."""
    require_in_tenant(actor, Act.TOKENS_ISSUE)
    permissions = given_to(application, PermissionKind.APPLICATION)
    if not permissions:
        raise Invalid("nothing_given", "No administrator has given this application any permission of its own.")
    if not application.is_enabled or not application.tenant.is_enabled:
        raise Invalid("application_disabled", "The application is disabled.")
    now = clock.now()
    with transaction.atomic():
        family = TokenFamily.objects.create(application=application, session=None, began_at=now)
        minted = mint(family, permissions, now=now, lifetime=lifetime)
        record_issue(actor, minted, application)
    return minted


def rotate_keys(actor: Actor, *, at_once: bool) -> SigningKey:
    """Let a new key sign from now on. Raises Refused."""
    require_in_tenant(actor, Act.TOKENS_ISSUE)
    with transaction.atomic():
        made = keys.rotate(now=clock.now(), at_once=at_once)
        record(Event.KEYS_ROTATED, actor=actor, detail={"kid": made.kid, "at_once": at_once})
    return made


def _command_line_of(tenant: Tenant) -> Application:
    """Return the registration that the command line's tokens belong to: one a tenant, made when first needed."""
    application, _is_new = Application.objects.get_or_create(
        client_id=str(uuid.uuid5(tenant.id, "command-line")),
        defaults={"tenant": tenant, "name": COMMAND_LINE, "client_type": Application.CLIENT_PUBLIC},
    )
    return application
