"""Moments, durations, how long is left, and how many there are."""

from datetime import datetime, tzinfo
from math import ceil

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from core import clock
from core.templatetags.ui.library import register
from core.wording import duration, number, remaining


def utc_offset(moment: datetime) -> str:
    """`UTC+01:00`, or `UTC` alone."""
    offset = moment.strftime("%z")
    return "UTC" if offset in {"", "+0000"} else f"UTC{offset[:3]}:{offset[3:5]}"


def format_when(value: datetime, zone: tzinfo | None = None) -> str:
    """`24 Nov 2026, 11:14 (UTC+01:00)` in the person's zone, or in the one given."""
    local = timezone.localtime(value, zone)
    # Translators: a date and time in Django's date format letters.
    return f"{date_format(local, _('j M Y, H:i'))} ({utc_offset(local)})"


@register.simple_tag
def when(value: datetime | None, zone: tzinfo | None = None, *, strong: bool = False) -> SafeString:
    if value is None:
        return mark_safe("")
    local = timezone.localtime(value, zone)
    day, offset = format_when(value, zone).rsplit(" ", 1)
    shape = '<time class="bidi" datetime="{}"><b>{}</b> <span class="muted nowrap">{}</span></time>'
    if not strong:
        shape = shape.replace("<b>", "").replace("</b>", "")
    return format_html(shape, local.isoformat(timespec="seconds"), day, offset)


@register.simple_tag
def when_text(value: datetime, zone: tzinfo | None = None) -> str:
    return format_when(value, zone)


@register.simple_tag
def moment(value: datetime) -> SafeString:
    """`24 Nov 2026, 11:14:07`, to the second, in the active zone: for logs, whose page names the zone."""
    local = timezone.localtime(value)
    # Translators: a date and time with seconds in Django's date format letters.
    text = date_format(local, _("j M Y, H:i:s"))
    return format_html('<time class="bidi nowrap" datetime="{}">{}</time>', local.isoformat(timespec="seconds"), text)


@register.simple_tag
def clock_time(value: datetime, zone: tzinfo | None = None) -> SafeString:
    """`10:41 (UTC+01:00)`, for moments within the day."""
    local = timezone.localtime(value, zone)
    text = f"{date_format(local, _('H:i'))} ({utc_offset(local)})"
    return format_html('<time class="bidi nowrap" datetime="{}">{}</time>', local.isoformat(timespec="seconds"), text)


register.filter("duration", duration)
register.filter("grouped", number)


@register.filter
def minutes_up(seconds: int) -> int:
    """Seconds as whole minutes, rounded up, so that nobody comes back too early."""
    return ceil(seconds / 60)


@register.simple_tag
def countdown(until: datetime) -> SafeString:
    """«9 minutes», kept current by static/js/shell.js; put it into a sentence with `as left`."""
    left = max(0, ceil((until - clock.now()).total_seconds() / 60))
    return format_html(
        '<b class="nowrap" data-countdown-until="{}" data-say="{}">{}</b>',
        until.isoformat(timespec="seconds"),
        _("{left} left"),
        remaining(left),
    )
