"""Search by part of a name: a trigram index in the database, kept in step by the database itself.

PostgreSQL: pg_trgm, one GIN index over what a person is found by and one over group names.

SQLite: FTS5 with its trigram tokenizer over ``accounts_searchentry``, which triggers fill. Every tenant has a span of
2^32 entry ids (users in the lower half, groups in the upper one), so that a range of ids keeps tenants apart inside the
index. The ids are an explicit INTEGER PRIMARY KEY: VACUUM may renumber implicit rowids. What is folded has no capitals,
so the marks ``Int``, ``Ext`` and ``Off`` (guests, disabled people) can stand in the same index and never meet a name.

A later migration that makes Django rebuild accounts_user, accounts_group or accounts_tenant on SQLite (any AlterField)
drops their triggers: it must run ``make_triggers`` of this file again. tests/accounts/test_search.py notices.
"""

from typing import Any

from django.db import migrations

TABLES = """
CREATE TABLE accounts_searchspace (number INTEGER PRIMARY KEY AUTOINCREMENT, tenant_id char(32) NOT NULL UNIQUE);
CREATE TABLE accounts_searchentry (id INTEGER PRIMARY KEY, owner_id char(32) NOT NULL UNIQUE, words text NOT NULL);
CREATE VIRTUAL TABLE accounts_searchindex USING fts5(
    words, content='accounts_searchentry', content_rowid='id', tokenize='trigram case_sensitive 1'
)
"""
DROP_TABLES = """
DROP TABLE accounts_searchindex;
DROP TABLE accounts_searchentry;
DROP TABLE accounts_searchspace
"""
USERS, GROUPS = 0, 1 << 31  # where each half of a tenant's span begins
HALF = (1 << 31) - 1
USER_WORDS = """{row}.name_key || char(10) || {row}.upn_key
    || CASE WHEN lower({row}.mail) IN ('', {row}.upn_key) THEN '' ELSE char(10) || lower({row}.mail) END
    || CASE {row}.kind WHEN 'internal_guest' THEN char(10) || 'Int' WHEN 'external_guest' THEN char(10) || 'Ext' ELSE '' END
    || CASE WHEN {row}.is_enabled THEN '' ELSE char(10) || 'Off' END"""
GROUP_WORDS = "{row}.name_key"
OWNERS = (
    ("user", USERS, USER_WORDS, "tenant_id, name_key, upn_key, mail, kind, is_enabled"),
    ("group", GROUPS, GROUP_WORDS, "tenant_id, name_key"),
)

SPACE_TRIGGERS = {
    "accounts_search_tenant_added": """AFTER INSERT ON accounts_tenant BEGIN
        INSERT INTO accounts_searchspace (tenant_id) VALUES (new.id);
    END""",
    "accounts_search_tenant_removed": """AFTER DELETE ON accounts_tenant BEGIN
        DELETE FROM accounts_searchspace WHERE tenant_id = old.id;
    END""",
}
INDEX_TRIGGERS = {
    "accounts_search_entry_added": """AFTER INSERT ON accounts_searchentry BEGIN
        INSERT INTO accounts_searchindex (rowid, words) VALUES (new.id, new.words);
    END""",
    "accounts_search_entry_changed": """AFTER UPDATE ON accounts_searchentry BEGIN
        INSERT INTO accounts_searchindex (accounts_searchindex, rowid, words) VALUES ('delete', old.id, old.words);
        INSERT INTO accounts_searchindex (rowid, words) VALUES (new.id, new.words);
    END""",
    "accounts_search_entry_removed": """AFTER DELETE ON accounts_searchentry BEGIN
        INSERT INTO accounts_searchindex (accounts_searchindex, rowid, words) VALUES ('delete', old.id, old.words);
    END""",
}


