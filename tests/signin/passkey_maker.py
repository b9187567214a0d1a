"""A passkey made of plain cryptography, for tests that need a passkey sign-in and no browser."""

import hashlib
import json
import secrets
from uuid import UUID

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.models import User
from authmethods.models import Passkey
from authmethods.passkeys import to_base64url
from core import clock
from core.http import public_host
from tests.drive import name_oneself

PRESENT_AND_VERIFIED = 0x05


class SoftKey:
    """A registered ES256 passkey of one user."""

    def __init__(self, user: User) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._user = user
        self._id = secrets.token_bytes(16)
        self._count = 0
        point = self._key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
        Passkey.objects.create(
            tenant_id=user.tenant_id,
            user=user,
            credential_id=self._id,
            public_key=cbor2.dumps(cose),
            sign_count=0,
            aaguid=UUID(int=0),
            is_backup_eligible=False,
            is_backed_up=False,
            name="Soft key",
            created_at=clock.now(),
        )

    def sign_in(self, client: Client, upn: str, *, spoil: bool = False) -> HttpResponse:
        """Go through the passkey sign-in; ``spoil`` breaks the signature. Returns the answer to the last step."""
        name_oneself(client, upn)
        asked = client.post(reverse("signin:passkey_options")).json()
        self._count += 1
        client_data = json.dumps(
            {"type": "webauthn.get", "challenge": asked["challenge"], "origin": settings.PUBLIC_URL}
        ).encode()
        party = hashlib.sha256(public_host().encode()).digest()
        data = party + bytes([PRESENT_AND_VERIFIED]) + self._count.to_bytes(4, "big")
        signed = data + hashlib.sha256(client_data).digest()
        signature = self._key.sign(signed + b"spoilt" if spoil else signed, ec.ECDSA(SHA256()))
        credential = {
            "id": to_base64url(self._id),
            "rawId": to_base64url(self._id),
            "type": "public-key",
            "response": {
                "clientDataJSON": to_base64url(client_data),
                "authenticatorData": to_base64url(data),
                "signature": to_base64url(signature),
                "userHandle": to_base64url(bytes(self._user.webauthn_handle)),
            },
        }
        return client.post(  # type: ignore[return-value]
            reverse("signin:passkey_finish"), {"credential": credential}, content_type="application/json"
        )
