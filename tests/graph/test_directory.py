"""Users, groups, roles and the organisation over the API."""

from types import SimpleNamespace
from typing import Any

import pytest

from accounts.models import Group, GroupMember, RoleAssignment, User
from audit.enums import Event
from audit.models import AuditEvent
from oidc.enums import Permission
from tests.graph.conftest import Api, ApiOf
from tests.graph.test_passes import error, listed

READER = "f2ef992c-3afb-46b9-b7cf-a126ee74c451"
ASSIGNMENTS = "/roleManagement/directory/roleAssignments"


def names(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [one["userPrincipalName"].split("@")[0] for one in answer.json()["value"]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("$filter=userPrincipalName eq 'MIA@contoso.com'", ["mia"]),
        ("$filter=startswith(displayName,'ma')", ["user3"]),
        ("filter=startsWith(displayName,'Ma')", ["user3"]),
        ("%24filter=displayName eq 'rosa marin'", ["rosa"]),
        ("$filter=accountEnabled eq true and startswith(userPrincipalName,'u')", ["user2", "user3"]),
        ("$filter=accountEnabled ne true", []),
        ("$filter=userType eq 'Guest'", ["gil", "vera_fabrikam.com#EXT#"]),
        ("$filter=startswith(displayName,'Grace') or startswith(userPrincipalName,'g')", ["grace", "gil"]),
        ("$filter=mail eq 'MIA@contoso.com'", ["mia"]),
        ("$filter=mail eq 'mia'", []),
        ("$filter=userPrincipalName in ('mia@contoso.com','zed@fabrikam.com','gil@contoso.com')", ["gil", "mia"]),
        ('$search="displayName:weber"', ["user2"]),
        ('$search="userPrincipalName:weber"', []),
        ("$orderby=userPrincipalName desc&$top=2", ["vera_fabrikam.com#EXT#", "user3"]),
        ("$orderby=displayName&$top=1", ["amir"]),
    ],
)
def test_people_are_found(world: SimpleNamespace, api: ApiOf, query: str, found: list[str]) -> None:
    assert names(api(world.grace).get(f"/users?{query}")) == found


@pytest.mark.parametrize(
    "query",
    [
        "",
        "$orderby=userPrincipalName desc&",
        "$filter=startswith(displayName,'m') or userType eq 'Guest' or accountEnabled eq true&",
    ],
)
def test_every_page_once(world: SimpleNamespace, api: ApiOf, query: str) -> None:
    everybody = listed(api(world.grace), f"/users?{query}$top=2&$select=id")
    assert len(everybody) == User.objects.filter(tenant=world.contoso).count()
    assert len({one["id"] for one in everybody}) == len(everybody)


def test_next_links_are_whole_and_bound_to_their_query(world: SimpleNamespace, api: ApiOf) -> None:
    grace, zed = api(world.grace), api(world.zed)
    link = grace.get("/users?$top=2&$select=id,displayName&$filter=accountEnabled eq true").json()["@odata.nextLink"]
    assert link.startswith("http://localhost:8000/graph/v1.0/users?")
    assert "$select=id,displayName" in link
    path = link.removeprefix("http://localhost:8000")
    second = grace.get(path).json()["value"]
    assert {*second[0]} == {"@odata.type", "id", "displayName"}
    assert error(zed.get(path))[:2] == (400, "BadRequest"), "another organisation's"
    token = path.partition("$skiptoken=")[2]
    assert error(grace.get(f"/groups?$skiptoken={token}"))[:2] == (400, "BadRequest"), "another list's"
    assert error(grace.get(f"/users?$skiptoken={token}"))[:2] == (400, "BadRequest"), "another query's"


def test_counts(world: SimpleNamespace, api: ApiOf, monkeypatch: pytest.MonkeyPatch) -> None:
    grace = api(world.grace)
    assert grace.get("/users?$count=true&$top=1").json()["@odata.count"] == 15
    assert grace.get("/users/$count?$filter=userType eq 'Guest'").content == b"2"
    monkeypatch.setattr("graph.queries.COUNTED_AT_MOST", 5)
    assert "@odata.count" not in grace.get("/users?$count=true&$top=1").json()
    assert error(grace.get("/users/$count"))[:2] == (400, "Request_UnsupportedQuery")


def test_guests_are_told_apart_by_their_identities(world: SimpleNamespace, api: ApiOf) -> None:
    chosen = "?$select=userType,identities,creationType,accountEnabled"
    internal = api(world.grace).get(f"/users/{world.gil.id}{chosen}").json()
    external = api(world.grace).get(f"/users/{world.vera_external.id}{chosen}").json()
    assert (internal["userType"], external["userType"]) == ("Guest", "Guest")
    assert internal["identities"][0]["signInType"] == "userPrincipalName"
    assert external["identities"][0] | {"issuerAssignedId": ""} == {
        "signInType": "federated",
        "issuer": "ExternalAzureAD",
        "issuerAssignedId": "",
    }


