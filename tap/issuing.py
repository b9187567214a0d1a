"""How a pass comes to be, one or thousands at a time. ``tap.actions.issue`` and bulk issue are the callers; they have asked
for the right and hold the transaction.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from accounts import sessions
from accounts.access import Reached
from accounts.authority import Actor
from accounts.enums import SessionEnd, UserKind
from accounts.models import SignInSession, User
from audit.actions import Detail, record_many
from audit.enums import Event
from core import clock, limits, secrets
from core.errors import Invalid, NotFound
from tap import queries, rules, telling, wording
from tap.models import TapPolicy, TemporaryAccessPass


@dataclass(frozen=True)
class Issued:
    """A new pass and its code. The code exists here and nowhere else: show it once, keep it nowhere."""

    issued: TemporaryAccessPass
    code: str

    def __repr__(self) -> str:
        return f"Issued({self.issued.id}, code hidden)"


@dataclass(frozen=True)
class Wish:
    """What the issuer chose. None: as the policy has it."""

    lifetime_in_minutes: int | None = None
    starts_at: datetime | None = None
    is_usable_once: bool | None = None
    reason: str = ""

    def lifetime_under(self, policy: TapPolicy) -> int:
        """Return the lifetime in minutes, the policy's own where none was chosen."""
        return policy.default_lifetime if self.lifetime_in_minutes is None else self.lifetime_in_minutes

    def is_once_under(self, policy: TapPolicy) -> bool:
        """Return whether the pass is for one sign-in, as the policy has it where nothing was chosen."""
        return policy.is_usable_once if self.is_usable_once is None else self.is_usable_once

    @property
    def note(self) -> str:
        """Return the reason in one line."""
        return " ".join(self.reason.split())


@dataclass(frozen=True)
class Replaced:
    """An earlier pass that ended with the new one, and how many sessions ended with it."""

    pass_id: UUID
    sessions: int


def draft(
    actor: Actor, *, target: Reached, policy: TapPolicy, wish: Wish, pass_id: UUID | None = None
) -> TemporaryAccessPass:
    """Return a pass that may be made, still without a code. Raises Invalid (with the field)."""
    now, user = clock.now(), target.user
    issued = TemporaryAccessPass(
        id=pass_id or uuid4(),
        tenant_id=user.tenant_id,
        user=user,
        created_at=now,
        starts_at=now if wish.starts_at is None else wish.starts_at,
        lifetime_in_minutes=wish.lifetime_under(policy),
        is_usable_once=wish.is_once_under(policy),
        issuer_id=actor.user_id,
        issued_by=actor.name or actor.audit_name,
        application_standing=target.standing.value if actor.is_app_only else "",
        reason=wish.note,
    )
    check(policy, issued)
    issued.ends_at = TemporaryAccessPass.end_of(issued.starts_at, issued.lifetime_in_minutes)
    return issued


def check(policy: TapPolicy, issued: TemporaryAccessPass) -> None:
    """Hold a pass somebody asks for to the policy and to what its person is. Raises Invalid (with the field)."""
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


def protect(issued: TemporaryAccessPass, *, length: int, waits_for_a_slot: bool = True) -> Issued:
    """Give a drafted pass its code and the verifier of it: the one slow step, outside every transaction."""
    while (code := secrets.make_code(length)) == rules.example_code(length):
        pass
    issued.verifier = secrets.protect(code, context=issued.verifier_context, waits_for_a_slot=waits_for_a_slot)
    return Issued(issued, code)


def write(
    actor: Actor, made: Sequence[Issued], *, administrators: Collection[UUID], tell_in: timedelta | None = None
) -> None:
    """Replace the open passes of their people by new ones, record and tell, inside the caller's transaction.

    ``administrators``: which of the people hold a role. ``tell_in``: how long the mails wait.
    Raises IntegrityError where a pass of that id, or another open one, is there; NotFound where one of the people was
    disabled or deleted meanwhile.
    """
    now, passes = clock.now(), [one.issued for one in made]
    replaced = _replace_open_passes(passes, now=now)
    TemporaryAccessPass.objects.bulk_create(passes)
    limits.forget(queries.lanes_of([issued.user for issued in passes], now=now))
    record_many(
        Event.PASS_ISSUED,
        actor=actor,
        about=[(issued.user, _public(issued, replaced.get(issued.user_id))) for issued in passes],
    )
    telling.issued(passes, replaced=replaced, administrators=administrators, tell_in=tell_in)


def delete_unused(actor: Actor, people: Mapping[UUID, User]) -> int:
    """Delete the passes with these ids that nobody has used, inside the caller's transaction; return how many that were."""
    now = clock.now()
    unused = TemporaryAccessPass.objects.open().select_for_update().filter(pk__in=people, first_used_at=None)
    ids = list(unused.order_by("pk").values_list("pk", flat=True))
    still = TemporaryAccessPass.objects.open().filter(pk__in=ids, first_used_at=None)
    gone = still.update(deleted_at=now, verifier="", remnant="")
    record_many(
        Event.PASS_DELETED,
        actor=actor,
        about=[(people[pass_id], {"pass": str(pass_id), "sessions": 0}) for pass_id in ids],
    )
    telling.deleted_many(actor, {pass_id: people[pass_id] for pass_id in ids})
    return gone


def _replace_open_passes(passes: Sequence[TemporaryAccessPass], *, now: datetime) -> dict[UUID, Replaced]:
    """End the open passes of some people and their sessions. The people's rows are locked first: two issuers wait for each
    other.

    NO KEY UPDATE, because a redemption that holds the pass refers to the user's key meanwhile.
    """
    by = {issued.user_id: issued.id for issued in passes}
    there = User.objects.select_for_update(no_key=True).filter(pk__in=by, is_enabled=True).order_by("pk")
    if len(there.values_list("pk")) < len(by):
        raise NotFound("user")
    old = list(TemporaryAccessPass.objects.open().filter(user_id__in=by).only("pk", "user_id"))
    if not old:
        return {}
    for one in old:
        one.replaced_by_id, one.verifier, one.remnant = by[one.user_id], "", ""
    TemporaryAccessPass.objects.bulk_update(old, ["replaced_by_id", "verifier", "remnant"])
    theirs = SignInSession.objects.filter(credential_id__in=[one.pk for one in old], revoked_at=None)
    ended = Counter(theirs.values_list("credential_id", flat=True))
    sessions.revoke(theirs, SessionEnd.PASS_REPLACED, now=now)
    return {one.user_id: Replaced(one.pk, ended[one.pk]) for one in old}


def _public(issued: TemporaryAccessPass, replaced: Replaced | None) -> Detail:
    return {
        "pass": str(issued.id),
        "starts_at": issued.starts_at.isoformat(),
        "ends_at": issued.ends_at.isoformat(),
        "lifetime_in_minutes": issued.lifetime_in_minutes,
        "one_time": issued.is_usable_once,
        "note": issued.reason or None,
        "replaces": str(replaced.pass_id) if replaced else None,
        "sessions": replaced.sessions if replaced else 0,
    }
