from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_deleted_users"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="signinsession",
            index=models.Index(fields=["ends_at", "id"], name="session_by_end"),
        ),
    ]
