from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_sessions_by_end"),
        ("tap", "0005_index_of_deleted_passes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="temporaryaccesspass",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", False), ("replaced_by__isnull", False), _connector="OR"),
                fields=["ends_at"],
                name="pass_history_by_end",
            ),
        ),
    ]
