"""A file of people."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from core import csvfiles
from core.errors import Invalid

MOST_BYTES = 33_554_432


class ImportForm(forms.Form):
    """``text`` is what the file says, once it is valid."""

    file = forms.FileField(
        label=_("CSV file"),
        help_text=_("Up to 100,000 people and 32 MB. Comma, semicolon or tab between the columns."),
        error_messages={
            "required": _("Choose a file."),
            "empty": _("This file is empty. Choose another one."),
            "missing": _("Choose a file."),
        },
    )

    text = ""

    def clean_file(self) -> "UploadedFile[Any]":
        """Read it."""
        sent: UploadedFile[Any] = self.cleaned_data["file"]
        try:
            self.text = csvfiles.text_of(sent.read())
        except Invalid as refused:
            raise forms.ValidationError(str(refused.message)) from refused
        return sent
