"""The tab Configure of the registration campaign: how long somebody who skipped is left alone."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.drafts import NUMBER
from authmethods.models import LONGEST_SNOOZE, RegistrationCampaign


def snooze_text(days: int) -> str:
    """Return when somebody who skipped is asked again."""
    if not days:
        return _("At the next sign-in")
    return ngettext("After %(count)s day", "After %(count)s days", days) % {"count": days}


def _choices() -> list[tuple[int, str]]:
    return [(days, snooze_text(days)) for days in range(LONGEST_SNOOZE + 1)]


class CampaignForm(forms.Form):
    """One setting, and the version of the campaign it was filled from."""

    version = forms.CharField(widget=forms.HiddenInput, required=False)
    snooze_days = forms.TypedChoiceField(
        label=gettext_lazy("Ask again"),
        help_text=gettext_lazy(
            "People may skip three times. After that, whoever could not sign in without a pass has to add a passkey; "
            "whoever has another way to sign in may go on skipping."
        ),
        choices=_choices,
        coerce=int,
        error_messages={"invalid_choice": gettext_lazy("Choose one of the times in the list.")},
    )

    @classmethod
    def stored(cls, campaign: RegistrationCampaign, *, is_read_only: bool = False) -> "CampaignForm":
        """Fill the form from what is stored."""
        form = cls(initial={"version": campaign.version, "snooze_days": campaign.snooze_days})
        form.fields["snooze_days"].disabled = is_read_only
        return form

    @property
    def seen_version(self) -> int:
        """Return the version the form was filled from."""
        typed = str(self.cleaned_data.get("version", ""))
        return int(typed) if NUMBER.fullmatch(typed) else 0
