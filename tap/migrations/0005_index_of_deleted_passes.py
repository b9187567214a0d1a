from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_deleted_users"),
        ("tap", "0004_index_of_replaced_passes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="temporaryaccesspass",
            name="pass_by_deletion",
        ),
        migrations.AddIndex(
            model_name="temporaryaccesspass",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", False)),
                fields=["tenant", "deleted_at"],
                name="pass_by_deletion",
            ),
        ),
    ]
