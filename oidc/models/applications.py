"""App registrations: which programs may ask for tokens, how they prove who they are, and what they were given."""

import uuid
from typing import ClassVar

from django.db import models
from oauth2_provider.models import AbstractApplication

from accounts.models import Tenant, User
from oidc.enums import Permission, PermissionKind


def make_client_id() -> str:
    """Return a fresh appId."""
    return str(uuid.uuid4())


class Application(AbstractApplication):
    """One program of one tenant. ``client_id`` is Graph's appId.

    What the toolkit keeps in one column each and we do not: the owner, one grant type, one secret, a signing algorithm.
    """

    objects: ClassVar[models.Manager["Application"]] = models.Manager()
    user = authorization_grant_type = client_secret = hash_client_secret = skip_authorization = None
    algorithm = allowed_origins = registration_source = cimd_expires_at = None

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="+")
    client_id = models.CharField(max_length=36, unique=True, default=make_client_id, editable=False)
    name = models.CharField(max_length=120)
    logout_uri = models.CharField(max_length=500, blank=True, help_text="Where logout tokens are sent.")
    is_enabled = models.BooleanField(default=True)
    allows_device_code = models.BooleanField(default=False)

    class Meta(AbstractApplication.Meta):
        indexes = [models.Index(fields=["tenant", "name", "id"], name="application_by_name")]

    @property
    def audit_name(self) -> str:
        """Return what an event calls it."""
        return f"{self.name} ({self.client_id})"

    @property
    def is_confidential(self) -> bool:
        """True where it must prove itself with a secret."""
        return bool(self.client_type == self.CLIENT_CONFIDENTIAL)


class ClientSecret(models.Model):
    """One secret of a confidential application: made here with 256 random bits, so a plain digest keeps it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="secrets")
    name = models.CharField(max_length=120, blank=True)
    digest = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=3)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.hint}…"


class ApplicationPermission(models.Model):
    """A permission an application asks for; with ``consented_at``, one an administrator gave it for everybody."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="permissions")
    kind = models.CharField(max_length=16, choices=PermissionKind)
    name = models.CharField(max_length=64, choices=Permission)
    consented_at = models.DateTimeField(null=True)
    consented_by = models.UUIDField(null=True)
    consented_by_name = models.CharField(max_length=320, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["application", "kind", "name"], name="application_permission_once")
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.kind})"


class UserConsent(models.Model):
    """What one person agreed to for himself."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="user_consents")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="application_consents")
    name = models.CharField(max_length=64, choices=Permission)
    consented_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["application", "user", "name"], name="user_consent_once")]

    def __str__(self) -> str:
        return self.name
