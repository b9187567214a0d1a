"""Say of each event which activity it is and which log it belongs to, and index both logs for every filter."""

from typing import Any

from django.db import migrations, models

# As audit.activities had it when this was written: event → the administrator's name, the person's own, is a sign-in.
THEN = {
    "tap:pass:issued": ("Admin registered security info", "", False),
    "tap:pass:deleted": ("Admin deleted security info", "User deleted security info", False),
    "tap:pass:used": ("Temporary access pass used", "", False),
    "tap:pass:refused": ("Sign-in activity", "", True),
    "tap:pass:locked": ("Temporary access pass locked", "", False),
    "tap:policy:changed": ("Authentication Methods Policy Update", "", False),
    "tap:policy:reset": ("Authentication Methods Policy Reset", "", False),
    "authmethods:passkey:registered": ("Admin registered security info", "User registered security info", False),
    "authmethods:passkey:refused": ("Sign-in activity", "", True),
    "authmethods:passkey:renamed": ("Admin updated security info", "User changed default security info", False),
    "authmethods:passkey:deleted": ("Admin deleted security info", "User deleted security info", False),
    "authmethods:passkey:used": ("Passkey used", "", False),
    "authmethods:password:changed": ("Reset user password", "Change user password", False),
    "authmethods:password:used": ("Password used", "", False),
    "authmethods:password:refused": ("Sign-in activity", "", True),
    "authmethods:user:reregistration_required": ("Admin deleted security info", "", False),
    "signin:session:started": ("Sign-in activity", "", True),
    "signin:session:ended": ("Sign-out activity", "", False),
    "accounts:sessions:revoked": ("Revoke sign-in sessions", "", False),
    "accounts:access:denied": ("Access denied", "", False),
}


def fill(apps: Any, schema_editor: Any) -> None:
    AuditEvent = apps.get_model("audit", "AuditEvent")
    for event, (name, own, is_sign_in) in THEN.items():
        rows = AuditEvent.objects.filter(event=event)
        rows.update(activity=name, is_sign_in=is_sign_in)
        if own:
            rows.filter(actor_id=models.F("target_id")).update(activity=own)
    AuditEvent.objects.filter(activity="").update(activity=models.F("event"))


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [
        migrations.AddField(
            "AuditEvent", "activity", models.CharField(max_length=64, default=""), preserve_default=False
        ),
        migrations.AddField("AuditEvent", "is_sign_in", models.BooleanField(default=False)),
        migrations.AddField("AuditEvent", "user_agent", models.CharField(blank=True, max_length=256)),
        migrations.AlterField(
            "AuditEvent",
            "outcome",
            models.CharField(
                choices=[("success", "Success"), ("failure", "Failure"), ("denied", "Denied")], max_length=16
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
    ]
