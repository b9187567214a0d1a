"""Reading passes and the policy that rules them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import FilteredRelation, Q, QuerySet
from django.db.models.expressions import RawSQL

from accounts.authority import Actor, reach_of
from accounts.enums import Act, MethodKind, Role, Standing
from accounts.memberships import administrators_of, roles_of
from accounts.models import Tenant, User
from accounts.targeting import Known, Scope, Target, known_of, scope_in, scope_of, targets_of
from audit.enums import Event
from audit.queries import addresses_of
from core import limits
from core.http import network_of
from core.sql import Columns
from core.text import fold_upn
from tap.diagnosis import Case, Wait
from tap.enums import Listing, Usability
from tap.models import PassQuerySet, TapPolicy, TemporaryAccessPass
from tap.rules import State, can_stop_passes, usability

METHOD = MethodKind.TEMPORARY_ACCESS_PASS
MOST_COUNTED = 1000

PERSON, TENANT = Columns(User, "person"), Columns(Tenant, "tenant")
POLICY, PASS = Columns(TapPolicy, "policy"), Columns(TemporaryAccessPass, "pass")
ACCOUNT = f"""
SELECT {PERSON}, {TENANT}, {POLICY}, {PASS}
FROM accounts_user person
JOIN accounts_tenant tenant ON tenant.id = person.tenant_id
LEFT JOIN tap_tappolicy policy ON policy.tenant_id = tenant.id
LEFT JOIN tap_temporaryaccesspass pass
    ON pass.user_id = person.id AND pass.deleted_at IS NULL AND pass.replaced_by_id IS NULL
WHERE person.upn_key = %s AND person.deleted_at IS NULL
"""  # noqa: S608  names of our own models


@dataclass(frozen=True)
class Account:
    """What a typed user name leads to: a person with his tenant and its policy, or nobody, and the open pass or none."""

    user: User | None = None
    issued: TemporaryAccessPass | None = None
    policy: TapPolicy = field(default_factory=TapPolicy)


def account_named(upn: str) -> Account:
    """Return user, tenant, policy and open pass in one indexed query, so that every answer takes as long (criterion C04)."""
    key = fold_upn(upn)
    with connection.cursor() as cursor:
        # PostgreSQL's text holds no NUL, and nobody has an empty name.
        cursor.execute(ACCOUNT, ["" if "\x00" in key else key])
        found = cursor.fetchone()
    if found is None:
        return Account()
    row = iter(found)
    user, tenant, policy, issued = PERSON.read(row), TENANT.read(row), POLICY.read(row), PASS.read(row)
    assert user is not None  # noqa: S101  a row found is a person
    assert tenant is not None  # noqa: S101  of a tenant
    user.tenant = tenant
    return Account(user, issued, policy or TapPolicy(tenant=tenant))


@dataclass(frozen=True)
class Holding:
    """What rules one person's pass, and the pass itself if there is one, with its state."""

    policy: TapPolicy
    scope: Scope
    issued: TemporaryAccessPass | None = None
    state: State | None = None
    issuer_may: bool = True


def holders() -> QuerySet[User]:
    """Return users with their tenant, its policy and their open pass."""
    is_open = Q(passes__deleted_at=None, passes__replaced_by=None)
    return User.objects.alias(open_pass=FilteredRelation("passes", condition=is_open)).select_related(
        "tenant__tap_policy",
        "open_pass",  # type: ignore[misc]  # the relation named above
    )


