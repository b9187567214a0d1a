"""Passes over the API: made, read, replaced, deleted, and refused in the words that clients look for."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from accounts.authority import MATRIX
from accounts.enums import Act, MethodKind, RequiredStrength, Role, Standing
from accounts.models import RoleAssignment, SignInSession, User
from audit.enums import Event
from audit.models import AuditEvent
from core import clock
from core.errors import TooMany
from graph.errors import VERBATIM
from oidc.enums import Permission
from tap.actions import Issued
from tap.models import TapPolicy, TemporaryAccessPass
from tests.graph.conftest import Api, ApiOf

KIND = "#microsoft.graph.temporaryAccessPassAuthenticationMethod"


def passes_of(user: User) -> str:
    return f"/users/{user.id}/authentication/temporaryAccessPassMethods"


def error(answer: Any) -> tuple[int, str, str]:
    said = answer.json()["error"]
    return answer.status_code, said["code"], said["message"]


def change_policy(user: User, **settings: object) -> None:
    TapPolicy.objects.filter(tenant_id=user.tenant_id).update(**settings)


def test_the_code_stands_in_the_answer_that_makes_it_and_in_no_other(world: SimpleNamespace, api: ApiOf) -> None:
    """A02 over REST."""
    grace, path = api(world.grace), passes_of(world.tapuser)
    made = grace.post(path, {"@odata.type": KIND, "isUsableOnce": True, "lifetimeInMinutes": 90})
    assert made.status_code == 201
    body = made.json()
    code = body["temporaryAccessPass"]
    assert len(code) == 8
    assert body["@odata.type"] == KIND
    assert (body["isUsableOnce"], body["isUsable"], body["lifetimeInMinutes"]) == (True, True, 90)
    assert body["methodUsabilityReason"] == "EnabledByPolicy"
    later = [
        grace.get(path),
        grace.get(f"{path}/{body['id']}"),
        grace.get(f"/users/{world.tapuser.upn}/authentication/methods"),
        grace.get("/gatepass/temporaryAccessPasses"),
    ]
    for answer in later:
        assert answer.status_code == 200
        assert body["id"] in answer.content.decode()
        assert code not in answer.content.decode()
    assert later[0].json()["value"][0]["temporaryAccessPass"] is None
    assert later[2].json()["value"][0]["@odata.type"] == KIND


def test_what_is_left_out_comes_from_the_policy(world: SimpleNamespace, api: ApiOf) -> None:
    for body in ({}, {"@odata.type": KIND}, {"temporaryAccessPass": None, "id": None, "lifetimeInMinutes": None}):
        made = api(world.grace).post(passes_of(world.tapuser), body)
        assert made.status_code == 201, made.content
        assert (made.json()["lifetimeInMinutes"], made.json()["isUsableOnce"]) == (60, False)


def test_a_new_pass_takes_the_place_of_the_old_one(world: SimpleNamespace, api: ApiOf) -> None:
    grace, path = api(world.grace), passes_of(world.tapuser)
    old = grace.post(path).json()["id"]
    new = grace.post(path).json()["id"]
    assert old != new
    assert error(grace.get(f"{path}/{old}"))[:2] == (404, "resourceNotFound")
    assert [one["id"] for one in grace.get(path).json()["value"]] == [new]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("2030-06-05T00:00:00.000Z", "2030-06-05T00:00:00Z"),
        ("2030-06-05T02:00:00+02:00", "2030-06-05T00:00:00Z"),
        ("2030-06-05 00:00:00", "2030-06-05T00:00:00Z"),
        ("2030-06-05T00:00:00.1234567Z", "2030-06-05T00:00:00.123456Z"),
    ],
)
def test_times_are_read_as_clients_write_them(
    world: SimpleNamespace, api: ApiOf, monkeypatch: pytest.MonkeyPatch, sent: str, kept: str
) -> None:
    monkeypatch.setattr("tap.rules.FURTHEST_START", timedelta(days=5000))
    made = api(world.grace).post(passes_of(world.tapuser), {"startDateTime": sent})
    assert made.json()["startDateTime"] == kept
    assert (made.json()["isUsable"], made.json()["methodUsabilityReason"]) == (False, "NotYetValid")


def test_refusals_are_word_for_word(world: SimpleNamespace, api: ApiOf) -> None:
    grace, path = api(world.grace), passes_of(world.tapuser)
    bounds = "Invalid LifetimeInMinutes specified. The valid range between 60 and 480."
    for minutes in (9, 59, 481, -1, 10**30):
        assert error(grace.post(path, {"lifetimeInMinutes": minutes})) == (400, "badRequest", bounds)
    for spelled in ("vera_fabrikam.com%23EXT%23%40contoso.com", "VERA_fabrikam.com%23ext%23@contoso.com"):
        assert error(grace.post(f"/users/{spelled}/authentication/temporaryAccessPassMethods")) == (
            400,
            "badRequest",
            "Temporary Access Pass cannot be added to an external guest user.",
        )
    change_policy(world.tapuser, is_usable_once=True)
    assert error(grace.post(path, {"isUsableOnce": False})) == (
        400,
        "badRequest",
        "Invalid IsUsableOnce specified. Tenant Policy does not allow multiple use temporary access pass method.",
    )
    change_policy(world.tapuser, is_enabled=False)
    assert error(grace.post(path)) == (
        400,
        "badRequest",
        VERBATIM["method_off"],
    )
    assert "UserCredentialPolicy does not allow" in VERBATIM["method_off"], "what clients look for"
    nobody = "nobody@contoso.com"
    assert error(grace.post(f"/users/{nobody}/authentication/temporaryAccessPassMethods")) == (
        404,
        "Request_ResourceNotFound",
        f"Resource '{nobody}' does not exist or one of its queried reference-property objects are not present.",
    )


def test_a_pass_for_somebody_out_of_scope_is_made_and_says_so(world: SimpleNamespace, api: ApiOf) -> None:
    """Design §4: issuing out of scope is allowed; the pass is not usable."""
    made = api(world.priya).post(passes_of(world.breakglass))
    assert made.status_code == 201
    assert (made.json()["isUsable"], made.json()["methodUsabilityReason"]) == (False, "DisabledByPolicy")


def test_disabled_people_get_none(world: SimpleNamespace, api: ApiOf) -> None:
    """A08."""
    User.objects.filter(pk=world.mia.pk).update(is_enabled=False)
    assert error(api(world.grace).post(passes_of(world.mia)))[:2] == (400, "badRequest")


@pytest.mark.parametrize("role", list(Role))
def test_who_may_do_what_with_whose_pass(
    world: SimpleNamespace, api: ApiOf, give_pass: Callable[..., Issued], role: Role
) -> None:
    """A08, A09: every role on a member, an administrator and himself, over REST, as the one table says."""
    RoleAssignment.objects.filter(user=world.noor).delete()
    RoleAssignment.objects.create(tenant=world.contoso, user=world.noor, role=role)
    noor = api(world.noor)
    for target, standing in ((world.mia, Standing.MEMBER), (world.grace, Standing.ADMIN), (world.noor, Standing.SELF)):
        issued = give_pass(target).issued
        path = passes_of(target)
        may = {
            act: standing in MATRIX[role].get(act, frozenset())
            for act in (Act.PASS_VIEW, Act.PASS_ISSUE, Act.PASS_DELETE)
        }
        # Everybody may look at and delete what is his own.
        is_own = standing is Standing.SELF
        assert noor.get(f"{path}/{issued.id}").status_code == (200 if may[Act.PASS_VIEW] or is_own else 403)
        made = noor.post(path)
        assert made.status_code == (201 if may[Act.PASS_ISSUE] else 403), (role, standing)
        if not may[Act.PASS_ISSUE]:
            assert error(made) == (403, "accessDenied", "Request Authorization failed")
        last = TemporaryAccessPass.objects.open().get(user=target)
        assert noor.delete(f"{path}/{last.id}").status_code == (204 if may[Act.PASS_DELETE] or is_own else 403)
    assert noor.post("/me/authentication/temporaryAccessPassMethods").status_code == 403


def test_an_administrator_with_a_pass_issues_none(
    world: SimpleNamespace, api: ApiOf, give_pass: Callable[..., Issued]
) -> None:
    """A10: where a lasting method is asked for, a session made by a pass issues nothing, and an old one nothing either."""
    world.contoso.issuer_strength = RequiredStrength.LASTING_METHOD
    world.contoso.save()
    by_pass = api(world.grace, method=MethodKind.TEMPORARY_ACCESS_PASS, credential_id=give_pass(world.grace).issued.id)
    status, code, message = error(by_pass.post(passes_of(world.mia)))
    assert (status, code) == (403, "accessDenied")
    assert message.startswith("Request Authorization failed")
    assert by_pass.get(f"/users/{world.mia.id}").status_code == 200
    SignInSession.objects.update(authenticated_at=clock.now() - timedelta(hours=2))
    assert api(world.grace).post(passes_of(world.mia)).status_code == 201
    old = api(world.grace)
    SignInSession.objects.update(authenticated_at=clock.now() - timedelta(hours=2))
    assert error(old.post(passes_of(world.mia)))[:2] == (403, "accessDenied")


def test_an_application_by_itself_needs_no_role(world: SimpleNamespace, api: ApiOf) -> None:
    program = api(tenant=world.contoso, permissions=[Permission.PASSES_READ_WRITE_ALL])
    made = program.post(passes_of(world.grace))
    assert made.status_code == 201
    assert program.get(passes_of(world.grace)).status_code == 200
    assert program.get(f"/users/{world.grace.id}/authentication/methods").status_code == 403, "no list of other methods"
    assert program.get("/me/authentication/temporaryAccessPassMethods").status_code == 400
    assert program.delete(f"{passes_of(world.grace)}/{made.json()['id']}").status_code == 204


def test_ones_own_pass_is_read_and_deleted_and_never_made(
    world: SimpleNamespace, api: ApiOf, give_pass: Callable[..., Issued]
) -> None:
    issued = give_pass(world.mia).issued
    mine = "/me/authentication/temporaryAccessPassMethods"
    mia = api(world.mia, [Permission.METHODS_READ_WRITE])
    assert [one["id"] for one in mia.get(mine).json()["value"]] == [str(issued.id)]
    assert mia.get(f"{mine}/{issued.id}").status_code == 200
    assert mia.get(passes_of(world.mia)).status_code == 200, "by her own id too"
    assert mia.get(passes_of(world.user2)).status_code == 403
    assert mia.post(mine).status_code == 403
    assert mia.delete(f"{mine}/{uuid4()}").status_code == 404
    assert mia.delete(f"{mine}/{issued.id}").status_code == 204
    assert mia.get(mine).json()["value"] == []


def test_when_the_pass_ends_its_token_ends(
    world: SimpleNamespace, api: ApiOf, give_pass: Callable[..., Issued]
) -> None:
    """B03, B10: the next request, always; so it is where the person is disabled or loses a role."""
    issued = give_pass(world.mia).issued
    mia = api(world.mia, method=MethodKind.TEMPORARY_ACCESS_PASS, credential_id=issued.id)
    grace, amir = api(world.grace), api(world.amir)
    assert mia.get("/me").status_code == 200
    assert amir.get("/users").status_code == 200
    assert grace.delete(f"{passes_of(world.mia)}/{issued.id}").status_code == 204
    assert error(mia.get("/me"))[:2] == (401, "InvalidAuthenticationToken")
    RoleAssignment.objects.filter(user=world.amir).delete()
    assert amir.get("/users").status_code == 403
    User.objects.filter(pk=world.amir.pk).update(is_enabled=False)
    assert amir.get("/me").status_code == 401


def test_a_promotion_ends_what_an_application_issued_by_itself(world: SimpleNamespace, api: ApiOf) -> None:
    """A09; docs/decisions/0067: nobody who may reach administrators answers for it. Made for one, it stays."""
    program = api(tenant=world.contoso, permissions=[Permission.METHODS_READ_WRITE_ALL])
    made = {user: program.post(passes_of(user)).json() for user in (world.mia, world.gil, world.priya)}
    role = {"principalId": str(world.mia.id), "roleDefinitionId": Role.GLOBAL_READER.value, "directoryScopeId": "/"}
    assert api(world.grace).post("/roleManagement/directory/roleAssignments", role).status_code == 201
    for user, status in ((world.mia, 404), (world.gil, 200), (world.priya, 200)):
        shown = api(world.rosa).get(f"{passes_of(user)}/{made[user]['id']}")
        assert shown.status_code == status, user
    priya = api(world.rosa).get(f"{passes_of(world.priya)}/{made[world.priya]['id']}").json()
    assert (priya["isUsable"], priya["methodUsabilityReason"]) == (True, "EnabledByPolicy")
    assert AuditEvent.objects.filter(event=Event.PASS_DELETED, target_id=world.mia.id, reason="issuer_rights").exists()


def test_a_promotion_behind_our_back_stops_it_too(world: SimpleNamespace, api: ApiOf) -> None:
    """Judged at use: a role that came by another way than ours."""
    made = api(tenant=world.contoso).post(passes_of(world.mia)).json()
    RoleAssignment.objects.create(tenant=world.contoso, user=world.mia, role=Role.GLOBAL_READER)
    shown = api(world.rosa).get(f"{passes_of(world.mia)}/{made['id']}").json()
    assert (shown["isUsable"], shown["methodUsabilityReason"]) == (False, "DisabledByPolicy")


def test_too_many_is_told_and_does_nothing(world: SimpleNamespace, api: ApiOf, monkeypatch: pytest.MonkeyPatch) -> None:
    """C01: whichever limit answers, the client is told how long to wait and may send the same again."""

    def wait(*_: object, **__: object) -> None:
        raise TooMany("attempt_limit", retry_after=7)

    monkeypatch.setattr("tap.actions.secrets.protect", wait)
    answer = api(world.grace).post(passes_of(world.mia))
    assert error(answer)[:2] == (429, "TooManyRequests")
    assert answer.headers["Retry-After"] == "7"
    assert not TemporaryAccessPass.objects.filter(user=world.mia).exists()


def test_all_passes_of_the_organisation(world: SimpleNamespace, api: ApiOf, give_pass: Callable[..., Issued]) -> None:
    live, later = give_pass(world.mia).issued, give_pass(world.gil, starts_at=clock.now() + timedelta(days=1)).issued
    give_pass(world.grace)
    seen = listed(api(world.grace), "/gatepass/temporaryAccessPasses?$top=1")
    assert {one["userPrincipalName"] for one in seen} == {"mia@contoso.com", "gil@contoso.com", "grace@contoso.com"}
    assert [one["id"] for one in listed(api(world.amir), "/gatepass/temporaryAccessPasses?$top=1")] == [
        str(later.id),
        str(live.id),
    ], "an Authentication Administrator sees no administrator's"
    scheduled = api(world.grace).get("/gatepass/temporaryAccessPasses?$filter=state eq 'scheduled'").json()["value"]
    assert [one["id"] for one in scheduled] == [str(later.id)]
    assert api(world.paul).get("/gatepass/temporaryAccessPasses").status_code == 403


def test_why(world: SimpleNamespace, api: ApiOf) -> None:
    said = api(world.grace).get(f"/gatepass/users/{world.breakglass.upn}/temporaryAccessPass/why").json()
    assert said["canUse"] is False
    stops = {one["rule"]: one["changedBy"] for one in said["findings"] if one["verdict"] == "stops"}
    assert stops.keys() == {"not_excluded", "pass_exists"}
    assert stops["pass_exists"] == f"POST http://localhost:8000/graph/v1.0{passes_of(world.breakglass)}"


def listed(client: Api, path: str) -> list[Any]:
    """Return every page of a list."""
    found, where = [], path
    while where:
        body = client.get(where).json()
        found += body["value"]
        where = body.get("@odata.nextLink", "").removeprefix("http://localhost:8000")
    return found
