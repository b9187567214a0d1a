"""What happens to passes: issue, delete, verify and claim, change the policy."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import sessions
from accounts.access import Reached
from accounts.actions import note_limit
from accounts.authority import Actor
from accounts.enums import Act, SessionEnd
from accounts.method_policies import PolicyKind, save_policy
from accounts.models import User
from accounts.targeting import Target
from audit.actions import Detail, event_of, record
from audit.enums import Event, Outcome
from audit.models import AuditEvent
from core import clock, limits, secrets
from core.errors import Conflict, Invalid, NotFound, NotUsable
from core.http import network_of
from core.text import Text, fold_upn
from notices import actions as notices
from tap import issuing, queries, rules, telling, wording
from tap.enums import Usability
from tap.issuing import Wish
from tap.models import TapPolicy, TemporaryAccessPass

Issued: TypeAlias = issuing.Issued


@dataclass(frozen=True)
class Verified:
    """A pass whose code was right and which may be used; ``claim`` decides."""

    user: User
    issued: TemporaryAccessPass
    lanes: list[limits.Lane]


def issue(
    actor: Actor,
    *,
    target: Reached,
    lifetime_in_minutes: int | None = None,
    starts_at: datetime | None = None,
    is_usable_once: bool | None = None,
    reason: str = "",
    pass_id: UUID | None = None,
) -> Issued:
    """Make a pass for ``target``; what is left out comes from the policy. An earlier pass is replaced and its sessions end.

    ``pass_id``, a random id of the caller's form, makes sending the form twice issue once: then Conflict("pass_shown").
    Raises Refused, ConfirmationNeeded, Invalid (with the field), Conflict.
    """
    target.require(Act.PASS_ISSUE)
    if _exists(pass_id):
        raise Conflict("pass_shown")
    wish = Wish(lifetime_in_minutes, starts_at, is_usable_once, reason)
    policy = queries.policy_of(target.user.tenant_id)
    drafted = issuing.draft(actor, target=target, policy=policy, wish=wish, pass_id=pass_id)
    made = issuing.protect(drafted, length=policy.default_length)
    try:
        with transaction.atomic(durable=True):
            issuing.write(actor, [made], administrators={target.user.id} if target.roles else ())
    except IntegrityError as error:
        raise Conflict("pass_shown" if _exists(pass_id) else "pass_issued_meanwhile") from error
    return made


def delete(actor: Actor, *, target: Reached, pass_id: UUID) -> None:
    """Delete somebody else's pass in whatever state, and end its sessions. Raises Refused, ConfirmationNeeded, NotFound."""
    target.require(Act.PASS_DELETE)
    _delete(actor, user=target.user, pass_id=pass_id)


def delete_own(actor: Actor, *, user: User, pass_id: UUID) -> None:
    """Delete the actor's own pass ("users can delete the TAP if it's no longer needed"). Raises NotFound."""
    if user.id != actor.user_id:
        raise NotFound("pass")
    _delete(actor, user=user, pass_id=pass_id)


def verify(actor: Actor, *, upn: str, typed: str) -> Verified:
    """Check a code typed for ``upn``. Limits first, then one hash, whoever asks and whatever is there (C01, C04, C07).

    Raises TooMany, Busy, NotUsable: with the neutral message unless the code itself was right (C06).
    """
    account = queries.account_named(upn)
    lanes = limits.account_lanes(method="pass", account=fold_upn(upn), network=network_of(actor.address))
    issued, user = account.issued, account.user
    attempts_of_pass = limits.credential_lane(f"pass:{issued.id}") if issued else None
    lanes += [attempts_of_pass] if attempts_of_pass else []
    counts = limits.reserve(lanes, now=clock.now())
    code = secrets.normalise(typed)
    if issued is None or user is None or not (user.is_enabled and user.tenant.is_enabled) or code is None:
        secrets.spend_a_hash()
        note_limit(actor, user, lanes, counts)
        raise _refused(actor, user, issued, "wrong_code" if issued else "no_pass")
    context = issued.verifier_context
    is_right = (
        secrets.matches(code, issued.verifier, context=context)
        if issued.verifier
        else secrets.recognises(code, issued.remnant, context=context)
    )
    if not is_right:
        _count_wrong(user, counts)
        if attempts_of_pass and counts[attempts_of_pass.key] >= attempts_of_pass.limit:
            _lock(actor, user, issued)
        note_limit(actor, user, lanes, counts)
        raise _refused(actor, user, issued, "wrong_code")
    state = queries.state_of(issued, policy=account.policy, now=clock.now())
    if not state.is_usable:
        limits.release(lanes)
        # Nobody is signed in yet, but he has shown who he is.
        with timezone.override(user.tenant.zone_for(user.time_zone)):
            told = wording.told(issued, state)
        raise _refused(actor, user, issued, state.block.value or state.usability.value, told=told)
    return Verified(user, issued, lanes)


