"""Groups: who is in them, what they are in, and through which group."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from accounts.models import Group, GroupMember, User
from accounts.queries.search import FOUND_AT_MOST, Counted, Sought, capped, found, group_ids
from accounts.queries.users import LISTED, count_of
from core.errors import NotFound
from core.paging import Page, page_of
from core.sql import Columns, marks, read_uuid, uuid_parameters

SORTED_AT_MOST = 1000

# (group, the direct group that leads to it); UNION ends the recursion where groups contain each other.
WALK = """
WITH RECURSIVE walk(group_id, via_id) AS (
    SELECT group_id, group_id FROM accounts_groupmember WHERE user_id = %s
    UNION
    SELECT above.group_id, walk.via_id
    FROM accounts_groupmember above JOIN walk ON above.child_id = walk.group_id
)
"""
THROUGH = (
    WALK
    + """
SELECT walk.group_id, walk.via_id, via.name FROM walk JOIN accounts_group via ON via.id = walk.via_id
WHERE walk.group_id IN ({groups}) ORDER BY via.name_key
"""
)

# Said twice, that the member is a group: else every person's row would be looked at for it.
GROUP = Columns(Group, "one")
AROUND = f"""
SELECT * FROM (
    SELECT 0 AS is_parent, {GROUP} FROM accounts_groupmember link JOIN accounts_group one ON one.id = link.child_id
    WHERE link.group_id = %s AND link.child_id IS NOT NULL ORDER BY one.name_key LIMIT %s
) AS inner_ones
UNION ALL
SELECT * FROM (
    SELECT 1 AS is_parent, {GROUP} FROM accounts_groupmember link JOIN accounts_group one ON one.id = link.group_id
    WHERE link.child_id = %s ORDER BY one.name_key LIMIT %s
) AS outer_ones
"""  # noqa: S608  names of our own models

WITHIN = """
WITH RECURSIVE within(group_id) AS (
    SELECT child_id FROM accounts_groupmember WHERE group_id = %s AND child_id IS NOT NULL
    UNION
    SELECT below.child_id FROM accounts_groupmember below JOIN within ON below.group_id = within.group_id
    WHERE below.child_id IS NOT NULL
)
SELECT group_id FROM within
"""


@dataclass(frozen=True)
class GroupListing:
    """One page of groups and how many there are in all."""

    page: Page[Group]
    count: Counted


@dataclass(frozen=True)
class Membership:
    """A group somebody is in; ``through`` names the direct groups that lead to it, none for a direct one."""

    group: Group
    is_direct: bool
    through: Sequence[str]


@dataclass(frozen=True)
class GroupPage:
    """One group's direct members and what it is in. ``is_by_name``: people by name, else as they were added."""

    people: Sequence[User]
    next: str | None
    previous: str | None
    is_by_name: bool
    count: Counted
    children: Sequence[Group]
    has_more_children: bool
    parents: Sequence[Group]
    has_more_parents: bool


def group_listing(tenant_id: UUID, *, term: str = "", cursor: str = "") -> GroupListing:
    """Return one page of the tenant's groups by name; with ``term``, of those it finds."""
    rows = Group.objects.filter(tenant_id=tenant_id)
    if not term.strip():
        count = count_of(rows.order_by("name_key"), field="name_key")
    else:
        ids, count = capped(group_ids(Sought(tenant_id, term, limit=FOUND_AT_MOST + 1)))
        rows = found(Group.objects.all(), ids)
    return GroupListing(page_of(rows, order=("name_key", "id"), cursor=cursor), count)


def group_named(tenant_id: UUID, group_id: UUID) -> Group:
    """Return one group of the tenant. Raises NotFound."""
    found = Group.objects.filter(tenant_id=tenant_id, pk=group_id).first()
    if found is None:
        raise NotFound("group")
    return found


def groups_counted(user_id: UUID) -> Counted:
    """Count the groups a person is in, nested ones too."""
    return count_of(_groups_of(user_id))


def groups_within(group_id: UUID) -> list[UUID]:
    """Return the groups in a group, at any depth, without the group itself."""
    with connection.cursor() as query:
        query.execute(WITHIN, uuid_parameters([group_id]))
        found = {read_uuid(one) for (one,) in query.fetchall()} - {group_id}
    return sorted(one for one in found if one is not None)


def memberships_of(user: User, *, cursor: str = "") -> tuple[Page[Group], list[Membership]]:
    """Return one page of the groups ``user`` is in, directly and through other groups, by name."""
    page = page_of(_groups_of(user.id), order=("name_key", "id"), cursor=cursor)
    groups = uuid_parameters(group.id for group in page.rows)
    direct, through = set[UUID | None](), defaultdict[UUID | None, list[str]](list)
    with connection.cursor() as query:
        query.execute(THROUGH.format(groups=marks(len(groups))), [*uuid_parameters([user.id]), *groups])
        for group_id, via_id, via_name in query.fetchall():
            if group_id == via_id:
                direct.add(read_uuid(group_id))
            else:
                through[read_uuid(group_id)].append(via_name)
    return page, [
        Membership(group, is_direct=group.id in direct, through=() if group.id in direct else through[group.id])
        for group in page.rows
    ]


def group_page(group: Group, *, cursor: str = "", size: int = 50) -> GroupPage:
    """Return one page of a group's people, the groups in it and the groups it is in.

    People are sorted by name in groups of up to SORTED_AT_MOST; sorting more would cost more than it tells, so
    larger groups show people as they were added.
    """
    added = GroupMember.objects.filter(group=group, user__isnull=False, user__deleted_at__isnull=True)
    count = count_of(added.order_by("user_id"), field="user_id", limit=SORTED_AT_MOST)
    is_by_name = not count.is_more
    if is_by_name:
        people = page_of(
            User.objects.filter(memberships__group=group).only(*LISTED),
            order=("name_key", "id"),
            cursor=cursor,
            size=size,
        )
        rows, following, before = people.rows, people.next, people.previous
    else:
        members = page_of(added.select_related("user"), order=("id", "id"), cursor=cursor, size=size)
        rows = [member.user for member in members.rows if member.user]
        following, before = members.next, members.previous
    children, parents = _around(group, size + 1)
    return GroupPage(
        people=rows,
        next=following,
        previous=before,
        is_by_name=is_by_name,
        count=count,
        children=children[:size],
        has_more_children=len(children) > size,
        parents=parents[:size],
        has_more_parents=len(parents) > size,
    )


def _groups_of(user_id: UUID) -> QuerySet[Group]:
    walked = RawSQL(WALK + "SELECT group_id FROM walk", uuid_parameters([user_id]))  # noqa: S608, S611  a fixed statement
    return Group.objects.filter(pk__in=walked)


def _around(group: Group, most: int) -> tuple[list[Group], list[Group]]:
    """Return the groups in a group and those it is in, each by name."""
    (key,) = uuid_parameters([group.id])
    with connection.cursor() as query:
        query.execute(AROUND, [key, most, key, most])
        rows = query.fetchall()
    found: tuple[list[Group], list[Group]] = [], []
    for is_parent, *columns in rows:
        one = GROUP.read(iter(columns))
        assert one is not None  # noqa: S101  a row found is a group
        found[is_parent].append(one)
    for side in found:
        side.sort(key=lambda one: one.name_key)
    return found
