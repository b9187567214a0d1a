"""When the whole log was last verified, for those who watch."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0006_requests_in_order")]

    operations = [
        migrations.CreateModel(
            "Verification",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False, auto_created=True, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("is_intact", models.BooleanField()),
            ],
        ),
    ]
