"""Whether somebody who has just signed in is asked to add a method."""

from collections.abc import Collection
from datetime import datetime

from accounts.enums import MethodKind, Role
from accounts.models import User
from accounts.targeting import scope_in
from authmethods import campaign as campaigns
from authmethods import rules
from authmethods.catalogue import methods_of, people
from authmethods.enums import Ask


def registration_ask(user: User, *, roles: Collection[Role], now: datetime) -> Ask:
    """Judge one person: one query where the tenant has no campaign, four where it has."""
    person = people().select_related("tenant__registration_campaign", "registration_snooze").get(pk=user.pk)
    campaign = campaigns.campaign_in(person.tenant)
    if not campaign.is_enabled:
        return Ask.NOTHING
    methods = methods_of(person, now=now, roles=frozenset(roles))
    if methods.passkey_ruling.registration_block or any(one.kind is MethodKind.FIDO2 for one in methods.usable):
        return Ask.NOTHING
    return rules.registration_ask(
        campaign,
        scope_in(person, campaigns.LISTED),
        has_lasting_method=any(one.is_lasting for one in methods.usable),
        snooze=getattr(person, "registration_snooze", None),
        now=now,
    )
