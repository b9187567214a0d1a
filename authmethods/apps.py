from django.apps import AppConfig


class AuthMethodsConfig(AppConfig):
    name = "authmethods"
    default_auto_field = "django.db.models.BigAutoField"
