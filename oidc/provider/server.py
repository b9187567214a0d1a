"""The OAuth server of one request: code, refresh, client credentials and device code, and nothing else."""

from typing import Any

from django.http import HttpRequest
from django.utils.encoding import escape_uri_path
from oauth2_provider.exceptions import FatalClientError, OAuthToolkitError
from oauth2_provider.oauth2_backends import OAuthLibCore
from oauthlib import oauth2
from oauthlib.common import Request as OAuthRequest
from oauthlib.common import add_params_to_uri
from oauthlib.oauth2.rfc6749 import errors
from oauthlib.oauth2.rfc6749.endpoints import AuthorizationEndpoint, RevocationEndpoint, TokenEndpoint
from oauthlib.oauth2.rfc6749.grant_types import AuthorizationCodeGrant, ClientCredentialsGrant, RefreshTokenGrant
from oauthlib.oauth2.rfc6749.grant_types.authorization_code import code_challenge_method_s256
from oauthlib.oauth2.rfc6749.tokens import BearerToken
from oauthlib.oauth2.rfc8628.grant_types import DeviceCodeGrant

from accounts.models import Tenant
from accounts.requests import Request
from oidc import actions, rules
from oidc.provider.validator import DEVICE_CODE, Validator
from oidc.scopes import parse
from oidc.tokens import issuer_of


class Code(AuthorizationCodeGrant):
    """The authorization code with PKCE S256, always."""

    _code_challenge_methods = {"S256": code_challenge_method_s256}


class Tokens(BearerToken):
    """Makes the tokens an answer holds."""

    def create_token(self, request: Any, refresh_token: bool = False, **kwargs: Any) -> dict[str, Any]:
        """Return the token response."""
        return actions.issue(
            self.request_validator.actor,
            application=request.client,
            session=getattr(request, "session", None),
            family=getattr(request, "family", None),
            permissions=parse(" ".join(request.scopes)),
            granted=getattr(request, "granted", None),
            nonce=request.nonce or "",
            with_client_info=getattr(request, "client_info", None) == "1",
        )


class Server(AuthorizationEndpoint, TokenEndpoint, RevocationEndpoint):
    """The endpoints oauthlib checks requests for."""

    def __init__(self, validator: Validator) -> None:
        tokens = Tokens(validator)
        code = Code(validator, pre_auth=[_check_request])
        self.device = DeviceCodeGrant(validator)
        AuthorizationEndpoint.__init__(
            self, default_response_type="code", response_types={"code": code}, default_token_type=tokens
        )
        TokenEndpoint.__init__(
            self,
            default_grant_type="authorization_code",
            grant_types={
                "authorization_code": code,
                "refresh_token": RefreshTokenGrant(validator),
                "client_credentials": ClientCredentialsGrant(validator),
                DEVICE_CODE: self.device,
            },
            default_token_type=tokens,
        )
        RevocationEndpoint.__init__(self, validator)


class Provider(OAuthLibCore):
    """The toolkit's bridge between Django and oauthlib, for one request in one tenant (None: in any)."""

    def __init__(self, tenant: Tenant | None, request: Request) -> None:
        self.validator = Validator(tenant, request.actor, request.signin)
        super().__init__(Server(self.validator))

    def _get_escaped_full_path(self, request: HttpRequest) -> str:
        """Return the request's address as Django read it: oauthlib gives up on a query that is not well encoded."""
        return f"{escape_uri_path(request.path)}?{request.GET.urlencode()}"

    def answer(self, request: Request, credentials: dict[str, Any]) -> str:
        """Return the address with a fresh code that the browser goes to. Raises the toolkit's two errors."""
        uri, method, _body, headers = self._extract_params(request)
        application = credentials["request"].client
        try:
            sent, _, _ = self.server.create_authorization_response(
                uri=uri, http_method=method, headers=headers, credentials={"user": request.user}
            )
        except oauth2.FatalClientError as error:
            raise FatalClientError(error=error) from error
        return with_issuer(sent["Location"], application.tenant_id)

    def device_request(self, request: Request) -> Any:
        """Return oauthlib's view of a device's request once it is sound. Raises OAuth2Error."""
        seen = OAuthRequest(*self._extract_params(request))
        seen.scopes = (seen.scope or "").split()
        self.server.device.validate_device_authorization_request(seen)
        if not seen.client.allows_device_code:
            raise errors.UnauthorizedClientError(request=seen)
        return seen


def error_uri(error: OAuthToolkitError, provider: Provider) -> str:
    """Return the address that tells a client what was wrong with its request."""
    said = error.oauthlib_error
    application = provider.validator.application
    told = str(add_params_to_uri(said.redirect_uri, said.twotuples))
    return with_issuer(told, application.tenant_id) if application else told


def unsound(credentials: dict[str, Any], why: str) -> OAuthToolkitError:
    """Return the toolkit's error for something it does not look at itself."""
    return OAuthToolkitError(errors.InvalidRequestError(description=why, request=credentials["request"]))


def refusal_uri(credentials: dict[str, Any], error: str, description: str = "") -> str:
    """Return the address that tells a client of our own decision against its request."""
    told = [("error", error)]
    if description:
        told.append(("error_description", description))
    if credentials.get("state"):
        told.append(("state", credentials["state"]))
    tenant_id = credentials["request"].client.tenant_id
    return with_issuer(add_params_to_uri(credentials["redirect_uri"], told), tenant_id)


def with_issuer(uri: str, tenant_id: Any) -> str:
    """Add who answers (RFC 9207)."""
    return str(add_params_to_uri(uri, [("iss", issuer_of(tenant_id))]))


def _check_request(request: Any) -> dict[str, Any]:
    parameters = {name: str(value) for name, value in request.uri_query_params}
    problem = rules.request_problem(parameters)
    if problem:
        raise errors.InvalidRequestError(description=problem, request=request)
    return {}