def claim(actor: Actor, *, verified: Verified, user_agent: str = "") -> AuditEvent:
    """Redeem a verified pass, inside the transaction that opens the session. One winner (A07).

    Returns the event of it, for the caller to write together with that of the session. Raises NotUsable where the pass
    was used, deleted, replaced or locked since it was verified.
    """
    issued = verified.issued
    won = TemporaryAccessPass.objects.claim(
        issued.id,
        remnant=secrets.remnant_of(issued.verifier),
        address=actor.address,
        now=clock.now(),
    )
    if not won:
        raise _refused(actor, verified.user, issued, Usability.ONE_TIME_USED.value, told=wording.blocked_message())
    limits.release(verified.lanes)
    telling.used(actor, verified.user, issued, user_agent=user_agent)
    used: Detail = {"pass": str(issued.id), "one_time": issued.is_usable_once}
    return event_of(Event.PASS_USED, actor, verified.user, detail=used)


def change_policy(
    actor: Actor,
    *,
    version: int,
    settings: Mapping[str, Any],
    targets: Collection[Target] | None = None,
) -> TapPolicy:
    """Save the tenant's policy: ``settings`` by field name, and the lists unless None. It applies at once.

    ``version`` is the one the form was filled from. Raises Refused, ConfirmationNeeded, Invalid (by field), Conflict.
    """
    return save_policy(
        actor, Event.TAP_POLICY_CHANGED, kind=POLICY, version=version, settings=settings, targets=targets
    )


def reset_policy(actor: Actor, *, version: int) -> TapPolicy:
    """Give the settings their defaults back; whether passes are on, and for whom, stays. Raises as change_policy does."""
    return save_policy(actor, Event.TAP_POLICY_RESET, kind=POLICY, version=version, settings=rules.default_settings())


def view(actor: Actor, *, target: Reached, issued: TemporaryAccessPass) -> None:
    """Note that somebody looked at the pass of somebody else. Raises Refused, ConfirmationNeeded."""
    if target.user.id == actor.user_id:
        return
    target.require(Act.PASS_VIEW)
    record(Event.PASS_VIEWED, actor=actor, target=target.user, detail={"pass": str(issued.id)})


def _exists(pass_id: UUID | None) -> bool:
    return pass_id is not None and TemporaryAccessPass.objects.filter(pk=pass_id).exists()


def _check_policy(policy: TapPolicy) -> None:
    problems = rules.policy_problems(
        minimum_lifetime=policy.minimum_lifetime,
        maximum_lifetime=policy.maximum_lifetime,
        default_lifetime=policy.default_lifetime,
        default_length=policy.default_length,
    )
    if problems:
        raise Invalid(
            "policy_settings",
            fields={name: wording.policy_problem_message(name, problem, policy) for name, problem in problems.items()},
        )


def _delete(actor: Actor, *, user: User, pass_id: UUID) -> None:
    now = clock.now()
    with transaction.atomic(durable=True):
        gone = (
            TemporaryAccessPass.objects.open()
            .filter(pk=pass_id, user=user)
            .update(deleted_at=now, verifier="", remnant="")
        )
        if not gone:
            raise NotFound("pass", _("This pass was deleted or replaced already."))
        ended = sessions.revoke_bound_to(pass_id, SessionEnd.PASS_DELETED, now=now)
        record(Event.PASS_DELETED, actor=actor, target=user, detail={"pass": str(pass_id), "sessions": ended})
        telling.deleted(actor, user, pass_id)


def _lock(actor: Actor, user: User, issued: TemporaryAccessPass) -> None:
    """Disable a pass after its last allowed consecutive failure (NIST SP 800-63B-4 §3.2.2)."""
    with transaction.atomic():
        locked = (
            TemporaryAccessPass.objects.open()
            .filter(pk=issued.pk, locked_at__isnull=True)
            .update(
                locked_at=clock.now(),
                verifier="",
            )
        )
        if locked:
            record(
                Event.PASS_LOCKED, actor=actor, target=user, outcome=Outcome.FAILURE, detail={"pass": str(issued.id)}
            )
            telling.wrong_codes(user, count=limits.credential_lane("").limit, is_locked=True)


def _count_wrong(user: User, counts: Mapping[str, int]) -> None:
    """Tell administrators once, when the wrong codes typed for one account become many."""
    lane = limits.account_lane(method="pass", account=user.upn_key)
    if counts.get(lane.key) == rules.MOST_WRONG_CODES:
        with transaction.atomic():
            telling.wrong_codes(user, count=rules.MOST_WRONG_CODES, is_locked=False)


def _refused(
    actor: Actor,
    user: User | None,
    issued: TemporaryAccessPass | None,
    reason: str,
    *,
    told: Text = "",
) -> NotUsable:
    """Record the true reason, and return the error with what this person may know."""
    record(
        Event.PASS_REFUSED,
        actor=actor,
        target=user,
        outcome=Outcome.FAILURE,
        reason=reason,
        detail={"pass": str(issued.id)} if issued else {},
    )
    return NotUsable(reason, told or wording.neutral_message())


def _public_policy(policy: TapPolicy) -> dict[str, object]:
    return {
        "minimum_lifetime": policy.minimum_lifetime,
        "maximum_lifetime": policy.maximum_lifetime,
        "default_lifetime": policy.default_lifetime,
        "one_time": policy.is_usable_once,
        "length": policy.default_length,
    }


POLICY = PolicyKind(queries.METHOD, TapPolicy, _check_policy, _public_policy, notices.policy_changed)
