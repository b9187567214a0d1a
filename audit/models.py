"""Events and the chain that seals them. No foreign keys: an event outlives whatever it names, so it keeps ids and names.

The database itself refuses to change or delete what stands here (migration 0004); docs/decisions/0030 and 0031.
"""

from django.db import models

from audit.chain import Sealing
from audit.enums import Outcome


class AuditEvent(models.Model):
    """One security-relevant act, refused ones included. Never a secret, never changed, never deleted.

    ``activity`` is Graph's name for it and ``is_sign_in`` the log it belongs to, as ``audit.activities`` said that day.
    """

    at = models.DateTimeField()
    tenant_id = models.UUIDField(null=True)
    event = models.CharField(max_length=64)  # of audit.enums.Event; no choices, or each new event would be a migration
    activity = models.CharField(max_length=64)
    is_sign_in = models.BooleanField(default=False)
    outcome = models.CharField(max_length=16, choices=Outcome)
    reason = models.CharField(max_length=64, blank=True)
    actor_id = models.UUIDField(null=True)
    actor_name = models.CharField(max_length=320)
    target_id = models.UUIDField(null=True)
    target_name = models.CharField(max_length=320, blank=True)
    session_id = models.UUIDField(null=True)
    address = models.CharField(max_length=45, blank=True)
    user_agent = models.CharField(max_length=256, blank=True)
    request_id = models.CharField(max_length=36, blank=True)
    detail = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["tenant_id", "id"], name="audit_chain"),
            # One for each way the logs are filtered (audit.queries), all in the order they are read.
            models.Index(fields=["tenant_id", "-at", "-id"], name="audit_by_time"),
            models.Index(fields=["tenant_id", "is_sign_in", "-at", "-id"], name="audit_by_log"),
            models.Index(fields=["tenant_id", "event", "-at", "-id"], name="audit_by_event"),
            models.Index(fields=["tenant_id", "activity", "-at", "-id"], name="audit_by_activity"),
            models.Index(fields=["tenant_id", "outcome", "-at", "-id"], name="audit_by_outcome"),
            models.Index(fields=["tenant_id", "actor_id", "-at", "-id"], name="audit_by_actor"),
            models.Index(fields=["tenant_id", "target_id", "-at", "-id"], name="audit_by_target"),
            models.Index(fields=["tenant_id", "request_id", "-at", "-id"], name="audit_by_request"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.event} {self.outcome}"


class Seal(models.Model):
    """A stretch of one chain's events under one hash that also covers the seal before it.

    ``chain`` is a tenant's id, or ``audit.chain.NOBODYS`` for events of no tenant. ``marks`` holds 16 bytes for each
    event, its id and the beginning of its digest: they only point at what was changed; the hash is what proves it.
    """

    chain = models.UUIDField()
    number = models.PositiveBigIntegerField()
    previous = models.CharField(max_length=64)
    first_event_id = models.BigIntegerField()
    last_event_id = models.BigIntegerField()
    count = models.PositiveIntegerField()
    sealed_at = models.DateTimeField()
    hash = models.CharField(max_length=64)
    marks = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["chain", "number"], name="seal_once")]

    def __str__(self) -> str:
        return f"{self.chain} {self.number}"

    @property
    def sealing(self) -> Sealing:
        """Return what is hashed of it before its events."""
        return Sealing(
            self.chain,
            self.number,
            self.previous,
            self.first_event_id,
            self.last_event_id,
            self.count,
            self.sealed_at,
        )


class Removal(models.Model):
    """Retention removed a chain's events up to the end of one seal. Signed: verification starts from the newest one."""

    chain = models.UUIDField()
    number = models.PositiveBigIntegerField()
    last_event_id = models.BigIntegerField()
    hash = models.CharField(max_length=64)
    count = models.PositiveBigIntegerField()
    removed_at = models.DateTimeField()
    signature = models.CharField(max_length=128)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["chain", "number"], name="removal_once")]

    def __str__(self) -> str:
        return f"{self.chain} up to {self.number}"


class Verification(models.Model):
    """When the whole log was last verified, and with what result: one row, for those who watch. Nothing relies on it."""

    at = models.DateTimeField()
    is_intact = models.BooleanField()

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {'intact' if self.is_intact else 'damaged'}"


class SealedUpTo(models.Model):
    """How far every chain is sealed: one row that lets the next round look at new events only. Nothing relies on it."""

    event_id = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.event_id)
