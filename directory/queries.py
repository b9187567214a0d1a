"""Reading what changes of the directory need to know."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet, Value

from accounts.authority import Actor
from accounts.enums import MethodKind, Role, UserKind
from accounts.models import Domain, Group, GroupMember, MethodTarget, RoleAssignment, User
from accounts.queries.users import LISTED
from core.errors import NotFound
from core.paging import PAGE_SIZE, Page, page_of
from directory.enums import RowState
from directory.models import Import, ImportRow
from directory.rules import RESTORABLE


@dataclass(frozen=True)
class Dependants:
    """What stands on a group: roles it gives, policies that name it, groups it stands in."""

    roles: Sequence[Role]
    policies: Sequence[MethodKind]
    parents: Sequence[Group]

    @property
    def is_any(self) -> bool:
        """True where anything does."""
        return bool(self.roles or self.policies or self.parents)


def verified_domains(tenant_id: UUID) -> list[str]:
    """Return the domains user names of the tenant may end in, the default one first."""
    domains = Domain.objects.filter(tenant_id=tenant_id, is_verified=True)
    return list(domains.order_by("-is_default", "name").values_list("name", flat=True))


def domains_of(tenant_id: UUID) -> list[Domain]:
    """Return every domain of the tenant, the default one first."""
    return list(Domain.objects.filter(tenant_id=tenant_id).order_by("-is_default", "name"))


def is_domain_used(domain: Domain) -> bool:
    """Say whether any user name ends in ``domain``, a deleted person's too. Reads every user name where none does."""
    return User.everyone.filter(tenant_id=domain.tenant_id, upn_key__endswith=f"@{domain.name}").exists()


def deleted_users(tenant_id: UUID, *, now: datetime, cursor: str = "") -> Page[User]:
    """Return one page of the people who can still be restored, the latest deleted first."""
    rows = User.everyone.filter(tenant_id=tenant_id, deleted_at__gt=now - RESTORABLE)
    return page_of(rows.only(*LISTED, "deleted_at"), order=("-deleted_at", "-id"), cursor=cursor)


def to_erase(now: datetime) -> QuerySet[User]:
    """Return the people who were deleted too long ago to be restored."""
    return User.everyone.filter(deleted_at__lte=now - RESTORABLE).order_by("deleted_at")


def dependants_of(group: Group, *, parents: Sequence[Group] | None = None) -> Dependants:
    """Return what would be lost with ``group``. ``parents``: the groups it stands in, where somebody has asked already."""
    roles = RoleAssignment.objects.filter(group=group).values_list(Value("role"), "role")
    policies = MethodTarget.objects.filter(group=group).values_list(Value("method"), "method")
    given = set(roles.order_by().union(policies.order_by()))
    if parents is None:
        parents = list(Group.objects.filter(memberships__child=group).order_by("name_key")[:50])
    return Dependants(
        roles=[role for role in Role if ("role", role.value) in given],
        policies=sorted(MethodKind(name) for kind, name in given if kind == "method"),
        parents=parents,
    )


def member_name(group: Group, kind: str, principal_id: UUID) -> str:
    """Return what a member of a group is called. Raises NotFound where nobody of that kind is in it."""
    if kind not in ("user", "group"):
        raise NotFound("principal")
    side, name = ("user", "user__display_name") if kind == "user" else ("child", "child__name")
    members = GroupMember.objects.filter(group=group, **{side: principal_id})
    if kind == "user":
        members = members.filter(user__deleted_at=None)
    found: str | None = members.values_list(name, flat=True).first()
    if found is None:
        raise NotFound("principal")
    return found


MOST_LISTED = 20
EXPORTED = ("displayName", "userPrincipalName", "mail", "userType", "groups", "timeZone", "accountEnabled")
EXPORTED_AT_ONCE = 1000


def exported(tenant_id: UUID) -> Iterator[list[tuple[str, ...]]]:
    """Yield the tenant's people by name, as many rows at a time as one page has, with the groups they are directly in."""
    yield [EXPORTED]
    cursor = ""
    while True:
        page = page_of(
            User.objects.filter(tenant_id=tenant_id), order=("name_key", "id"), cursor=cursor, size=EXPORTED_AT_ONCE
        )
        links = GroupMember.objects.filter(user__in=[user.id for user in page.rows]).order_by("group__name_key")
        groups: dict[UUID | None, list[str]] = {}
        for user_id, name in links.values_list("user_id", "group__name"):
            groups.setdefault(user_id, []).append(name)
        yield [_exported(user, groups.get(user.id, [])) for user in page.rows]
        if page.next is None:
            return
        cursor = page.next


def import_of(actor: Actor, import_id: UUID) -> Import:
    """Return an import of the actor's own. Raises NotFound for anybody else's."""
    found = Import.objects.select_related("tenant").filter(pk=import_id).defer("packed").first()
    if found is None or (found.author_id, found.tenant_id) != (actor.user_id, actor.tenant_id):
        raise NotFound("import")
    return found


def imports_of(actor: Actor) -> list[Import]:
    """Return the latest imports of the actor's own."""
    own = Import.objects.filter(author_id=actor.user_id).defer("packed")
    return list(own.order_by("-created_at", "id")[:MOST_LISTED])


def faulty_rows(batch: Import, *, cursor: str = "", size: int = PAGE_SIZE) -> Page[ImportRow]:
    """Return one page of the lines that can't be imported, or were refused when it came to it."""
    return _rows(batch, RowState.BAD, RowState.REFUSED, cursor=cursor, size=size)


def every_faulty_row(batch: Import) -> Iterator[ImportRow]:
    """Yield all of them."""
    cursor: str | None = ""
    while cursor is not None:
        page = faulty_rows(batch, cursor=cursor, size=EXPORTED_AT_ONCE)
        yield from page.rows
        cursor = page.next


def choosable_rows(batch: Import, *, cursor: str = "") -> Page[ImportRow]:
    """Return one page of the lines that can be imported, those that were left out among them."""
    return _rows(batch, RowState.GOOD, RowState.LEFT_OUT, cursor=cursor, size=PAGE_SIZE)


def _rows(batch: Import, state: RowState, other: RowState, *, cursor: str, size: int) -> Page[ImportRow]:
    """Return one page of the lines in either state, each read by the index."""
    beside = [batch.rows.filter(state=other)]
    return page_of(batch.rows.filter(state=state), order=("number", "id"), cursor=cursor, size=size, beside=beside)


def _exported(user: User, groups: Sequence[str]) -> tuple[str, ...]:
    kind = "Member" if user.kind == UserKind.MEMBER else "Guest"
    return (
        user.display_name,
        user.upn,
        user.mail,
        kind,
        ";".join(groups),
        user.time_zone,
        "true" if user.is_enabled else "false",
    )
