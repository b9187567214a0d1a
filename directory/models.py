"""Imports, and one row for each line in them."""

import uuid
import zlib

from django.db import models

from accounts.enums import UserKind
from accounts.models import Tenant, User
from directory.enums import ImportState, RowState


class Import(models.Model):
    """A file somebody uploaded. ``packed`` is its text until it was read; the counters are for the progress bar.

    ``good`` are the lines that are to be imported, without those its author has ``left_out``. ``session_id`` is the sign-in
    in which it was ordered. ``turn`` counts how often somebody began to check it: only the latest writes.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="+")
    author = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    session_id = models.UUIDField()
    created_at = models.DateTimeField()
    source = models.CharField(max_length=200)
    packed = models.BinaryField()
    state = models.CharField(max_length=16, choices=ImportState, default=ImportState.CHECKING)
    turn = models.PositiveIntegerField(default=0)
    problem = models.CharField(max_length=400, blank=True)
    lines = models.PositiveIntegerField()
    good = models.PositiveIntegerField(default=0)
    left_out = models.PositiveIntegerField(default=0)
    bad = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["author", "-created_at", "id"], name="import_of_author"),
            models.Index(fields=["created_at"], name="import_by_creation"),
        ]

    def __str__(self) -> str:
        return f"{self.source} ({self.state})"

    @property
    def choosable(self) -> int:
        """Return how many lines nothing is wrong with."""
        return self.good + self.left_out

    @property
    def text(self) -> str:
        """Return what the file says."""
        return zlib.decompress(self.packed).decode()


class ImportRow(models.Model):
    """One line: what it says, cut to what fits, and why it can't be imported: pairs of field and problem."""

    batch = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField()
    display_name = models.CharField(max_length=256, blank=True)
    upn = models.CharField(max_length=320, blank=True)
    mail = models.CharField(max_length=320, blank=True)
    kind = models.CharField(max_length=16, blank=True)
    time_zone = models.CharField(max_length=64, blank=True)
    groups = models.JSONField(default=list)
    state = models.CharField(max_length=16, choices=RowState)
    problems = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "number"], name="import_row_once")]
        indexes = [models.Index(fields=["batch", "state", "number", "id"], name="import_row_by_state")]

    def __str__(self) -> str:
        return f"{self.number} {self.upn} {self.state}"

    @property
    def kind_label(self) -> str:
        """Return what kind of account the line asks for."""
        return str(UserKind(self.kind).label)
