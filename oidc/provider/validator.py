"""What the toolkit and oauthlib ask of us: who a client is, and whether a code, token or device grant stands.

Everything is claimed here with one conditional statement, within the one transaction of the request, so that two requests
with the same code or refresh token have one winner, and the loser ends the family.
"""

import base64
import binascii
from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote_plus, urlsplit

from django.conf import settings
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauthlib.oauth2.rfc6749 import errors
from oauthlib.oauth2.rfc8628.grant_types import DeviceCodeGrant

from accounts.authority import Actor
from accounts.models import SignInSession, Tenant
from audit.enums import Outcome
from core import clock
from core.secrets import digest
from oidc import actions, rules
from oidc.enums import Permission, PermissionKind
from oidc.models import AccessToken, Application, ClientSecret, Grant, RefreshToken
from oidc.queries import client_named, delegated_of, given_to
from oidc.scopes import DEFAULT, GRAPH_APP_ID, OPENID, asked_for, parse, written
from oidc.tokens import graph_audience, standing_problem

DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"


def resources() -> list[str]:
    """Return what clients call our API: its name here, its host with or without the port, and what Graph is known by."""
    host = urlsplit(settings.PUBLIC_URL)
    return [
        graph_audience(),
        settings.PUBLIC_URL,
        f"{host.scheme}://{host.hostname}",
        GRAPH_APP_ID,
        "https://graph.microsoft.com",
    ]


