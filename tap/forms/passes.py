"""The filters of the list of passes."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tap.enums import Listing

LONGEST_QUERY = 256


class PassFilter(forms.Form):
    """Whose passes, and in which state. An address nobody gave out shows the active ones."""

    q = forms.CharField(
        label=_("Person"), required=False, max_length=LONGEST_QUERY, widget=forms.TextInput({"type": "search"})
    )

    def __init__(self, data: Mapping[str, str]) -> None:
        wanted = data.get("state", "")
        self.listing = Listing(wanted) if wanted in Listing.values else Listing.LIVE
        self.term = data.get("q", "")[:LONGEST_QUERY].replace("\x00", "").strip()
        self.cursor = data.get("cursor", "")
        super().__init__(initial={"q": self.term})

    def parameters(self, **changed: str) -> dict[str, Any]:
        """Return the query of an address that shows this, with something changed."""
        return {
            name: value for name, value in ({"state": self.listing.value, "q": self.term} | changed).items() if value
        }
