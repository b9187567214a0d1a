"""What is typed of groups, domains and the organisation."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.enums import PassPrompt, RequiredStrength
from accounts.models import Tenant
from directory.forms.edits import Edits
from directory.forms.people import Typed, zone_choices

WHOLE = {"required": _("Enter a whole number of minutes."), "invalid": _("Enter a whole number of minutes.")}
CHOOSE = {"required": _("Choose one of the list."), "invalid_choice": _("Choose one of the list.")}


class GroupForm(Edits):
    """A group's name and what it is for."""

    name = Typed(label=_("Name"))
    description = forms.CharField(
        label=_("Description"), required=False, max_length=4000, widget=forms.Textarea({"rows": 3})
    )


class DomainForm(forms.Form):
    """A domain to add."""

    name = Typed(
        label=_("Domain"),
        widget=forms.TextInput({"autocapitalize": "none", "spellcheck": "false", "placeholder": "example.com"}),
    )


class TenantForm(Edits):
    """The organisation's settings."""

    name = Typed(label=_("Name"))
    time_zone = forms.ChoiceField(
        label=_("Time zone"), help_text=_("For people who have chosen none of their own."), error_messages=CHOOSE
    )
    service_desk = Typed(
        label=_("Service desk"),
        help_text=_("How people reach it. Printed on the sheet that is handed over with a pass."),
    )
    issuer_strength = forms.ChoiceField(
        label=_("Sign-in that administrators need"),
        help_text=_("To issue passes and to change anything. You can demand no more than how you signed in yourself."),
        choices=RequiredStrength.choices,
        error_messages=CHOOSE,
    )
    admin_fresh_minutes = forms.IntegerField(
        label=_("Administrators confirm after (minutes)"),
        help_text=_("Who signed in longer ago confirms before the next change. 5 to 720."),
        error_messages=WHOLE,
        widget=forms.TextInput({"inputmode": "numeric"}),
    )
    methods_fresh_minutes = forms.IntegerField(
        label=_("People confirm after (minutes)"),
        help_text=_("Who signed in longer ago confirms before changing sign-in methods. 1 to 60."),
        error_messages=WHOLE,
        widget=forms.TextInput({"inputmode": "numeric"}),
    )
    pass_prompt = forms.ChoiceField(
        label=_("Prompt for a pass"),
        help_text=_("Asking at once is convenient, and shows that the person has a usable pass."),
        choices=PassPrompt.choices,
        error_messages=CHOOSE,
    )

    def __init__(
        self, data: Mapping[str, Any] | None, *, tenant: Tenant, typed: Mapping[str, str], is_read_only: bool
    ) -> None:
        stored = {name: getattr(tenant, name) for name in self.base_fields}
        super().__init__(data, stored=stored, typed=None if is_read_only else typed)
        zone = self.fields["time_zone"]
        assert isinstance(zone, forms.ChoiceField)  # noqa: S101  declared so above
        zone.choices = [choice for choice in zone_choices(none="") if choice[0]]
        for field in self.fields.values():
            field.disabled = is_read_only
