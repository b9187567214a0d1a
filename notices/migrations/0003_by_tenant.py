from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("notices", "0002_queue")]

    operations = [
        migrations.AlterField("notice", "outcome", models.CharField(blank=True, default="", max_length=16)),
        migrations.AddIndex("notice", models.Index(fields=["tenant", "-due_at", "id"], name="notice_of_tenant")),
    ]
