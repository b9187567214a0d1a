"""What an application does, step by step, with plain requests."""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from django.http import HttpResponse
from django.test import Client

from accounts.models import Tenant
from core import clock
from core.secrets import digest, make_token
from oidc.enums import Permission, PermissionKind
from oidc.models import Application, ApplicationPermission, ClientSecret

REDIRECT = "https://app.example.com/callback"


def application_of(
    tenant: Tenant, *, secret: str = "", given: tuple[Permission, ...] = (), **fields: Any
) -> Application:
    """Register an application, with a secret if one is named, and permissions given for everybody."""
    kind = "confidential" if secret else "public"
    defaults = {"name": "Payroll", "client_type": kind, "redirect_uris": REDIRECT, "allows_device_code": True}
    application = Application.objects.create(tenant=tenant, **defaults | fields)
    if secret:
        end = clock.now().replace(year=clock.now().year + 1)
        ClientSecret.objects.create(
            application=application, digest=digest(secret), hint=secret[:3], created_at=clock.now(), expires_at=end
        )
    for one in given:
        for side in PermissionKind:
            ApplicationPermission.objects.create(application=application, kind=side, name=one, consented_at=clock.now())
    return application


@dataclass
class App:
    """An application that talks to the provider: it keeps its verifier and what it got."""

    registration: Application
    secret: str = ""
    tenant: str = ""
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    browser: Client = field(default_factory=Client)

    @property
    def base(self) -> str:
        return f"/{self.tenant or self.registration.tenant_id}/oauth2/v2.0"

    @property
    def challenge(self) -> str:
        made = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(made).rstrip(b"=").decode()

    def request(self, **words: str | None) -> str:
        """Return the address it sends a browser to; a word of None is left out."""
        defaults = {
            "client_id": self.registration.client_id,
            "response_type": "code",
            "redirect_uri": REDIRECT,
            "scope": "openid profile offline_access User.Read",
            "state": "s-1",
            "nonce": "n-1",
            "code_challenge": self.challenge,
            "code_challenge_method": "S256",
        }
        said = {name: value for name, value in (defaults | words).items() if value is not None}
        return f"{self.base}/authorize?{urlencode(said)}"

    def authorize(self, **words: str | None) -> HttpResponse:
        return self.browser.get(self.request(**words))  # type: ignore[return-value]

    def code(self, **words: str | None) -> str:
        """Return the code after agreeing to everything."""
        answer = self.authorize(**words)
        if answer.status_code == 200 and b"oauth2/v2.0/consent" in answer.content:
            agreed = self.browser.post(answer.context["action"], {"answer": "agree"})  # type: ignore[attr-defined]
            answer = self.browser.get(agreed["Location"])  # type: ignore[assignment]
        return told(answer)["code"]

    def token(self, **form: str) -> Any:
        """Ask the token endpoint and return its answer with its status."""
        own = {"client_id": self.registration.client_id} | ({"client_secret": self.secret} if self.secret else {})
        answer = post_form(f"{self.base}/token", own | form)
        return json.loads(answer.content) | {"status": answer.status_code}

    def redeem(self, code: str, **form: str) -> Any:
        words = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT}
        return self.token(**words | {"code_verifier": self.verifier} | form)

    def refresh(self, token: str, **form: str) -> Any:
        return self.token(**{"grant_type": "refresh_token", "refresh_token": token} | form)

    def poll(self, device_code: str) -> Any:
        return self.token(grant_type="urn:ietf:params:oauth:grant-type:device_code", device_code=device_code)

    def start_device(self, scope: str = "openid offline_access User.Read") -> Any:
        answer = post_form(f"{self.base}/devicecode", {"client_id": self.registration.client_id, "scope": scope})
        return json.loads(answer.content) | {"status": answer.status_code}


def told(answer: Any) -> dict[str, str]:
    """Return what the provider told the application through the browser."""
    assert answer.status_code == 303, (answer.status_code, answer.content[:2000])
    return {name: values[0] for name, values in parse_qs(urlsplit(answer["Location"]).query).items()}


def post_form(path: str, form: dict[str, str], **headers: str) -> Any:
    """Send a form the way programs do."""
    return Client().post(path, urlencode(form), "application/x-www-form-urlencoded", headers=headers)


def new_secret() -> str:
    return make_token()
