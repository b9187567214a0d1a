"""Whom a method policy reaches: include and exclude lists of all users, groups (nested) and users. Exclude beats include."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from uuid import UUID

from django.db import connection
from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.utils.translation import gettext as _

from accounts.enums import Role, Targeted, TargetSide
from accounts.memberships import MEMBERSHIP, ROLES, gathered, groups_holding, groups_of, key_of
from accounts.models import Group, MethodTarget, User
from core.errors import Invalid
from core.sql import marks, read_uuid, uuid_parameters

# Lines that name somebody deleted are passed over, and stay for when he is restored.
LINES = """
SELECT line.side, line.user_id, line.group_id, COALESCE(body.name, person.display_name, '')
FROM accounts_methodtarget line
LEFT JOIN accounts_group body ON body.id = line.group_id
LEFT JOIN accounts_user person ON person.id = line.user_id
WHERE line.tenant_id = %s AND line.method = %s AND person.deleted_at IS NULL
"""
LONGEST_LIST = 200  # lines of an include or exclude list; more people are what groups are for


@dataclass(frozen=True)
class Target:
    """One line of a list. Neither user nor group: all users."""

    side: TargetSide
    user_id: UUID | None = None
    group_id: UUID | None = None
    name: str = ""

    @property
    def is_all_users(self) -> bool:
        """True for the line that stands for everybody."""
        return self.user_id is None and self.group_id is None

    def matches(self, user_id: UUID, group_ids: Collection[UUID]) -> bool:
        """True where this line speaks of that user."""
        return (
            self.is_all_users or self.user_id == user_id or (self.group_id is not None and self.group_id in group_ids)
        )


@dataclass(frozen=True)
class Scope:
    """Whether a user is in scope, and through which line."""

    included_by: Target | None = None
    excluded_by: Target | None = None

    @property
    def is_in(self) -> bool:
        """True where the policy reaches the user."""
        return self.included_by is not None and self.excluded_by is None


def targets_of(tenant_id: UUID, method: Targeted) -> list[Target]:
    """Return the stored lists of a method's policy, with names, includes first, all users first."""
    return _sorted(map(_line, _rows(tenant_id, [method])))


@dataclass(frozen=True)
class Known:
    """All that is needed to judge some people: the lists of a policy, and their groups and roles."""

    lists: list[Target]
    groups: Mapping[UUID, frozenset[UUID]]
    roles: Mapping[UUID, frozenset[Role]]


def known_of(tenant_id: UUID, method: Targeted, user_ids: Collection[UUID]) -> Known:
    """Return what ``targets_of``, ``groups_of`` and ``roles_of`` do, in one fixed statement: each sign-in asks it."""
    users = uuid_parameters(user_ids)
    with connection.cursor() as cursor:
        cursor.execute(_known(len(users)), [*users, *uuid_parameters([tenant_id]), method.value, *users])
        rows = cursor.fetchall()
    lines = [
        Target(TargetSide(side), read_uuid(user_id), read_uuid(group_id), name)
        for side, user_id, group_id, name, _ in rows
        if side
    ]
    return Known(
        lists=_sorted(lines),
        groups=gathered((user_id, key_of(group_id)) for side, user_id, group_id, _, _ in rows if not side and group_id),
        roles=gathered((user_id, Role(role)) for _, user_id, _, _, role in rows if role),
    )


def scope_in(user: User, method: Targeted) -> Scope:
    """Judge one user of a tenant against its stored lists, nested groups resolved, in one query."""
    return scopes_in(user, [method])[method]


def scopes_in(user: User, methods: Collection[Targeted]) -> dict[Targeted, Scope]:
    """Judge one user against the stored lists of several methods, in one query."""
    is_member = ExpressionWrapper(Q(group_id__in=groups_holding(user.id)), output_field=BooleanField())
    rows = list(_rows(user.tenant_id, methods).annotate(is_member=is_member))
    groups = {row.group_id for row in rows if row.group_id and row.is_member}
    return {
        method: scope_of(user.id, _sorted(_line(row) for row in rows if row.method == method), groups)
        for method in methods
    }


def scope_of(user_id: UUID, targets: Iterable[Target], group_ids: Collection[UUID]) -> Scope:
    """Judge one user. Pure."""
    matching = [target for target in targets if target.matches(user_id, group_ids)]
    return Scope(
        included_by=next((target for target in matching if target.side is TargetSide.INCLUDE), None),
        excluded_by=next((target for target in matching if target.side is TargetSide.EXCLUDE), None),
    )


