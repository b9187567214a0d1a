"""Codes, tokens and device grants. Each points to the sign-in it was born of; only digests of them are kept.

``TokenFamily`` joins what came of one consent: a code, the tokens it was redeemed for, and every refresh of those.
Ending the family ends them all with one statement, whatever is being written at that moment.
"""

import uuid
from typing import ClassVar

from django.db import models
from oauth2_provider.models import (
    AbstractAccessToken,
    AbstractDeviceGrant,
    AbstractGrant,
    AbstractIDToken,
    AbstractRefreshToken,
)

from accounts.models import SignInSession, User
from oidc.models.applications import Application


class TokenFamily(models.Model):
    """What came of one consent. ``session`` is null for an application that acts by itself."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="families")
    session = models.ForeignKey(SignInSession, on_delete=models.CASCADE, null=True, related_name="token_families")
    began_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["application"], name="family_live_of_application", condition=models.Q(revoked_at__isnull=True)
            ),
            models.Index(fields=["began_at"], name="family_by_begin"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Grant(AbstractGrant):
    """An authorization code. ``code`` holds its digest; the row stays after its use, so that a second use is seen."""

    objects: ClassVar[models.Manager["Grant"]] = models.Manager()
    resource = None

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    session = models.ForeignKey(SignInSession, on_delete=models.CASCADE, related_name="+")
    family = models.ForeignKey(TokenFamily, on_delete=models.CASCADE, related_name="+")
    used_at = models.DateTimeField(null=True)


class AccessToken(AbstractAccessToken):
    """An access token of our API, as a row, so that ending it counts at once."""

    objects: ClassVar[models.Manager["AccessToken"]] = models.Manager()
    token = resource = None

    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="+")
    session = models.ForeignKey(SignInSession, on_delete=models.CASCADE, null=True, related_name="+")
    family = models.ForeignKey(TokenFamily, on_delete=models.CASCADE, related_name="+")


class RefreshToken(AbstractRefreshToken):
    """A refresh token: good for one use, until its sign-in ends."""

    objects: ClassVar[models.Manager["RefreshToken"]] = models.Manager()
    token = resource = token_family = None

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    token_checksum = models.CharField(max_length=64, unique=True)
    scope = models.TextField(blank=True)
    session = models.ForeignKey(SignInSession, on_delete=models.CASCADE, related_name="+")
    family = models.ForeignKey(TokenFamily, on_delete=models.CASCADE, related_name="+")

    class Meta:
        abstract = False


class IDToken(AbstractIDToken):
    """An ID token, by its id: what a hint or a sign-out names."""

    objects: ClassVar[models.Manager["IDToken"]] = models.Manager()
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    session = models.ForeignKey(SignInSession, on_delete=models.CASCADE, related_name="+")

    class Meta(AbstractIDToken.Meta):
        indexes = [models.Index(fields=["expires"], name="id_token_by_end")]


class DeviceGrant(AbstractDeviceGrant):
    """A device that waits for its person. Both codes are digests. ``session`` is the sign-in of whoever agreed."""

    objects: ClassVar[models.Manager["DeviceGrant"]] = models.Manager()
    client_id = None

    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="+")
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="+")
    session = models.ForeignKey(SignInSession, on_delete=models.CASCADE, null=True, related_name="+")
    family = models.ForeignKey(TokenFamily, on_delete=models.CASCADE, null=True, related_name="+")
    user_code = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    last_checked = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)
    address = models.CharField(max_length=45, blank=True)
    user_agent = models.CharField(max_length=256, blank=True)

    class Meta(AbstractDeviceGrant.Meta):
        indexes = [models.Index(fields=["expires"], name="device_grant_by_end")]


class LogoutListener(models.Model):
    """An application that wants to be told when a sign-in it takes part in is over. Gone once its notice is on the way."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="+")
    session = models.ForeignKey(SignInSession, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["application", "session"], name="logout_listener_once")]

    def __str__(self) -> str:
        return f"{self.application_id} {self.session_id}"
