"""Telling applications that a sign-in is over (OpenID Connect Back-Channel Logout 1.0). The worker tries for a day."""

import uuid

import requests
from django_tasks import task

from core import clock
from oidc import jose
from oidc.models import Application
from oidc.tokens import issuer_of

EVENT = "http://schemas.openid.net/event/backchannel-logout"
LIFETIME = 120  # seconds
PATIENCE = 5  # seconds


@task
def tell_signed_out(application_id: str, session_id: str, user_id: str) -> None:
    """Post a logout token. The answer is not read beyond its status, and leads nowhere else. Raises on every failure."""
    application = Application.objects.filter(pk=application_id, is_enabled=True).exclude(logout_uri="").first()
    if application is None:
        return
    now = clock.now()
    claims = {
        "iss": issuer_of(application.tenant_id),
        "aud": application.client_id,
        "sub": user_id,
        "sid": session_id,
        "iat": int(now.timestamp()),
        "exp": int(now.timestamp()) + LIFETIME,
        "jti": str(uuid.uuid4()),
        "events": {EVENT: {}},
    }
    form = {"logout_token": jose.sign(claims, jose.LOGOUT_TOKEN, now=now)}
    answer = requests.post(application.logout_uri, data=form, timeout=PATIENCE, allow_redirects=False, stream=True)
    answer.close()
    if not answer.ok or answer.is_redirect:
        raise ConnectionError(f"the application answered {answer.status_code}")
