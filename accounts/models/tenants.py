"""An organisation and the domains its user names end in."""

import uuid
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Lower

from accounts.enums import DomainKind, PassPrompt, RequiredStrength


class Tenant(models.Model):
    """One organisation. Nothing of one tenant is ever visible to another.

    ``campaign_since`` repeats for the sign-in, which reads the tenant anyway, that its registration campaign is on.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=120)
    is_enabled = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    time_zone = models.CharField(max_length=64, default="UTC")
    service_desk = models.CharField(
        max_length=200, blank=True, help_text="How people reach the service desk, printed on pass sheets."
    )
    issuer_strength = models.CharField(max_length=24, choices=RequiredStrength, default=RequiredStrength.LASTING_METHOD)
    pass_prompt = models.CharField(max_length=16, choices=PassPrompt, default=PassPrompt.WHEN_USABLE)
    campaign_since = models.DateTimeField(null=True, editable=False)
    methods_fresh_minutes = models.PositiveSmallIntegerField(
        default=15, validators=[MinValueValidator(1), MaxValueValidator(60)]
    )
    admin_fresh_minutes = models.PositiveSmallIntegerField(
        default=60, validators=[MinValueValidator(5), MaxValueValidator(720)]
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(methods_fresh_minutes__range=(1, 60)), name="tenant_methods_fresh_range"
            ),
            models.CheckConstraint(
                condition=models.Q(admin_fresh_minutes__range=(5, 720)), name="tenant_admin_fresh_range"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def tenant_id(self) -> uuid.UUID:
        """A tenant belongs to itself, so that it can stand as the target of an event."""
        return self.id

    @property
    def audit_name(self) -> str:
        """Return what an event calls it."""
        return self.name

    def zone_for(self, own: str = "") -> ZoneInfo:
        """Return the time zone somebody reads times in: his ``own``, else the organisation's, else the installation's."""
        names = (own, self.time_zone, settings.TIME_ZONE)
        return next(zone for name in names if (zone := _zone_named(name)) is not None)


class Domain(models.Model):
    """A DNS name that belongs to one tenant and to no other."""

    name = models.CharField(max_length=253, primary_key=True)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="domains")
    kind = models.CharField(max_length=16, choices=DomainKind, default=DomainKind.MANAGED)
    is_verified = models.BooleanField(default=False)
    is_default = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(name=Lower("name")), name="domain_lower_case"),
            models.UniqueConstraint(fields=["tenant"], condition=models.Q(is_default=True), name="domain_one_default"),
        ]

    def __str__(self) -> str:
        return self.name


def _zone_named(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (KeyError, ValueError, OSError):
        return None
