"""Passwords: Django's argon2 hasher with the product's parameters, counted among the hashes in flight."""

from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher

from core.secrets import hash_slot


class BoundedArgon2PasswordHasher(Argon2PasswordHasher):
    """Argon2id at the same cost as passes. Django's default (100 MiB) would let anybody drown the server."""

    time_cost = settings.ARGON2_TIME_COST
    memory_cost = settings.ARGON2_MEMORY_KIB
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        """Hash ``password``. Raises Busy where no place falls free in time."""
        with hash_slot():
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        """Check ``password``. Raises Busy where no place falls free in time."""
        with hash_slot():
            return super().verify(password, encoded)

    def harden_runtime(self, password: str, encoded: str) -> None:
        """Do nothing: a hash with older parameters is made anew at the next right password."""
