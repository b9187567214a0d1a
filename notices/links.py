"""The link by which a person says "that was not me". It names the notice and serves no other purpose."""

from datetime import timedelta
from urllib.parse import urlencode
from uuid import UUID

from django.core.signing import BadSignature, Signer
from django.urls import reverse

from core.http import public_link

LIFE = timedelta(days=30)


def denial_link(notice_id: UUID) -> str:
    """Return the address that goes into the mail. What is in a query goes into no log."""
    query = urlencode({"notice": _signer().sign(notice_id.hex)})
    return public_link(f"{reverse('authmethods:not_me')}?{query}")


def notice_of(token: str) -> UUID | None:
    """Return the notice a link speaks of, or None where we did not make it."""
    try:
        return UUID(_signer().unsign(token))
    except (BadSignature, ValueError):
        return None


def _signer() -> Signer:
    return Signer(salt="notices.not_me")
