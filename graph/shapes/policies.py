"""The policies of authentication methods."""

from typing import ClassVar, Literal

from pydantic import Field

from authmethods.models import LONGEST_SNOOZE
from graph.shapes.base import Moment, Sent, Shape

ALL_USERS = "all_users"
State = Literal["enabled", "disabled"]
CampaignState = Literal["default", "enabled", "disabled"]
CAMPAIGN_METHOD = "fido2"  # the one method a campaign can ask for here


class ExcludeTarget(Shape):
    """A user or group a policy leaves out."""

    graph_name = "excludeTarget"
    is_complex = True
    id: str
    target_type: str


class IncludeTarget(Shape):
    """A user or group a policy reaches; the group ``all_users`` is everybody."""

    graph_name = "authenticationMethodTarget"
    id: str
    target_type: str
    is_registration_required: bool = False


class MethodConfiguration(Shape):
    """What every method's policy has."""

    graph_name = "authenticationMethodConfiguration"
    odata_type: str = Field(alias="@odata.type")
    id: str
    state: str
    exclude_targets: list[ExcludeTarget]


class TapConfiguration(MethodConfiguration):
    """The Temporary Access Pass policy."""

    graph_name = "temporaryAccessPassAuthenticationMethodConfiguration"
    odata_type: str = Field(
        default="#microsoft.graph.temporaryAccessPassAuthenticationMethodConfiguration", alias="@odata.type"
    )
    default_lifetime_in_minutes: int
    default_length: int
    minimum_lifetime_in_minutes: int
    maximum_lifetime_in_minutes: int
    is_usable_once: bool
    include_targets: list[IncludeTarget]


class KeyRestrictions(Shape):
    """Which models of authenticators may be registered."""

    graph_name = "fido2KeyRestrictions"
    is_complex = True
    is_enforced: bool
    enforcement_type: str
    aa_guids: list[str]


class Fido2Configuration(MethodConfiguration):
    """The passkey policy."""

    graph_name = "fido2AuthenticationMethodConfiguration"
    odata_type: str = Field(default="#microsoft.graph.fido2AuthenticationMethodConfiguration", alias="@odata.type")
    is_self_service_registration_allowed: bool
    is_attestation_enforced: bool
    key_restrictions: KeyRestrictions
    include_targets: list[IncludeTarget]


class CampaignTarget(Shape):
    """Whom the registration campaign asks, and for which method."""

    graph_name = "authenticationMethodsRegistrationCampaignIncludeTarget"
    is_complex = True
    id: str
    target_type: str
    targeted_authentication_method: str


class Campaign(Shape):
    """Whether people are taken through registration when they sign in."""

    graph_name = "authenticationMethodsRegistrationCampaign"
    is_complex = True
    snooze_duration_in_days: int
    state: str
    include_targets: list[CampaignTarget]
    exclude_targets: list[ExcludeTarget]


class RegistrationEnforcement(Shape):
    """What people are asked to register."""

    graph_name = "registrationEnforcement"
    is_complex = True
    authentication_methods_registration_campaign: Campaign


class MethodsPolicy(Shape):
    """All policies of methods."""

    graph_name = "authenticationMethodsPolicy"
    id: str = "authenticationMethodsPolicy"
    display_name: str = "Authentication Methods Policy"
    description: str = "The ways to sign in that the organisation allows, and to whom."
    last_modified_date_time: Moment | None
    policy_version: str = "1.5"
    reconfirmation_in_days: int | None = None
    policy_migration_state: str = "migrationComplete"
    registration_enforcement: RegistrationEnforcement
    authentication_method_configurations: list[TapConfiguration | Fido2Configuration]


class SentTarget(Sent):
    """A line of a list."""

    echoed: ClassVar[frozenset[str]] = frozenset({"isRegistrationRequired", "allowedPasskeyProfiles"})
    id: str
    target_type: Literal["user", "group"]


class SentConfiguration(Sent):
    """What every method's policy may be sent; what is left out stays as it is."""

    echoed: ClassVar[frozenset[str]] = frozenset({"id"})
    state: State | None = None
    include_targets: list[SentTarget] | None = None
    exclude_targets: list[SentTarget] | None = None


class SentTapConfiguration(SentConfiguration):
    """Changes to the Temporary Access Pass policy."""

    graph_name = "temporaryAccessPassAuthenticationMethodConfiguration"
    default_lifetime_in_minutes: int | None = None
    default_length: int | None = None
    minimum_lifetime_in_minutes: int | None = None
    maximum_lifetime_in_minutes: int | None = None
    is_usable_once: bool | None = None


class SentKeyRestrictions(Sent):
    """Which models may be registered."""

    is_enforced: bool | None = None
    enforcement_type: Literal["allow", "block"] | None = None
    aa_guids: list[str] | None = None


class SentFido2Configuration(SentConfiguration):
    """Changes to the passkey policy."""

    graph_name = "fido2AuthenticationMethodConfiguration"
    echoed: ClassVar[frozenset[str]] = frozenset({"id", "defaultPasskeyProfile", "passkeyProfiles"})
    is_self_service_registration_allowed: bool | None = None
    is_attestation_enforced: bool | None = None
    key_restrictions: SentKeyRestrictions | None = None


class SentCampaignTarget(SentTarget):
    """A line of the campaign's include list."""

    targeted_authentication_method: str = CAMPAIGN_METHOD


class SentCampaign(Sent):
    """Changes to the registration campaign."""

    graph_name = "authenticationMethodsRegistrationCampaign"
    snooze_duration_in_days: int | None = Field(default=None, ge=0, le=LONGEST_SNOOZE)
    state: CampaignState | None = None
    include_targets: list[SentCampaignTarget] | None = None
    exclude_targets: list[SentTarget] | None = None


class SentEnforcement(Sent):
    """Changes to what people are asked to register."""

    graph_name = "registrationEnforcement"
    authentication_methods_registration_campaign: SentCampaign | None = None


class SentMethodsPolicy(Sent):
    """Changes to what is no single method's; the methods have addresses of their own."""

    graph_name = "authenticationMethodsPolicy"
    echoed: ClassVar[frozenset[str]] = frozenset(
        {
            "id",
            "displayName",
            "description",
            "lastModifiedDateTime",
            "policyVersion",
            "reconfirmationInDays",
            "policyMigrationState",
            "authenticationMethodConfigurations",
        }
    )
    registration_enforcement: SentEnforcement | None = None
