"""Passkeys, the policy that rules them, the campaign that asks for them, and the challenges they answer."""

import uuid

from django.db import models

from accounts.models import MethodPolicy, SignInSession, Tenant, User
from authmethods.enums import KeyEnforcement, Purpose

LONGEST_SNOOZE = 14  # days, as in Graph


class PasskeyPolicy(MethodPolicy):
    """A tenant's passkey settings, named as Graph's fido2AuthenticationMethodConfiguration means them.

    ``aaguids``, as text, are for the ``enforcement`` that applies while ``is_key_restricted``.
    """

    tenant = models.OneToOneField(Tenant, on_delete=models.CASCADE, primary_key=True, related_name="passkey_policy")
    is_enabled = models.BooleanField(default=True)
    is_self_service_allowed = models.BooleanField(default=True)
    is_attestation_enforced = models.BooleanField(default=False)
    is_key_restricted = models.BooleanField(default=False)
    enforcement = models.CharField(max_length=8, choices=KeyEnforcement, default=KeyEnforcement.BLOCK)
    aaguids = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"Passkey policy of {self.tenant_id}"


class RegistrationCampaign(MethodPolicy):
    """Whether people who sign in with a pass are taken through registration, by Graph's name of it.

    ``is_default``: the organisation has not decided, which is as off.
    """

    tenant = models.OneToOneField(
        Tenant, on_delete=models.CASCADE, primary_key=True, related_name="registration_campaign"
    )
    is_default = models.BooleanField(default=True)
    snooze_days = models.PositiveSmallIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(snooze_days__range=(0, LONGEST_SNOOZE)), name="campaign_snooze_range"
            ),
            models.CheckConstraint(
                condition=~models.Q(is_default=True, is_enabled=True), name="campaign_default_is_off"
            ),
        ]

    def __str__(self) -> str:
        return f"Registration campaign of {self.tenant_id}"


class RegistrationSnooze(models.Model):
    """How often a person skipped registration, and until when he is not asked again."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="registration_snooze")
    times = models.PositiveSmallIntegerField()
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.times} until {self.until:%Y-%m-%d %H:%M}"


class Passkey(models.Model):
    """A WebAuthn credential of one user. ``credential_id`` is unique over all tenants (WebAuthn L3 §7.1 step 26).

    ``registered_with_pass_id``: the pass its registration goes back to, if need be through another passkey.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # The indexes below serve both. One of the tenant alone finds nothing sooner, but let SQLite go through everybody's.
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="passkeys", db_index=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="passkeys", db_index=False)
    credential_id = models.BinaryField(max_length=1023, unique=True)
    public_key = models.BinaryField()
    sign_count = models.PositiveBigIntegerField()
    aaguid = models.UUIDField()
    is_attested = models.BooleanField(default=False)  # the model is proved, not only said
    transports = models.JSONField(default=list)
    is_backup_eligible = models.BooleanField()
    is_backed_up = models.BooleanField()
    name = models.CharField(max_length=100)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    registered_with_pass_id = models.UUIDField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["user", "created_at"], name="passkey_of_user"),
            models.Index(fields=["tenant", "created_at"], name="passkey_by_creation"),
        ]

    def __str__(self) -> str:
        return self.name


class Ceremony(models.Model):
    """One challenge: random, short-lived, for one purpose, one browser and one answer (criterion D01).

    Registration belongs to a user's session; a sign-in has no session yet and is bound to the browser by ``browser``,
    a digest of the value in its flow cookie. A registration for somebody else belongs to whoever does it: his session,
    or the application that ``browser`` then names.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    purpose = models.CharField(max_length=16, choices=Purpose)
    challenge = models.BinaryField(max_length=64)
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="+")
    session = models.ForeignKey(SignInSession, on_delete=models.CASCADE, null=True, related_name="+")
    browser = models.CharField(max_length=64, blank=True)
    expires_at = models.DateTimeField()
    spent_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["expires_at"], name="ceremony_by_expiry")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(purpose=Purpose.SIGN_IN)
                | models.Q(purpose=Purpose.PROVISION, user__isnull=False)
                | models.Q(user__isnull=False, session__isnull=False),
                name="registration_has_session",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} until {self.expires_at:%H:%M:%S}"
