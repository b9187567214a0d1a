"""Roles: who holds which, and through which group."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from accounts.enums import Role
from accounts.memberships import HOLDERS_OF_ANY, MEMBERSHIP, holders_of_any
from accounts.models import Group, User
from accounts.queries.search import Counted
from accounts.queries.users import COUNTED_AT_MOST, LISTED
from core.errors import NotFound
from core.paging import Page, page_of
from core.sql import marks, read_uuid, uuid_parameters

GROUPS_AT_MOST = 200

# Everybody who holds one role in one tenant. Parameters: tenant, role, tenant, role.
HOLDERS = HOLDERS_OF_ANY.format(roles="%s")
HELD = (
    MEMBERSHIP
    + """
SELECT user_id, role, NULL FROM accounts_roleassignment WHERE user_id IN ({users})
UNION ALL SELECT membership.user_id, held.role, through.name
FROM accounts_roleassignment held
JOIN membership ON held.group_id = membership.group_id
JOIN accounts_group through ON through.id = held.group_id
"""
)


@dataclass(frozen=True)
class HeldRole:
    """A role somebody holds: directly, or through the groups that hold it."""

    role: Role
    is_direct: bool
    through: Sequence[str]


@dataclass(frozen=True)
class RoleCount:
    """A role and the number of people who hold it."""

    role: Role
    count: Counted


@dataclass(frozen=True)
class Holding:
    """Somebody who holds a role, and how."""

    user: User
    held: HeldRole


def role_named(role_id: UUID) -> Role:
    """Return the role with that template id. Raises NotFound."""
    try:
        return Role(str(role_id))
    except ValueError:
        raise NotFound("role") from None


def roles_held_by(user_ids: Sequence[UUID]) -> dict[UUID, list[HeldRole]]:
    """Return the roles of each user with the groups they come through, most powerful first."""
    users = uuid_parameters(user_ids)
    found: defaultdict[UUID, defaultdict[Role, list[str | None]]] = defaultdict(lambda: defaultdict(list))
    with connection.cursor() as cursor:
        cursor.execute(HELD.format(users=marks(len(users))), [*users, *users])
        for user_id, role, group in cursor.fetchall():
            if holder := read_uuid(user_id):
                found[holder][Role(role)].append(group)
    return {
        user_id: [_held(role, found[user_id][role]) for role in Role if role in found[user_id]] for user_id in user_ids
    }


def role_counts(tenant_id: UUID) -> list[RoleCount]:
    """Count the holders of every role, in one query."""
    (tenant,) = uuid_parameters([tenant_id])
    one = (
        f"(SELECT COUNT(*) FROM (SELECT user_id FROM ({HOLDERS}) AS everyone "  # noqa: S608  fixed text
        f"WHERE EXISTS (SELECT 1 FROM accounts_user holder "
        f"WHERE holder.id = everyone.user_id AND holder.deleted_at IS NULL) "
        f"LIMIT {COUNTED_AT_MOST + 1}) AS counted)"
    )
    parameters = [value for role in Role for value in (tenant, role.value, tenant, role.value)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join([one] * len(Role)), parameters)
        numbers: Sequence[int] = cursor.fetchone() or ()
    return [
        RoleCount(role, Counted(min(number, COUNTED_AT_MOST), is_more=number > COUNTED_AT_MOST))
        for role, number in zip(Role, numbers, strict=True)
    ]


def holders_of_role(tenant_id: UUID, role: Role, *, cursor: str = "") -> tuple[Page[User], list[Holding]]:
    """Return one page of the people who hold ``role`` in the tenant, by name."""
    holders = holders_of_any(tenant_id, [role])
    # By their ids alone, as in accounts.queries.search.found.
    page = page_of(User.objects.filter(pk__in=holders).only(*LISTED), order=("name_key", "id"), cursor=cursor)
    own = [user for user in page.rows if user.tenant_id == tenant_id]
    held = roles_held_by([user.id for user in own])
    return page, [Holding(user, next(one for one in held[user.id] if one.role is role)) for user in own]


def groups_given(tenant_id: UUID, role: Role) -> list[Group]:
    """Return the groups that hold ``role`` themselves, by name; of very many, the first."""
    held = Group.objects.filter(tenant_id=tenant_id, role_assignments__role=role)
    return list(held.order_by("name_key")[:GROUPS_AT_MOST])


def is_held(tenant_id: UUID, role: Role) -> bool:
    """Say whether anybody in the tenant who may sign in holds ``role``."""
    holders = holders_of_any(tenant_id, [role])
    return User.objects.filter(pk__in=holders, is_enabled=True).exists()


def _held(role: Role, through: Sequence[str | None]) -> HeldRole:
    names = sorted({name for name in through if name is not None}, key=str.casefold)
    return HeldRole(role, is_direct=None in through, through=names)
