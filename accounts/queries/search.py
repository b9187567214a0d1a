"""Who is meant by a few letters: by name, user name or mail address, in a directory of any size.

Nothing here reads more than ``limit`` rows of an index, however many match: first those whose name begins with the
term, in order, then those who have it somewhere (accounts/migrations/0003_search.py makes the indexes).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypedDict, TypeVar
from uuid import UUID

from django.db import connection
from django.db.models import Model, QuerySet

from accounts.enums import UserKind
from accounts.models import Group, User
from core.sql import read_uuid, uuid_parameters
from core.text import fold, fold_upn

FOUND_AT_MOST = 200  # people a search lists; whoever needs more types more letters
OFFERED_AT_MOST = 20  # people and groups a picker offers
LONGEST_TERM = 320  # no name and no user name is longer
SHORTEST_INDEXED = 3  # letters of a trigram
LAST = "\U0010ffff"  # sorts behind every letter

# What a person is found by. The index is on this expression, letter by letter.
POSTGRESQL_WORDS = """(owner.name_key || chr(10) || owner.upn_key || chr(10) || lower(owner.mail COLLATE "C"))"""
MARKS = {UserKind.INTERNAL_GUEST: "Int", UserKind.EXTERNAL_GUEST: "Ext"}  # in SQLite's index, with Off for disabled
USERS, GROUPS = 0, 1 << 31  # halves of a tenant's span of entries in SQLite's index
HALF = 1 << 31

Row = TypeVar("Row", bound=Model)


PrincipalType = Literal["user", "group"]


class Principal(TypedDict):
    """A person or group as a picker shows it."""

    id: str
    type: PrincipalType
    name: str
    detail: str


@dataclass(frozen=True)
class Counted:
    """A number of rows, counted no further than is worth it."""

    number: int
    is_more: bool = False


@dataclass(frozen=True)
class Sought:
    """What is asked for; ``kind`` and ``is_enabled`` None: any."""

    tenant_id: UUID
    term: str
    limit: int = FOUND_AT_MOST
    kind: UserKind | None = None
    is_enabled: bool | None = None

    @property
    def name(self) -> str:
        """Return the term as names are compared, empty where nothing can match."""
        return fold(self.term) if len(self.term) <= LONGEST_TERM else ""

    @property
    def spellings(self) -> list[list[str]]:
        """Return the words typed, each as names and as user names are compared; short words alone count as one."""
        words = self.term.split()
        if max(map(len, words), default=0) < SHORTEST_INDEXED:
            words = [" ".join(words)]
        return [list(dict.fromkeys([fold(word), fold_upn(word)])) for word in words]

    @property
    def people(self) -> QuerySet[User]:
        """Return everybody the filters leave."""
        rows = User.objects.filter(tenant_id=self.tenant_id)
        rows = rows if self.kind is None else rows.filter(kind=self.kind)
        # Said with IN: a bare NOT is_enabled would keep SQLite from the index that has it as a column.
        return rows if self.is_enabled is None else rows.filter(is_enabled__in=[self.is_enabled])


def find_users(tenant_id: UUID, term: str) -> QuerySet[User]:
    """Return the people of the tenant whom ``term`` finds, at most FOUND_AT_MOST, by name."""
    return found(User.objects.all(), user_ids(Sought(tenant_id, term))).order_by("name_key", "id")


def find_principals(
    tenant_id: UUID, term: str, *, only: PrincipalType | None = None, limit: int = OFFERED_AT_MOST
) -> list[Principal]:
    """Return the people and groups of the tenant whom ``term`` finds, groups first, at most ``limit``.

    Groups leave at least half of the places to people where there are that many.
    """
    sought = Sought(tenant_id, term, limit=limit)
    people = [] if only == "group" else user_ids(sought)
    groups = [] if only == "user" else group_ids(sought)
    groups = groups[: max(limit // 2, limit - len(people))]
    people = people[: limit - len(groups)]
    named: list[Principal] = [
        {"id": str(group.id), "type": "group", "name": group.name, "detail": group.description}
        for group in _in_order(Group.objects.all(), groups)
    ]
    return named + [
        {"id": str(user.id), "type": "user", "name": user.display_name, "detail": user.upn}
        for user in _in_order(User.objects.all(), people)
    ]


def principal_type(text: str) -> PrincipalType | None:
    """Return which type a picker is limited to; anything else than one of the two is no limit."""
    return "user" if text == "user" else "group" if text == "group" else None


def capped(ids: list[UUID]) -> tuple[list[UUID], Counted]:
    """Return the first FOUND_AT_MOST of what was sought with one more, and how many there are."""
    return ids[:FOUND_AT_MOST], Counted(min(len(ids), FOUND_AT_MOST), is_more=len(ids) > FOUND_AT_MOST)


def user_ids(sought: Sought) -> list[UUID]:
    """Return who is found: a whole user name finds its owner alone; names that begin with the term come first."""
    name = sought.name
    if not name:
        return []
    if "@" in name:
        exact = list(sought.people.filter(upn_key=fold_upn(sought.term)).values_list("id", flat=True))
        if exact:
            return exact
    begins = sought.people.filter(name_key__gte=name, name_key__lt=name + LAST).order_by("name_key", "id")
    found = list(begins.values_list("id", flat=True)[: sought.limit])
    if len(found) < sought.limit:
        found += _containing(sought) if _has_indexed(sought) else _upn_begins(sought)
    return list(dict.fromkeys(found))[: sought.limit]


def group_ids(sought: Sought) -> list[UUID]:
    """Return the groups found, those whose name begins with the term first."""
    name = sought.name
    if not name:
        return []
    begins = Group.objects.filter(tenant_id=sought.tenant_id, name_key__gte=name, name_key__lt=name + LAST)
    found = list(begins.order_by("name_key").values_list("id", flat=True)[: sought.limit])
    if len(found) < sought.limit and _has_indexed(sought):
        found += _groups_containing(sought)
    return list(dict.fromkeys(found))[: sought.limit]


def _upn_begins(sought: Sought) -> list[UUID]:
    upn = fold_upn(sought.term)
    begins = sought.people.filter(upn_key__gte=upn, upn_key__lt=upn + LAST).order_by("upn_key")
    return list(begins.values_list("id", flat=True)[: sought.limit])


def _has_indexed(sought: Sought) -> bool:
    """True where some word is long enough for the trigram index."""
    return any(_is_indexed(spellings) for spellings in sought.spellings)


def _is_indexed(spellings: Sequence[str]) -> bool:
    return min(map(len, spellings)) >= SHORTEST_INDEXED


def _containing(sought: Sought) -> list[UUID]:
    """Return people who have every word typed somewhere in name, user name or mail address."""
    if connection.vendor == "sqlite":
        return _sqlite_ids(sought, table="accounts_user", half=USERS)
    where, parameters = _postgresql_where(POSTGRESQL_WORDS, sought.spellings)
    kept, values = _person_filter(sought)
    statement = f"SELECT owner.id FROM accounts_user owner WHERE owner.tenant_id = %s{where}{kept} LIMIT %s"  # noqa: S608
    return _ids(statement, [sought.tenant_id, *parameters, *values, sought.limit])


def _groups_containing(sought: Sought) -> list[UUID]:
    if connection.vendor == "sqlite":
        return _sqlite_ids(sought, table="accounts_group", half=GROUPS)
    where, parameters = _postgresql_where("name_key", sought.spellings)
    statement = f"SELECT id FROM accounts_group WHERE tenant_id = %s{where} LIMIT %s"  # noqa: S608
    return _ids(statement, [sought.tenant_id, *parameters, sought.limit])


def _sqlite_ids(sought: Sought, *, table: str, half: int) -> list[UUID]:
    """Ask FTS5 within the tenant's span of entries; words too short for it are looked for in what it finds."""
    where, values = "", list[object]()
    for spellings in sought.spellings:
        if not _is_indexed(spellings):
            where += " AND (" + " OR ".join(["instr(entry.words, %s) > 0"] * len(spellings)) + ")"
            values += spellings
    kept, kept_values = _person_filter(sought) if half == USERS else ("", [])
    # CROSS JOIN keeps SQLite to this order: the index first, then only what it finds.
    statement = (
        "SELECT owner.id FROM accounts_searchindex "  # noqa: S608
        "CROSS JOIN accounts_searchentry entry ON entry.id = accounts_searchindex.rowid "
        f"CROSS JOIN {table} owner ON owner.id = entry.owner_id "
        "WHERE accounts_searchindex MATCH %s "
        "AND accounts_searchindex.rowid > (SELECT (number << 32) + %s FROM accounts_searchspace WHERE tenant_id = %s) "
        "AND accounts_searchindex.rowid < (SELECT (number << 32) + %s FROM accounts_searchspace WHERE tenant_id = %s) "
        f"AND owner.tenant_id = %s{where}{kept} LIMIT %s"
    )
    (tenant,) = uuid_parameters([sought.tenant_id])
    span = [half, tenant, half + HALF, tenant, tenant]
    return _ids(statement, [_match(sought), *span, *values, *kept_values, sought.limit])