def test_basic_reading_shows_names_only(world: SimpleNamespace, api: ApiOf) -> None:
    """E10: what a token may read is a list of properties too."""
    basic = api(world.grace, [Permission.USER_READ_BASIC_ALL])
    person = basic.get(f"/users/{world.mia.id}")
    assert "accountEnabled" not in person.json()
    assert basic.get("/users?$select=accountEnabled").status_code == 400
    assert basic.get("/users?$filter=accountEnabled eq false").status_code == 400


def test_a_person_is_made_changed_and_deleted(world: SimpleNamespace, api: ApiOf) -> None:
    grace = api(world.grace)
    made = grace.post(
        "/users",
        {
            "displayName": "Ada North",
            "userPrincipalName": "ada@contoso.com",
            "mailNickname": "ada",
            "accountEnabled": True,
        },
    )
    assert made.status_code == 201
    path = f"/users/{made.json()['id']}"
    assert (
        grace.patch(path, {"displayName": "Ada South", "accountEnabled": False, "mail": "ada@mail.example"}).status_code
        == 204
    )
    changed = grace.get(f"{path}?$select=displayName,accountEnabled,mail,userPrincipalName").json()
    assert (changed["displayName"], changed["accountEnabled"], changed["mail"]) == (
        "Ada South",
        False,
        "ada@mail.example",
    )
    assert grace.patch(path, {"mail": None}).status_code == 204
    assert grace.get(path).json()["mail"] is None
    assert grace.delete(path).status_code == 204
    assert grace.get(path).status_code == 404
    assert "ada" not in names(grace.get("/users?$top=999"))


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"displayName": "Ada"},
        {"displayName": "Ada", "userPrincipalName": "ada@fabrikam.com"},
        {"displayName": "Ada", "userPrincipalName": "mia@contoso.com"},
        {"displayName": "Ada", "userPrincipalName": "ada@contoso.com", "is_support_staff": True},
        {"displayName": "Ada", "userPrincipalName": "ada@contoso.com", "password": "pbkdf2"},
        {
            "displayName": "Ada",
            "userPrincipalName": "ada@contoso.com",
            "tenantId": "00000000-0000-0000-0000-000000000001",
        },
        {
            "displayName": "Ada",
            "userPrincipalName": "ada@contoso.com",
            "passwordProfile": {"password": "Chosen-by-admin-1"},
        },
        {"displayName": "Ada", "userPrincipalName": "ada@contoso.com", "userType": "Boss"},
    ],
)
def test_people_who_cannot_be_are_refused(world: SimpleNamespace, api: ApiOf, body: object) -> None:
    """E10: no property but those of the list is taken, whatever our tables call theirs."""
    assert error(api(world.grace).post("/users", body))[:2] == (400, "Request_BadRequest")
    assert not User.objects.filter(display_name="Ada").exists()


def test_permission_and_role_are_both_needed_to_change_people(world: SimpleNamespace, api: ApiOf) -> None:
    path = f"/users/{world.mia.id}"
    assert api(world.grace, [Permission.USER_READ_ALL]).patch(path, {"displayName": "X"}).status_code == 403
    assert api(world.rosa).patch(path, {"displayName": "X"}).status_code == 403
    program = api(tenant=world.contoso, permissions=[Permission.USER_READ_WRITE_ALL])
    assert program.patch(path, {"accountEnabled": False}).status_code == 204
    assert program.delete(f"/users/{world.priya.id}").status_code == 403, "an administrator needs more"
    assert api(world.grace).delete(f"/users/{world.grace.id}").status_code == 403, "nobody deletes himself"


