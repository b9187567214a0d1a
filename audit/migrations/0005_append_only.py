"""Triggers: what is written stays written. The one way out is retention, behind a Removal row (docs/decisions/0030)."""

from typing import Any

from django.db import migrations

NOBODYS = "00000000-0000-0000-0000-000000000000"
TABLES = ("audit_auditevent", "audit_seal", "audit_removal")

POSTGRESQL = [
    """
CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'integrity_constraint_violation';
END $$
""",
    f"""
CREATE FUNCTION audit_keep_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM audit_removal WHERE chain = coalesce(OLD.tenant_id, '{NOBODYS}') AND last_event_id >= OLD.id)
    THEN RETURN OLD; END IF;
    RAISE EXCEPTION 'audit_auditevent is append-only: DELETE refused' USING ERRCODE = 'integrity_constraint_violation';
END $$
""",
    """
CREATE FUNCTION audit_keep_seal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM audit_removal WHERE chain = OLD.chain AND number >= OLD.number) THEN RETURN OLD; END IF;
    RAISE EXCEPTION 'audit_seal is append-only: DELETE refused' USING ERRCODE = 'integrity_constraint_violation';
END $$
""",
    """
CREATE FUNCTION audit_removal_of_a_seal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM audit_seal
        WHERE chain = NEW.chain AND number = NEW.number AND last_event_id = NEW.last_event_id AND hash = NEW.hash
    ) THEN RETURN NEW; END IF;
    RAISE EXCEPTION 'audit_removal must end at a seal' USING ERRCODE = 'integrity_constraint_violation';
END $$
""",
    *(
        f"CREATE TRIGGER {table}_unchanged BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION audit_refuse()"
        for table in TABLES
    ),
    *(
        f"CREATE TRIGGER {table}_not_emptied BEFORE TRUNCATE ON {table} EXECUTE FUNCTION audit_refuse()"
        for table in TABLES
    ),
    (
        "CREATE TRIGGER audit_auditevent_kept BEFORE DELETE ON audit_auditevent FOR EACH ROW "
        "EXECUTE FUNCTION audit_keep_event()"
    ),
    "CREATE TRIGGER audit_seal_kept BEFORE DELETE ON audit_seal FOR EACH ROW EXECUTE FUNCTION audit_keep_seal()",
    "CREATE TRIGGER audit_removal_kept BEFORE DELETE ON audit_removal FOR EACH ROW EXECUTE FUNCTION audit_refuse()",
    (
        "CREATE TRIGGER audit_removal_sound BEFORE INSERT ON audit_removal FOR EACH ROW "
        "EXECUTE FUNCTION audit_removal_of_a_seal()"
    ),
]
POSTGRESQL_BACK = [
    *(f"DROP TRIGGER {table}_{name} ON {table}" for table in TABLES for name in ("unchanged", "not_emptied", "kept")),
    "DROP TRIGGER audit_removal_sound ON audit_removal",
    *(
        f"DROP FUNCTION {name}()"
        for name in ("audit_refuse", "audit_keep_event", "audit_keep_seal", "audit_removal_of_a_seal")
    ),
]

# SQLite replaces a row without asking the triggers of DELETE, so an INSERT that would replace one is refused itself.
SQLITE = [
    *(
        f"CREATE TRIGGER {table}_unchanged BEFORE UPDATE ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only: UPDATE refused'); END"
        for table in TABLES
    ),
    *(
        f"CREATE TRIGGER {table}_not_replaced BEFORE INSERT ON {table} WHEN EXISTS ({there}) "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only: REPLACE refused'); END"
        for table, there in {
            "audit_auditevent": "SELECT 1 FROM audit_auditevent WHERE id = NEW.id",
            "audit_seal": "SELECT 1 FROM audit_seal WHERE id = NEW.id OR (chain = NEW.chain AND number = NEW.number)",
            "audit_removal": "SELECT 1 FROM audit_removal WHERE id = NEW.id OR (chain = NEW.chain AND number = NEW.number)",
        }.items()
    ),
    (
        "CREATE TRIGGER audit_auditevent_kept BEFORE DELETE ON audit_auditevent WHEN NOT EXISTS (SELECT 1 FROM audit_removal "
        f"WHERE chain = coalesce(OLD.tenant_id, '{NOBODYS.replace('-', '')}') AND last_event_id >= OLD.id) "
        "BEGIN SELECT RAISE(ABORT, 'audit_auditevent is append-only: DELETE refused'); END"
    ),
    (
        "CREATE TRIGGER audit_seal_kept BEFORE DELETE ON audit_seal WHEN NOT EXISTS (SELECT 1 FROM audit_removal "
        "WHERE chain = OLD.chain AND number >= OLD.number) "
        "BEGIN SELECT RAISE(ABORT, 'audit_seal is append-only: DELETE refused'); END"
    ),
    (
        "CREATE TRIGGER audit_removal_kept BEFORE DELETE ON audit_removal "
        "BEGIN SELECT RAISE(ABORT, 'audit_removal is append-only: DELETE refused'); END"
    ),
    (
        "CREATE TRIGGER audit_removal_sound BEFORE INSERT ON audit_removal WHEN NOT EXISTS (SELECT 1 FROM audit_seal "
        "WHERE chain = NEW.chain AND number = NEW.number AND last_event_id = NEW.last_event_id AND hash = NEW.hash) "
        "BEGIN SELECT RAISE(ABORT, 'audit_removal must end at a seal'); END"
    ),
]
SQLITE_BACK = [
    *(f"DROP TRIGGER {table}_{name}" for table in TABLES for name in ("unchanged", "not_replaced", "kept")),
    "DROP TRIGGER audit_removal_sound",
]


def guard(apps: Any, schema_editor: Any) -> None:
    for statement in POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE:
        schema_editor.execute(statement, params=None)


def unguard(apps: Any, schema_editor: Any) -> None:
    for statement in POSTGRESQL_BACK if schema_editor.connection.vendor == "postgresql" else SQLITE_BACK:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("audit", "0004_seals")]

    operations = [migrations.RunPython(guard, unguard)]
