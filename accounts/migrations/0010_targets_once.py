from django.db import migrations, models

TWICE = """
DELETE FROM accounts_methodtarget WHERE id NOT IN (
    SELECT min(id) FROM accounts_methodtarget GROUP BY tenant_id, method, side, group_id, user_id
)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0009_campaign_since"),
    ]

    operations = [
        # SQLite did not make the constraint that goes, so a line may be there twice.
        migrations.RunSQL(TWICE, migrations.RunSQL.noop),
        migrations.RemoveConstraint(
            model_name="methodtarget",
            name="target_once",
        ),
        migrations.AddConstraint(
            model_name="methodtarget",
            constraint=models.UniqueConstraint(
                condition=models.Q(("user__isnull", False)),
                fields=("tenant", "method", "side", "user"),
                name="target_user_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="methodtarget",
            constraint=models.UniqueConstraint(
                condition=models.Q(("group__isnull", False)),
                fields=("tenant", "method", "side", "group"),
                name="target_group_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="methodtarget",
            constraint=models.UniqueConstraint(
                condition=models.Q(("group__isnull", True), ("user__isnull", True)),
                fields=("tenant", "method", "side"),
                name="target_all_users_once",
            ),
        ),
    ]
