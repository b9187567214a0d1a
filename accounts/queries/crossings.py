"""Whom a change of a policy's lists lets in, and whom it leaves out: both in one statement that stops early.

Only people whom a changed line speaks of are looked at, at most LOOKED_AT_MOST of them in each direction: what is
found is exact where there are no more, else the least there is.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from accounts.enums import TargetSide, UserKind
from accounts.queries.search import Counted
from accounts.targeting import Target
from core.sql import marks, read_uuid, uuid_parameters

LOOKED_AT_MOST = 5000
NAMED = 20
COUNTED = 1000
GAIN, LOSE = "gain", "lose"
INCLUDE_BEFORE, EXCLUDE_BEFORE, INCLUDE_AFTER, EXCLUDE_AFTER = "ib", "eb", "ia", "ea"

# Every group a list names and the groups in it; UNION ends the recursion where groups contain each other.
CLOSURE = """
WITH RECURSIVE closure(list, group_id) AS (
    {roots}
    UNION
    SELECT closure.list, below.child_id FROM closure JOIN accounts_groupmember below ON below.group_id = closure.group_id
    WHERE below.child_id IS NOT NULL
)
"""
ROOT = "SELECT '{name}', id FROM accounts_group WHERE tenant_id = %s AND id IN ({ids})"
EVERYBODY = """SELECT id AS user_id FROM accounts_user WHERE tenant_id = %s AND deleted_at IS NULL
    ORDER BY name_key, id LIMIT {most}"""
# IN, because SQLite goes through all members for a join of the few groups with theirs, to fill a Bloom filter.
SOME = """SELECT user_id FROM (
    SELECT id AS user_id FROM accounts_user WHERE tenant_id = %s AND id IN ({users})
    UNION ALL
    SELECT member.user_id FROM accounts_groupmember member
    WHERE member.group_id IN (SELECT group_id FROM closure WHERE list = '{name}') AND member.user_id IS NOT NULL
    ) named LIMIT {most}"""
DIRECTION = """
SELECT '{name}', looked.number, crossed.id, crossed.display_name, crossed.upn
FROM (SELECT COUNT(*) AS number FROM {name}) looked LEFT JOIN (
    SELECT person.id, person.display_name, person.upn FROM (SELECT DISTINCT user_id FROM {name}) candidate
    CROSS JOIN accounts_user person
    WHERE person.id = candidate.user_id AND person.deleted_at IS NULL AND person.kind <> %s AND {crosses}
    LIMIT {counted}
) crossed ON 1 = 1
"""


@dataclass(frozen=True)
class Crossed:
    """One person who gains or loses."""

    id: UUID
    name: str
    upn: str


NOBODY = Counted(0)


@dataclass(frozen=True)
class Crossing:
    """Who crosses in one direction: the first few by name, and how many."""

    people: Sequence[Crossed] = ()
    count: Counted = NOBODY

    @property
    def more(self) -> int:
        """Return how many of those counted are not named."""
        return self.count.number - len(self.people)


@dataclass(frozen=True)
class Lists:
    """Both lists of a policy; none where it is off, for then it reaches nobody."""

    lines: Collection[Target]

    def groups(self, side: TargetSide) -> list[UUID]:
        """Return the groups a list names."""
        return [line.group_id for line in self.lines if line.side is side and line.group_id]

    def users(self, side: TargetSide) -> list[UUID]:
        """Return the people a list names."""
        return [line.user_id for line in self.lines if line.side is side and line.user_id]

    @property
    def is_everybody(self) -> bool:
        """True where the include list holds the line All users."""
        return any(line.is_all_users for line in self.lines)


def crossing(tenant_id: UUID, before: Collection[Target], after: Collection[Target]) -> tuple[Crossing, Crossing]:
    """Return who gains and who loses when ``after`` takes the place of ``before``; guests who sign in elsewhere do neither."""
    changed = {GAIN: _widening(before, after), LOSE: _widening(after, before)}
    if not any(changed.values()):
        return Crossing(), Crossing()
    statement, parameters = _statement(tenant_id, Lists(before), Lists(after), changed)
    rows: dict[str, list[tuple[Any, ...]]] = {GAIN: [], LOSE: []}
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        for direction, *row in cursor.fetchall():
            rows[direction].append(tuple(row))
    return _crossing(rows[GAIN]), _crossing(rows[LOSE])


def _widening(before: Collection[Target], after: Collection[Target]) -> list[Target]:
    """Return the lines whose people may be let in: includes that come, and excludes that go."""
    old = {(one.side, one.user_id, one.group_id) for one in before}
    new = {(one.side, one.user_id, one.group_id) for one in after}
    come = [one for one in after if one.side is TargetSide.INCLUDE and (one.side, one.user_id, one.group_id) not in old]
    gone = [
        one for one in before if one.side is TargetSide.EXCLUDE and (one.side, one.user_id, one.group_id) not in new
    ]
    return come + gone


def _statement(tenant_id: UUID, before: Lists, after: Lists, changed: dict[str, list[Target]]) -> tuple[str, list[Any]]:
    tenant: list[Any] = [*uuid_parameters([tenant_id])]
    include, exclude = TargetSide.INCLUDE, TargetSide.EXCLUDE
    roots = {
        INCLUDE_BEFORE: before.groups(include),
        EXCLUDE_BEFORE: before.groups(exclude),
        INCLUDE_AFTER: after.groups(include),
        EXCLUDE_AFTER: after.groups(exclude),
    } | {name: [line.group_id for line in lines if line.group_id] for name, lines in changed.items()}
    parameters: list[Any] = []
    for ids in roots.values():
        parameters += [*tenant, *uuid_parameters(ids)]
    statement = CLOSURE.format(
        roots=" UNION ".join(ROOT.format(name=name, ids=marks(len(ids))) for name, ids in roots.items())
    )
    for name, lines in changed.items():
        users = [line.user_id for line in lines if line.user_id]
        is_everybody = any(line.is_all_users for line in lines)
        some = EVERYBODY if is_everybody else SOME
        text = some.format(name=name, users=marks(len(users)), most=LOOKED_AT_MOST + 1)
        statement += f", {name}(user_id) AS MATERIALIZED ({text})\n"
        parameters += tenant if is_everybody else [*tenant, *uuid_parameters(users)]
    was, was_parameters = _reaches(before, INCLUDE_BEFORE, EXCLUDE_BEFORE)
    becomes, becomes_parameters = _reaches(after, INCLUDE_AFTER, EXCLUDE_AFTER)
    gains = DIRECTION.format(name=GAIN, crosses=f"NOT {was} AND {becomes}", counted=COUNTED + 1)
    loses = DIRECTION.format(name=LOSE, crosses=f"{was} AND NOT {becomes}", counted=COUNTED + 1)
    statement += f"{gains} UNION ALL {loses}"
    both = [UserKind.EXTERNAL_GUEST.value, *was_parameters, *becomes_parameters]
    return statement, [*parameters, *both, *both]


def _reaches(lists: Lists, include: str, exclude: str) -> tuple[str, list[Any]]:
    """Return whether lists reach ``person``: exclude beats include."""
    included, parameters = _named(lists.users(TargetSide.INCLUDE), include)
    if lists.is_everybody:
        included, parameters = "1 = 1", []
    excluded, more = _named(lists.users(TargetSide.EXCLUDE), exclude)
    return f"({included} AND NOT {excluded})", [*parameters, *more]


def _named(users: list[UUID], name: str) -> tuple[str, list[Any]]:
    # Without people no IN: an IN of nothing is NULL, and so is its negation.
    himself = f"person.id IN ({marks(len(users))}) OR " if users else ""
    text = (
        f"({himself}EXISTS (SELECT 1 FROM accounts_groupmember membership "  # noqa: S608
        f"WHERE membership.user_id = person.id AND membership.group_id IN "
        f"(SELECT group_id FROM closure WHERE list = '{name}')))"
    )
    return text, [*uuid_parameters(users)]


def _crossing(rows: list[tuple[Any, ...]]) -> Crossing:
    looked = rows[0][0]
    found = sorted(
        (Crossed(person, name, upn) for _, key, name, upn in rows if (person := read_uuid(key))),
        key=lambda one: (one.name.casefold(), one.upn),
    )
    is_more = looked > LOOKED_AT_MOST or len(found) > COUNTED
    return Crossing(found[:NAMED], Counted(min(len(found), COUNTED), is_more=is_more))
