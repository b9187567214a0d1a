"""The words of passkey ceremonies."""

from django.db.models import TextChoices


class Purpose(TextChoices):
    """What a challenge was made for; it serves nothing else (criterion D01)."""

    REGISTER = "register", "register"
    SIGN_IN = "sign_in", "sign in"
