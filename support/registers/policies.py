"""The policies of methods and whom they reach."""

from typing import Any, cast

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from authmethods.authenticators import model_name
from core.text import Text
from core.wording import duration
from support.columns import column, enabled, link
from support.register import Register, SingleRegister
from support.rooms import POLICIES

STATE = column(_("State"), lambda policy: enabled(policy.is_enabled))
CHANGED = (
    column(_("Last changed"), lambda policy: policy.changed_at),
    column(_("Changed by"), lambda policy: policy.changed_by),
)


class TapPolicyRegister(SingleRegister):
    """The policy of passes."""

    key, title, icon = "pass-policy", _("Temporary Access Pass policy"), "shield-key"
    room = POLICIES
    about = _("Whether passes can be used, and what a new one is made like.")
    keyset = ("tenant_id", "tenant_id")
    facts = (
        STATE,
        column(_("Minimum lifetime"), lambda policy: duration(policy.minimum_lifetime)),
        column(_("Maximum lifetime"), lambda policy: duration(policy.maximum_lifetime)),
        column(_("Default lifetime"), lambda policy: duration(policy.default_lifetime)),
        column(_("Require one-time use"), lambda policy: policy.is_usable_once),
        column(_("Length"), lambda policy: policy.default_length),
        *CHANGED,
    )


class CampaignRegister(SingleRegister):
    """The registration campaign."""

    key, title, icon = "registration-campaign", _("Registration campaign"), "passkey"
    room = POLICIES
    about = _("Whether people who sign in with a pass are asked to add a passkey.")
    keyset = ("tenant_id", "tenant_id")
    facts = (
        STATE,
        column(_("Asked again after (days)"), lambda campaign: campaign.snooze_days),
        *CHANGED,
    )


class PasskeyPolicyRegister(SingleRegister):
    """The policy of passkeys."""

    key, title, icon = "passkey-policy", _("Passkey policy"), "shield-key"
    room = POLICIES
    about = _("Whether passkeys can be used and registered, and which models.")
    keyset = ("tenant_id", "tenant_id")
    facts = (
        STATE,
        column(_("People may register their own"), lambda policy: policy.is_self_service_allowed),
        column(_("Models must be proved"), lambda policy: policy.is_attestation_enforced),
        column(_("Only certain models"), lambda policy: policy.is_key_restricted),
        column(_("List of models"), lambda policy: policy.get_enforcement_display()),
        column(_("Models"), lambda policy: ", ".join(model_name(one) or one for one in policy.aaguids)),
        *CHANGED,
    )


class TargetRegister(Register):
    """The lines of the include and exclude lists."""

    key, title, icon = "targets", _("Policy targets"), "filter"
    room, leads = POLICIES, 2
    about = _("Whom the policies include and exclude. Exclude wins.")
    keyset = ("id", "id")
    by_person = "user_id"
    related = ("user", "group")
    columns = (
        column(_("Policy"), lambda line: line.get_method_display()),
        column(_("List"), lambda line: line.get_side_display()),
        column(
            _("Who"),
            lambda line: (
                line.user.display_name if line.user else line.group.name if line.group else gettext("All users")
            ),
        ),
    )
    facts = (
        *columns[:2],
        column(
            _("Who"),
            lambda line: (
                link(line.user, line.user.display_name)
                if line.user
                else link(line.group)
                if line.group
                else gettext("All users")
            ),
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Leave out who is deleted: the lines of deleted people count for nothing."""
        return super().get_queryset(request).filter(user__deleted_at__isnull=True)

    def name_of(self, row: Any) -> Text:
        """Name it after its policy."""
        return cast("str", row.get_method_display())
