"""Which methods may go, and what a policy says of a passkey. Pure. What a session may register: accounts.authority."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from accounts.targeting import Scope
from authmethods.enums import Ask, KeyEnforcement, PasskeyBlock, PolicyProblem
from authmethods.models import LONGEST_SNOOZE, PasskeyPolicy, RegistrationCampaign, RegistrationSnooze

LONGEST_NAME = 100  # characters
ROUND_LIFETIMES = (10, 15, 30, 60, 120, 240, 480, 720, 1440, 2880, 4320, 10_080, 20_160, 43_200)  # minutes
MOST_SUGGESTED = 5
MOST_MODELS = 200
MOST_SKIPS = 3  # then somebody without a lasting method is asked until he adds one
AAGUID = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)
SETTINGS = (
    "is_self_service_allowed",
    "is_attestation_enforced",
    "is_key_restricted",
    "enforcement",
    "aaguids",
)


class RemovalProblem(StrEnum):
    """Why a method must stay."""

    LAST_LASTING_METHOD = "last_lasting_method"


def removal_problem(*, others: int, has_password: bool) -> RemovalProblem | None:
    """Say whether a passkey may be removed by its owner. ``others`` he can sign in with; a pass is none (criterion D10)."""
    return RemovalProblem.LAST_LASTING_METHOD if not others and not has_password else None


def passkey_block(policy: PasskeyPolicy, scope: Scope, aaguid: UUID) -> PasskeyBlock:
    """Say which part of the policy stops signing in with a passkey of a model."""
    return _reach_block(policy, scope) or _model_block(policy, aaguid)


def registration_block(policy: PasskeyPolicy, scope: Scope) -> PasskeyBlock:
    """Say which part of the policy stops somebody from registering any passkey for himself."""
    block = _reach_block(policy, scope)
    if block is PasskeyBlock.NONE and not policy.is_self_service_allowed:
        return PasskeyBlock.SELF_SERVICE_OFF
    return block


def _reach_block(policy: PasskeyPolicy, scope: Scope) -> PasskeyBlock:
    if not policy.is_enabled:
        return PasskeyBlock.METHOD_OFF
    if scope.excluded_by is not None:
        return PasskeyBlock.EXCLUDED
    return PasskeyBlock.NONE if scope.included_by is not None else PasskeyBlock.NOT_IN_SCOPE


def _model_block(policy: PasskeyPolicy, aaguid: UUID) -> PasskeyBlock:
    """An authenticator that does not tell its model is on no list: an allow list refuses it, a block list does not."""
    if not policy.is_key_restricted:
        return PasskeyBlock.NONE
    is_listed = str(aaguid) in policy.aaguids
    if policy.enforcement == KeyEnforcement.ALLOW:
        return PasskeyBlock.NONE if is_listed else PasskeyBlock.MODEL_NOT_ALLOWED
    return PasskeyBlock.MODEL_BLOCKED if is_listed else PasskeyBlock.NONE


def read_aaguid(text: object) -> UUID | None:
    """Return the AAGUID somebody typed or sent, or None where it is none. All zeros name no model."""
    found = UUID(text.strip()) if isinstance(text, str) and AAGUID.fullmatch(text.strip()) else None
    return found if found and found.int else None


def policy_problems(policy: PasskeyPolicy) -> Mapping[str, PolicyProblem]:
    """Say which settings cannot be, by field name."""
    problems: dict[str, PolicyProblem] = {}
    if policy.enforcement not in KeyEnforcement.values:
        problems["enforcement"] = PolicyProblem.NO_SUCH_ENFORCEMENT
    listed: Sequence[object] = policy.aaguids if isinstance(policy.aaguids, list) else [policy.aaguids]
    read = [read_aaguid(one) for one in listed]
    if None in read:
        problems["aaguids"] = PolicyProblem.NOT_AN_AAGUID
    elif len(set(read)) < len(read):
        problems["aaguids"] = PolicyProblem.MODEL_TWICE
    elif len(read) > MOST_MODELS:
        problems["aaguids"] = PolicyProblem.TOO_MANY_MODELS
    elif policy.is_key_restricted and policy.enforcement == KeyEnforcement.ALLOW and not read:
        problems["aaguids"] = PolicyProblem.NOTHING_ALLOWED
    return problems


def registration_ask(
    campaign: RegistrationCampaign,
    scope: Scope,
    *,
    has_lasting_method: bool,
    snooze: RegistrationSnooze | None,
    now: datetime,
) -> Ask:
    """Say whether somebody who could add a passkey, and has none that works, is asked to. Whoever can sign in without a
    pass may always skip.
    """
    if not campaign.is_enabled or not scope.is_in or (snooze is not None and now < snooze.until):
        return Ask.NOTHING
    is_patience_over = snooze is not None and snooze.times >= MOST_SKIPS
    return Ask.MUST if is_patience_over and not has_lasting_method else Ask.MAY_SKIP


def campaign_problems(campaign: RegistrationCampaign) -> Mapping[str, PolicyProblem]:
    """Say which settings of the campaign cannot be, by field name."""
    return {} if 0 <= campaign.snooze_days <= LONGEST_SNOOZE else {"snooze_days": PolicyProblem.SNOOZE_RANGE}


def default_settings() -> dict[str, Any]:
    """Return the settings of a tenant that never changed them, by field name."""
    fresh = PasskeyPolicy()
    return {name: getattr(fresh, name) for name in SETTINGS}


def clean_name(typed: str) -> str:
    """Return a passkey's name: one line, no control characters, no surrounding space; "" where nothing is left."""
    one_line = " ".join(typed.split())
    return "".join(char for char in one_line if char.isprintable())[:LONGEST_NAME]


def suggested_lifetimes(*, least: int, default: int, most: int) -> list[int]:
    """Return the minutes offered for a new pass: the policy's three figures and round ones spread between them."""
    offered = {least, default, most}
    between = [minutes for minutes in ROUND_LIFETIMES if least < minutes < most and minutes not in offered]
    room = min(len(between), MOST_SUGGESTED - len(offered))
    offered.update(between[(index + 1) * (len(between) + 1) // (room + 1) - 1] for index in range(room))
    return sorted(offered)