def owner_triggers(owner: str, half: int, words: str, columns: str) -> dict[str, str]:
    """The triggers that keep one entry for every row of users or groups."""
    add = f"""INSERT INTO accounts_searchentry (id, owner_id, words)
        SELECT coalesce(
            (SELECT max(id) FROM accounts_searchentry WHERE id BETWEEN first AND first + {HALF}), first
        ) + 1, new.id, {words.format(row="new")}
        FROM (SELECT (number << 32) + {half} AS first FROM accounts_searchspace WHERE tenant_id = new.tenant_id);"""  # noqa: S608
    return {
        f"accounts_search_{owner}_added": f"AFTER INSERT ON accounts_{owner} BEGIN {add} END",
        f"accounts_search_{owner}_changed": f"""AFTER UPDATE OF {columns} ON accounts_{owner}
            WHEN new.tenant_id = old.tenant_id AND {words.format(row="new")} <> {words.format(row="old")} BEGIN
            UPDATE accounts_searchentry SET words = {words.format(row="new")} WHERE owner_id = new.id;
        END""",  # noqa: S608
        f"accounts_search_{owner}_moved": f"""AFTER UPDATE OF tenant_id ON accounts_{owner}
            WHEN new.tenant_id <> old.tenant_id BEGIN
            DELETE FROM accounts_searchentry WHERE owner_id = old.id; {add}
        END""",  # noqa: S608
        f"accounts_search_{owner}_removed": f"""AFTER DELETE ON accounts_{owner} BEGIN
            DELETE FROM accounts_searchentry WHERE owner_id = old.id;
        END""",  # noqa: S608
    }


def fill(owner: str, half: int, words: str) -> str:
    """Make the entries of the rows that are there already."""
    return f"""INSERT INTO accounts_searchentry (id, owner_id, words)
        SELECT (number << 32) + {half} + row_number() OVER (PARTITION BY tenant_id ORDER BY row.id), row.id, {words.format(row="row")}
        FROM accounts_{owner} AS row JOIN accounts_searchspace USING (tenant_id)"""  # noqa: S608


def make_triggers(_apps: Any, schema_editor: Any) -> None:
    """Make every trigger of the search anew; SQLite only."""
    if schema_editor.connection.vendor != "sqlite":
        return
    triggers = SPACE_TRIGGERS | INDEX_TRIGGERS
    for owner, half, words, columns in OWNERS:
        triggers |= owner_triggers(owner, half, words, columns)
    for name, trigger in triggers.items():
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}")
        schema_editor.execute(f"CREATE TRIGGER {name} {trigger}")


def make_search(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        for statement in POSTGRESQL:
            schema_editor.execute(statement)
        return
    for statement in TABLES.split(";"):
        schema_editor.execute(statement)
    make_triggers(apps, schema_editor)
    schema_editor.execute("INSERT INTO accounts_searchspace (tenant_id) SELECT id FROM accounts_tenant")
    for owner, half, words, _ in OWNERS:
        schema_editor.execute(fill(owner, half, words))


def drop_search(_apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX accounts_user_words")
        schema_editor.execute("DROP INDEX accounts_group_words")
        return
    for owner, half, words, columns in OWNERS:
        for name in owner_triggers(owner, half, words, columns):
            schema_editor.execute(f"DROP TRIGGER {name}")
    for name in SPACE_TRIGGERS:
        schema_editor.execute(f"DROP TRIGGER {name}")
    for statement in DROP_TABLES.split(";"):
        schema_editor.execute(statement)


# accounts/queries/search.py asks with the same expression, or the index would not serve.
POSTGRESQL = (
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",  # trusted: the owner of the database may
    """CREATE INDEX accounts_user_words ON accounts_user USING gin (
        (name_key || chr(10) || upn_key || chr(10) || lower(mail COLLATE "C")) gin_trgm_ops)""",
    "CREATE INDEX accounts_group_words ON accounts_group USING gin (name_key gin_trgm_ops)",
)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_lists")]

    operations = [migrations.RunPython(make_search, drop_search)]
