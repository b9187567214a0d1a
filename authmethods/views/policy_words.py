"""What the pages of the passkey policy and of the registration campaign say."""

from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.views.policy_changing import Difference, PolicyWords
from authmethods.authenticators import model_name
from authmethods.enums import KeyEnforcement
from authmethods.forms.campaign import CampaignForm, snooze_text
from authmethods.forms.passkey_policy import SWITCHES, PasskeyPolicyForm
from authmethods.models import PasskeyPolicy, RegistrationCampaign


def passkey_policy_words() -> PolicyWords:
    """Return the words of the pages the tabs share with other methods."""
    return PolicyWords(
        name=_("Passkey"),
        title=_("Passkey settings"),
        icon="passkey",
        target_url=reverse("authmethods:passkey_policy_target"),
        configure_url=reverse("authmethods:passkey_policy_configure"),
        about_enabled=_("When off, nobody can sign in with a passkey or add one. Registered passkeys are kept."),
        included=_("Groups and users who can use a passkey"),
        excluded=_("Groups and users who can't use a passkey"),
        none_included=_("Nobody can use a passkey until you add a group or choose All users."),
        none_excluded=_("Add a group for people who must not use a passkey."),
        group_in_both=_("Exclude wins: its members can't use a passkey."),
        person_in_both=_("Exclude wins: this person can't use a passkey."),
    )


def campaign_words() -> PolicyWords:
    """Return the words of the pages the campaign shares with the methods."""
    return PolicyWords(
        name=_("Registration campaign"),
        title=_("Registration campaign"),
        icon="passkey",
        target_url=reverse("authmethods:campaign_target"),
        configure_url=reverse("authmethods:campaign_configure"),
        about_enabled=_(
            "When on, whoever signs in with a Temporary Access Pass and has no passkey that works is asked to add one "
            "before anything else."
        ),
        included=_("Groups and users who are asked"),
        excluded=_("Groups and users who are not asked"),
        none_included=_("Nobody is asked until you add a group or choose All users."),
        none_excluded=_("Add a group for people who must not be asked, such as emergency accounts."),
        group_in_both=_("Exclude wins: its members are not asked."),
        person_in_both=_("Exclude wins: this person is not asked."),
    )


def campaign_differences(latest: RegistrationCampaign, wanted: RegistrationCampaign) -> list[Difference]:
    """Compare what is stored by now with what was about to be saved."""
    label = str(CampaignForm.base_fields["snooze_days"].label)
    row = Difference(label, snooze_text(latest.snooze_days), snooze_text(wanted.snooze_days))
    return [row] if row.theirs != row.mine else []


def unknown_model() -> str:
    """Return what an AAGUID is called that no list of models knows."""
    return _("Unknown model")


def models_found(count: int, query: str) -> str:
    """Return what a search for models found."""
    if not count:
        return _("No models match “%(query)s”. Check the spelling, or enter the whole AAGUID.") % {"query": query}
    words = ngettext("%(count)s result for “%(query)s”", "%(count)s results for “%(query)s”", count)
    return words % {"count": count, "query": query}


def passkey_policy_differences(latest: PasskeyPolicy, wanted: PasskeyPolicy) -> list[Difference]:
    """Compare what is stored by now with what was about to be saved."""
    fields = PasskeyPolicyForm.base_fields
    on, off = _("On"), _("Off")
    rows = [
        Difference(
            str(fields[name].label),
            on if getattr(latest, name) else off,
            on if getattr(wanted, name) else off,
        )
        for name in SWITCHES
    ]
    rows += [
        Difference(
            str(fields["enforcement"].label),
            str(KeyEnforcement(latest.enforcement).label),
            str(KeyEnforcement(wanted.enforcement).label),
        ),
        Difference(_("Models"), _names(latest), _names(wanted)),
    ]
    return [row for row in rows if row.theirs != row.mine]


def _names(policy: PasskeyPolicy) -> str:
    named = (f"{model_name(UUID(one)) or unknown_model()} ({one[:8]})" for one in policy.aaguids)
    return ", ".join(sorted(named)) or _("None")
