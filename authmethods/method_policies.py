"""Changing the passkey policy, and the campaign that asks people to register."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from accounts.authority import Actor
from accounts.enums import Targeted
from accounts.method_policies import PolicyKind, Public, save_policy
from accounts.models import Tenant
from accounts.targeting import Target
from audit.enums import Event
from authmethods import campaign as campaigns
from authmethods import policy as passkeys
from authmethods import rules, wording
from authmethods.authenticators import model_name
from authmethods.models import PasskeyPolicy, RegistrationCampaign
from core import clock
from core.errors import Invalid
from notices import actions as notices


def change_passkey_policy(
    actor: Actor,
    *,
    version: int,
    settings: Mapping[str, Any],
    targets: Collection[Target] | None = None,
) -> PasskeyPolicy:
    """Save the tenant's policy: ``settings`` by field name, those left out stay; the lists unless None. It applies at once.

    ``version`` is the one the caller has seen. Raises Refused, ConfirmationNeeded, Invalid (by field), Conflict.
    """
    return save_policy(
        actor, Event.PASSKEY_POLICY_CHANGED, kind=PASSKEYS, version=version, settings=settings, targets=targets
    )


def reset_passkey_policy(actor: Actor, *, version: int) -> PasskeyPolicy:
    """Give the settings their defaults back; whether passkeys are on, and for whom, stays. Raises as the change does."""
    return save_policy(
        actor, Event.PASSKEY_POLICY_RESET, kind=PASSKEYS, version=version, settings=rules.default_settings()
    )


def change_campaign(
    actor: Actor,
    *,
    version: int,
    settings: Mapping[str, Any],
    targets: Collection[Target] | None = None,
) -> RegistrationCampaign:
    """Save the tenant's registration campaign, as a policy is saved. Raises as ``change_passkey_policy`` does.

    Who turns it on or off has decided: it is at its default no more.
    """
    decided = {"is_default": False} if "is_enabled" in settings else {}
    return save_policy(
        actor,
        Event.CAMPAIGN_CHANGED,
        kind=CAMPAIGN,
        version=version,
        settings={**decided, **settings},
        targets=targets,
    )


def _check_campaign(campaign: RegistrationCampaign) -> None:
    problems = rules.campaign_problems(campaign)
    if problems:
        fields = {name: wording.passkey_policy_problem(problem) for name, problem in problems.items()}
        raise Invalid("policy_settings", next(iter(fields.values())), fields=fields)


def _public_campaign(campaign: RegistrationCampaign) -> dict[str, object]:
    return {"default": campaign.is_default, "snooze_days": campaign.snooze_days}


def _campaign_saved(actor: Actor, tenant: Tenant, what: Targeted, before: Public, after: Public) -> None:
    """Tell administrators, and the sign-in: it begins every session with a pass held until the campaign has been asked."""
    Tenant.objects.filter(pk=tenant.pk).update(campaign_since=clock.now() if after["enabled"] else None)
    notices.policy_changed(actor, tenant, what, before, after)


def _check(policy: PasskeyPolicy) -> None:
    problems = rules.policy_problems(policy)
    if problems:
        fields = {name: wording.passkey_policy_problem(problem) for name, problem in problems.items()}
        raise Invalid("policy_settings", next(iter(fields.values())), fields=fields)
    policy.aaguids = [str(rules.read_aaguid(one)) for one in policy.aaguids]


def _public(policy: PasskeyPolicy) -> dict[str, object]:
    return {
        "self_service": policy.is_self_service_allowed,
        "attestation": policy.is_attestation_enforced,
        "restricted": policy.is_key_restricted,
        "enforcement": policy.enforcement,
        "aaguids": list(policy.aaguids),
    }


def _saved(actor: Actor, tenant: Tenant, what: Targeted, before: Public, after: Public) -> None:
    """Tell administrators, with the models by name."""
    notices.policy_changed(actor, tenant, what, _with_names(before), _with_names(after))


def _with_names(public: Public) -> Public:
    return {**public, "aaguids": [model_name(UUID(one)) or one for one in public["aaguids"]]}


PASSKEYS = PolicyKind(passkeys.METHOD, PasskeyPolicy, _check, _public, _saved, passkeys.EVERYBODY)
CAMPAIGN = PolicyKind(
    campaigns.LISTED,
    RegistrationCampaign,
    _check_campaign,
    _public_campaign,
    _campaign_saved,
    campaigns.EVERYBODY,
)
