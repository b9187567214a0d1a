"""The tables of the OpenID provider: all six of the toolkit's models swapped, and what stands beside them."""

from oidc.models.applications import Application, ApplicationPermission, ClientSecret, UserConsent
from oidc.models.keys import SigningKey
from oidc.models.tokens import AccessToken, DeviceGrant, Grant, IDToken, LogoutListener, RefreshToken, TokenFamily

__all__ = [
    "AccessToken",
    "Application",
    "ApplicationPermission",
    "ClientSecret",
    "DeviceGrant",
    "Grant",
    "IDToken",
    "LogoutListener",
    "RefreshToken",
    "SigningKey",
    "TokenFamily",
    "UserConsent",
]
