"""Who of many may have a pass: the rules of a single issue, asked for a whole chunk at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from accounts.access import Reached, reach_many
from accounts.authority import Actor
from accounts.enums import Act, MethodKind, Role
from accounts.memberships import roles_of
from accounts.targeting import scopes_of, targets_of
from bulk.enums import OnOpen, RowProblem
from bulk.models import Batch, BatchRow
from core import clock
from core.errors import Invalid
from tap import issuing
from tap.issuing import Wish
from tap.models import TapPolicy, TemporaryAccessPass
from tap.queries import policy_of


@dataclass(frozen=True)
class Judged:
    """A row with the pass it may have (no code yet), or with the word for why not."""

    row: BatchRow
    drafted: TemporaryAccessPass | None
    problem: str
    is_administrator: bool = False
    is_outside: bool = False
    has_pass: bool = False


@dataclass(frozen=True)
class Grounds:
    """What a judgement rests on: who issues, the policy with its ``settings``, who of the people has which roles, and who has
    a pass. On equal grounds everybody is judged equally, but for who was disabled or deleted: writing finds them.
    """

    actor: Actor
    policy: TapPolicy = field(compare=False)
    settings: Sequence[object]
    roles: Mapping[UUID, frozenset[Role]]
    holders: frozenset[UUID]


def grounds_of(actor: Actor, batch: Batch, rows: Sequence[BatchRow]) -> Grounds:
    """Return the grounds for rows of one batch at this moment, in three queries."""
    ids, policy = _people_of(rows), policy_of(batch.tenant_id)
    holders = TemporaryAccessPass.objects.standing(clock.now()).filter(user_id__in=ids)
    return Grounds(
        actor=actor,
        policy=policy,
        settings=[getattr(policy, one.attname) for one in policy._meta.concrete_fields],  # noqa: SLF001  documented
        roles=roles_of(ids),
        holders=frozenset(holders.values_list("user_id", flat=True)),
    )


def judge(grounds: Grounds, batch: Batch, rows: Sequence[BatchRow]) -> list[Judged]:
    """Judge rows of one batch, in four queries more, however many they are."""
    ids = _people_of(rows)
    people = reach_many(grounds.actor, ids)
    scopes = scopes_of(ids, targets_of(batch.tenant_id, MethodKind.TEMPORARY_ACCESS_PASS))
    judged = []
    for row in rows:
        has_pass = row.user_id in grounds.holders
        found = _judge(grounds.actor, batch, row, people, grounds.policy, has_pass=has_pass)
        is_outside = row.user_id in scopes and not scopes[row.user_id].is_in
        judged.append(Judged(row, *found, is_outside=is_outside, has_pass=has_pass))
    return judged


def _people_of(rows: Sequence[BatchRow]) -> list[UUID]:
    return [row.user_id for row in rows if row.user_id is not None]


def wish_of(batch: Batch) -> Wish:
    """Return what the issuer chose for everybody."""
    return Wish(batch.lifetime_in_minutes, batch.starts_at, batch.is_usable_once, batch.reason)


def _judge(
    actor: Actor, batch: Batch, row: BatchRow, people: dict[UUID, Reached], policy: TapPolicy, *, has_pass: bool
) -> tuple[TemporaryAccessPass | None, str, bool]:
    reached = people.get(row.user_id) if row.user_id else None
    if reached is None:
        return None, RowProblem.UNKNOWN.value, False
    decision = reached.decide(Act.PASS_ISSUE)
    if not decision.is_allowed:
        return None, decision.reason.value, False
    try:
        drafted = issuing.draft(actor, target=reached, policy=policy, wish=wish_of(batch), pass_id=row.pass_id_of())
    except Invalid as refused:
        return None, refused.code, False
    if has_pass and batch.on_open == OnOpen.SKIP:
        return None, RowProblem.HAS_PASS.value, False
    return drafted, "", bool(reached.roles)
