"""What is typed to find people, groups and events."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import cast

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.enums import UserKind
from accounts.queries.search import LONGEST_TERM
from audit.activities import ACTIVITIES
from audit.enums import Outcome

TOO_LONG = _("No name is that long. Type a part of it.")


class UserFilterForm(forms.Form):
    """Whom the list of users shows."""

    q = forms.CharField(
        label=_("Name, user name or mail"), max_length=LONGEST_TERM, required=False, widget=forms.SearchInput
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=[("", _("Every kind")), *UserKind.choices], required=False)
    state = forms.ChoiceField(
        label=_("Account"),
        choices=[("", _("Enabled and disabled")), ("enabled", _("Enabled")), ("disabled", _("Disabled"))],
        required=False,
    )

    q.error_messages["max_length"] = TOO_LONG

    @property
    def kind_wanted(self) -> UserKind | None:
        """Return the kind of people asked for, None for every kind."""
        kind = self.cleaned_data.get("kind")
        return UserKind(kind) if kind else None

    @property
    def is_enabled_wanted(self) -> bool | None:
        """Return whether enabled or disabled people are asked for, None for both."""
        return {"enabled": True, "disabled": False}.get(self.cleaned_data.get("state", ""))


class GroupFilterForm(forms.Form):
    """Which groups the list shows."""

    q = forms.CharField(label=_("Name"), max_length=LONGEST_TERM, required=False, widget=forms.SearchInput)

    q.error_messages["max_length"] = TOO_LONG


class LogFilterForm(forms.Form):
    """Which events a log shows. What makes no sense is left out, so that any address shows something."""

    days = forms.ChoiceField(
        label=_("Date"),
        choices=[
            ("1", _("Last 24 hours")),
            ("7", _("Last 7 days")),
            ("30", _("Last 30 days")),
            ("90", _("Last 90 days")),
            ("all", _("Any time")),
        ],
        required=False,
    )
    event = forms.ChoiceField(label=_("Activity"), required=False)
    outcome = forms.ChoiceField(label=_("Result"), choices=[("", _("Any")), *Outcome.choices], required=False)
    person = forms.CharField(
        label=_("Person"),
        max_length=LONGEST_TERM,
        required=False,
        widget=forms.TextInput({"placeholder": _("Name or user name")}),
    )
    request = forms.CharField(label=_("Request"), max_length=36, required=False)

    person.error_messages["max_length"] = TOO_LONG

    def __init__(self, data: Mapping[str, str], *, is_sign_in: bool) -> None:
        shown = [(event, one) for event, one in ACTIVITIES.items() if one.is_sign_in or not is_sign_in]
        super().__init__({"days": "7", **data}, auto_id="%s")
        choices = sorted(((event.value, one.words) for event, one in shown), key=lambda choice: str(choice[1]))
        cast("forms.ChoiceField", self.fields["event"]).choices = [("", _("Every activity")), *choices]

    def chosen(self, name: str) -> str:
        """Return a value that was understood, else nothing."""
        self.is_valid()
        return str(self.cleaned_data.get(name) or "")

    def begins(self, *, now: datetime) -> datetime | None:
        """Return where the time asked for begins."""
        days = self.chosen("days") or "7"
        return None if days == "all" else now - timedelta(days=int(days))
