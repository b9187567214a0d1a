from django.apps import AppConfig


class SignInConfig(AppConfig):
    name = "signin"
    default_auto_field = "django.db.models.BigAutoField"
