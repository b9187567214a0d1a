"""Devices without a browser (RFC 8628): a code for the person to type, and a code for the device to ask with."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _
from oauth2_provider.models import AbstractDeviceGrant
from oauthlib.oauth2.rfc8628.grant_types import DeviceCodeGrant

from accounts.authority import Actor
from accounts.models import SignInSession
from audit.actions import record
from audit.enums import Event, Outcome
from core import clock, limits
from core.errors import Conflict, NotFound
from core.http import network_of
from core.secrets import digest, make_token
from oidc.actions.ending import listen
from oidc.actions.grants import end_family
from oidc.enums import Permission
from oidc.models import Application, DeviceGrant, TokenFamily
from oidc.scopes import written
from oidc.tokens import standing_problem

ALPHABET = "BCDFGHJKLMNPQRSTVWXZ"  # RFC 8628 §6.1: no vowels, so no words; 8 of 20 are 34.6 bits
LENGTH = 8
LIFETIME = timedelta(minutes=15)
INTERVAL = 5  # seconds between two questions of a device
LONGEST_INTERVAL = 60
TOLERANCE = timedelta(seconds=1)  # what the network may take off an interval
PENDING, AUTHORIZED, DENIED = (
    AbstractDeviceGrant.AUTHORIZATION_PENDING,
    AbstractDeviceGrant.AUTHORIZED,
    AbstractDeviceGrant.DENIED,
)


@dataclass(frozen=True)
class Started:
    """A grant that waits, with both codes: the device gets them once."""

    grant: DeviceGrant
    device_code: str
    user_code: str

    def __repr__(self) -> str:
        return f"Started({self.grant.pk}, codes hidden)"


def start(actor: Actor, *, application: Application, permissions: Iterable[Permission], user_agent: str) -> Started:
    """Let a device ask for its person. Raises TooMany."""
    now = clock.now()
    limits.reserve(limits.asking_lanes("device-code", network_of(actor.address)), now=now)
    device_code = make_token()
    user_code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    grant = DeviceGrant.objects.create(
        application=application,
        device_code=digest(device_code),
        user_code=digest(user_code),
        scope=written(permissions),
        interval=INTERVAL,
        expires=now + LIFETIME,
        created_at=now,
        address=actor.address,
        user_agent=user_agent[:256],
    )
    return Started(grant, device_code, f"{user_code[:4]}-{user_code[4:]}")


def find(actor: Actor, *, typed: str) -> DeviceGrant:
    """Return the device whose code a signed-in person typed. Raises TooMany, NotFound (criterion C09).

    Wrong codes count for the person and for the network they come from.
    """
    now = clock.now()
    lanes = limits.account_lanes(method="device-code", account=str(actor.user_id), network=network_of(actor.address))
    limits.reserve(lanes, now=now)
    plain = "".join(char for char in typed.upper() if char.isalpha())[: LENGTH + 1]
    grant = _waiting(actor, user_code=digest(plain), now=now)
    if grant is None:
        record(Event.DEVICE_REFUSED, actor=actor, outcome=Outcome.FAILURE, reason="unknown_code")
        raise NotFound("device_code", _("That code is not known, or its time is over. Check it, or start again."))
    limits.release(lanes)
    return grant


def waiting(actor: Actor, *, grant_id: int) -> DeviceGrant:
    """Return a device the person has found before. Raises NotFound."""
    grant = _waiting(actor, pk=grant_id, now=clock.now())
    if grant is None:
        raise NotFound("device_code", _("That code's time is over. Start again on your device."))
    return grant


def let_in(actor: Actor, *, grant: DeviceGrant, session: SignInSession) -> None:
    """Give the device what it asked for, in the person's name and for as long as this sign-in. Raises Conflict."""
    with transaction.atomic():
        family = TokenFamily.objects.create(application=grant.application, session=session, began_at=clock.now())
        listen(grant.application, session)
        changed = DeviceGrant.objects.filter(pk=grant.pk, status=PENDING).update(
            status=AUTHORIZED, user_id=session.user_id, session=session, family=family
        )
        if not changed:
            raise Conflict("device_code")
        record(
            Event.DEVICE_APPROVED,
            actor=actor,
            target=grant.application,
            detail={"address": grant.address, "permissions": grant.scope.split()},
        )


def turn_away(actor: Actor, *, grant: DeviceGrant) -> None:
    """Refuse the device."""
    with transaction.atomic():
        DeviceGrant.objects.filter(pk=grant.pk, status=PENDING).update(status=DENIED)
        record(
            Event.DEVICE_REFUSED,
            actor=actor,
            target=grant.application,
            outcome=Outcome.DENIED,
            reason="refused",
            detail={"address": grant.address},
        )


def poll(actor: Actor, *, device_code: str, application: Application) -> tuple[DeviceGrant | None, str | None]:
    """Answer a device that asks whether its person has agreed, and claim the grant if so.

    Returns one of oauthlib's statuses, None for a code that is not known. Whoever asks too often must wait longer.
    """
    now = clock.now()
    grant = (
        DeviceGrant.objects.select_related("family", "session__user", "session__tenant")
        .filter(device_code=digest(device_code), application=application)
        .first()
    )
    if grant is None:
        return None, None
    if grant.status == DENIED:
        return None, DeviceCodeGrant.DEVICE_CODE_DENIED
    if now >= grant.expires:
        return None, DeviceCodeGrant.DEVICE_CODE_EXPIRED
    if _is_too_soon(grant, now):
        longer = min(grant.interval + INTERVAL, LONGEST_INTERVAL)
        DeviceGrant.objects.filter(pk=grant.pk).update(last_checked=now, interval=longer)
        return None, DeviceCodeGrant.DEVICE_CODE_SLOW_DOWN
    DeviceGrant.objects.filter(pk=grant.pk).update(last_checked=now)
    if grant.family is None:
        return None, DeviceCodeGrant.DEVICE_CODE_PENDING
    if not DeviceGrant.objects.filter(pk=grant.pk, used_at__isnull=True).update(used_at=now):
        end_family(actor, family=grant.family, application=application, reason="device_code_replayed")
        return None, None
    if standing_problem(grant.family, application, grant.session, now=now):
        return None, DeviceCodeGrant.DEVICE_CODE_EXPIRED
    return grant, DeviceCodeGrant.DEVICE_CODE_AUTHORIZED


def _waiting(actor: Actor, *, now: datetime, **which: object) -> DeviceGrant | None:
    """Return a device of the person's own tenant that still waits."""
    waiting_ones = DeviceGrant.objects.select_related("application__tenant").filter(
        status=PENDING, expires__gt=now, application__tenant_id=actor.tenant_id, application__is_enabled=True
    )
    return waiting_ones.filter(**which).first()


def _is_too_soon(grant: DeviceGrant, now: datetime) -> bool:
    return grant.last_checked is not None and now - grant.last_checked < timedelta(seconds=grant.interval) - TOLERANCE
