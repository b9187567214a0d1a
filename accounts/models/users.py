"""People."""

import secrets
import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from accounts.enums import UserKind
from accounts.models.tenants import Tenant
from core.text import KeyField, fold, fold_upn

HANDLE_BYTES = 32
LIVING = models.Q(deleted_at__isnull=True)
SPENT = "!"  # before the hash of a one-off password that was used: it opens nothing, and is not to be chosen again


def make_handle() -> bytes:
    """Return a random WebAuthn user handle: it says nothing about the person (WebAuthn L3 §14.6.1, criterion D06)."""
    return secrets.token_bytes(HANDLE_BYTES)


class UserManager(BaseUserManager["User"]):
    """The people there are: who was deleted does not exist, until he is restored (``User.everyone`` has them too).

    Looks users up by user principal name, whatever its letter case.
    """

    def get_queryset(self) -> models.QuerySet["User"]:
        """Leave out whoever was deleted."""
        return super().get_queryset().filter(deleted_at__isnull=True)

    def get_by_natural_key(self, username: str | None) -> "User":
        """Return the user with that user principal name."""
        return self.get(upn_key=fold_upn(username or ""))


class User(AbstractBaseUser):
    """One person in one tenant. ``upn_key`` and ``name_key`` are what searches and sort orders use.

    ``deleted_at``: deleted, and restorable for a while (docs/decisions/0025). The user name is free again meanwhile:
    the key of a deleted person begins with his id, which no user name does. ``password_ends_at``: the password is one
    that an administrator had made; it works until then, once, and must be replaced.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="users")
    upn = models.CharField(max_length=320)
    upn_key = KeyField(max_length=320, unique=True, editable=False)
    display_name = models.CharField(max_length=256)
    name_key = KeyField(max_length=512, editable=False)
    mail = models.EmailField(max_length=320, blank=True)
    kind = models.CharField(max_length=16, choices=UserKind, default=UserKind.MEMBER)
    is_enabled = models.BooleanField(default=True)
    is_support_staff = models.BooleanField(default=False)
    language = models.CharField(max_length=16, blank=True)
    time_zone = models.CharField(max_length=64, blank=True)
    password = models.CharField(max_length=128, blank=True)
    password_changed_at = models.DateTimeField(null=True)
    password_ends_at = models.DateTimeField(null=True)
    webauthn_handle = models.BinaryField(max_length=64, default=make_handle, unique=True, editable=False)
    created_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)

    last_login = None  # sign-in sessions know it
    USERNAME_FIELD = "upn_key"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = UserManager()
    everyone: ClassVar[models.Manager["User"]] = models.Manager()

    class Meta:
        indexes = [
            models.Index(fields=["tenant", "name_key", "id"], name="user_by_name", condition=LIVING),
            models.Index(fields=["tenant", "upn_key"], name="user_by_upn", condition=LIVING),
            models.Index(fields=["tenant", "kind", "name_key", "id"], name="user_by_kind", condition=LIVING),
            models.Index(fields=["tenant", "is_enabled", "name_key", "id"], name="user_by_state", condition=LIVING),
            models.Index(
                fields=["tenant", "kind", "is_enabled", "name_key", "id"],
                name="user_by_kind_and_state",
                condition=LIVING,
            ),
            models.Index(
                fields=["tenant", "-deleted_at", "-id"],
                name="user_deleted",
                condition=models.Q(deleted_at__isnull=False),
            ),
            models.Index(fields=["deleted_at"], name="user_to_erase", condition=models.Q(deleted_at__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(upn__contains="@"), name="user_upn_has_domain"),
            models.CheckConstraint(
                condition=~models.Q(kind=UserKind.EXTERNAL_GUEST) | models.Q(password=""),
                name="external_guest_no_password",
            ),
        ]

    def __str__(self) -> str:
        return self.upn

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the keys in step with the names."""
        self.fill_keys()
        super().save(*args, **kwargs)

    def fill_keys(self) -> None:
        """Derive the keys; whoever writes in bulk calls this first."""
        self.upn_key = fold_upn(self.upn) if self.deleted_at is None else f"{self.id.hex}{fold_upn(self.upn)}"
        self.name_key = fold(self.display_name)[:512]

    @property
    def is_active(self) -> bool:  # type: ignore[override]  # a field in Django, a fact here
        """Django's name for an account that may sign in."""
        return self.is_enabled and self.deleted_at is None

    @property
    def domain_name(self) -> str:
        """Return the part of the user principal name behind the last @."""
        return self.upn_key.rpartition("@")[2]

    @property
    def given_name(self) -> str:
        """Return how a sentence names the person: the first word of the display name."""
        return self.display_name.split(" ", 1)[0] or self.upn

    def language_or(self, otherwise: str) -> str:
        """Return the language he has chosen, where it is one there is, else ``otherwise``."""
        return self.language if self.language in dict(settings.LANGUAGES) else otherwise

    @property
    def language_name(self) -> str:
        """Return what the language he has chosen calls itself; "" where he chose none."""
        return dict(settings.LANGUAGES).get(self.language, "")

    @property
    def has_password(self) -> bool:
        """True where a password is set that opens something: a one-off one that was used opens nothing any more."""
        return bool(self.password) and not self.password.startswith(SPENT)

    @property
    def has_lasting_password(self) -> bool:
        """True where the person has chosen the password himself."""
        return self.has_password and self.password_ends_at is None

    @property
    def audit_name(self) -> str:
        """Return what an event calls the person."""
        return self.upn
