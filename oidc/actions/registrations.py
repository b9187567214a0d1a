"""Registering applications: their addresses, their secrets, and whether they work at all."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import require_in_tenant
from accounts.authority import Actor
from accounts.enums import Act
from audit.actions import record
from audit.enums import Event
from core import clock
from core.errors import Invalid, NotFound
from core.secrets import digest, make_token
from oidc.models import Application, ClientSecret, TokenFamily
from oidc.rules import redirect_is_sound

HINT = 3  # characters of a secret that stay, to tell it from others
MOST_SECRETS = 10
LONGEST_SECRET = timedelta(days=730)


@dataclass(frozen=True)
class Addresses:
    """Where an application may be answered, and whether devices may sign in to it."""

    redirect_uris: tuple[str, ...] = ()
    post_logout_redirect_uris: tuple[str, ...] = ()
    logout_uri: str = ""
    allows_device_code: bool = False


@dataclass(frozen=True)
class Made:
    """A new secret, whose text is shown once."""

    secret: ClientSecret
    text: str

    def __repr__(self) -> str:
        return f"Made({self.secret.id}, text hidden)"


def register(actor: Actor, *, name: str, is_confidential: bool, redirect_uris: Iterable[str] = ()) -> Application:
    """Register an application in the actor's tenant. Raises Refused, ConfirmationNeeded, Invalid."""
    require_in_tenant(actor, Act.APPLICATIONS_MANAGE)
    if actor.tenant_id is None:
        raise NotFound("tenant")
    wanted = _sound(redirect_uris, "redirect_uris")
    with transaction.atomic():
        application = Application.objects.create(
            tenant_id=actor.tenant_id,
            name=name.strip(),
            client_type=Application.CLIENT_CONFIDENTIAL if is_confidential else Application.CLIENT_PUBLIC,
            redirect_uris=" ".join(wanted),
        )
        record(Event.APPLICATION_REGISTERED, actor=actor, target=application)
    return application


def change_addresses(actor: Actor, *, application: Application, addresses: Addresses) -> None:
    """Replace an application's addresses. Raises Refused, ConfirmationNeeded, Invalid."""
    require_in_tenant(actor, Act.APPLICATIONS_MANAGE)
    new = {
        "redirect_uris": " ".join(_sound(addresses.redirect_uris, "redirect_uris")),
        "post_logout_redirect_uris": " ".join(_sound(addresses.post_logout_redirect_uris, "post_logout_redirect_uris")),
        "logout_uri": _sound_logout_uri(addresses.logout_uri),
        "allows_device_code": addresses.allows_device_code,
    }
    old = {name: getattr(application, name) for name in new}
    if old == new:
        return
    with transaction.atomic():
        Application.objects.filter(pk=application.pk).update(**new)
        changed = {name: {"old": old[name], "new": new[name]} for name in new if old[name] != new[name]}
        record(Event.APPLICATION_CHANGED, actor=actor, target=application, detail=changed)


def set_enabled(actor: Actor, *, application: Application, is_enabled: bool) -> None:
    """Let an application work, or let nothing of it work from the next request on. Raises Refused, ConfirmationNeeded."""
    require_in_tenant(actor, Act.APPLICATIONS_MANAGE)
    with transaction.atomic():
        if Application.objects.filter(pk=application.pk, is_enabled=not is_enabled).update(is_enabled=is_enabled):
            record(Event.APPLICATION_CHANGED, actor=actor, target=application, detail={"is_enabled": is_enabled})


def delete(actor: Actor, *, application: Application) -> None:
    """Delete an application with all its tokens, secrets and consents. Raises Refused, ConfirmationNeeded."""
    require_in_tenant(actor, Act.APPLICATIONS_MANAGE)
    with transaction.atomic():
        record(Event.APPLICATION_DELETED, actor=actor, target=application)
        application.delete()


def add_secret(actor: Actor, *, application: Application, name: str, lifetime: timedelta) -> Made:
    """Make a secret for a confidential application; its text is never to be had again.

    Raises Refused, ConfirmationNeeded, Invalid.
    """
    require_in_tenant(actor, Act.APPLICATIONS_MANAGE)
    if not application.is_confidential:
        raise Invalid("public_client", _("An application on people's own machines can keep no secret."))
    if not timedelta() < lifetime <= LONGEST_SECRET:
        raise Invalid("secret_lifetime", _("A secret lives for two years at most."))
    if ClientSecret.objects.filter(application=application).count() >= MOST_SECRETS:
        raise Invalid("too_many_secrets", _("An application has ten secrets at most. Delete one first."))
    now, text = clock.now(), make_token()
    with transaction.atomic():
        secret = ClientSecret.objects.create(
            application=application,
            name=name.strip(),
            digest=digest(text),
            hint=text[:HINT],
            created_at=now,
            expires_at=now + lifetime,
        )
        detail = {"secret": str(secret.id), "hint": secret.hint, "expires_at": secret.expires_at.isoformat()}
        record(Event.SECRET_ADDED, actor=actor, target=application, detail=detail)
    return Made(secret, text)


def delete_secret(actor: Actor, *, application: Application, secret_id: UUID) -> None:
    """Delete a secret: it proves nothing any more. Tokens it helped to get stay. Raises Refused, NotFound."""
    require_in_tenant(actor, Act.APPLICATIONS_MANAGE)
    with transaction.atomic():
        gone, _by_model = ClientSecret.objects.filter(pk=secret_id, application=application).delete()
        if not gone:
            raise NotFound("secret")
        record(Event.SECRET_DELETED, actor=actor, target=application, detail={"secret": str(secret_id)})


def end_tokens_of(application: Application) -> int:
    """End every token an application has, inside the caller's transaction, and return how many families that were."""
    return TokenFamily.objects.filter(application=application, revoked_at__isnull=True).update(revoked_at=clock.now())


def _sound(uris: Iterable[str], field: str) -> list[str]:
    wanted = list(dict.fromkeys(uris))
    unsound = [uri for uri in wanted if not redirect_is_sound(uri)]
    if unsound:
        words = _("%(address)s can't be used. Write https://…, or http://localhost for an application on one machine.")
        raise Invalid("address", fields={field: words % {"address": unsound[0][:100]}})
    return wanted


def _sound_logout_uri(uri: str) -> str:
    """Return where logout tokens are posted: the server itself goes there, so its own machine is out of bounds."""
    if uri and (not redirect_is_sound(uri) or not (uri.startswith("https:") or settings.IS_LOCAL)):
        words = _("%(address)s can't be used. Write an address that begins with https://.")
        raise Invalid("address", fields={"logout_uri": words % {"address": uri[:100]}})
    return uri
