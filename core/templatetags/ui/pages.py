"""What a page is put together from: its head, ways around, overlays and lists."""

from collections.abc import Callable
from typing import Any

from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from core.templatetags.ui.library import register
from core.templatetags.ui.parts import avatar, icon


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
def tabs(content: str, label: str, *, inner: bool = False) -> SafeString:
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
    def render(  # close_form: closing sends that form, so that what was typed there stays
        content: str, title: str, close_url: str, caption: str = "", confirm_close: str = "", close_form: str = ""
    ) -> SafeString:
        given = {"content": mark_safe(content), "title": title, "caption": caption}  # noqa: S308 - as above
        return render_to_string(
            template_name, {**given, "close_url": close_url, "confirm_close": confirm_close, "close_form": close_form}
        )

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