def holding_of(
    user: User, *, now: datetime, roles: frozenset[Role] | None = None, scope: Scope | None = None
) -> Holding:
    """Return a person's pass and what rules it: one query where ``user`` is one of ``holders()``, else two.

    One more where an administrator has a pass, because then the issuer's rights count.
    ``roles``, ``scope``: the person's, if known.
    """
    found = user if hasattr(user, "open_pass") else holders().get(pk=user.pk)
    policy = getattr(found.tenant, "tap_policy", None) or TapPolicy(tenant_id=user.tenant_id)
    scope = scope or scope_in(user, METHOD)
    issued: TemporaryAccessPass | None = getattr(found, "open_pass", None)
    if issued is None:
        return Holding(policy, scope)
    known = {user.id: roles} if roles is not None and not roles else roles_of(_people_of([issued]))
    issuer_may = _issuer_may(issued, known)
    state = usability(issued, policy, scope, now=now, issuer_may=issuer_may)
    return Holding(policy, scope, issued, state, issuer_may)


def case_of(user: User, *, now: datetime, roles: frozenset[Role]) -> Case:
    """Return what decides whether a person can use a pass, two queries more than ``holding_of``."""
    holding = holding_of(user, now=now, roles=roles)
    return Case(
        user=user,
        policy=holding.policy,
        scope=holding.scope,
        issued=holding.issued,
        issuer_may=holding.issuer_may,
        wait=_wait_of(user, now=now),
    )


def lanes_of(people: Collection[User], *, now: datetime) -> list[limits.Lane]:
    """Return the lanes of their own in which attempts at the passes of people of one tenant may have to wait."""
    limited = _limited(people, now=now)
    return [
        lane
        for user in people
        for lane in limits.own_lanes(
            method="pass", account=user.upn_key, networks=dict.fromkeys(map(network_of, limited.get(user.id, [])))
        )
    ]


def _limited(people: Collection[User], *, now: datetime) -> dict[UUID, list[str]]:
    """Return from where so much was tried at whose account that the next attempts may still have to wait."""
    since = now - timedelta(seconds=limits.LONGEST_WAIT)
    tenant_id = next((user.tenant_id for user in people), None)
    if tenant_id is None:
        return {}
    return addresses_of(tenant_id, [user.id for user in people], event=Event.ATTEMPTS_LIMITED, since=since)


def _wait_of(user: User, *, now: datetime) -> Wait | None:
    """Return the wait that lasts longest: of the account, of the account from somewhere, or of all that somewhere tries."""
    waits = {limits.account_lane(method="pass", account=user.upn_key): Wait(now)}
    for address in _limited([user], now=now).get(user.id, []):
        network = network_of(address)
        from_there, _anywhere = limits.own_lanes(method="pass", account=user.upn_key, networks=[network])
        waits.setdefault(from_there, Wait(now, address))
        for lane in limits.network_lanes(network):
            waits.setdefault(lane, Wait(now, address, is_shared=True))
    until = limits.closed_until(list(waits), now=now)
    closed = [replace(wait, until=until[lane.key]) for lane, wait in waits.items() if lane.key in until]
    return max(closed, key=lambda wait: wait.until, default=None)


def policy_of(tenant_id: UUID) -> TapPolicy:
    """Return the tenant's policy; one that was never saved has the specification's defaults and is off."""
    return TapPolicy.objects.filter(tenant_id=tenant_id).first() or TapPolicy(tenant_id=tenant_id)


def pass_of(user_id: UUID) -> TemporaryAccessPass | None:
    """Return the one pass a user has, whatever its state."""
    return TemporaryAccessPass.objects.open().select_related("user").filter(user_id=user_id).first()


def targets(tenant_id: UUID) -> list[Target]:
    """Return the include and exclude lists of the policy."""
    return targets_of(tenant_id, METHOD)


def state_of(issued: TemporaryAccessPass, *, policy: TapPolicy, now: datetime) -> State:
    """Judge one open pass, in one query."""
    return states_of([issued], policy=policy, now=now)[issued.id]


def states_of(passes: Collection[TemporaryAccessPass], *, policy: TapPolicy, now: datetime) -> dict[UUID, State]:
    """Judge passes of the policy's tenant, in one query whatever their number."""
    if not passes:
        return {}
    known = known_of(policy.tenant_id, METHOD, _people_of(passes))
    return _judge(passes, known, policy=policy, lists=known.lists, now=now)


