"""What a person types about his own methods. The rules are the actions'; a form only parses."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from authmethods.passwords import LONGEST_PASSWORD
from authmethods.rules import LONGEST_NAME


class NameForm(forms.Form):
    """The name of a passkey."""

    name = forms.CharField(
        label=_("Name"),
        max_length=LONGEST_NAME,
        error_messages={
            "required": _("Enter a name."),
            "max_length": _("The name is too long. Use up to 100 characters."),
        },
    )


class NewPasswordForm(forms.Form):
    """A new password, twice."""

    password = forms.CharField(
        label=_("New password"),
        strip=False,
        max_length=LONGEST_PASSWORD,
        widget=forms.PasswordInput,
        error_messages={
            "required": _("Enter a new password."),
            "max_length": _("The password is too long. Use up to 256 characters."),
        },
    )
    repeated = forms.CharField(
        label=_("New password, again"),
        strip=False,
        widget=forms.PasswordInput,
        error_messages={"required": _("Enter the new password again.")},
    )

    def clean(self) -> dict[str, Any]:
        """Compare the two."""
        cleaned = super().clean() or {}
        if cleaned.get("password") and cleaned.get("repeated") and cleaned["password"] != cleaned["repeated"]:
            self.add_error("repeated", _("The two passwords differ. Enter the same one twice."))
        return cleaned


class PasswordForm(NewPasswordForm):
    """A new password, and what else ends with the old one."""

    sign_out_others = forms.BooleanField(label=_("Sign out my other sessions"), required=False, initial=True)
