"""The one place that reads the time. Rules take ``now`` as an argument; whoever needs the time asks here."""

import zoneinfo
from datetime import datetime
from functools import cache

from django.utils import timezone


def now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return timezone.now()


@cache
def time_zones() -> frozenset[str]:
    """Return every time zone there is. Asked once: to find out, the whole time zone database is walked through."""
    return frozenset(zoneinfo.available_timezones())
