"""What happens to passes: issue, delete, verify and claim, change the policy."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts import sessions
from accounts.access import Reached
from accounts.actions import note_limit
from accounts.authority import Actor
from accounts.enums import Act, SessionEnd, UserKind
from accounts.method_policies import PolicyKind, save_policy
from accounts.models import User
from accounts.targeting import Target
from audit.actions import Detail, record
from audit.enums import Event, Outcome
from core import clock, limits, secrets
from core.errors import Conflict, Invalid, NotFound, NotUsable
from core.http import network_of
from core.text import Text, fold_upn
from tap import queries, rules, wording
from tap.enums import Usability
from tap.models import TapPolicy, TemporaryAccessPass


@dataclass(frozen=True)
class Issued:
    """A new pass and its code. The code exists here and nowhere else: show it once, keep it nowhere."""

    issued: TemporaryAccessPass
    code: str

    def __repr__(self) -> str:
        return f"Issued({self.issued.id}, code hidden)"


@dataclass(frozen=True)
class Verified:
    """A pass whose code was right and which may be used; ``claim`` decides."""

    user: User
    issued: TemporaryAccessPass
    lanes: list[limits.Lane]

    @property
    def method_ends_at(self) -> datetime:
        """Return when every session made with it ends."""
        return self.issued.ends_at


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
    user, now = target.user, clock.now()
    policy = queries.policy_of(user.tenant_id)
    issued = TemporaryAccessPass(
        id=pass_id or uuid4(),
        tenant_id=user.tenant_id,
        user=user,
        created_at=now,
        starts_at=now if starts_at is None else starts_at,
        lifetime_in_minutes=policy.default_lifetime if lifetime_in_minutes is None else lifetime_in_minutes,
        is_usable_once=policy.is_usable_once if is_usable_once is None else is_usable_once,
        issuer_id=actor.user_id,
        issued_by=actor.name or actor.audit_name,
        reason=" ".join(reason.split()),
    )
    _check_issue(policy, issued)
    issued.ends_at = TemporaryAccessPass.end_of(issued.starts_at, issued.lifetime_in_minutes)
    code = _new_code(policy.default_length)
    issued.verifier = secrets.protect(code, context=issued.verifier_context)
    try:
        with transaction.atomic(durable=True):
            replaced, ended = _replace_open_pass(user, by=issued.id, now=now)
            issued.save(force_insert=True)
            limits.forget([limits.account_lane(method="pass", account=user.upn_key)])
            record(Event.PASS_ISSUED, actor=actor, target=user, detail=_public(issued, replaced, ended))
    except IntegrityError as error:
        raise Conflict("pass_shown" if _exists(pass_id) else "pass_issued_meanwhile") from error
    return Issued(issued, code)


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
        if attempts_of_pass and counts[attempts_of_pass.key] >= attempts_of_pass.limit:
            _lock(actor, user, issued)
        note_limit(actor, user, lanes, counts)
        raise _refused(actor, user, issued, "wrong_code")
    policy = getattr(user.tenant, "tap_policy", None) or TapPolicy(tenant=user.tenant)
    state = queries.state_of(issued, policy=policy, now=clock.now())
    if not state.is_usable:
        limits.release(lanes)
        raise _refused(
            actor, user, issued, state.block.value or state.usability.value, told=wording.told(issued, state)
        )
    return Verified(user, issued, lanes)


def claim(actor: Actor, *, verified: Verified) -> None:
    """Redeem a verified pass, inside the transaction that opens the session. One winner (A07).

    Raises NotUsable where it was used, deleted, replaced or locked since it was verified.
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
    record(
        Event.PASS_USED,
        actor=actor,
        target=verified.user,
        detail={"pass": str(issued.id), "one_time": issued.is_usable_once},
    )


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


def _new_code(length: int) -> str:
    while (code := secrets.make_code(length)) == rules.example_code(length):
        pass
    return code


def _check_issue(policy: TapPolicy, issued: TemporaryAccessPass) -> None:
    user = issued.user
    problem = rules.issue_problem(policy=policy, kind=UserKind(user.kind), is_enabled=user.is_enabled)
    if problem is not None:
        raise Invalid(problem.value, wording.problem_message(problem, policy))
    fields = {
        "lifetime": rules.lifetime_problem(issued.lifetime_in_minutes, policy),
        "starts_at": rules.start_problem(issued.starts_at, now=issued.created_at),
        "one_time": rules.one_time_problem(is_usable_once=issued.is_usable_once, policy=policy),
        "reason": rules.reason_problem(issued.reason),
    }
    wrong = {name: problem for name, problem in fields.items() if problem is not None}
    if wrong:
        first = next(iter(wrong.values()))
        raise Invalid(
            first.value, fields={name: wording.problem_message(problem, policy) for name, problem in wrong.items()}
        )


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


def _replace_open_pass(user: User, *, by: UUID, now: datetime) -> tuple[UUID | None, int]:
    """End the open pass of ``user`` and its sessions; return it and how many those were.

    Raises NotFound where the person was deleted or disabled meanwhile.

    The user's row is locked first: two issuers wait for each other. NO KEY UPDATE, because a redemption that holds the
    pass refers to the user's key meanwhile.
    """
    there = User.objects.select_for_update(no_key=True).filter(pk=user.pk, is_enabled=True)
    if there.values_list("pk").first() is None:
        raise NotFound("user")
    old = TemporaryAccessPass.objects.open().filter(user=user).values_list("pk", flat=True).first()
    if old is None:
        return None, 0
    TemporaryAccessPass.objects.filter(pk=old).update(replaced_by=by, verifier="", remnant="")
    return old, sessions.revoke_bound_to(old, SessionEnd.PASS_REPLACED, now=now)


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


def _public(issued: TemporaryAccessPass, replaced: UUID | None, ended: int) -> Detail:
    return {
        "pass": str(issued.id),
        "starts_at": issued.starts_at.isoformat(),
        "ends_at": issued.ends_at.isoformat(),
        "lifetime_in_minutes": issued.lifetime_in_minutes,
        "one_time": issued.is_usable_once,
        "note": issued.reason or None,
        "replaces": str(replaced) if replaced else None,
        "sessions": ended,
    }


def _public_policy(policy: TapPolicy) -> dict[str, object]:
    return {
        "minimum_lifetime": policy.minimum_lifetime,
        "maximum_lifetime": policy.maximum_lifetime,
        "default_lifetime": policy.default_lifetime,
        "one_time": policy.is_usable_once,
        "length": policy.default_length,
    }


POLICY = PolicyKind(queries.METHOD, TapPolicy, _check_policy, _public_policy)
