"""What can go wrong, as types. Rules and actions raise these; each entrance (page, API, CLI) shows them in its own way.

``code`` is for machines and tests, ``message`` for people. Neither ever holds a secret.
"""

from collections.abc import Mapping
from http import HTTPStatus

from django.utils.translation import gettext_lazy as _

from core.text import Text


class DomainError(Exception):
    """Something the product refuses, with a reason a person can act on."""

    status = HTTPStatus.BAD_REQUEST
    message: Text = _("That can't be done.")

    def __init__(self, code: str, message: Text | None = None) -> None:
        super().__init__(code)
        self.code = code
        if message is not None:
            self.message = message


class Invalid(DomainError):
    """What was entered breaks a rule. ``fields`` maps a field's name to its message."""

    message = _("Check what you entered and try again.")

    def __init__(self, code: str, message: Text | None = None, *, fields: Mapping[str, Text] | None = None) -> None:
        super().__init__(code, message)
        self.fields: Mapping[str, Text] = fields or {}


class Denied(DomainError):
    """The actor may not do this to that target."""

    status = HTTPStatus.FORBIDDEN
    message = _("You don't have the right to do this.")


class NotFound(DomainError):
    """There is no such thing, or it belongs to another tenant: the answer is the same."""

    status = HTTPStatus.NOT_FOUND
    message = _("We couldn't find that.")


class Conflict(DomainError):
    """Somebody else was faster."""

    status = HTTPStatus.CONFLICT
    message = _("Someone else changed this in the meantime. Nothing was saved.")


class NotUsable(DomainError):
    """A credential was refused. ``code`` is the true reason, ``message`` what this person may know."""

    status = HTTPStatus.UNAUTHORIZED


class TooMany(DomainError):
    """Too many attempts. ``retry_after`` is the number of seconds until the next one is heard."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    message = _("Too many attempts. Try again later, or ask your administrator.")

    def __init__(self, code: str, *, retry_after: int) -> None:
        super().__init__(code)
        self.retry_after = retry_after


class Busy(DomainError):
    """The server has as many hashes in flight as it may. ``retry_after`` in seconds."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    message = _("The server is busy. Wait a few seconds and try again.")
    retry_after = 2


class Unavailable(DomainError):
    """The database does not answer or cannot save. ``retry_after`` in seconds."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    title = _("We can't do that right now")
    message = _(
        "The server can't read or save anything at the moment. Nothing was saved. Try again in a minute, and tell your "
        "administrator if it keeps happening."
    )
    retry_after = 10


class StepUpNeeded(DomainError):
    """The sign-in is not strong or not fresh enough for this; signing in again would do."""

    status = HTTPStatus.FORBIDDEN
    message = _("Confirm that it's you, then try again.")
