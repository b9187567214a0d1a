"""``manage.py api_token``: a bearer token for scripts, printed once.

``api_token UPN --scope "…"`` speaks for a person (delegated: his roles, within the permissions); ``api_token --app NAME``
for an application by itself, with what an administrator gave it. ``--app NAME --as UPN --scope "…"`` registers the
application and gives it those permissions first, as that administrator and under his rights.
"""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction
from django.utils import timezone

from accounts.access import from_command_line, reach_upn
from accounts.authority import Actor
from accounts.enums import Act
from accounts.sessions import LONGEST
from core.errors import Denied, DomainError, Invalid, NotFound
from core.text import spelled
from oidc.actions import (
    consent_for_everybody,
    issue_for_application,
    issue_for_person,
    register,
    request_permissions,
)
from oidc.enums import Permission, PermissionKind
from oidc.models import Application
from oidc.queries import applications_of
from oidc.scopes import named
from oidc.tokens import Minted

LONGEST_MINUTES = int(LONGEST.total_seconds() // 60)
EXIT_CODES: Mapping[type[DomainError], int] = {NotFound: 3, Denied: 4, Invalid: 5}


class Command(BaseCommand):
    """Print an access token for the API."""

    help = "Print an access token for the API: for a person (UPN) or for an application by itself (--app)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Describe whose token, and what for."""
        parser.add_argument("upn", metavar="UPN", nargs="?", help="the person the token speaks for")
        parser.add_argument("--app", metavar="NAME", help="the application the token speaks for, instead of a person")
        parser.add_argument("--as", dest="as_upn", metavar="UPN", help="with --app: register it as this administrator")
        parser.add_argument("--scope", default="", help='permissions, such as "User.Read.All AuditLog.Read.All"')
        parser.add_argument("--minutes", type=int, default=60, help=f"life of the token, up to {LONGEST_MINUTES}")
        parser.add_argument("--json", action="store_true", help="print JSON with the words of a token response")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, or say in one line why not."""
        if bool(options["upn"]) == bool(options["app"]):
            self._fail("Name a person (UPN) or an application (--app NAME), one of the two.", 2)
        if not 1 <= options["minutes"] <= LONGEST_MINUTES:
            self._fail(f"--minutes must be from 1 to {LONGEST_MINUTES}.", 2)
        operator = from_command_line(None)
        lifetime = timedelta(minutes=options["minutes"])
        try:
            permissions = _permissions(options["scope"])
            with transaction.atomic():
                if options["upn"]:
                    minted = _for_person(operator, options["upn"], permissions, lifetime)
                else:
                    application = _application(operator, options, permissions)
                    minted = issue_for_application(operator, application=application, lifetime=lifetime)
        except DomainError as error:
            code = next((EXIT_CODES[kind] for kind in EXIT_CODES if isinstance(error, kind)), 1)
            self._fail(str(error.message), code)
        self._print(minted, as_json=options["json"])

    def _print(self, minted: Minted, *, as_json: bool) -> None:
        if not as_json:
            self.stdout.write(minted.text)
            return
        seconds = int((minted.row.expires - minted.row.created).total_seconds())
        expires = timezone.localtime(minted.row.expires, timezone.get_fixed_timezone(0))
        answer = {
            "token_type": "Bearer",
            "access_token": minted.text,
            "scope": minted.row.scope,
            "expires_in": seconds,
            "expires_on": expires.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        self.stdout.write(json.dumps(answer, indent=2))

    def _fail(self, message: str, exit_code: int) -> None:
        self.stderr.write(f"api_token: {message}")
        raise SystemExit(exit_code)


def _permissions(text: str) -> list[Permission]:
    found = [(name, named(name)) for name in spelled(text).split()]
    unknown = [name for name, permission in found if permission is None]
    if unknown:
        raise Invalid("unknown_permission", f"There is no permission named {unknown[0]}.")
    return [permission for _, permission in found if permission is not None]


def _for_person(operator: Actor, upn: str, permissions: list[Permission], lifetime: timedelta) -> Minted:
    if not permissions:
        raise Invalid("no_permission", 'Say what the token is for, such as --scope "User.Read.All".')
    try:
        target = reach_upn(operator, spelled(upn), Act.TOKENS_ISSUE)
    except NotFound:
        raise NotFound("user", "There is no user with that name.") from None
    return issue_for_person(operator, target=target, permissions=permissions, lifetime=lifetime)


def _application(operator: Actor, options: Mapping[str, Any], permissions: list[Permission]) -> Application:
    """Return the application named, registered and given its permissions first where an administrator does that."""
    name = spelled(options["app"])
    administrator = from_command_line(options["as_upn"]) if options["as_upn"] else None
    if permissions and administrator is None:
        raise Invalid("who_gives", "Only an administrator gives permissions: name one with --as.")
    found = list(applications_of(administrator or operator).filter(name=name)[:2])
    if len(found) > 1:
        raise Invalid("ambiguous_name", "There is more than one application of that name.")
    if not found and administrator is None:
        raise NotFound("application", "There is no application of that name. To register it, name an administrator.")
    if administrator is None:
        return found[0]
    application = found[0] if found else register(administrator, name=name, is_confidential=True)
    if permissions:
        request_permissions(
            administrator, application=application, kind=PermissionKind.APPLICATION, permissions=permissions
        )
        consent_for_everybody(administrator, application=application)
    return application
