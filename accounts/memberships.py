"""Who is in which group, nested groups resolved, and which roles follow from it. One statement each."""

from collections import defaultdict
from collections.abc import Iterable
from typing import TypeVar
from uuid import UUID

from django.db import connection
from django.db.models import UUIDField
from django.db.models.expressions import RawSQL

from accounts.enums import Role
from core.sql import marks, read_uuid, uuid_parameters

T = TypeVar("T")

# UNION (not UNION ALL) ends the recursion where groups contain each other.
MEMBERSHIP = """
WITH RECURSIVE membership(user_id, group_id) AS (
    SELECT user_id, group_id FROM accounts_groupmember WHERE user_id IN ({users})
    UNION
    SELECT membership.user_id, above.group_id
    FROM accounts_groupmember above JOIN membership ON above.child_id = membership.group_id
)
"""

ROLES = """
SELECT user_id, role FROM accounts_roleassignment WHERE user_id IN ({users})
UNION
SELECT membership.user_id, held.role
FROM accounts_roleassignment held JOIN membership ON held.group_id = membership.group_id
"""

# CROSS JOIN keeps SQLite to this order: the few groups that hold a role first, then their members.
ADMINISTRATORS = """
WITH RECURSIVE privileged(group_id) AS (
    SELECT group_id FROM accounts_roleassignment WHERE tenant_id = %s AND group_id IS NOT NULL
    UNION
    SELECT below.child_id FROM accounts_groupmember below JOIN privileged ON below.group_id = privileged.group_id
    WHERE below.child_id IS NOT NULL
)
SELECT user_id FROM accounts_roleassignment WHERE tenant_id = %s AND user_id IS NOT NULL
UNION
SELECT member.user_id FROM privileged CROSS JOIN accounts_groupmember member
WHERE member.group_id = privileged.group_id AND member.user_id IS NOT NULL
"""


def gathered(pairs: Iterable[tuple[str | UUID, T]]) -> dict[UUID, frozenset[T]]:
    """Return what belongs to each user; one of whom nothing was found has nothing."""
    found: defaultdict[UUID, set[T]] = defaultdict(set)
    for user_id, thing in pairs:
        found[key(user_id)].add(thing)
    return defaultdict(frozenset, {user_id: frozenset(things) for user_id, things in found.items()})


def roles_of(user_ids: Iterable[UUID]) -> dict[UUID, frozenset[Role]]:
    """Return the roles each user holds, directly or through a group."""
    users = uuid_parameters(user_ids)
    with connection.cursor() as cursor:
        cursor.execute(
            MEMBERSHIP.format(users=marks(len(users))) + ROLES.format(users=marks(len(users))), [*users, *users]
        )
        return gathered((user_id, Role(role)) for user_id, role in cursor.fetchall())


def groups_of(user_ids: Iterable[UUID]) -> dict[UUID, frozenset[UUID]]:
    """Return the ids of every group each user is in, directly or through a group."""
    users = uuid_parameters(user_ids)
    with connection.cursor() as cursor:
        cursor.execute(MEMBERSHIP.format(users=marks(len(users))) + "SELECT user_id, group_id FROM membership", users)
        return gathered((user_id, key(group_id)) for user_id, group_id in cursor.fetchall())


def groups_holding(user_id: UUID) -> RawSQL:
    """Return a subquery of the ids of every group a user is in, directly or through a group."""
    statement = MEMBERSHIP.format(users=marks(1)) + "SELECT group_id FROM membership"
    return RawSQL(statement, uuid_parameters([user_id]), output_field=UUIDField())  # noqa: S611  fixed text, an id as parameter


def administrators_of(tenant_id: UUID | None) -> RawSQL:
    """Return a subquery of the ids of everybody in the tenant who holds a role, directly or through a group."""
    tenant = uuid_parameters([tenant_id]) if tenant_id else [None]
    return RawSQL(ADMINISTRATORS, [*tenant, *tenant], output_field=UUIDField())  # noqa: S611  fixed text, ids as parameters


def key(value: str | UUID) -> UUID:
    found = read_uuid(value)
    assert found is not None  # noqa: S101  the columns joined on are never null
    return found
