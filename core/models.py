"""Attempt counters (core/limits.py)."""

from django.db import models


class AttemptLane(models.Model):
    """How often one lane (an account from one network, a pass, a network …) was tried, and until when it must wait.

    Times are Unix seconds, because one SQL statement compares and moves them on both databases.
    """

    key = models.CharField(max_length=64, primary_key=True)
    count = models.PositiveIntegerField()
    blocked_until = models.BigIntegerField()
    forget_at = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.count} until {self.forget_at}"

    class Meta:
        indexes = [models.Index(fields=["forget_at"], name="attempt_lane_forget")]
