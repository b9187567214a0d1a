"""What a request carries once the middleware has judged it, and where it goes when that is not enough."""

from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from accounts.authority import Actor
from accounts.models import SignInSession, User


class Request(HttpRequest):
    """Any request: its id, the caller's address, the answer's language, and who is behind it (an anonymous actor if nobody)."""

    id: str
    address: str
    LANGUAGE_CODE: str
    actor: Actor
    signin: SignInSession | None


class SignedInRequest(Request):
    """A request of a person with a live session; what every view gets that is not marked ``login_not_required``."""

    signin: SignInSession
    user: User


def confirm_url(path: str) -> str:
    """Return where somebody proves again that it is him, and comes back to ``path`` from."""
    return f"{reverse('signin:confirm')}?{urlencode({'next': path})}"
