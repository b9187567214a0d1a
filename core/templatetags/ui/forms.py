"""Fields, settings, choices and what was wrong with them."""

from collections.abc import Iterable
from typing import Any, cast

from django.forms import BoundField, CheckboxInput, ChoiceField
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.templatetags.ui.library import register
from core.text import Text


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


@register.simple_tag
def control(bound: BoundField, **attrs: Any) -> SafeString:
    """The widget alone, for a field that is drawn by hand; its errors come from `{% field_errors %}`."""
    return _control(bound, "", attrs)


@register.inclusion_tag("components/field.html")
def field(
    bound: BoundField,
    label: str = "",
    help: str = "",  # noqa: A002
    *,
    optional: bool = False,
    hide_label: bool = False,
    **attrs: Any,
) -> dict[str, Any]:
    """Label, control, help and errors of one form field; further arguments become attributes of the control."""
    help_text = str(help or bound.help_text)
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
    help_text = str(help or bound.help_text)
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
    choices = cast("Iterable[tuple[object, Text]]", cast("ChoiceField", bound.field).choices)
    chosen = str(bound.value())
    help_text = str(help or bound.help_text)
    shown = [
        {"value": str(value), "text": text, "checked": str(value) == chosen, "id": f"{bound.auto_id}_{index}"}
        for index, (value, text) in enumerate(choices)
    ]
    return {
        "bound": bound,
        "label": label or bound.label,
        "help": help_text,
        "choices": shown,
        "unfold": unfold,
        "described": _ids(bound, help_text),
        "disabled": bound.field.disabled,
    }


@register.simple_block_tag
def option(
    content: str, bound: BoundField, value: object, *, disabled: bool = False, autofocus: bool = False
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
