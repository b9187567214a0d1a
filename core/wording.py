"""How the product says times, durations and devices, and what it calls the machine's operator."""

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

OPERATOR = gettext_lazy("The operator of this installation")
MINUTES_OF_HOUR, MINUTES_OF_DAY, HOURS_OF_DAY = 60, 1440, 24
LONG = 2 * MINUTES_OF_HOUR  # from here on nobody counts minutes only
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
    """Return a duration exactly, in the units people count in: "30 days", "1 hour", "90 minutes", "7 hours 30 minutes"."""
    if minutes and minutes % MINUTES_OF_DAY == 0:
        return _days(minutes // MINUTES_OF_DAY)
    hours, rest = divmod(minutes, MINUTES_OF_HOUR)
    if minutes and rest == 0:
        return _hours(hours)
    return f"{_hours(hours)} {_minutes(rest)}" if minutes >= LONG else _minutes(minutes)


def remaining(minutes: int) -> str:
    """Return how long is left, as static/js/shell.js says it too: "20 days 4 hours", "7 hours 30 minutes", "9 minutes"."""
    if minutes >= 2 * MINUTES_OF_DAY:
        days, hours = divmod(-(-minutes // MINUTES_OF_HOUR), HOURS_OF_DAY)
        return f"{_days(days)} {_hours(hours)}" if hours else _days(days)
    hours, rest = divmod(minutes, MINUTES_OF_HOUR)
    if not hours:
        return _minutes(rest)
    return f"{_hours(hours)} {_minutes(rest)}" if rest else _hours(hours)


def utc_offset(moment: datetime) -> str:
    """Return the offset of the active time zone at ``moment``, as people read it: UTC+01:00."""
    text = timezone.localtime(moment).strftime("%z")
    return f"UTC{text[:3]}:{text[3:5]}"


def when(moment: datetime) -> str:
    """Return a moment in the active time zone: 24 Nov 2026, 11:14 (UTC+01:00)."""
    return _("%(date)s (%(offset)s)") % {
        # Translators: a date and time in Django's date format letters.
        "date": date_format(timezone.localtime(moment), _("j M Y, H:i")),
        "offset": utc_offset(moment),
    }


def number(value: int) -> str:
    """Return a number as the active language groups its digits: 10,000."""
    return number_format(value, use_l10n=True, force_grouping=True)


def device(user_agent: str) -> str:
    """Return a browser and its system from a User-Agent header: "Firefox on Windows". It is only what the caller says."""
    browser = next((name for mark, name in BROWSERS.items() if mark in user_agent), "")
    system = next((name for mark, name in SYSTEMS.items() if mark in user_agent), "")
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or _("Unknown device")


def _days(count: int) -> str:
    return ngettext("%(count)s day", "%(count)s days", count) % {"count": count}


def _hours(count: int) -> str:
    return ngettext("%(count)s hour", "%(count)s hours", count) % {"count": count}


def _minutes(count: int) -> str:
    return ngettext("%(count)s minute", "%(count)s minutes", count) % {"count": count}
