"""Whom a tenant's registration campaign asks. A tenant that never saved one asks nobody."""

from uuid import UUID

from accounts.enums import Campaign, TargetSide
from accounts.models import Tenant
from accounts.targeting import Target, targets_of
from authmethods.models import RegistrationCampaign

LISTED = Campaign.REGISTRATION
EVERYBODY = (Target(TargetSide.INCLUDE),)


def campaign_of(tenant_id: UUID) -> RegistrationCampaign:
    """Return the tenant's campaign, or what holds without one."""
    return RegistrationCampaign.objects.filter(tenant_id=tenant_id).first() or RegistrationCampaign(tenant_id=tenant_id)


def campaign_in(tenant: Tenant) -> RegistrationCampaign:
    """Do the same without a query where ``tenant`` was read together with ``registration_campaign``."""
    return getattr(tenant, "registration_campaign", None) or RegistrationCampaign(tenant=tenant)


def targets(campaign: RegistrationCampaign) -> list[Target]:
    """Return the campaign's include and exclude lists."""
    return list(EVERYBODY) if campaign.changed_at is None else targets_of(campaign.pk, LISTED)
