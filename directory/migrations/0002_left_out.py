from django.db import migrations, models

STATES = [
    ("good", "Can be imported"),
    ("left_out", "Left out"),
    ("bad", "Can't be imported"),
    ("created", "Imported"),
    ("refused", "Refused meanwhile"),
]


class Migration(migrations.Migration):
    dependencies = [("directory", "0001_imports")]

    operations = [
        migrations.AddField("import", "left_out", models.PositiveIntegerField(default=0)),
        migrations.AlterField("importrow", "state", models.CharField(choices=STATES, max_length=16)),
    ]
