from django.apps import AppConfig


class SupportConfig(AppConfig):
    """The desk of the support staff: Django's admin, read-only, behind our own sign-in (docs/decisions/0050)."""

    name = "support"
