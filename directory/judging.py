"""Which lines of an import can become people. What the directory holds is asked for many lines at once."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from accounts.authority import Actor, reach_of
from accounts.enums import Act, Standing, UserKind
from accounts.memberships import roles_through
from accounts.models import Group, User
from core.csvfiles import Line, Table, harmless
from core.text import fold, fold_upn
from directory import queries, rules
from directory.enums import RowState
from directory.models import ImportRow
from directory.rules import Problem, Profile

COLUMNS = ("displayName", "userPrincipalName", "mail", "userType", "groups", "timeZone")
FIELDS = dict(zip(COLUMNS, ("display_name", "upn", "mail", "kind", "groups", "time_zone"), strict=True))
WHOLE_LINE = ""  # instead of a field, where a problem is that of none of them
KINDS = {"": UserKind.MEMBER, "member": UserKind.MEMBER, "guest": UserKind.INTERNAL_GUEST}


@dataclass
class Judge:
    """Judges lines of one import, one after the other, for one author."""

    actor: Actor
    tenant_id: UUID
    seen: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.domains = queries.verified_domains(self.tenant_id)
        self.groups: dict[str, tuple[UUID, bool] | None] = {}

    def rows(self, table: Table, lines: Sequence[Line]) -> list[ImportRow]:
        """Return a row for each line, good or bad."""
        rows = [_row(table, line) for line in lines]
        taken = self.taken(rows)
        self._learn(rows)
        for row, line in zip(rows, lines, strict=True):
            cells = {name: table.value(line, column) for column, name in FIELDS.items()}
            problems = self._problems(row, cells, taken)
            if table.is_wider(line):
                problems.insert(0, (WHOLE_LINE, Problem.CELLS))
            row.problems = [[name, problem.value] for name, problem in problems]
            row.state = RowState.BAD if problems else RowState.GOOD
            if not problems:
                profile = profile_of(row)
                row.display_name, row.upn = profile.display_name, profile.upn
        return rows

    def taken(self, rows: Sequence[ImportRow]) -> set[str]:
        """Return the user names among those of ``rows`` that somebody has."""
        keys = [fold_upn(row.upn) for row in rows if "\x00" not in row.upn]
        return set(User.objects.filter(upn_key__in=keys).values_list("upn_key", flat=True))

    def group_ids(self, row: ImportRow) -> list[UUID] | None:
        """Return the groups of a good row as they are now; None where one is gone or may not be managed any more."""
        self._learn([row])
        found = [self.groups[fold(name)] for name in row.groups]
        return None if any(one is None or not one[1] for one in found) else [one[0] for one in found if one]

    def _problems(self, row: ImportRow, cells: dict[str, str], taken: set[str]) -> list[tuple[str, Problem]]:
        found = {name: Problem.FORMULA for name, cell in cells.items() if harmless(cell) != cell}
        kind = KINDS.get(cells["kind"].casefold())
        if kind is None:
            found.setdefault("kind", Problem.KIND)
        values = {name: cells[name] for name in ("display_name", "upn", "mail", "time_zone")}
        profile = rules.cleaned(Profile(**values, kind=kind or UserKind.MEMBER))
        found = dict(rules.profile_problems(profile, changed=values, domains=self.domains)) | found
        key = fold_upn(profile.upn)
        if "upn" not in found:
            if key in self.seen or key in taken:
                found["upn"] = Problem.TWICE if key in self.seen else Problem.TAKEN
            self.seen.add(key)
        for name in row.groups:
            known = self.groups[fold(name)]
            if known is None or not known[1]:
                found.setdefault("groups", Problem.GROUP_DENIED if known else Problem.GROUP_UNKNOWN)
        return [(name, found[name]) for name in FIELDS.values() if name in found]

    def _learn(self, rows: Sequence[ImportRow]) -> None:
        """Find the groups that are named for the first time, and whether the author may put people into them."""
        names = {fold(name) for row in rows for name in row.groups} - self.groups.keys()
        if not names:
            return
        reached = reach_of(self.actor, Act.GROUPS_MANAGE)
        self.groups |= dict.fromkeys(names)
        for group in Group.objects.filter(tenant_id=self.tenant_id, name_key__in=names):
            standing = Standing.ADMIN if roles_through(group.id) else Standing.MEMBER
            self.groups[group.name_key] = (group.id, standing in reached)


def profile_of(row: ImportRow) -> Profile:
    """Return what a good row says of somebody."""
    return rules.cleaned(
        Profile(row.display_name, row.upn, mail=row.mail, kind=UserKind(row.kind), time_zone=row.time_zone)
    )


def _row(table: Table, line: Line) -> ImportRow:
    cells = {name: table.value(line, column) for column, name in FIELDS.items()}
    names = dict.fromkeys(name.strip() for name in cells["groups"].replace("\n", ";").split(";"))
    return ImportRow(
        number=line.number,
        display_name=cells["display_name"][:256],
        upn=cells["upn"][:320],
        mail=cells["mail"][:320],
        kind=KINDS.get(cells["kind"].casefold(), UserKind.MEMBER),
        time_zone=cells["time_zone"][:64],
        groups=[name[:256] for name in names if name],
    )
