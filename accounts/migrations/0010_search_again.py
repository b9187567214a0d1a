"""SQLite makes a table anew to give it a column with a default, and loses the triggers on it: those of the tenants, in 0009."""

from importlib import import_module
from typing import Any

from django.db import migrations

search = import_module("accounts.migrations.0003_search")


def make_again(apps: Any, schema_editor: Any) -> None:
    """Make the triggers again, and what was not noted without them."""
    if schema_editor.connection.vendor != "sqlite":
        return
    search.make_triggers(apps, schema_editor)
    schema_editor.execute(
        "INSERT INTO accounts_searchspace (tenant_id) "
        "SELECT id FROM accounts_tenant WHERE id NOT IN (SELECT tenant_id FROM accounts_searchspace)"
    )
    for owner, half, words, _columns in search.OWNERS:
        missing = "WHERE row.id NOT IN (SELECT owner_id FROM accounts_searchentry)"
        schema_editor.execute(f"{search.fill(owner, half, words)} {missing}")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0009_runs_campaign")]

    operations = [migrations.RunPython(make_again, migrations.RunPython.noop)]
