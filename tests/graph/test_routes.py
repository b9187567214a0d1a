"""Every operation there is: closed to whoever has no token, no permission or no role, and to every other organisation."""

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from accounts.models import RoleAssignment
from audit.models import AuditEvent
from authmethods.models import Passkey
from core import clock
from graph.urls import APIS
from oidc.enums import Permission
from tap.actions import Issued
from tests.graph.conftest import ALL, ApiOf
from tests.graph.routes import Operation, absent_ids, operations

# What anybody may do with a token of his own: look at himself and at the organisation he belongs to, and send a batch,
# whose parts are judged one by one.
FOR_ONESELF = {"get_organization", "list_organizations", "batch"}
OPERATIONS = operations()


def is_for_oneself(operation: Operation) -> bool:
    return operation.path.startswith("/me") or operation.name in FOR_ONESELF


@pytest.fixture
def ids(world: SimpleNamespace, give_pass: Callable[..., Issued]) -> dict[str, str]:
    """Return an id of Contoso for every parameter of every path."""
    passkey = Passkey.objects.create(
        tenant=world.contoso,
        user=world.tapuser,
        credential_id=b"contoso",
        public_key=b"",
        sign_count=0,
        aaguid="00000000-0000-0000-0000-000000000000",
        is_backup_eligible=False,
        is_backed_up=False,
        name="Key",
        created_at=clock.now(),
    )
    issued = give_pass(world.tapuser).issued
    event = AuditEvent.objects.filter(tenant_id=world.contoso.id).latest("id")
    return {
        "user_id": str(world.tapuser.id),
        "group_id": str(world.groups["New hires"].id),
        "member_id": str(world.tapuser.id),
        "role_id": "f2ef992c-3afb-46b9-b7cf-a126ee74c451",
        "assignment_id": str(RoleAssignment.objects.filter(tenant=world.contoso)[0].id),
        "organization_id": str(world.contoso.id),
        "domain_id": "contoso.com",
        "pass_id": str(issued.id),
        "method_id": str(issued.id),
        "key_id": str(passkey.id),
        "event_id": str(event.pk),
    }


def test_every_parameter_is_known(ids: dict[str, str]) -> None:
    assert {name for one in OPERATIONS for name in one.parameters} <= ids.keys()


def test_nothing_is_open(world: SimpleNamespace, ids: dict[str, str], api: ApiOf) -> None:
    """E08: without a token 401, without a permission 403, without a role 403, each in Graph's words."""
    nobody, bare, member = Client(), api(world.grace, []), api(world.mia)
    alone = api(tenant=world.contoso, permissions=[])
    for one in OPERATIONS:
        address, body = one.address(ids), one.body(ids)
        unknown = nobody.generic(one.method, f"/graph/v1.0{address}", json.dumps(body), content_type="application/json")
        assert unknown.status_code == 401, one
        assert unknown.headers["WWW-Authenticate"].startswith("Bearer"), one
        assert "error" in unknown.json(), one
        for client in (bare, alone):
            assert client(one.method, address, body).status_code == 403, one
        if not is_for_oneself(one):
            refused = member(one.method, address, body)
            assert refused.status_code == 403, (one, refused.content)
            assert refused.json()["error"]["code"] in {"accessDenied", "Authorization_RequestDenied"}, one


def test_a_permission_alone_opens_its_own_operations_only(
    world: SimpleNamespace, ids: dict[str, str], api: ApiOf
) -> None:
    """E08: what User.Read.All and an application's own permissions do not name stays closed, whatever the roles."""
    person, program = (
        api(world.grace, [Permission.USER_READ_ALL]),
        api(tenant=world.contoso, permissions=[Permission.USER_READ_ALL]),
    )
    opened = {"list_users", "count_users", "get_user", "get_me", "list_organizations", "get_organization", "batch"}
    for one in OPERATIONS:
        if one.name not in opened:
            assert person(one.method, one.address(ids), one.body(ids)).status_code == 403, one
            assert program(one.method, one.address(ids), one.body(ids)).status_code == 403, one


def test_another_organisation_finds_nothing(world: SimpleNamespace, ids: dict[str, str], api: ApiOf) -> None:
    """E09: each id of Contoso, with every credential of Fabrikam, is answered as one that never was."""
    absent = absent_ids()
    clients = [api(world.zed), api(tenant=world.fabrikam, permissions=ALL - {Permission.USER_READ})]
    for one in OPERATIONS:
        if not one.parameters or one.parameters == ["role_id"]:
            continue  # roles are the same everywhere; who holds them is asked below
        for client in clients:
            foreign = client(one.method, one.address(ids), one.body(ids))
            nothing = client(one.method, one.address(absent), one.body(absent))
            assert foreign.status_code in ({400, 404} if one.path.startswith("/me") else {404}), (one, foreign.content)
            assert told(foreign, ids) == told(nothing, absent), one


def test_no_list_shows_another_organisation(world: SimpleNamespace, ids: dict[str, str], api: ApiOf) -> None:
    """E09: nothing of Contoso stands in any list, count, search or expansion that Fabrikam can ask for."""
    zed = api(world.zed)
    ours = [str(world.contoso.id), "contoso.com", *(one for one in ids.values() if len(one) == len(ids["user_id"]))]
    for one in OPERATIONS:
        if one.method == "GET" and (not one.parameters or one.parameters == ["role_id"]):
            answer = zed.get(one.address(ids))
            assert not any(word in answer.content.decode() for word in ours if word != ids["role_id"]), one
    for query in (
        "/users?$filter=id eq '{user_id}'",
        "/users?$filter=startswith(userPrincipalName,'tapuser')",
        '/users?$search="displayName:tap user"',
        "/users?$filter=mail eq 'tapuser@contoso.com'",
        "/groups?$filter=id eq '{group_id}'",
        "/roleManagement/directory/roleAssignments?$filter=principalId eq '{user_id}'&$expand=principal",
    ):
        assert zed.get(query.format(**ids)).json()["value"] == [], query
    assert zed.get("/users/$count").content == b"2"


def test_every_operation_has_a_need() -> None:
    """E08: an operation that nobody gave a need cannot exist."""
    for api in APIS.values():
        for router in api._get_bound_routers():
            for view in router.path_operations.values():
                assert all(one.auth_callbacks[0].need.any_of for one in view.operations)  # type: ignore[attr-defined]


def told(answer: Any, ids: dict[str, str]) -> tuple[int, Any]:
    """Return what an answer says, whoever is asked about and whenever."""
    text = answer.content.decode()
    for name, one in ids.items():
        text = text.replace(one, name)
    said = json.loads(text)["error"] if text else {}
    return answer.status_code, {name: one for name, one in said.items() if name != "innerError"}
