"""Attempt counters (core/limits.py) and the workers that live (config/worker.py)."""

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


class WorkerBeat(models.Model):
    """A worker that runs (config/worker.py). One that has been silent for a while is dead, and its task another's."""

    name = models.CharField(max_length=64, primary_key=True)
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} seen {self.seen_at:%H:%M:%S}"
