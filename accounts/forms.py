"""What is typed to find people and groups."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.enums import UserKind
from accounts.queries.search import LONGEST_TERM

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
