from django.apps import AppConfig


class TapConfig(AppConfig):
    name = "tap"
    default_auto_field = "django.db.models.BigAutoField"
