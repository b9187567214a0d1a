"""Every operation of the API with addresses of real things, for tests that go through all of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from graph.enums import Version
from graph.urls import APIS

BODIES: Mapping[str, object] = {
    "create_user": {"displayName": "New", "userPrincipalName": "new@contoso.com", "accountEnabled": True},
    "update_user": {"displayName": "Other"},
    "create_group": {"displayName": "New"},
    "update_group": {"displayName": "Other"},
    "add_member": {"@odata.id": "https://graph.example/v1.0/directoryObjects/{user_id}"},
    "create_role_assignment": {
        "principalId": "{user_id}",
        "roleDefinitionId": "f2ef992c-3afb-46b9-b7cf-a126ee74c451",
        "directoryScopeId": "/",
    },
    "create_fido2_method": {
        "displayName": "Key",
        "publicKeyCredential": {"id": "AA", "response": {"clientDataJSON": "e30", "attestationObject": "AA"}},
    },
    "batch": {"requests": [{"id": "1", "method": "GET", "url": "/users"}]},
}


@dataclass(frozen=True)
class Operation:
    """One operation."""

    name: str
    method: str
    path: str

    @property
    def parameters(self) -> list[str]:
        return [part[1:-1] for part in self.path.split("/") if part.startswith("{")]

    def address(self, ids: Mapping[str, str]) -> str:
        return self.path.format(**ids)

    def body(self, ids: Mapping[str, str]) -> object:
        if self.method in ("GET", "DELETE"):
            return None
        return _filled(BODIES.get(self.name, {}), ids)


def operations() -> list[Operation]:
    """Return every operation of v1.0."""
    return [
        Operation(operation.view_func.__name__, method, path)
        for router in APIS[Version.V1]._get_bound_routers()
        for path, view in router.path_operations.items()
        for operation in view.operations
        for method in operation.methods
    ]


def absent_ids() -> dict[str, str]:
    """Return an id of nothing for every parameter there is."""
    names = {name for one in operations() for name in one.parameters}
    return {name: str(uuid4()) for name in names} | {"role_id": str(uuid4()), "domain_id": "nowhere.example"}


def _filled(body: Any, ids: Mapping[str, str]) -> Any:
    if isinstance(body, dict):
        return {name: _filled(value, ids) for name, value in body.items()}
    if isinstance(body, list):
        return [_filled(value, ids) for value in body]
    return body.format(**ids) if isinstance(body, str) else body
