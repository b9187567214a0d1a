from django.db import migrations, models

# Two workers at one import could write its lines twice.
FORGET_SECOND = (
    "DELETE FROM directory_importrow WHERE EXISTS (SELECT 1 FROM directory_importrow AS earlier "
    "WHERE earlier.batch_id = directory_importrow.batch_id AND earlier.number = directory_importrow.number "
    "AND earlier.id < directory_importrow.id)"
)


class Migration(migrations.Migration):
    dependencies = [("directory", "0002_left_out")]

    operations = [
        migrations.AddField("import", "turn", models.PositiveIntegerField(default=0)),
        migrations.RunSQL(FORGET_SECOND, migrations.RunSQL.noop),
        migrations.AddConstraint(
            "importrow", models.UniqueConstraint(fields=("batch", "number"), name="import_row_once")
        ),
    ]
