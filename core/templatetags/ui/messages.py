"""Message bars."""

from typing import Any

from django.template.context import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from core.templatetags.ui.library import register
from core.templatetags.ui.parts import icon

BAR_ICONS = {"info": "info", "success": "check", "warning": "warning", "error": "error"}


def _first_sentence_bold(text: str) -> SafeString:
    """«Policy saved. It applies at once.»: the first sentence says what happened."""
    head, stop, rest = text.partition(". ")
    return format_html("<b>{}</b> {}", head + ".", rest) if stop else format_html("<b>{}</b>", text)


@register.simple_block_tag
def bar(content: str, kind: str = "info", role: str = "", *, focus: bool = False) -> SafeString:
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
