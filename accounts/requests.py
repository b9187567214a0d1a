"""What a request carries once the middleware has judged it."""

from django.http import HttpRequest

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
