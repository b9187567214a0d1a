"""Whom a batch is for, and what is done with it."""

from typing import Any
from uuid import UUID

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from authmethods.forms.issue import IssueForm
from bulk.actions import MOST_PEOPLE
from bulk.enums import Form, OnOpen
from core import csvfiles
from core.errors import Invalid
from core.secrets import ALPHABET, group, normalise

MOST_BYTES = 2_097_152  # of a list; 20,000 user names take about half a megabyte
COLUMNS = ("userPrincipalName", "upn", "user name", "username", "mail")
SHORTEST_PASSWORD = 16  # symbols of our alphabet: 80 bits


class BatchForm(IssueForm):
    """The settings of a single pass, and the list of people unless a group or a selection gave them."""

    names = forms.CharField(
        label=_("User names"),
        required=False,
        widget=forms.Textarea({"rows": 6, "spellcheck": "false", "autocomplete": "off"}),
        help_text=_("One in each line, such as mia@contoso.com."),
    )
    file = forms.FileField(
        label=_("Or a CSV file"),
        required=False,
        allow_empty_file=True,
        help_text=_("With a column userPrincipalName, or the user names in the first column. Up to 2 MB."),
    )

    def __init__(
        self, *args: Any, needs_list: bool = True, files: "MultiValueDict[str, UploadedFile[Any]]", **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.files = files
        self.upns: list[str] = []
        self.list_name = ""
        self.fields["method"].required = False
        if not needs_list:
            del self.fields["names"], self.fields["file"]

    def clean(self) -> dict[str, Any]:
        """Read the list beside what a single pass asks."""
        cleaned = super().clean()
        if "names" in self.fields and not self.errors.keys() & {"names", "file"}:
            sent: UploadedFile[bytes] | None = cleaned.get("file")
            field = "file" if sent else "names"
            try:
                self.upns = upns_in(csvfiles.text_of(sent.read()) if sent else cleaned.get("names", ""))
            except Invalid as refused:
                self.add_error(field, str(refused.message))
            else:
                self.list_name = str(sent.name) if sent else str(_("Pasted list"))
                if not self.upns:
                    self.add_error("names", _("Enter at least one user name, or choose a file."))
        return cleaned


class StartForm(forms.Form):
    """What happens to people who have a pass."""

    on_open = forms.ChoiceField(
        label=_("People who have an active pass"), choices=OnOpen.choices, initial=OnOpen.REPLACE
    )


class HandOverForm(forms.Form):
    """How the codes are wanted, the key where the browser has none, and the password of the file."""

    form = forms.ChoiceField(label=_("Form"), choices=Form.choices, initial=Form.SHEETS)
    key = forms.CharField(
        label=_("Hand-over key"),
        required=False,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("You saw it when you started the batch."),
    )
    password = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean_password(self) -> str:
        """Take only what the page proposed: a strong one. The file opens with it as it was shown, hyphens included."""
        password = normalise(self.cleaned_data["password"]) or ""
        if len(password) < SHORTEST_PASSWORD or not set(password) <= set(ALPHABET):
            raise forms.ValidationError(_("Reload the page: it proposes a new password for the file."))
        return as_shown(password)


def as_shown(password: str) -> str:
    """Return the password of the file as people copy it."""
    return "-".join(group(password))


def upns_in(text: str) -> list[str]:
    """Return the user names in a pasted list or a table, in order. Raises Invalid."""
    table = csvfiles.table_of(text, known=COLUMNS, most=MOST_PEOPLE + 1)
    if table is not None:
        name = next(name for name in COLUMNS if name in table.columns)
        return [upn for line in table.lines if (upn := table.value(line, name))]
    return [line.cells[0] for line in csvfiles.lines_of(text, most=MOST_PEOPLE + 1) if line.cells[0]]


def ids_in(values: list[str]) -> list[UUID]:
    """Return the ids among what an address holds."""
    found = []
    for value in values[: MOST_PEOPLE + 1]:
        try:
            found.append(UUID(value))
        except ValueError:
            continue
    return found
