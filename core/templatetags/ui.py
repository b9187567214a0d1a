"""The parts that pages are made of. docs/ui.md shows each with its parameters and an example."""

from collections.abc import Callable
from datetime import datetime, tzinfo
from math import ceil
from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput
from django.template.context import Context
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import clock

register = template.Library()

AVATAR_TONES = 6
FLIPPED = frozenset({"arrow-left", "chevron-right", "exit", "sign-out", "undo"})
HOUR = 60
DAY = 24 * HOUR
PASS_GROUP = 4
# One number for each plural category that languages know, so the browser can count without knowing our words.
PLURAL_SAMPLES = {"zero": 0, "one": 1, "two": 2, "few": 3, "many": 11, "other": 100}
BAR_ICONS = {"info": "info", "success": "check", "warning": "warning", "error": "error"}


# ---- small parts


@register.simple_tag
def icon(name: str, classes: str = "") -> SafeString:
    """An icon of the sprite; decorative, so the text or aria-label beside it names the thing."""
    flip = " flip" if name in FLIPPED else ""
    return format_html(
        '<svg class="icon{}{}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        flip,
        f" {classes}" if classes else "",
        static("vendor/icons.svg"),
        name,
    )


@register.simple_tag
def script(name: str) -> SafeString:
    """A behaviour of static/js. The same module named twice still runs once."""
    return format_html('<script type="module" src="{}"></script>', static(f"js/{name}.js"))


def initials_of(name: str) -> str:
    words = [word for word in name.split() if word[0].isalnum()] or ["?"]
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


@register.filter
def initials(name: str) -> str:
    return initials_of(name)


@register.simple_tag
def avatar(name: str, classes: str = "") -> SafeString:
    """Initials in a circle whose colour belongs to the name; static/js/picker.js counts the same way."""
    tone = sum(map(ord, name)) % AVATAR_TONES
    return format_html(
        '<span class="avatar a{}{}" aria-hidden="true">{}</span>',
        tone,
        f" {classes}" if classes else "",
        initials_of(name),
    )


@register.simple_tag
def pill(text: str, kind: str = "", plain: bool = False) -> SafeString:
    """A state: ok, warn, bad, info or nothing; the word carries the meaning, the colour only helps."""
    return format_html('<span class="pill{}{}">{}</span>', f" {kind}" if kind else "", " plain" if plain else "", text)


# ---- time


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
def when(value: datetime | None, zone: tzinfo | None = None, strong: bool = False) -> SafeString:
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
def clock_time(value: datetime, zone: tzinfo | None = None) -> SafeString:
    """`10:41 (UTC+01:00)`, for moments within the day."""
    local = timezone.localtime(value, zone)
    text = f"{date_format(local, _('H:i'))} ({utc_offset(local)})"
    return format_html('<time class="bidi nowrap" datetime="{}">{}</time>', local.isoformat(timespec="seconds"), text)