def test_groups_and_their_members(world: SimpleNamespace, api: ApiOf) -> None:
    grace = api(world.grace)
    made = grace.post(
        "/groups", {"displayName": "Night shift", "mailEnabled": False, "mailNickname": "n", "securityEnabled": True}
    )
    assert made.status_code == 201
    path = f"/groups/{made.json()['id']}"
    for one in (
        f"directoryObjects/{world.mia.id}",
        f"https://graph.microsoft.com/v1.0/users/{world.gil.id}",
        f"x/groups/{world.groups['New hires'].id}",
    ):
        assert grace.post(f"{path}/members/$ref", {"@odata.id": one}).status_code == 204
    assert grace.post(f"{path}/members/$ref", {"@odata.id": f"directoryObjects/{world.mia.id}"}).status_code == 409
    assert grace.post(f"{path}/members/$ref", {"@odata.id": "javascript:alert(1)"}).status_code == 400
    assert grace.post(f"{path}/members/$ref", {"@odata.id": f"directoryObjects/{world.zed.id}"}).status_code == 404
    direct = grace.get(f"{path}/members").json()["value"]
    assert [one["@odata.type"] for one in direct] == ["#microsoft.graph.user"] * 2 + ["#microsoft.graph.group"]
    everybody = listed(grace, f"{path}/transitiveMembers?$top=1")
    assert len(everybody) == len({one["id"] for one in everybody}) == 5
    assert made.json()["id"] in {
        one["id"] for one in listed(grace, f"/users/{world.tapuser.id}/transitiveMemberOf?$top=1")
    }
    assert made.json()["id"] not in {one["id"] for one in listed(grace, f"/users/{world.tapuser.id}/memberOf")}
    assert grace.delete(f"{path}/members/{world.mia.id}/$ref").status_code == 204
    assert grace.delete(f"{path}/members/{world.mia.id}/$ref").status_code == 404
    assert grace.patch(path, {"description": "Works at night"}).status_code == 204
    assert grace.get(path).json()["description"] == "Works at night"
    assert grace.delete(path).status_code == 204
    assert grace.get(path).status_code == 404


def test_many_nested_groups_hold_each_person_once(world: SimpleNamespace, api: ApiOf) -> None:
    top = world.groups["Everyone new"]
    for number in range(6):
        below = Group.objects.create(tenant=world.contoso, name=f"Team {number}", created_at=top.created_at)
        GroupMember.objects.create(group=top, child=below)
        GroupMember.objects.create(group=below, user=world.mia)
    seen = listed(api(world.grace), f"/groups/{top.id}/transitiveMembers?$top=3")
    assert len(seen) == len({one["id"] for one in seen}) == 5 + 8


def test_roles_are_given_and_taken(world: SimpleNamespace, api: ApiOf) -> None:
    grace = api(world.grace)
    body = {
        "@odata.type": "#microsoft.graph.unifiedRoleAssignment",
        "principalId": str(world.mia.id),
        "roleDefinitionId": READER,
        "directoryScopeId": "/",
    }
    made = grace.post(ASSIGNMENTS, body)
    assert made.status_code == 201
    assert grace.post(ASSIGNMENTS, body).status_code == 409
    assert grace.post(ASSIGNMENTS, body | {"directoryScopeId": "/administrativeUnits/1"}).status_code == 400
    assert grace.post(ASSIGNMENTS, body | {"principalId": str(world.zed.id)}).status_code == 404
    assert api(world.priya).post(ASSIGNMENTS, body).status_code == 403
    found = grace.get(f"{ASSIGNMENTS}?$filter=principalId eq '{world.mia.id}'&$expand=principal,roleDefinition").json()[
        "value"
    ]
    assert [
        (one["id"], one["principal"]["userPrincipalName"], one["roleDefinition"]["displayName"]) for one in found
    ] == [(made.json()["id"], "mia@contoso.com", "Global Reader")]
    assert "mia" in names(grace.get(f"/directoryRoles/{READER}/members"))
    assert grace.delete(f"{ASSIGNMENTS}/{made.json()['id']}").status_code == 204
    assert grace.get(f"{ASSIGNMENTS}/{made.json()['id']}").status_code == 404


def test_a_program_over_groups_gives_nobody_a_role(world: SimpleNamespace, api: ApiOf) -> None:
    """A group that gives a role is changed with the permission over roles, or anybody's program could make itself one."""
    group = world.groups["New hires"]
    RoleAssignment.objects.create(tenant=world.contoso, group=group, role=READER)
    program = api(
        tenant=world.contoso, permissions=[Permission.GROUP_READ_WRITE_ALL, Permission.GROUP_MEMBER_READ_WRITE_ALL]
    )
    answer = program.post(f"/groups/{group.id}/members/$ref", {"@odata.id": f"directoryObjects/{world.mia.id}"})
    assert error(answer)[:2] == (403, "Authorization_RequestDenied")
    assert AuditEvent.objects.filter(event=Event.ACCESS_DENIED, actor_id=None).exists()


def test_the_organisation(world: SimpleNamespace, api: ApiOf) -> None:
    mia: Api = api(world.mia, [Permission.USER_READ])
    (found,) = mia.get("/organization").json()["value"]
    assert (found["id"], found["verifiedDomains"][0]["name"]) == (str(world.contoso.id), "contoso.com")
    domains = api(world.grace).get("/domains?$filter=authenticationType eq 'federated'").json()["value"]
    assert [one["id"] for one in domains] == ["fed.contoso.com"]
    roles = (
        api(world.grace)
        .get("/roleManagement/directory/roleDefinitions?$filter=startswith(displayName,'auth')")
        .json()["value"]
    )
    assert {one["displayName"] for one in roles} == {
        "Authentication Administrator",
        "Authentication Policy Administrator",
    }
