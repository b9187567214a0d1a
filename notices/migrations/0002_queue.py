from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import F


def take_over(apps: Apps, _schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Put what still waits into its own queue, and its tasks out of theirs."""
    apps.get_model("notices", "Notice").objects.filter(outcome="").update(next_try_at=F("due_at"))
    tasks = apps.get_model("django_tasks_database", "DBTaskResult").objects
    tasks.filter(task_path="notices.tasks.deliver").exclude(status__in=("SUCCESSFUL", "FAILED")).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("notices", "0001_notices"),
        ("django_tasks_database", "0021_conditional_partial_index_ordering"),
    ]

    operations = [
        migrations.AddField("notice", "next_try_at", models.DateTimeField(null=True)),
        migrations.AddField("notice", "tries", models.PositiveSmallIntegerField(default=0)),
        migrations.RunPython(take_over, migrations.RunPython.noop, elidable=True),
        migrations.AddIndex(
            "notice",
            models.Index(
                fields=["next_try_at"], name="notice_waiting", condition=models.Q(("next_try_at__isnull", False))
            ),
        ),
    ]