@dataclass(frozen=True)
class Stop:
    """A pass that a change of policy stops: as it is, and as it would be."""

    issued: TemporaryAccessPass
    before: State
    after: State
    is_of_administrator: bool


@dataclass(frozen=True)
class Effect:
    """Which passes a change of policy stops: ``active`` ones that work now, ``scheduled`` ones that would have started.

    ``is_capped``: the tenant has more passes than were counted, so that these are the least.
    """

    stops: Sequence[Stop] = ()
    is_capped: bool = False

    @property
    def active(self) -> int:
        """Return how many work now."""
        return sum(stop.before.usability is Usability.ENABLED_BY_POLICY for stop in self.stops)

    @property
    def scheduled(self) -> int:
        """Return how many would have started."""
        return sum(stop.before.usability is Usability.NOT_YET_VALID for stop in self.stops)

    @property
    def is_any(self) -> bool:
        """True where the change stops something, or may."""
        return bool(self.active or self.scheduled or self.is_capped)


def effect_of(
    before: TapPolicy, after: TapPolicy, *, lists: Collection[Target], proposed: Collection[Target], now: datetime
) -> Effect:
    """Find the passes that ``after`` and ``proposed`` would stop, in two queries; none where nothing can stop."""
    if not can_stop_passes(before, after, lists, proposed):
        return Effect()
    standing = TemporaryAccessPass.objects.standing(now).filter(tenant_id=before.tenant_id)
    passes = list(standing.select_related("user").order_by("ends_at", "id")[: MOST_COUNTED + 1])
    known = known_of(before.tenant_id, METHOD, _people_of(passes))
    old = _judge(passes, known, policy=before, lists=lists, now=now)
    new = _judge(passes, known, policy=after, lists=proposed, now=now)
    worked = (Usability.ENABLED_BY_POLICY, Usability.NOT_YET_VALID)
    stops = [
        Stop(issued, old[issued.id], new[issued.id], is_of_administrator=bool(known.roles[issued.user_id]))
        for issued in passes[:MOST_COUNTED]
        if old[issued.id].usability in worked and new[issued.id].usability is Usability.DISABLED_BY_POLICY
    ]
    return Effect(stops, is_capped=len(passes) > MOST_COUNTED)


def listed(listing: Listing, *, now: datetime) -> PassQuerySet:
    """Return the open passes of every tenant that stand in one listing. Each pass stands in exactly one."""
    used_up = Q(is_usable_once=True, first_used_at__isnull=False)
    passes = TemporaryAccessPass.objects.open()
    if listing is Listing.USED:
        return passes.filter(used_up)
    if listing is Listing.EXPIRED:
        return passes.exclude(used_up).filter(ends_at__lte=now)
    standing = passes.exclude(used_up).filter(ends_at__gt=now)
    if listing is Listing.SCHEDULED:
        return standing.filter(starts_at__gt=now)
    # Nearly all have started: said so, it leads SQLite to the index by end, which holds few that have not ended.
    return standing.exclude(starts_at__gt=now)


def visible_to(actor: Actor, passes: PassQuerySet) -> PassQuerySet:
    """Narrow ``passes`` to those the actor may view, decided in the database for all rows at once."""
    if actor.is_operator:
        return passes
    if actor.tenant_id is None:
        return passes.none()
    reached = reach_of(actor, Act.PASS_VIEW)
    passes, own = passes.filter(tenant_id=actor.tenant_id), Q(user_id=actor.user_id)
    if Standing.SELF not in reached:
        passes = passes.exclude(own)
    if Standing.MEMBER not in reached:
        return passes.filter(own)
    return (
        passes if Standing.ADMIN in reached else passes.filter(own | ~Q(user_id__in=administrators_of(actor.tenant_id)))
    )


