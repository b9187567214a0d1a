"""The chain that seals the events, and what retention leaves of a part it removed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_reading")]

    operations = [
        migrations.CreateModel(
            "Seal",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("chain", models.UUIDField()),
                ("number", models.PositiveBigIntegerField()),
                ("previous", models.CharField(max_length=64)),
                ("first_event_id", models.BigIntegerField()),
                ("last_event_id", models.BigIntegerField()),
                ("count", models.PositiveIntegerField()),
                ("sealed_at", models.DateTimeField()),
                ("hash", models.CharField(max_length=64)),
                ("marks", models.BinaryField()),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("chain", "number"), name="seal_once")]},
        ),
        migrations.CreateModel(
            "Removal",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("chain", models.UUIDField()),
                ("number", models.PositiveBigIntegerField()),
                ("last_event_id", models.BigIntegerField()),
                ("hash", models.CharField(max_length=64)),
                ("count", models.PositiveBigIntegerField()),
                ("removed_at", models.DateTimeField()),
                ("signature", models.CharField(max_length=128)),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("chain", "number"), name="removal_once")]},
        ),
        migrations.CreateModel(
            "SealedUpTo",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("event_id", models.BigIntegerField(default=0)),
            ],
        ),
    ]
