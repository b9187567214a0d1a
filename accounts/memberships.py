"""Who is in which group, nested groups resolved, and which roles follow from it. One statement each."""

from collections import defaultdict
from collections.abc import Collection, Iterable
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

# Who is deleted holds none, until he is restored. EXISTS, because SQLite goes through everybody for a join: to fill a
# Bloom filter with people it then looks up one by one.
ROLES = """
SELECT held.user_id, held.role FROM (
    SELECT user_id, role FROM accounts_roleassignment WHERE user_id IN ({users})
    UNION
    SELECT membership.user_id, given.role
    FROM accounts_roleassignment given JOIN membership ON given.group_id = membership.group_id
) held
WHERE EXISTS (SELECT 1 FROM accounts_user holder WHERE holder.id = held.user_id AND holder.deleted_at IS {state})
"""

# Everybody in some groups, nested ones too. IN, for the same reason: the few groups first, then their members.
PEOPLE_WITHIN = """
WITH RECURSIVE within(group_id) AS (
    {groups}
    UNION
    SELECT below.child_id FROM accounts_groupmember below JOIN within ON below.group_id = within.group_id
    WHERE below.child_id IS NOT NULL
)
{others}SELECT member.user_id FROM accounts_groupmember member
WHERE member.group_id IN (SELECT group_id FROM within) AND member.user_id IS NOT NULL
"""
MEMBERS = PEOPLE_WITHIN.format(groups="SELECT id FROM accounts_group WHERE id = %s", others="")
# Parameters of both: the tenant (and the roles), twice.
ADMINISTRATORS = PEOPLE_WITHIN.format(
    groups="SELECT group_id FROM accounts_roleassignment WHERE tenant_id = %s AND group_id IS NOT NULL",
    others="SELECT user_id FROM accounts_roleassignment WHERE tenant_id = %s AND user_id IS NOT NULL\nUNION\n",
)
HOLDERS_OF_ANY = ADMINISTRATORS.replace("tenant_id = %s", "tenant_id = %s AND role IN ({roles})")

# A group and every group it stands in.
ABOVE = """
WITH RECURSIVE above(group_id) AS (
    SELECT id FROM accounts_group WHERE id = %s
    UNION
    SELECT outer_one.group_id FROM accounts_groupmember outer_one JOIN above ON outer_one.child_id = above.group_id
)
"""


def gathered(pairs: Iterable[tuple[str | UUID, T]]) -> dict[UUID, frozenset[T]]:
    """Return what belongs to each user; one of whom nothing was found has nothing."""
    found: defaultdict[UUID, set[T]] = defaultdict(set)
    for user_id, thing in pairs:
        found[key_of(user_id)].add(thing)
    return defaultdict(frozenset, {user_id: frozenset(things) for user_id, things in found.items()})


def roles_of(user_ids: Iterable[UUID], *, are_deleted: bool = False) -> dict[UUID, frozenset[Role]]:
    """Return the roles each user holds, directly or through a group; who is deleted holds none.

    ``are_deleted``: of deleted users, the roles they would hold again.
    """
    users = uuid_parameters(user_ids)
    statement = (MEMBERSHIP + ROLES).format(users=marks(len(users)), state="NOT NULL" if are_deleted else "NULL")
    with connection.cursor() as cursor:
        cursor.execute(statement, [*users, *users])
        return gathered((user_id, Role(role)) for user_id, role in cursor.fetchall())


def groups_of(user_ids: Iterable[UUID]) -> dict[UUID, frozenset[UUID]]:
    """Return the ids of every group each user is in, directly or through a group."""
    users = uuid_parameters(user_ids)
    with connection.cursor() as cursor:
        cursor.execute(MEMBERSHIP.format(users=marks(len(users))) + "SELECT user_id, group_id FROM membership", users)
        return gathered((user_id, key_of(group_id)) for user_id, group_id in cursor.fetchall())


def roles_through(group_id: UUID) -> frozenset[Role]:
    """Return the roles that membership of a group gives, by itself or through the groups it stands in."""
    statement = ABOVE + "SELECT DISTINCT role FROM accounts_roleassignment JOIN above USING (group_id)"
    with connection.cursor() as cursor:
        cursor.execute(statement, uuid_parameters([group_id]))
        return frozenset(Role(role) for (role,) in cursor.fetchall())


def groups_above(group_id: UUID) -> frozenset[UUID]:
    """Return the ids of a group and of every group it stands in, at any depth."""
    with connection.cursor() as cursor:
        cursor.execute(ABOVE + "SELECT group_id FROM above", uuid_parameters([group_id]))
        return frozenset(key_of(found) for (found,) in cursor.fetchall())


def groups_holding(user_id: UUID) -> RawSQL:
    """Return a subquery of the ids of every group a user is in, directly or through a group."""
    statement = MEMBERSHIP.format(users=marks(1)) + "SELECT group_id FROM membership"
    return RawSQL(statement, uuid_parameters([user_id]), output_field=UUIDField())  # noqa: S611  fixed text, an id as parameter


def administrators_of(tenant_id: UUID | None) -> RawSQL:
    """Return a subquery of the ids of everybody in the tenant who holds a role, directly or through a group."""
    tenant = uuid_parameters([tenant_id]) if tenant_id else [None]
    return RawSQL(ADMINISTRATORS, [*tenant, *tenant], output_field=UUIDField())  # noqa: S611  fixed text, ids as parameters


def holders_of_any(tenant_id: UUID, roles: Collection[Role]) -> RawSQL:
    """Return a subquery of the ids of everybody in the tenant who holds one of ``roles``, directly or through a group."""
    (tenant,), names = uuid_parameters([tenant_id]), [role.value for role in roles]
    statement = HOLDERS_OF_ANY.format(roles=marks(len(names)))
    parameters = [tenant, *names, tenant, *names]
    return RawSQL(statement, parameters, output_field=UUIDField())  # noqa: S611  fixed text, our own words as parameters


def members_of(group_id: UUID) -> RawSQL:
    """Return a subquery of the ids of everybody in a group, directly or through a group in it."""
    return RawSQL(MEMBERS, uuid_parameters([group_id]), output_field=UUIDField())  # noqa: S611  fixed text, an id as parameter


def key_of(value: str | UUID) -> UUID:
    """Return an id read from a column that is never null here."""
    found = read_uuid(value)
    assert found is not None  # noqa: S101
    return found
