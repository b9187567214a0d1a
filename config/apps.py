from django.apps import AppConfig


class GatepassConfig(AppConfig):
    """The composition root: the commands that know every app (serve, seed_demo, seed_scale)."""

    name = "config"
