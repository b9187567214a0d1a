"""Events. No foreign keys: an event outlives whatever it names, so it keeps ids and the names of the time."""

from django.db import models

from audit.enums import Outcome


class AuditEvent(models.Model):
    """One security-relevant act, refused ones included. Never a secret, never changed, never deleted."""

    at = models.DateTimeField()
    tenant_id = models.UUIDField(null=True)
    event = models.CharField(max_length=64)  # of audit.enums.Event; no choices, or each new event would be a migration
    outcome = models.CharField(max_length=16, choices=Outcome)
    reason = models.CharField(max_length=64, blank=True)
    actor_id = models.UUIDField(null=True)
    actor_name = models.CharField(max_length=320)
    target_id = models.UUIDField(null=True)
    target_name = models.CharField(max_length=320, blank=True)
    session_id = models.UUIDField(null=True)
    address = models.CharField(max_length=45, blank=True)
    request_id = models.CharField(max_length=36, blank=True)
    detail = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["tenant_id", "-id"], name="audit_tenant"),
            models.Index(fields=["tenant_id", "actor_id", "-id"], name="audit_actor"),
            models.Index(fields=["tenant_id", "target_id", "-id"], name="audit_target"),
            models.Index(fields=["tenant_id", "event", "at"], name="audit_event_at"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.event} {self.outcome}"
