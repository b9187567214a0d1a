"""How SQLite would go about a statement with a million people: judged by its plan, on the statistics of such a database.

``statistics_of_a_million.json`` is what ANALYZE left in ``sqlite_stat1`` of a database that ``seed_scale`` made. A real
installation may have none, so plans are judged without them too. PostgreSQL changes its mind by itself; how long things
take on either is measured by ``benchmarks/pages.py`` and ``benchmarks/graph.py``.
"""

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from django.db import connection

STATISTICS = Path(__file__).parent / "statistics_of_a_million.json"
MANY = 10_000  # rows that nobody should go through for an answer
READS = ("SELECT", "WITH")
ALIAS = r'\b{table}"?\s+(?:AS\s+)?"?(?!WHERE|ON\b|INNER|LEFT|CROSS|JOIN|ORDER|GROUP|LIMIT|UNION)(\w+)'
Statistics = dict[str, dict[str, str]]


def faults_of(asked: Iterable[Mapping[str, str]]) -> list[str]:
    """Return what takes as long as a big table is, in the queries that Django's ``CaptureQueriesContext`` caught."""
    statements = {query["sql"] for query in asked if query["sql"].lstrip().startswith(READS)}
    statistics: Statistics = json.loads(STATISTICS.read_text(encoding="utf-8"))
    big = {
        table for table, indexes in statistics.items() if any(int(said.split()[0]) >= MANY for said in indexes.values())
    }
    found = []
    for known in (statistics, {}):
        for _order in range(2):
            _make_indexes_the_other_way_round(big)
            _believe(known)
            found += [f"{fault}: {statement}" for statement in statements for fault in _faults(statement, big)]
    return found


def _make_indexes_the_other_way_round(tables: Iterable[str]) -> None:
    """Make the indexes anew, the last one first: of plans that it thinks equal SQLite takes the one it has met first."""
    names = list(tables)
    marks = ", ".join(["%s"] * len(names))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql > '' AND tbl_name IN ({marks}) "  # noqa: S608
            "ORDER BY rowid DESC",
            names,
        )
        made = cursor.fetchall()
        for name, _definition in made:
            cursor.execute(f'DROP INDEX "{name}"')
        for _name, definition in made:
            cursor.execute(definition)


def _believe(statistics: Statistics) -> None:
    """Make SQLite plan as if those were its statistics. What changes here is rolled back with the test."""
    lines = [(table, index, said) for table, indexes in statistics.items() for index, said in indexes.items()]
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE accounts_tenant")  # makes the table of statistics
        cursor.execute("DELETE FROM sqlite_stat1")
        cursor.executemany("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (%s, %s, %s)", lines)
        cursor.execute("ANALYZE sqlite_schema")


def _faults(statement: str, big: set[str]) -> list[str]:
    """Return the steps of the plan that take as long as a big table is: going through it, or sorting a tenant's share."""
    names = big | {alias for table in big for alias in re.findall(ALIAS.format(table=table), statement)}
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN QUERY PLAN " + statement.replace("%", "%%"))
        steps = [(int(row[1]), str(row[3])) for row in cursor.fetchall()]
    found = []
    for parent, step in steps:
        about = re.match(r"(SCAN|BLOOM FILTER ON|SEARCH) (\w+)(.*)", step)
        if about is None or about[2] not in names:
            continue
        is_share = re.search(r"\((?:tenant_id=\?)(?: AND (?:\w+(?:[<>]\?|=\?)))*\)", about[3])
        is_sorted = (parent, "USE TEMP B-TREE FOR ORDER BY") in steps
        if about[1] != "SEARCH" or "AUTOMATIC" in step or (is_share and is_sorted):
            found.append(step + (", then sorted" if is_sorted else ""))
    return found
