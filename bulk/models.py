"""Batches, and one row for each person in them."""

import uuid

from django.db import models

from accounts.models import Tenant, User
from bulk.enums import OnOpen, RowState, State


class Batch(models.Model):
    """What one administrator wishes for many people. ``session_id``: the sign-in in which he ordered it.

    ``public_key`` is what the worker seals the codes to; whoever ordered the batch holds the other half.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="+")
    issuer = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    session_id = models.UUIDField()
    created_at = models.DateTimeField()
    source = models.CharField(max_length=300)
    lifetime_in_minutes = models.PositiveIntegerField()
    starts_at = models.DateTimeField(null=True)
    is_usable_once = models.BooleanField()
    reason = models.CharField(max_length=200, blank=True)
    on_open = models.CharField(max_length=16, choices=OnOpen, default=OnOpen.REPLACE)
    state = models.CharField(max_length=16, choices=State, default=State.DRAFT)
    stop_reason = models.CharField(max_length=64, blank=True)
    public_key = models.BinaryField(max_length=32, default=b"")
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    handed_over_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["issuer", "-created_at", "id"], name="batch_of_issuer"),
            models.Index(fields=["created_at"], name="batch_by_creation"),
        ]

    def __str__(self) -> str:
        return f"{self.source} ({self.state})"

    @property
    def is_over(self) -> bool:
        """True where nothing more will be issued."""
        return self.state in (State.DONE, State.STOPPED)


class BatchRow(models.Model):
    """One person. ``pass_id`` follows from the batch and the person, so a second try can make no second pass.

    ``sealed`` is the code, for the holder of the batch's private key, until it is handed over.
    """

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="rows")
    position = models.PositiveIntegerField()
    typed = models.CharField(max_length=320)
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="+")
    state = models.CharField(max_length=16, choices=RowState, default=RowState.WAITING)
    problem = models.CharField(max_length=64, blank=True)
    is_outside = models.BooleanField(default=False)
    has_pass = models.BooleanField(default=False)
    pass_id = models.UUIDField(null=True)
    sealed = models.BinaryField(null=True)

    class Meta:
        indexes = [models.Index(fields=["batch", "state", "position"], name="row_by_state")]
        constraints = [
            models.UniqueConstraint(fields=["batch", "position"], name="row_position"),
            models.UniqueConstraint(
                fields=["batch", "user"],
                condition=models.Q(user__isnull=False) & ~models.Q(problem="twice"),
                name="row_once_per_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position} {self.typed} {self.state}"

    def pass_id_of(self) -> uuid.UUID:
        """Return the id its pass has, or would have."""
        return uuid.uuid5(self.batch_id, str(self.user_id))

    @property
    def sealed_for(self) -> str:
        """Return what the sealed code is bound to."""
        return f"{self.batch_id}|{self.pass_id_of()}"
