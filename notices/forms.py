"""To whom notices to administrators go."""

from django import forms
from django.utils.translation import gettext_lazy as _

LONGEST = 8000  # characters
ROLES, ADDRESSES = "roles", "addresses"


class RecipientsForm(forms.Form):
    """Either whoever holds the two strongest roles, or the addresses that are named."""

    who = forms.ChoiceField(label=_("Who is told"), choices=[(ROLES, ROLES), (ADDRESSES, ADDRESSES)])
    addresses = forms.CharField(
        label=_("Mail addresses"),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea({"rows": 4, "spellcheck": "false", "autocomplete": "off"}),
        help_text=_("One in each line."),
    )

    @property
    def chosen(self) -> list[str]:
        """Return the addresses, none where the roles are to be told."""
        return self.cleaned_data["addresses"].splitlines() if self.cleaned_data["who"] == ADDRESSES else []

    def clean(self) -> None:
        """Ask for an address where addresses were chosen."""
        if self.cleaned_data.get("who") == ADDRESSES and not self.cleaned_data.get("addresses", "").strip():
            self.add_error("addresses", _("Enter at least one mail address."))