class Validator(OAuth2Validator):
    """One for each request: it knows the tenant of the address and the sign-in of the browser."""

    def __init__(self, tenant: Tenant | None, actor: Actor, session: SignInSession | None = None) -> None:
        super().__init__()
        self.tenant = tenant
        self.actor = actor
        self.session = session
        self.now = clock.now()
        self.application: Application | None = None

    # Clients

    def _load_application(self, client_id: str, request: Any) -> Application | None:
        if request.client is None or request.client.client_id != client_id:
            request.client = client_named(str(client_id or ""), self.tenant)
        self.application = request.client
        return self.application

    def authenticate_client(self, request: Any, *args: Any, **kwargs: Any) -> bool:
        """True where a client proves itself with one of its secrets, by HTTP Basic or in the body."""
        client_id, secret = self._basic(request) or (request.client_id, request.client_secret)
        application = self._load_application(client_id, request)
        return (
            application is not None
            and bool(secret)
            and ClientSecret.objects.filter(
                application=application, digest=digest(secret), expires_at__gt=self.now
            ).exists()
        )

    def _basic(self, request: Any) -> tuple[str, str] | None:
        encoded = self._extract_basic_auth(request)
        if not encoded:
            return None
        try:
            client_id, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, ValueError):
            return "", ""
        return unquote_plus(client_id), unquote_plus(secret)

    def validate_grant_type(
        self, client_id: str, grant_type: str, client: Any, request: Any, *_: Any, **__: Any
    ) -> bool:
        """True where the registration allows the grant."""
        application: Application = request.client
        return {
            "authorization_code": bool(application.redirect_uris),
            "refresh_token": True,
            "client_credentials": application.is_confidential,
            DEVICE_CODE: application.allows_device_code,
        }.get(grant_type, False)

    def validate_response_type(
        self, client_id: str, response_type: str, client: Any, request: Any, *_: Any, **__: Any
    ) -> bool:
        """True for the authorization code, nothing else (RFC 9700 §2.1.2)."""
        return response_type == "code"

    def validate_redirect_uri(self, client_id: str, redirect_uri: str, request: Any, *_: Any, **__: Any) -> bool:
        """True for exactly what was registered."""
        return rules.is_registered(redirect_uri, request.client.redirect_uris.split())

    # Permissions

    def get_default_scopes(self, client_id: str, request: Any, *args: Any, **kwargs: Any) -> list[str]:
        """Return what a client gets that names nothing."""
        return [DEFAULT]

    def validate_scopes(
        self, client_id: str, scopes: Sequence[str], client: Any, request: Any, *_: Any, **__: Any
    ) -> bool:
        """Turn what a client named into our permissions; False where one is unknown."""
        asked = asked_for(scopes, resources())
        if asked is None:
            return False
        if request.grant_type == "client_credentials":
            return self._take_given(asked, request)
        permissions = {Permission(one) for one in asked - {DEFAULT}}
        if DEFAULT in asked:
            permissions |= delegated_of(request.client)
        request.scopes = written(permissions).split()
        return bool(permissions)

    def _take_given(self, asked: frozenset[Permission | str], request: Any) -> bool:
        if asked != {DEFAULT}:
            return False
        given = given_to(request.client, PermissionKind.APPLICATION)
        if not given:
            raise errors.InvalidScopeError(
                description="No administrator has given this application permissions of its own.", request=request
            )
        request.scopes = written(given).split()
        return True

    # Authorization codes

    def save_authorization_code(self, client_id: str, code: dict[str, str], request: Any, *_: Any, **__: Any) -> None:
        """Keep the digest of a code, bound to client, address, challenge and sign-in."""
        if self.session is None:
            raise errors.AccessDeniedError(request=request)
        actions.keep_code(
            code=code["code"],
            application=request.client,
            session=self.session,
            redirect_uri=request.redirect_uri,
            permissions=parse(" ".join(request.scopes)),
            challenge=request.code_challenge,
            nonce=request.nonce or "",
        )

    def validate_code(self, client_id: str, code: str, client: Any, request: Any, *_: Any, **__: Any) -> bool:
        """Claim a code. A second use ends whatever came of the first (criterion E02)."""
        grant = (
            Grant.objects.select_related("family", "session__user", "session__tenant")
            .filter(code=digest(code), application=request.client)
            .first()
        )
        if grant is None:
            return False
        if not Grant.objects.filter(pk=grant.pk, used_at__isnull=True).update(used_at=self.now):
            actions.end_family(self.actor, family=grant.family, application=request.client, reason="code_replayed")
            return False
        if grant.expires <= self.now or standing_problem(grant.family, request.client, grant.session, now=self.now):
            return False
        request.grant, request.family, request.session = grant, grant.family, grant.session
        request.user, request.nonce, request.scopes = grant.session.user, grant.nonce, grant.scope.split()
        return True

    def get_code_challenge(self, code: str, request: Any) -> str:
        """Return the challenge a code was given for."""
        return str(request.grant.code_challenge)

    def get_code_challenge_method(self, code: str, request: Any) -> str:
        """Return how the challenge was made: S256, always."""
        return str(request.grant.code_challenge_method)

    def confirm_redirect_uri(
        self, client_id: str, code: str, redirect_uri: str, client: Any, request: Any, *_: Any, **__: Any
    ) -> bool:
        """True for the very address the code was sent to."""
        return bool(redirect_uri == request.grant.redirect_uri)

    def invalidate_authorization_code(self, client_id: str, code: str, request: Any, *_: Any, **__: Any) -> None:
        """Do nothing: the code was claimed before anything was made of it."""

    # Refresh tokens

    def validate_refresh_token(self, refresh_token: str, client: Any, request: Any, *args: Any, **kwargs: Any) -> bool:
        """Claim a refresh token. A second use ends its family, one in parallel too (criterion E03)."""
        kept = (
            RefreshToken.objects.select_related("family", "session__user", "session__tenant")
            .filter(token_checksum=digest(refresh_token), application=request.client)
            .first()
        )
        if kept is None:
            return False
        granted = parse(kept.scope)
        if request.scope and not self._stays_within(granted, request):
            raise errors.InvalidScopeError(request=request)
        if not RefreshToken.objects.filter(pk=kept.pk, revoked__isnull=True).update(revoked=self.now):
            actions.end_family(
                self.actor, family=kept.family, application=request.client, reason="refresh_token_replayed"
            )
            return False
        if standing_problem(kept.family, request.client, kept.session, now=self.now):
            return False
        request.family, request.session, request.user, request.granted = (
            kept.family,
            kept.session,
            kept.session.user,
            granted,
        )
        return True

    def _stays_within(self, granted: frozenset[Any], request: Any) -> bool:
        """Turn the wish of a refresh into permissions it already has; True where it stays within them."""
        asked = asked_for(request.scope.split(), resources())
        if asked is None:
            return False
        named = {Permission(one) for one in asked - {DEFAULT}}
        request.scope = written(granted if DEFAULT in asked else named | (granted & OPENID))
        return named <= granted

    def get_original_scopes(self, refresh_token: str, request: Any, *args: Any, **kwargs: Any) -> list[str]:
        """Return what the family was given."""
        return written(request.granted).split()

    # Device codes

    def validate_device_code(self, client_id: str, device_code: str, request: Any) -> str | None:
        """Say how a device's grant stands, and claim it where its person has agreed."""
        grant, status = actions.poll(self.actor, device_code=device_code, application=request.client)
        if status == DeviceCodeGrant.DEVICE_CODE_AUTHORIZED and grant is not None and grant.session is not None:
            request.family, request.session = grant.family, grant.session
            request.user, request.scopes = grant.session.user, grant.scope.split()
        return status

    # Tokens

    def save_bearer_token(self, token: dict[str, Any], request: Any, *args: Any, **kwargs: Any) -> None:
        """Do nothing: a token is kept where it is made (oidc.tokens)."""

    def revoke_token(self, token: str, token_type_hint: str, request: Any, *args: Any, **kwargs: Any) -> None:
        """End whatever came of the consent a token belongs to, if the token is this client's (RFC 7009 §2.1)."""
        found: AccessToken | RefreshToken | None = None
        for kind in (RefreshToken, AccessToken):
            of_client = kind.objects.select_related("family").filter(application=request.client)
            found = found or of_client.filter(token_checksum=digest(token)).first()
        if found is not None:
            actions.end_family(
                self.actor,
                family=found.family,
                application=request.client,
                reason="revoked_by_application",
                outcome=Outcome.SUCCESS,
            )
