"""A form over something that is stored, which somebody else may change while it is open."""

from collections.abc import Mapping
from typing import Any

from django import forms

WAS = "was-"


class Edits(forms.Form):
    """It sends what it showed beside what was typed, so that what another has saved meanwhile stays as it is.

    ``typed`` goes over what is ``stored``: somebody comes back to what he had typed.
    """

    def __init__(
        self, data: Mapping[str, Any] | None, *, stored: Mapping[str, Any], typed: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(data, initial={**stored, **(typed or {})})
        self.stored = stored

    @property
    def was(self) -> list[tuple[str, str]]:
        """Return the hidden fields that tell what the form showed when it was opened."""
        named = [(name, f"{WAS}{name}") for name in self.fields if name in self.stored]
        return [(key, self.data.get(key, "") if self.is_bound else str(self.stored[name])) for name, key in named]

    @property
    def changes(self) -> dict[str, Any]:
        """Return what was typed that differs from what was shown, by field."""
        return {name: value for name, value in self.cleaned_data.items() if not self._is_as_shown(name, value)}

    def _is_as_shown(self, name: str, value: object) -> bool:
        shown: str | None = self.data.get(f"{WAS}{name}")
        return shown is not None and shown.strip() == str(value)
