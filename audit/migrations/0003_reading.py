"""An index for each way the logs are filtered, in the order they are read."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_activities")]

    operations = [
        migrations.RemoveIndex("AuditEvent", "audit_tenant"),
        migrations.RemoveIndex("AuditEvent", "audit_actor"),
        migrations.RemoveIndex("AuditEvent", "audit_target"),
        migrations.RemoveIndex("AuditEvent", "audit_event_at"),
        migrations.AddIndex("AuditEvent", models.Index(fields=["tenant_id", "id"], name="audit_chain")),
        migrations.AddIndex("AuditEvent", models.Index(fields=["tenant_id", "-at", "-id"], name="audit_by_time")),
        migrations.AddIndex(
            "AuditEvent", models.Index(fields=["tenant_id", "is_sign_in", "-at", "-id"], name="audit_by_log")
        ),
        migrations.AddIndex(
            "AuditEvent", models.Index(fields=["tenant_id", "event", "-at", "-id"], name="audit_by_event")
        ),
        migrations.AddIndex(
            "AuditEvent", models.Index(fields=["tenant_id", "activity", "-at", "-id"], name="audit_by_activity")
        ),
        migrations.AddIndex(
            "AuditEvent", models.Index(fields=["tenant_id", "outcome", "-at", "-id"], name="audit_by_outcome")
        ),
        migrations.AddIndex(
            "AuditEvent", models.Index(fields=["tenant_id", "actor_id", "-at", "-id"], name="audit_by_actor")
        ),
        migrations.AddIndex(
            "AuditEvent", models.Index(fields=["tenant_id", "target_id", "-at", "-id"], name="audit_by_target")
        ),
        migrations.AddIndex("AuditEvent", models.Index(fields=["tenant_id", "request_id"], name="audit_by_request")),
    ]
