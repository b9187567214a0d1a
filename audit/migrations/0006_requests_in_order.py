"""The events of a request in the order they are read, or SQLite walks through time to find them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0005_append_only")]

    operations = [
        migrations.RemoveIndex("AuditEvent", "audit_by_request"),
        migrations.AddIndex(
            "AuditEvent", models.Index(fields=["tenant_id", "request_id", "-at", "-id"], name="audit_by_request")
        ),
    ]