def scopes_of(user_ids: Collection[UUID], targets: Collection[Target]) -> dict[UUID, Scope]:
    """Judge many users against given lists: one query, and none where no list names a group."""
    needs_groups = bool(user_ids) and any(target.group_id is not None for target in targets)
    groups = groups_of(user_ids) if needs_groups else {}
    return {user_id: scope_of(user_id, targets, groups.get(user_id, frozenset())) for user_id in user_ids}


def can_shrink(lists: Collection[Target], proposed: Collection[Target]) -> bool:
    """Say whether ``proposed`` could reach fewer people than ``lists``: an include less, or an exclude more. Pure."""
    old, new = _keys(lists), _keys(proposed)
    return any(side is TargetSide.INCLUDE for side, *_ in old - new) or any(
        side is TargetSide.EXCLUDE for side, *_ in new - old
    )


def replace_targets(tenant_id: UUID, method: Targeted, targets: Collection[Target]) -> None:
    """Store the lists of a method's policy. The action that calls this has the right and records the event.

    Raises Invalid where a list is too long, or a line names somebody who is not in the tenant.
    """
    for side in TargetSide:
        if sum(target.side is side for target in targets) > LONGEST_LIST:
            raise Invalid("list_too_long", _list_too_long(side))
    users = {target.user_id for target in targets if target.user_id}
    groups = {target.group_id for target in targets if target.group_id}
    if (
        User.objects.filter(tenant_id=tenant_id, pk__in=users).count() != len(users)
        or Group.objects.filter(tenant_id=tenant_id, pk__in=groups).count() != len(groups)
        or any(target.is_all_users and target.side is TargetSide.EXCLUDE for target in targets)
    ):
        raise Invalid(
            "unknown_target", _("One of the groups or users no longer exists. Reload the page and choose again.")
        )
    _rows(tenant_id, [method]).delete()
    MethodTarget.objects.bulk_create(
        MethodTarget(tenant_id=tenant_id, method=method, side=side, user_id=user_id, group_id=group_id)
        for side, user_id, group_id in _keys(targets)
    )


def _rows(tenant_id: UUID, methods: Collection[Targeted]) -> QuerySet[MethodTarget]:
    """Lines that name somebody deleted are passed over, and stay for when he is restored."""
    rows = MethodTarget.objects.filter(tenant_id=tenant_id, method__in=methods, user__deleted_at__isnull=True)
    return rows.select_related("group", "user")


def _keys(targets: Iterable[Target]) -> set[tuple[TargetSide, UUID | None, UUID | None]]:
    return {(target.side, target.user_id, target.group_id) for target in targets}


def _list_too_long(side: TargetSide) -> str:
    """Return what to do when more lines are wanted than a list holds."""
    words = {
        TargetSide.INCLUDE: _(
            "The include list holds up to %(most)s lines. Put the people into a group and include that."
        ),
        TargetSide.EXCLUDE: _(
            "The exclude list holds up to %(most)s lines. Put the people into a group and exclude that."
        ),
    }
    return words[side] % {"most": LONGEST_LIST}


@cache
def _known(users: int) -> str:
    """Return the text for so many users. Three kinds of rows: a line has a side, a membership a group only, a role a role."""
    lines = f"SELECT lines.*, NULL FROM ({LINES}) lines"  # noqa: S608  fixed texts, here and below
    groups = "SELECT NULL, user_id, group_id, NULL, NULL FROM membership"
    roles = f"SELECT NULL, user_id, NULL, NULL, role FROM ({ROLES}) standing"  # noqa: S608
    return f"{MEMBERSHIP}{lines} UNION ALL {groups} UNION ALL {roles}".format(users=marks(users), state="NULL")


def _line(row: MethodTarget) -> Target:
    return Target(
        side=TargetSide(row.side),
        user_id=row.user_id,
        group_id=row.group_id,
        name=row.group.name if row.group else row.user.display_name if row.user else "",
    )


def _sorted(targets: Iterable[Target]) -> list[Target]:
    return sorted(
        targets, key=lambda target: (target.side != TargetSide.INCLUDE, not target.is_all_users, target.name.casefold())
    )