def listed_for(
    actor: Actor, listing: Listing | None, *, people: Collection[UUID] | None = None, now: datetime
) -> PassQuerySet:
    """Return the open passes that a list shows to the actor, of one listing or of all, of everybody or of ``people``; with
    their users.
    """
    passes = TemporaryAccessPass.objects.open() if listing is None else listed(listing, now=now)
    passes = visible_to(actor, passes).select_related("user")
    return passes if people is None else passes.filter(user_id__in=people)


def states_of_listed(passes: Collection[TemporaryAccessPass], *, now: datetime) -> dict[UUID, State]:
    """Judge what ``listed_for`` returned, whatever tenants it is of: one query, and one for each tenant.

    The policies come by themselves: joined with tenants, SQLite would begin with those and lose the order of the passes.
    """
    states: dict[UUID, State] = {}
    policies = TapPolicy.objects.in_bulk({issued.tenant_id for issued in passes})
    for tenant_id in {issued.tenant_id for issued in passes}:
        theirs = [issued for issued in passes if issued.tenant_id == tenant_id]
        policy = policies.get(tenant_id) or TapPolicy(tenant_id=tenant_id)
        states |= states_of(theirs, policy=policy, now=now)
    return states


def outgrown(tenant_id: UUID, *, now: datetime) -> list[TemporaryAccessPass]:
    """Return the open passes of administrators whose issuer could not issue to them as they are now, used ones too."""
    lasting = TemporaryAccessPass.objects.open().filter(tenant_id=tenant_id, ends_at__gt=now).select_related("user")
    passes = list(lasting.filter(user_id__in=administrators_of(tenant_id)))
    roles = roles_of(_people_of(passes)) if passes else {}
    return [issued for issued in passes if not _issuer_may(issued, roles)]


def endangered(tenant_id: UUID, people: RawSQL | Collection[UUID], *, now: datetime) -> list[TemporaryAccessPass]:
    """Return the open passes of ``people`` that would end if those became administrators; of very many, some."""
    lasting = TemporaryAccessPass.objects.open().filter(tenant_id=tenant_id, ends_at__gt=now, user_id__in=people)
    passes = list(lasting.select_related("user").order_by("ends_at", "id")[:MOST_COUNTED])
    roles = roles_of({issued.issuer_id for issued in passes if issued.issuer_id})
    return [issued for issued in passes if not _may_issue_to_administrators(issued, roles)]


def _judge(
    passes: Collection[TemporaryAccessPass],
    known: Known,
    *,
    policy: TapPolicy,
    lists: Collection[Target],
    now: datetime,
) -> dict[UUID, State]:
    states = {}
    for issued in passes:
        scope = scope_of(issued.user_id, lists, known.groups.get(issued.user_id, frozenset()))
        states[issued.id] = usability(issued, policy, scope, now=now, issuer_may=_issuer_may(issued, known.roles))
    return states


def _people_of(passes: Collection[TemporaryAccessPass]) -> set[UUID]:
    return {issued.user_id for issued in passes} | {issued.issuer_id for issued in passes if issued.issuer_id}


def _issuer_may(issued: TemporaryAccessPass, roles: Mapping[UUID, frozenset[Role]]) -> bool:
    """Say whether the issuer could issue to the holder as he is now; ``roles`` knows both unless the holder has none."""
    return not roles[issued.user_id] or _may_issue_to_administrators(issued, roles)


def _may_issue_to_administrators(issued: TemporaryAccessPass, roles: Mapping[UUID, frozenset[Role]]) -> bool:
    """Say it of a pass's issuer as he is now; without an id it was the machine's operator.

    An application that issued it by itself answers for what its holder was then (docs/decisions/0067).
    """
    if issued.application_standing:
        return issued.application_standing == Standing.ADMIN
    by = issued.issuer_id
    return Standing.ADMIN in reach_of(
        Actor(user_id=by, roles=roles[by]) if by else Actor(is_operator=True), Act.PASS_ISSUE
    )
