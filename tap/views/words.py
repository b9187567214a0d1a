"""What both tabs of the policy say."""

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.views.policy_changing import PolicyWords


def policy_words() -> PolicyWords:
    """Return the words of the pages both tabs share with other methods."""
    return PolicyWords(
        name=_("Temporary Access Pass"),
        title=_("Temporary Access Pass settings"),
        icon="ticket",
        target_url=reverse("tap:policy_target"),
        configure_url=reverse("tap:policy_configure"),
        about_enabled=_(
            "When off, nobody can sign in with a pass and no pass can be issued. Existing passes stop working at once."
        ),
        included=_("Groups and users who can use a pass"),
        excluded=_("Groups and users who can't use a pass"),
        none_included=_("Nobody can use a Temporary Access Pass until you add a group or choose All users."),
        none_excluded=_("Add a group for people who must never use a pass, such as emergency accounts."),
        group_in_both=_("Exclude wins: its members can't use a pass."),
        person_in_both=_("Exclude wins: this person can't use a pass."),
    )
