"""Skipping what the registration campaign asks for."""

from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.authority import Actor
from accounts.models import User
from audit.actions import record
from audit.enums import Event
from authmethods import campaign as campaigns
from authmethods.enums import Ask
from authmethods.judging import registration_ask
from authmethods.models import RegistrationSnooze
from core import clock
from core.errors import Denied


def skip_registration(actor: Actor, *, user: User) -> None:
    """Let the actor go on without a method, until the campaign asks again. Raises Denied where he must not skip."""
    now = clock.now()
    ask = registration_ask(user, roles=actor.roles, now=now)
    if ask is Ask.MUST:
        raise Denied(
            "registration_required", _("Add a sign-in method to go on. You have skipped this as often as you can.")
        )
    if ask is Ask.NOTHING:
        return
    until = now + timedelta(days=campaigns.campaign_of(user.tenant_id).snooze_days)
    with transaction.atomic(durable=True):
        snooze, is_new = RegistrationSnooze.objects.select_for_update().get_or_create(
            user=user, defaults={"times": 1, "until": until}
        )
        if not is_new:
            snooze.times, snooze.until = snooze.times + 1, until
            snooze.save()
        record(
            Event.REGISTRATION_SKIPPED,
            actor=actor,
            target=user,
            detail={"times": snooze.times, "until": until.isoformat()},
        )