@register.filter
def duration(minutes: int) -> str:
    """Whole days or hours where they fit (24 hours stay hours), otherwise minutes."""
    if minutes and minutes % DAY == 0:
        return ngettext("%(n)d day", "%(n)d days", minutes // DAY) % {"n": minutes // DAY}
    if minutes and minutes % HOUR == 0:
        return ngettext("%(n)d hour", "%(n)d hours", minutes // HOUR) % {"n": minutes // HOUR}
    return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}


@register.filter
def minutes_up(seconds: int) -> int:
    """Seconds as whole minutes, rounded up, so that nobody comes back too early."""
    return ceil(seconds / 60)


@register.simple_tag
def countdown(until: datetime) -> SafeString:
    """«9 minutes», kept current by static/js/countdown.js; put it into a sentence with `as left`."""
    left = max(0, ceil((until - clock.now()).total_seconds() / 60))

    def words(number: int, shown: object) -> str:
        return ngettext("%(n)s minute", "%(n)s minutes", number) % {"n": shown}

    forms = format_html_join(
        " ", 'data-{}="{}"', ((name, words(number, "{n}")) for name, number in PLURAL_SAMPLES.items())
    )
    return format_html(
        '<b class="nowrap" data-countdown-until="{}" data-say="{}" {}>{}</b>{}',
        until.isoformat(timespec="seconds"),
        _("{left} left"),
        forms,
        words(left, left),
        script("countdown"),
    )


# ---- forms


def _ids(bound: BoundField, help_text: str) -> str:
    ids = [f"{bound.auto_id}_helptext"] if help_text else []
    if bound.errors:
        ids.append(f"{bound.auto_id}_error")
    return " ".join(ids)


def _control(bound: BoundField, help_text: str, attrs: dict[str, Any]) -> SafeString:
    """The widget, tied to its help and error."""
    wired = {name.replace("_", "-"): value for name, value in attrs.items() if value not in ("", None, False)}
    if described := _ids(bound, help_text):
        wired["aria-describedby"] = described
    if bound.errors:
        wired["aria-invalid"] = "true"
    return bound.as_widget(attrs=wired)


@register.inclusion_tag("components/field.html")
def field(
    bound: BoundField,
    label: str = "",
    help: str = "",  # noqa: A002
    optional: bool = False,
    hide_label: bool = False,
    **attrs: Any,
) -> dict[str, Any]:
    """Label, control, help and errors of one form field; further arguments become attributes of the control."""
    help_text = help or bound.help_text
    return {
        "bound": bound,
        "label": label or bound.label,
        "help": help_text,
        "optional": optional,
        "hide_label": hide_label,
        "is_check": isinstance(bound.field.widget, CheckboxInput),
        "control": _control(bound, help_text, attrs),
    }


@register.inclusion_tag("components/setting.html")
def setting(
    bound: BoundField,
    label: str = "",
    help: str = "",  # noqa: A002
    unit: str = "",
    unit_field: BoundField | None = None,
    **attrs: Any,
) -> dict[str, Any]:
    """A row of a settings list: words left, control right. A checkbox is drawn as a switch."""
    help_text = help or bound.help_text
    name = label or bound.label
    is_switch = isinstance(bound.field.widget, CheckboxInput)
    if is_switch:
        attrs["role"] = "switch"
    unit_label = _("%(field)s, unit") % {"field": name}
    return {
        "bound": bound,
        "label": name,
        "help": help_text,
        "is_switch": is_switch,
        "control": _control(bound, help_text, attrs),
        "unit": unit,
        "unit_control": unit_field.as_widget(attrs={"aria-label": unit_label}) if unit_field else "",
        "errors": [*bound.errors, *(unit_field.errors if unit_field else [])],
    }


@register.inclusion_tag("components/segments.html")
def segments(bound: BoundField, label: str = "", help: str = "", unfold: str = "") -> dict[str, Any]:  # noqa: A002
    """Radio buttons side by side; the choice whose value is `unfold` opens the `.unfolded` part beside it."""
    chosen = str(bound.value())
    help_text = help or bound.help_text
    choices = [
        {"value": str(value), "text": text, "checked": str(value) == chosen, "id": f"{bound.auto_id}_{index}"}
        for index, (value, text) in enumerate(bound.field.choices)
    ]
    return {
        "bound": bound,
        "label": label or bound.label,
        "help": help_text,
        "choices": choices,
        "unfold": unfold,
        "described": _ids(bound, help_text),
        "disabled": bound.field.disabled,
    }


@register.simple_block_tag
def option(
    content: str, bound: BoundField, value: object, disabled: bool = False, autofocus: bool = False
) -> SafeString:
    """One option card: a radio button with its explanation as content."""
    return format_html(
        '<label class="option"><input type="radio" name="{}" value="{}"{}{}{}><div>{}</div></label>',
        bound.html_name,
        value,
        mark_safe(" checked") if str(bound.value()) == str(value) else "",
        mark_safe(" disabled") if disabled or bound.field.disabled else "",
        mark_safe(" autofocus") if autofocus else "",
        content,
    )


@register.inclusion_tag("components/field_errors.html")
def field_errors(bound: BoundField) -> dict[str, Any]:
    return {"bound": bound}


@register.inclusion_tag("components/form_errors.html")
def form_errors(form: Any, title: str = "") -> dict[str, Any]:
    """The summary above a refused form: what was not done, and a link to each field."""
    faulty = [bound for bound in form.visible_fields() if bound.errors]
    fix = ngettext("Fix %(n)d field:", "Fix %(n)d fields:", len(faulty)) % {"n": len(faulty)}
    return {"form": form, "title": title or _("Not saved."), "faulty": faulty, "fix": fix}


# ---- messages


def _first_sentence_bold(text: str) -> SafeString:
    """«Policy saved. It applies at once.»: the first sentence says what happened."""
    head, stop, rest = text.partition(". ")
    return format_html("<b>{}</b> {}", head + ".", rest) if stop else format_html("<b>{}</b>", text)


@register.simple_block_tag
def bar(content: str, kind: str = "info", role: str = "", focus: bool = False) -> SafeString:
    """A message bar: info, success, warning or error."""
    return format_html(
        '<div class="bar {}"{}{}>{}<div>{}</div></div>',
        kind,
        format_html(' role="{}"', role) if role else "",
        mark_safe(' tabindex="-1" data-focus-on-load') if focus else "",
        icon(BAR_ICONS[kind]),
        mark_safe(content.strip()),  # noqa: S308 - rendered by the template engine, already escaped
    )


@register.inclusion_tag("components/message_bars.html", takes_context=True)
def message_bars(context: Context) -> dict[str, Any]:
    """What the last action said; the first bar takes the focus."""
    bars = []
    for message in context.get("messages") or ():
        kind = message.level_tag if message.level_tag in BAR_ICONS else "info"
        text = str(message)
        shown = message.message if isinstance(message.message, SafeString) else _first_sentence_bold(text)
        bars.append(
            {"kind": kind, "icon": BAR_ICONS[kind], "text": shown, "role": "alert" if kind == "error" else "status"}
        )
    return {"bars": bars}


# ---- page parts


@register.simple_tag
def crumbs(*parts: Any) -> SafeString:
    """Text and address by turns; the last text stands alone: it is this page."""
    pairs = zip(parts[:-1:2], parts[1::2], strict=True)
    links = format_html_join("", '<li><a href="{}">{}</a></li>', ((url, text) for text, url in pairs))
    return format_html(
        '<nav class="crumbs" aria-label="{}"><ol>{}<li><span aria-current="page">{}</span></li></ol></nav>',
        _("Breadcrumb"),
        links,
        parts[-1],
    )


@register.simple_block_tag
def page_head(content: str, title: str, caption: str = "", icon_name: str = "", person: str = "") -> SafeString:
    """Icon or avatar, h1, caption; the content (state pill, main button) stands at the end."""
    picture = (
        avatar(person, "large")
        if person
        else (format_html('<span class="tile">{}</span>', icon(icon_name)) if icon_name else "")
    )
    aside = content.strip()
    return format_html(
        '<header class="page-head">{}<div class="titles"><h1>{}</h1>{}</div>{}</header>',
        picture,
        title,
        format_html('<span class="caption">{}</span>', caption) if caption else "",
        format_html('<div class="aside">{}</div>', mark_safe(aside)) if aside else "",  # noqa: S308 - as above
    )


@register.simple_block_tag
def tabs(content: str, label: str, inner: bool = False) -> SafeString:
    return format_html(
        '<nav class="tabs{}" aria-label="{}"><ul>{}</ul></nav>',
        " inner" if inner else "",
        label,
        mark_safe(content),  # noqa: S308 - as above
    )


@register.simple_tag
def tab(key: str, current: str, url: str, text: str, count: int | None = None) -> SafeString:
    number = format_html(' <span class="count">({})</span>', count) if count is not None else ""
    return format_html(
        '<li><a href="{}"{} data-text="{}">{}{}</a></li>',
        url,
        mark_safe(' aria-current="page"') if key == current else "",
        text,
        text,
        number,
    )


@register.simple_tag
def nav_item(key: str, current: str, url: str, text: str, icon_name: str) -> SafeString:
    here = mark_safe(' aria-current="page"') if key == current else ""
    return format_html('<li><a href="{}"{}>{}<span>{}</span></a></li>', url, here, icon(icon_name), text)


def _overlay(template_name: str) -> Callable[..., SafeString]:
    def render(content: str, title: str, close_url: str, caption: str = "", confirm_close: str = "") -> SafeString:
        given = {"content": mark_safe(content), "title": title, "caption": caption}  # noqa: S308 - as above
        return render_to_string(template_name, {**given, "close_url": close_url, "confirm_close": confirm_close})

    return render


register.simple_block_tag(_overlay("components/panel.html"), name="panel")
register.simple_block_tag(_overlay("components/dialog.html"), name="dialog")


@register.simple_block_tag
def empty(content: str, title: str, text: str = "", icon_name: str = "info") -> SafeString:
    """What an empty list says; the content is the button that fills it."""
    return format_html(
        '<div class="empty">{}<p><b>{}</b> {}</p>{}</div>',
        icon(icon_name, "s24"),
        title,
        text,
        mark_safe(content.strip()),  # noqa: S308 - as above
    )


@register.inclusion_tag("components/pager.html")
def pager(prev_url: str = "", next_url: str = "", label: str = "") -> dict[str, Any]:
    return {"prev_url": prev_url, "next_url": next_url, "label": label or _("Pages")}


@register.inclusion_tag("components/stat.html")
def stat(label: str, value: Any, note: str = "", colour: str = "blue", url: str = "") -> dict[str, Any]:
    return {"label": label, "value": value, "note": note, "colour": colour, "url": url}


@register.simple_tag
def steps(current: int, *names: str) -> SafeString:
    """Where in a sequence the person is, counted from 1."""
    items = []
    for number, name in enumerate(names, start=1):
        if number < current:
            items.append(format_html('<li class="done">{}<span class="sr">, {}</span></li>', name, _("done")))
        elif number == current:
            items.append(format_html('<li aria-current="step">{}</li>', name))
        else:
            items.append(format_html("<li>{}</li>", name))
    return format_html('<ol class="steps" aria-label="{}">{}</ol>', _("Steps"), mark_safe("".join(items)))  # noqa: S308 - as above


# ---- the pass


@register.simple_tag
def pass_code(code: str, element_id: str = "pass-code") -> SafeString:
    """Groups of four by spacing alone, so that selecting or copying gives the bare code."""
    groups = []
    for start in range(0, len(code), PASS_GROUP):
        letters = (
            format_html('<span class="digit">{}</span>' if letter.isdigit() else "{}", letter)
            for letter in code[start : start + PASS_GROUP]
        )
        groups.append(format_html('<span class="group">{}</span>', mark_safe("".join(letters))))  # noqa: S308 - as above
    joined = mark_safe("<wbr>".join(groups))  # noqa: S308 - as above
    return format_html('<p class="pass-code ltr" id="{}" translate="no">{}</p>', element_id, joined)


@register.inclusion_tag("components/copy_button.html")
def copy_button(
    label: str, announce: str, target: str = "", text: str = "", primary: bool = False, autofocus: bool = False
) -> dict[str, Any]:
    """Copies the text of the element with id `target`, or `text` itself."""
    return {
        "label": label,
        "announce": announce,
        "target": target,
        "text": text,
        "primary": primary,
        "autofocus": autofocus,
    }
