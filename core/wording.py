"""How the product says times, durations and devices, and what it calls the machine's operator."""

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

OPERATOR = gettext_lazy("The operator of this installation")
MINUTES_OF_HOUR, MINUTES_OF_DAY = 60, 1440
# What a User-Agent header holds of each, the first match counts: most browsers also name the ones they descend from.
BROWSERS = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "SamsungBrowser/": "Samsung Internet",
    "Firefox/": "Firefox",
    "FxiOS/": "Firefox",
    "CriOS/": "Chrome",
    "Chrome/": "Chrome",
    "Safari/": "Safari",
}
SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Windows": "Windows",
    "CrOS": "ChromeOS",
    "Macintosh": "Mac",
    "Linux": "Linux",
}


def duration(minutes: int) -> str:
    """Return a duration in the largest unit that says it exactly: "1 hour", "90 minutes", "30 days"."""
    if minutes and minutes % MINUTES_OF_DAY == 0:
        days = minutes // MINUTES_OF_DAY
        return ngettext("%(count)s day", "%(count)s days", days) % {"count": days}
    if minutes and minutes % MINUTES_OF_HOUR == 0:
        hours = minutes // MINUTES_OF_HOUR
        return ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": hours}
    return ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}


def utc_offset(moment: datetime) -> str:
    """Return the offset of the active time zone at ``moment``, as people read it: UTC+01:00."""
    text = timezone.localtime(moment).strftime("%z")
    return f"UTC{text[:3]}:{text[3:5]}"


def when(moment: datetime) -> str:
    """Return a moment in the active time zone: 24 Nov 2026, 11:14 (UTC+01:00)."""
    return _("%(date)s (%(offset)s)") % {
        "date": date_format(timezone.localtime(moment), "j M Y, H:i"),
        "offset": utc_offset(moment),
    }


def device(user_agent: str) -> str:
    """Return a browser and its system from a User-Agent header: "Firefox on Windows". It is only what the caller says."""
    browser = next((name for mark, name in BROWSERS.items() if mark in user_agent), "")
    system = next((name for mark, name in SYSTEMS.items() if mark in user_agent), "")
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or _("Unknown device")
