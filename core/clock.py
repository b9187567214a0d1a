"""The one place that reads the time. Rules take ``now`` as an argument; whoever needs the time asks here."""

from datetime import datetime

from django.utils import timezone


def now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return timezone.now()
