"""The policies of authentication methods and the registration campaign: read, change, reset."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import HttpResponse

from accounts.enums import Act, TargetSide
from accounts.targeting import Target
from authmethods import campaign as campaigns
from authmethods import policy as passkeys
from authmethods.method_policies import change_campaign, change_passkey_policy
from authmethods.models import PasskeyPolicy
from authmethods.rules import default_settings as default_passkey_settings
from graph import serialise
from graph.answers import collection, entity, nothing
from graph.entrance import GraphRequest
from graph.enums import Dialect
from graph.errors import bad_body
from graph.odata.options import Serves, read_options
from graph.operations import Part
from graph.permissions import POLICY_READ, POLICY_WRITE
from graph.shapes.base import Collection
from graph.shapes.policies import (
    ALL_USERS,
    CAMPAIGN_METHOD,
    Fido2Configuration,
    MethodsPolicy,
    RegistrationEnforcement,
    SentCampaign,
    SentConfiguration,
    SentEnforcement,
    SentFido2Configuration,
    SentKeyRestrictions,
    SentMethodsPolicy,
    SentTapConfiguration,
    SentTarget,
    TapConfiguration,
)
from tap import actions, queries, rules
from tap.models import TapPolicy

part = Part("Policies", Dialect.METHODS)
POLICY = "/policies/authenticationMethodsPolicy"
CONFIGURATIONS = f"{POLICY}/authenticationMethodConfigurations"
TAP = f"{CONFIGURATIONS}/temporaryAccessPass"
FIDO2 = f"{CONFIGURATIONS}/fido2"
METHODS_CONTEXT = "policies/authenticationMethodsPolicy"
CONTEXT = f"{METHODS_CONTEXT}/authenticationMethodConfigurations"
EVERYBODY = (Target(TargetSide.INCLUDE),)


@part.get(TAP, need=POLICY_READ, returns=TapConfiguration)
def get_tap_policy(request: GraphRequest) -> HttpResponse:
    """Return the Temporary Access Pass policy."""
    _look(request)
    return entity(request, tap_policy(queries.policy_of(request.caller.tenant_id)), context=CONTEXT)


@part.patch(TAP, need=POLICY_WRITE)
def change_tap_policy(request: GraphRequest, body: SentTapConfiguration) -> HttpResponse:
    """Change the Temporary Access Pass policy. What is left out stays; a list that is sent replaces the whole list."""
    caller = request.caller
    caller.require(Act.POLICY_CHANGE)
    policy = queries.policy_of(caller.tenant_id)
    wanted = {
        "is_enabled": None if body.state is None else body.state == "enabled",
        "default_lifetime": body.default_lifetime_in_minutes,
        "default_length": body.default_length,
        "minimum_lifetime": body.minimum_lifetime_in_minutes,
        "maximum_lifetime": body.maximum_lifetime_in_minutes,
        "is_usable_once": body.is_usable_once,
    }
    actions.change_policy(
        caller.actor,
        version=policy.version,
        settings={name: value for name, value in wanted.items() if value is not None},
        targets=merged_targets(body, queries.targets(caller.tenant_id)),
    )
    return nothing()


@part.delete(TAP, need=POLICY_WRITE)
def reset_tap_policy(request: GraphRequest) -> HttpResponse:
    """Give the Temporary Access Pass policy its defaults back: off, for all users."""
    caller = request.caller
    caller.require(Act.POLICY_CHANGE)
    policy = queries.policy_of(caller.tenant_id)
    settings = rules.default_settings() | {"is_enabled": False}
    actions.change_policy(caller.actor, version=policy.version, settings=settings, targets=EVERYBODY)
    return nothing()


@part.get(FIDO2, need=POLICY_READ, returns=Fido2Configuration)
def get_fido2_policy(request: GraphRequest) -> HttpResponse:
    """Return the passkey policy."""
    _look(request)
    return entity(request, fido2_policy(passkeys.policy_of(request.caller.tenant_id)), context=CONTEXT)


@part.patch(FIDO2, need=POLICY_WRITE)
def change_fido2_policy(request: GraphRequest, body: SentFido2Configuration) -> HttpResponse:
    """Change the passkey policy. What is left out stays; a list that is sent replaces the whole list."""
    caller = request.caller
    caller.require(Act.POLICY_CHANGE)
    policy = passkeys.policy_of(caller.tenant_id)
    restrictions = body.key_restrictions or SentKeyRestrictions()
    wanted = {
        "is_enabled": None if body.state is None else body.state == "enabled",
        "is_self_service_allowed": body.is_self_service_registration_allowed,
        "is_attestation_enforced": body.is_attestation_enforced,
        "is_key_restricted": restrictions.is_enforced,
        "enforcement": restrictions.enforcement_type,
        "aaguids": restrictions.aa_guids,
    }
    change_passkey_policy(
        caller.actor,
        version=policy.version,
        settings={name: value for name, value in wanted.items() if value is not None},
        targets=merged_targets(body, passkeys.targets(policy)),
    )
    return nothing()


@part.delete(FIDO2, need=POLICY_WRITE)
def reset_fido2_policy(request: GraphRequest) -> HttpResponse:
    """Give the passkey policy its defaults back: on, for all users, any model."""
    caller = request.caller
    caller.require(Act.POLICY_CHANGE)
    settings = default_passkey_settings() | {"is_enabled": True}
    version = passkeys.policy_of(caller.tenant_id).version
    change_passkey_policy(caller.actor, version=version, settings=settings, targets=EVERYBODY)
    return nothing()


@part.get(CONFIGURATIONS, need=POLICY_READ, returns=Collection[TapConfiguration | Fido2Configuration])
def list_method_policies(request: GraphRequest) -> HttpResponse:
    """Return the policies of all methods."""
    _look(request)
    tenant_id = request.caller.tenant_id
    shown = [fido2_policy(passkeys.policy_of(tenant_id)), tap_policy(queries.policy_of(tenant_id))]
    return collection(request, shown, context=CONTEXT)


@part.get(POLICY, need=POLICY_READ, returns=MethodsPolicy)
def get_methods_policy(request: GraphRequest) -> HttpResponse:
    """Return the policies of all methods as one thing."""
    _look(request)
    return entity(request, methods_policy(request.caller.tenant_id), context=METHODS_CONTEXT)


@part.patch(POLICY, need=POLICY_WRITE, returns=MethodsPolicy)
def change_methods_policy(request: GraphRequest, body: SentMethodsPolicy) -> HttpResponse:
    """Change the registration campaign. What is left out stays; a list that is sent replaces the whole list."""
    caller = request.caller
    caller.require(Act.POLICY_CHANGE)
    enforcement = body.registration_enforcement or SentEnforcement()
    sent = enforcement.authentication_methods_registration_campaign
    if sent is not None:
        campaign = campaigns.campaign_of(caller.tenant_id)
        change_campaign(
            caller.actor,
            version=campaign.version,
            settings=campaign_settings(sent),
            targets=merged_targets(sent, campaigns.targets(campaign)),
        )
    return entity(request, methods_policy(caller.tenant_id), context=METHODS_CONTEXT)


def campaign_settings(sent: SentCampaign) -> dict[str, Any]:
    """Return the settings a body names, by field name. Raises Problem where it asks for a method that cannot be asked for."""
    for one in sent.include_targets or ():
        if one.targeted_authentication_method.lower() != CAMPAIGN_METHOD:
            raise bad_body(Dialect.METHODS, f"targetedAuthenticationMethod must be '{CAMPAIGN_METHOD}'.")
    settings: dict[str, Any] = {}
    if sent.snooze_duration_in_days is not None:
        settings["snooze_days"] = sent.snooze_duration_in_days
    if sent.state is not None:
        settings |= {"is_enabled": sent.state == "enabled", "is_default": sent.state == "default"}
    return settings


def methods_policy(tenant_id: UUID) -> MethodsPolicy:
    """Return the policies of all methods and the registration campaign as they are answered."""
    campaign = campaigns.campaign_of(tenant_id)
    shown = serialise.campaign(campaign, *_sides(campaigns.targets(campaign)))
    passes, keys = queries.policy_of(tenant_id), passkeys.policy_of(tenant_id)
    changed = (one.changed_at for one in (passes, keys, campaign) if one.changed_at is not None)
    return MethodsPolicy(
        last_modified_date_time=max(changed, default=None),
        registration_enforcement=RegistrationEnforcement(authentication_methods_registration_campaign=shown),
        authentication_method_configurations=[fido2_policy(keys), tap_policy(passes)],
    )


def fido2_policy(policy: PasskeyPolicy) -> Fido2Configuration:
    """Return the passkey policy as it is answered."""
    return serialise.fido2_configuration(policy, *_sides(passkeys.targets(policy)))


def tap_policy(policy: TapPolicy) -> TapConfiguration:
    """Return the Temporary Access Pass policy as it is answered."""
    return serialise.tap_configuration(policy, *_sides(queries.targets(policy.pk)))


def merged_targets(body: SentConfiguration | SentCampaign, stored: Sequence[Target]) -> list[Target] | None:
    """Return both lists with those that were sent in place of the stored ones; None where neither was. Raises Problem."""
    if body.include_targets is None and body.exclude_targets is None:
        return None
    included, excluded = _sides(stored)
    if body.include_targets is not None:
        included = [_target(one, TargetSide.INCLUDE) for one in body.include_targets]
    if body.exclude_targets is not None:
        excluded = [_target(one, TargetSide.EXCLUDE) for one in body.exclude_targets]
    return [*included, *excluded]


def _sides(lists: Sequence[Target]) -> tuple[list[Target], list[Target]]:
    return (
        [one for one in lists if one.side is TargetSide.INCLUDE],
        [one for one in lists if one.side is TargetSide.EXCLUDE],
    )


def _target(sent: SentTarget, side: TargetSide) -> Target:
    if sent.id == ALL_USERS:
        return Target(side)
    try:
        known = UUID(sent.id)
    except ValueError:
        raise bad_body(Dialect.METHODS, f"'{sent.id[:60]}' is no user, group or all_users.") from None
    return Target(side, user_id=known) if sent.target_type == "user" else Target(side, group_id=known)


def _look(request: GraphRequest) -> None:
    request.caller.require(Act.POLICY_VIEW)
    read_options(request.GET, Serves(), tenant_id=request.caller.tenant_id)
