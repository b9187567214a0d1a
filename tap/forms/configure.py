"""The tab Configure: five settings, lifetimes as a number and a unit."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core.wording import MINUTES_OF_DAY, MINUTES_OF_HOUR
from tap import rules, wording
from tap.models import LONGEST_LIFETIME, TapPolicy
from tap.rules import PolicyProblem

UNITS = [("1", _("Minutes")), (str(MINUTES_OF_HOUR), _("Hours")), (str(MINUTES_OF_DAY), _("Days"))]
LIFETIMES = ("minimum_lifetime", "maximum_lifetime", "default_lifetime")
MOST_DIGITS = 9


class WholeNumber(forms.CharField):
    """Digits and nothing else; what was typed stays in the field whatever it was (a number input would empty itself)."""

    def __init__(self, *, label: Any = "", help_text: Any = "", widget: type[forms.Widget] = forms.TextInput) -> None:
        super().__init__(label=label, help_text=help_text, required=False, strip=True, widget=widget)
        self.validators = []
        self.widget.attrs.update({"inputmode": "numeric", "autocomplete": "off", "size": "8"})

    def clean(self, value: Any) -> int | None:
        """Return the number, or None for what is none."""
        text = str(super().to_python(value))
        return int(text) if text.isdecimal() and len(text) <= MOST_DIGITS else None


def _unit() -> forms.ChoiceField:
    return forms.ChoiceField(choices=UNITS, error_messages={"invalid_choice": _("Choose minutes, hours or days.")})


class ConfigureForm(forms.Form):
    """Asks the rules early, so that every mistake is named at once; the action asks them for real."""

    version = WholeNumber(widget=forms.HiddenInput)
    minimum_lifetime = WholeNumber(label=_("Minimum lifetime"), help_text=_("10 minutes to 30 days. Default 1 hour."))
    minimum_lifetime_unit = _unit()
    maximum_lifetime = WholeNumber(label=_("Maximum lifetime"), help_text=_("10 minutes to 30 days. Default 8 hours."))
    maximum_lifetime_unit = _unit()
    default_lifetime = WholeNumber(
        label=_("Default lifetime"), help_text=_("Filled in when an administrator issues a pass. Default 1 hour.")
    )
    default_lifetime_unit = _unit()
    is_usable_once = forms.BooleanField(
        label=_("Require one-time use"),
        help_text=_("Off: the administrator chooses one-time or multiple use for each pass."),
        required=False,
    )
    default_length = WholeNumber(label=_("Length"), help_text=_("8 to 48 characters. Default 8."))

    @classmethod
    def stored(cls, policy: TapPolicy, *, is_read_only: bool = False) -> "ConfigureForm":
        """Fill the form from what is stored."""
        initial: dict[str, Any] = {name: getattr(policy, name) for name in ("version", *rules.SETTINGS)}
        for name in LIFETIMES:
            initial[name], initial[f"{name}_unit"] = _in_largest_unit(initial[name])
        form = cls(initial=initial)
        for field in form.fields.values():
            field.disabled = is_read_only
        return form

    def clean(self) -> None:
        """Check the settings against the rules and against each other."""
        problems: dict[str, PolicyProblem] = dict(
            rules.policy_problems(**{name: self._minutes(name) for name in LIFETIMES}, default_length=self._length)
        )
        proposed = TapPolicy().having(self.settings)
        for name, problem in problems.items():
            if not self.has_error(f"{name}_unit"):
                self.add_error(name, ValidationError(wording.policy_problem_message(name, problem, proposed)))

    @classmethod
    def as_typed(cls, data: Mapping[str, str]) -> "ConfigureForm":
        """Fill a form with what was typed, without judging it."""
        initial: dict[str, Any] = {name: data.get(name, "") for name in cls.base_fields}
        initial["is_usable_once"] = "is_usable_once" in data
        return cls(initial=initial)

    def proposed_or(self, policy: TapPolicy) -> TapPolicy:
        """Return a copy of ``policy`` with the settings of a valid form; otherwise ``policy`` itself."""
        return policy.having(self.settings) if self.is_bound and self.is_valid() else policy

    @property
    def seen_version(self) -> int:
        """Return the version the form was filled from; one nobody gave out is long gone."""
        return int(self.cleaned_data.get("version") or 0)

    @property
    def settings(self) -> dict[str, int | bool]:
        """Return the settings by field name."""
        lifetimes = {name: self._minutes(name) for name in LIFETIMES}
        return {**lifetimes, "is_usable_once": self.cleaned_data["is_usable_once"], "default_length": self._length}

    @property
    def _length(self) -> int:
        return int(self.cleaned_data.get("default_length") or 0)

    def _minutes(self, name: str) -> int:
        """Return a lifetime in minutes; what cannot be read becomes 0, which no policy allows."""
        minutes = (self.cleaned_data.get(name) or 0) * int(self.cleaned_data.get(f"{name}_unit") or 1)
        return minutes if minutes <= LONGEST_LIFETIME else LONGEST_LIFETIME + 1


def _in_largest_unit(minutes: int) -> tuple[int, int]:
    unit = next(unit for unit in (MINUTES_OF_DAY, MINUTES_OF_HOUR, 1) if minutes % unit == 0)
    return minutes // unit, unit
