"""The root of trust: one row for each time somebody proved who he is."""

import uuid

from django.db import models

from accounts.enums import Interrupt, MethodKind, SessionEnd
from accounts.models.tenants import Tenant
from accounts.models.users import User


class SignInSession(models.Model):
    """Everything that gives access points here and is judged against this row at each use (accounts/sessions.py).

    ``credential_id`` is the pass or passkey it was made with; ``registration_ends_at`` is the end of the ten minutes in
    which a one-time pass lets its person register a method (None: no such window). Only ``token_digest`` of the
    browser's cookie is kept.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="sign_in_sessions")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sign_in_sessions")
    token_digest = models.CharField(max_length=64, unique=True)
    method = models.CharField(max_length=32, choices=MethodKind)
    credential_id = models.UUIDField(null=True)
    amr = models.JSONField(default=list)
    authenticated_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    registration_ends_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_reason = models.CharField(max_length=24, choices=SessionEnd, blank=True)
    interrupt = models.CharField(max_length=16, choices=Interrupt, default=Interrupt.NONE, blank=True)
    address = models.CharField(max_length=45, blank=True)
    user_agent = models.CharField(max_length=256, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["user", "-authenticated_at"], name="session_of_user"),
            models.Index(fields=["ends_at", "id"], name="session_by_end"),
            models.Index(
                fields=["credential_id"], name="session_of_credential", condition=models.Q(revoked_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.authenticated_at:%Y-%m-%d %H:%M}"
