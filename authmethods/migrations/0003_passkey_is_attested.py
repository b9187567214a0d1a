from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("authmethods", "0002_passkey_policy"),
    ]

    operations = [
        migrations.AddField(
            model_name="passkey",
            name="is_attested",
            field=models.BooleanField(default=False),
        ),
    ]
