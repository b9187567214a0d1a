"""What is typed on the pages of the provider."""

from django import forms
from django.utils.translation import gettext_lazy as _

LONGEST_TYPED = 64


class DeviceCodeForm(forms.Form):
    """The code a device shows."""

    code = forms.CharField(
        label=_("Code"),
        max_length=LONGEST_TYPED,
        error_messages={
            "required": _("Enter the code that your device shows."),
            "max_length": _("That is too long for a code. It has eight letters."),
        },
    )
