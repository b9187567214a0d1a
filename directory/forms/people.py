"""What is typed of a person. What it may be, the action says: directory.rules."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.enums import UserKind
from accounts.models import User
from core.clock import time_zones
from directory.forms.edits import Edits
from directory.rules import PROFILE_FIELDS, Profile

LONGEST_TYPED = 1000  # characters; what is longer than its rule allows is told so by the rule
OFFERED_KINDS = (UserKind.MEMBER, UserKind.INTERNAL_GUEST)


def zone_choices(*, none: object) -> list[tuple[str, object]]:
    """Return the time zones people name, by region and city; first ``none``."""
    regions = {"Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"}
    zones = sorted(zone for zone in time_zones() if zone.partition("/")[0] in regions)
    return [("", none), ("UTC", "UTC"), *((zone, zone) for zone in zones)]


def preferences_offered(person: User | None) -> dict[str, list[tuple[str, object]]]:
    """Return the languages and the time zones there are; what ``person`` has chosen already stays among them."""
    zones = zone_choices(none=_("The organisation's time zone"))
    if person and person.time_zone and person.time_zone not in dict(zones):
        zones.append((person.time_zone, person.time_zone))
    return {"language": [("", _("The browser's language")), *settings.LANGUAGES], "time_zone": zones}


class Typed(forms.CharField):
    """A line of text that may stay empty as far as the form is concerned."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, max_length=LONGEST_TYPED, **options)


class UserForm(Edits):
    """An account, new or changed."""

    display_name = Typed(label=_("Name"))
    upn = Typed(label=_("User name"), widget=forms.TextInput({"autocapitalize": "none", "spellcheck": "false"}))
    mail = Typed(label=_("Mail"), widget=forms.TextInput({"inputmode": "email"}))
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    language = forms.ChoiceField(label=_("Language"), required=False)
    time_zone = forms.ChoiceField(label=_("Time zone"), required=False)

    def __init__(self, data: Mapping[str, Any] | None, *, typed: Mapping[str, str], person: User | None = None) -> None:
        stored = {name: getattr(person, name) for name in PROFILE_FIELDS} if person else {}
        super().__init__(data, stored=stored, typed=typed)
        kind = UserKind(person.kind) if person else UserKind.MEMBER
        kinds = OFFERED_KINDS if kind in OFFERED_KINDS else (kind,)
        offered = preferences_offered(person)
        offered["kind"] = [(one.value, one.label) for one in kinds]
        for name, choices in offered.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101  declared so above
            field.choices = choices
            field.error_messages["invalid_choice"] = _("Choose one of the list.")

    def clean_kind(self) -> UserKind:
        """Return the kind that was chosen."""
        return UserKind(self.cleaned_data["kind"] or UserKind.MEMBER)

    @property
    def profile(self) -> Profile:
        """Return what was typed of somebody new."""
        return Profile(**self.cleaned_data)


class PreferencesForm(forms.Form):
    """In which language and time zone somebody is spoken to; what he himself may choose of his account."""

    language = forms.ChoiceField(
        label=_("Language"), required=False, help_text=_("For pages, and for mails about your account.")
    )
    time_zone = forms.ChoiceField(label=_("Time zone"), required=False, help_text=_("Every time is shown in it."))

    def __init__(self, data: Mapping[str, Any] | None, *, person: User) -> None:
        super().__init__(data, initial={"language": person.language, "time_zone": person.time_zone})
        for name, choices in preferences_offered(person).items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101  declared so above
            field.choices = choices
            field.error_messages["invalid_choice"] = _("Choose one of the list.")


class RestoreForm(forms.Form):
    """Under which user name a deleted person comes back."""

    upn = Typed(label=_("User name"), widget=forms.TextInput({"autocapitalize": "none", "spellcheck": "false"}))
