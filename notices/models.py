"""What people were told, or are about to be."""

import uuid

from django.db import models
from django.db.models import Q

from accounts.models import Tenant, User
from notices.enums import Kind, Outcome


class Notice(models.Model):
    """One thing to tell a person, or (``person`` is null) the administrators of a tenant; and its own place in the queue.

    ``facts`` hold what the words are made of when the mail is written, in the reader's language: names, times and ids,
    never a secret. ``key`` makes telling it twice tell it once. ``sent_to`` grows with each mail that went out, so that a
    second try writes to nobody twice. ``next_try_at`` is null once nothing of it is to be sent any more.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="notices")
    kind = models.CharField(max_length=32)  # of notices.enums.Kind; no choices, or each new one would be a migration
    facts = models.JSONField(default=dict)
    key = models.CharField(max_length=100, null=True, unique=True)  # noqa: DJ001  many have none
    due_at = models.DateTimeField()
    next_try_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    sent_to = models.JSONField(default=list)
    outcome = models.CharField(max_length=16, default=Outcome.WAITING, blank=True)  # of notices.enums.Outcome
    denied_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["tenant", "-due_at", "id"], name="notice_of_tenant"),
            models.Index(fields=["due_at"], name="notice_done_by_age", condition=~Q(outcome="")),
            models.Index(fields=["next_try_at"], name="notice_waiting", condition=Q(next_try_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.person_id or 'administrators'}"

    @property
    def what(self) -> Kind:
        """Return the kind as the enum."""
        return Kind(self.kind)


class NoticeSettings(models.Model):
    """To whom a tenant's notices to administrators go: these addresses, or, where there are none, the holders of the two
    strongest roles.
    """

    tenant = models.OneToOneField(Tenant, on_delete=models.CASCADE, primary_key=True, related_name="notice_settings")
    addresses = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"Notices of {self.tenant_id}"