def _match(sought: Sought) -> str:
    """Return FTS5's expression: every long word in one of its spellings, and the marks the filters ask for."""
    marks = [MARKS[sought.kind]] if sought.kind in MARKS else []
    marks += ["Off"] if sought.is_enabled is False else []
    wanted = [spellings for spellings in sought.spellings if _is_indexed(spellings)] + [[mark] for mark in marks]
    quoted = [['"' + word.replace('"', '""') + '"' for word in words] for words in wanted]
    return " AND ".join(f"({' OR '.join(words)})" for words in quoted)


def _person_filter(sought: Sought) -> tuple[str, list[object]]:
    kept = {"kind": sought.kind, "is_enabled": sought.is_enabled}
    kept = {column: value for column, value in kept.items() if value is not None}
    where = "".join(f" AND owner.{column} = %s" for column in kept)
    return f" AND owner.deleted_at IS NULL{where}", list(kept.values())


def _postgresql_where(words: str, wanted: Sequence[Sequence[str]]) -> tuple[str, list[object]]:
    where = "".join(f" AND ({' OR '.join([f'{words} LIKE %s'] * len(spellings))})" for spellings in wanted)
    return where, [f"%{_literally(word)}%" for spellings in wanted for word in spellings]


def _literally(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")


def _ids(statement: str, parameters: Sequence[Any]) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return [found for (value,) in cursor.fetchall() if (found := read_uuid(value))]


def found(rows: QuerySet[Row], ids: Sequence[UUID]) -> QuerySet[Row]:
    """Return the rows with these ids, which were sought within the tenant.

    By their ids alone: told the tenant as well, SQLite would read all of the tenant to find a few.
    """
    return rows.filter(pk__in=ids)


def _in_order(rows: QuerySet[Row], ids: Sequence[UUID]) -> list[Row]:
    by_id = rows.in_bulk(ids)
    return [by_id[one] for one in ids if one in by_id]
