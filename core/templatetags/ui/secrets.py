"""Showing the pass, once."""

from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from core.templatetags.ui.library import register

PASS_GROUP = 4


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
    label: str, announce: str, target: str = "", text: str = "", *, primary: bool = False, autofocus: bool = False
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
