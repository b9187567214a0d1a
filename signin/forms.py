"""What is typed while signing in."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

LONGEST_UPN = 320


class IdentifyForm(forms.Form):
    """The user name."""

    username = forms.CharField(
        label=_("User name"),
        max_length=LONGEST_UPN,
        error_messages={
            "required": _("Enter your user name, such as name@example.com."),
            "max_length": _("That is too long for a user name. Enter one such as name@example.com."),
        },
    )

    def clean_username(self) -> str:
        """Refuse what can never be a user name, before anything is looked up."""
        typed = str(self.cleaned_data["username"]).strip()
        local, at, domain = typed.rpartition("@")
        if not at or not local or not domain or any(char.isspace() for char in typed):
            raise forms.ValidationError(_("Enter your whole user name, such as name@example.com."))
        return typed


class SecretForm(forms.Form):
    """A pass or a password. Never shown again, and never judged here: the verifier alone knows the limits."""

    secret = forms.CharField(strip=False, widget=forms.PasswordInput(render_value=False))

    def __init__(self, *args: Any, label: Any, empty: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["secret"].label = label
        self.fields["secret"].error_messages["required"] = empty
