"""Every failure as the API tells it: one table from what went wrong to status, code and message.

Clients branch on ``code``, in the spelling of the part of the API they talk to, and some on messages: those of
docs/graph.md are word for word what such clients look for.
"""

from collections.abc import Mapping
from http import HTTPStatus

from core.errors import (
    Busy,
    Conflict,
    Denied,
    DomainError,
    Invalid,
    NotFound,
    NotUsable,
    StepUpNeeded,
    TooMany,
    Unavailable,
)
from graph.enums import Dialect

UNREADABLE = (
    "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format."
)
DENIED = {
    Dialect.METHODS: ("accessDenied", "Request Authorization failed"),
    Dialect.DIRECTORY: ("Authorization_RequestDenied", "Insufficient privileges to complete the operation."),
}
ABSENT = "Resource '{id}' does not exist or one of its queried reference-property objects are not present."
CODES: Mapping[int, tuple[str, str]] = {
    400: ("BadRequest", "The request could not be read."),
    401: ("InvalidAuthenticationToken", "Access token is missing, has ended or is not meant for this API."),
    403: DENIED[Dialect.DIRECTORY],
    404: ("ResourceNotFound", "There is nothing at this address."),
    405: ("Request_BadRequest", "Specified HTTP method is not allowed for the request target."),
    413: ("RequestEntityTooLarge", "The request is larger than this API reads."),
    415: ("UnsupportedMediaType", UNREADABLE),
    429: ("TooManyRequests", "Too many requests. Wait as long as Retry-After says."),
    500: ("InternalServerError", "Something went wrong on our side. Nothing was saved."),
    503: ("ServiceUnavailable", "The server cannot do this at the moment. Wait as long as Retry-After says."),
}
# What some clients look for in the message, by the code of the domain's refusal.
VERBATIM: Mapping[str, str] = {
    "method_off": (
        "Converged UserCredentialPolicy does not allow creating or updating this authentication method. "
        "AuthMethodType [TemporaryAccessPass]."
    ),
    "one_time_required": (
        "Invalid IsUsableOnce specified. Tenant Policy does not allow multiple use temporary access pass method."
    ),
    "external_guest": "Temporary Access Pass cannot be added to an external guest user.",
}


class Problem(Exception):
    """A failure that is the API's own: what was asked cannot be read, is not there, or is not to be had this way."""

    def __init__(
        self, status: int, code: str = "", message: str = "", *, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(code or message or status)
        usual_code, usual_message = CODES.get(status, CODES[HTTPStatus.INTERNAL_SERVER_ERROR])
        self.status = int(status)
        self.code = code or usual_code
        self.message = message or usual_message
        self.headers: Mapping[str, str] = headers or {}


class BadQuery(Problem):
    """A query option that cannot be read or is not served here."""

    def __init__(self, message: str, *, code: str = "BadRequest") -> None:
        super().__init__(HTTPStatus.BAD_REQUEST, code, message)


class Unsupported(BadQuery):
    """A query that is well formed and that no index answers."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code="Request_UnsupportedQuery")


def absent(identifier: object) -> Problem:
    """Return the failure for an object that is not in the caller's directory, be it elsewhere or nowhere."""
    return Problem(HTTPStatus.NOT_FOUND, "Request_ResourceNotFound", ABSENT.format(id=identifier))


def no_such_method() -> Problem:
    """Return the failure for a method the user does not have."""
    return Problem(HTTPStatus.NOT_FOUND, "resourceNotFound", "The requested authentication method was not found.")


def bad_body(dialect: Dialect, message: str) -> Problem:
    """Return the failure for a body whose meaning is wrong."""
    return Problem(HTTPStatus.BAD_REQUEST, _bad_request(dialect), message)


def problem_of(error: DomainError, dialect: Dialect) -> Problem:
    """Return what the API says where the domain refused."""
    status = int(error.status)
    message = VERBATIM.get(error.code) or _words(error)
    if isinstance(error, TooMany | Busy | Unavailable):
        return Problem(status, headers={"Retry-After": str(error.retry_after)})
    if isinstance(error, StepUpNeeded):
        return Problem(HTTPStatus.FORBIDDEN, DENIED[dialect][0], f"{DENIED[dialect][1]}. {message}")
    if isinstance(error, Denied):
        return Problem(HTTPStatus.FORBIDDEN, *DENIED[dialect])
    if isinstance(error, NotFound):
        return no_such_method() if dialect is Dialect.METHODS else absent(error.code)
    if isinstance(error, Conflict):
        return Problem(status, "conflict" if dialect is Dialect.METHODS else "Request_Conflict", message)
    if isinstance(error, NotUsable):
        return Problem(HTTPStatus.BAD_REQUEST, _bad_request(dialect), message)
    return Problem(status, _bad_request(dialect), message)


def _bad_request(dialect: Dialect) -> str:
    return "badRequest" if dialect is Dialect.METHODS else "Request_BadRequest"


def _words(error: DomainError) -> str:
    fields = error.fields if isinstance(error, Invalid) else {}
    return " ".join(str(one) for one in fields.values()) or str(error.message)
