"""``manage.py rotate_audit_key``: sign checkpoints with a new key; what the former one signed still counts."""

import base64
import secrets
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from audit import signing
from audit.checkpoints import chains, removal_of, signer_of
from config import rotation

SEVERAL = """A new AUDIT_SIGNING_KEY: {key}
Its public half:         {public}
The former public half:  {former}
The present key is read from {home}.

1. Keep a checkpoint that the former key signs where nobody here can write: `manage.py audit_checkpoint`.
2. On every server add both public halves to AUDIT_PUBLIC_KEYS, separated by commas, and restart them one after the other.
3. On every server put the new key in the place of the present one, and restart them one after the other.
4. Give the new public half to whoever verifies exports, by another way than the exports. The former private half can be
   destroyed; its public half stays in AUDIT_PUBLIC_KEYS as long as `manage.py rotate_audit_key --status` names it."""
LOCAL = """A new AUDIT_SIGNING_KEY is in {home}; the former public half, {former}, counts on from {fallbacks}.
Its public half is {public}. Restart the server."""


class Command(BaseCommand):
    """Make a key, or tell what each has signed."""

    help = "Make a new AUDIT_SIGNING_KEY and say where to put it; --status tells what former keys are needed for."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the one choice there is."""
        parser.add_argument("--status", action="store_true", help="which key signed what the log still relies on")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it."""
        if options["status"]:
            self._tell()
        else:
            self._make()

    def _make(self) -> None:
        seed = secrets.token_bytes(32)
        key = base64.b64encode(seed).decode()
        public = base64.b64encode(Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()).decode()
        former = signing.public_key() if signing.is_set() else ""
        home, fallbacks = rotation.home_of("AUDIT_SIGNING_KEY"), rotation.home_of("AUDIT_PUBLIC_KEYS")
        words = {
            "key": key,
            "public": public,
            "former": former or "none",
            "home": home.words,
            "fallbacks": fallbacks.words,
        }
        if home.path is None or fallbacks.path is None:
            self.stdout.write(SEVERAL.format(**words))
            return
        fallbacks.write(",".join(dict.fromkeys(filter(None, [former, *settings.AUDIT_PUBLIC_KEYS]))))
        home.write(key)
        self.stdout.write(LOCAL.format(**words))

    def _tell(self) -> None:
        trusted = signing.trusted_keys()
        removals = [removal for chain in chains() if (removal := removal_of(chain)) is not None]
        signers = [signer_of(removal, trusted) for removal in removals]
        for key in trusted:
            role = "signs" if signing.is_set() and key == signing.public_key() else "former"
            self.stdout.write(f"{key}  {role}: under {signers.count(key)} marks that retention left")
        if None in signers:
            self.stdout.write(f"{signers.count(None)} marks carry the signature of no key that counts here.")
