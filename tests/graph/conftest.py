"""A client of the API for anybody, with any permissions."""

from collections.abc import Iterable
from typing import Any, Protocol
from urllib.parse import quote

import pytest
from django.test import Client

from accounts.enums import MethodKind
from accounts.models import Tenant, User
from oidc.enums import Permission
from tests.oidc.conftest import TokenOf, token_of

__all__ = ["token_of"]

V1 = "/graph/v1.0"
ALL = frozenset(Permission)


class Api:
    """Sends what a client of the API sends, with one token."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.client = Client(raise_request_exception=False)

    def __call__(self, method: str, path: str, body: object = None, **headers: str) -> Any:
        """Send a request; ``path`` below the version, as it would be written in an address."""
        sent = {"Authorization": f"Bearer {self.token}"} | {
            name.replace("_", "-"): one for name, one in headers.items()
        }
        address = path if path.startswith("/graph") else f"{V1}{path}"
        extra: dict[str, Any] = {} if body is None else {"data": body, "content_type": "application/json"}
        return self.client.generic(method, quote(address, safe="/?&=$%'(),:@#*+\"!"), headers=sent, **_bytes(extra))

    def get(self, path: str, **headers: str) -> Any:
        return self("GET", path, **headers)

    def post(self, path: str, body: object = None, **headers: str) -> Any:
        return self("POST", path, {} if body is None else body, **headers)

    def patch(self, path: str, body: object) -> Any:
        return self("PATCH", path, body)

    def delete(self, path: str) -> Any:
        return self("DELETE", path)


class ApiOf(Protocol):
    """``api(user)`` speaks for a person, ``api(tenant=…)`` for an application by itself."""

    def __call__(
        self,
        user: User | None = None,
        permissions: Iterable[Permission] = ALL,
        *,
        tenant: Tenant | None = None,
        method: MethodKind = MethodKind.FIDO2,
        **opening: Any,
    ) -> Api: ...


@pytest.fixture
def api(token_of: TokenOf) -> ApiOf:
    def make(user: User | None = None, permissions: Iterable[Permission] = ALL, **more: Any) -> Api:
        return Api(token_of(user, permissions, **more).text)

    return make


def _bytes(extra: dict[str, Any]) -> dict[str, Any]:
    import json

    if "data" in extra and not isinstance(extra["data"], bytes):
        extra["data"] = json.dumps(extra["data"]).encode()
    return extra
