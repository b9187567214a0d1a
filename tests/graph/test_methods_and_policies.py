"""Methods, passkeys registered for others, and the policies of methods over the API."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client

from accounts.authority import MATRIX
from accounts.enums import Act, Role
from accounts.models import RoleAssignment, User
from audit.enums import Event
from audit.models import AuditEvent
from authmethods.models import Ceremony, Passkey
from oidc.enums import Permission
from tests.drive import enter_password
from tests.graph.conftest import ApiOf
from tests.graph.test_passes import error
from tests.softkey import SoftKey

POLICY = "/policies/authenticationMethodsPolicy"
TAP, FIDO2 = (f"{POLICY}/authenticationMethodConfigurations/{name}" for name in ("temporaryAccessPass", "fido2"))
TAP_TYPE = "#microsoft.graph.temporaryAccessPassAuthenticationMethodConfiguration"
ORIGIN = "http://localhost:8000"
PASSWORD_ID = "28c10230-6103-485e-b985-444c60001490"
RESET = f"{PASSWORD_ID}/resetPassword"
TEN = datetime(2026, 11, 1, 10, tzinfo=UTC)


def keys_of(user: object) -> str:
    return f"/users/{user.id}/authentication/fido2Methods"  # type: ignore[attr-defined]


def answer_to(options: dict[str, object]) -> dict[str, object]:
    """Return what a security key answers, as Graph's clients send it: no rawId, no type."""
    made = SoftKey("localhost", ORIGIN).register(options["publicKey"])  # type: ignore[arg-type]
    response = {name: made["response"][name] for name in ("clientDataJSON", "attestationObject")}
    return {"id": made["id"], "response": response, "clientExtensionResults": {}}


@pytest.mark.parametrize(
    "spelling", ["creationOptions", "creationOptions()", "CreationOptions(challengeTimeoutInMinutes=10)"]
)
def test_a_passkey_is_registered_for_somebody(world: SimpleNamespace, api: ApiOf, spelling: str) -> None:
    grace, path = api(world.grace), keys_of(world.mia)
    begun = grace.get(f"{path}/{spelling}")
    assert begun.status_code == 200
    options = begun.json()
    assert options["publicKey"]["user"]["name"] == "mia@contoso.com"
    made = grace.post(path, {"displayName": "Desk key", "publicKeyCredential": answer_to(options)})
    assert made.status_code == 201, made.content
    assert made.json()["@odata.type"] == "#microsoft.graph.fido2AuthenticationMethod"
    key = f"{path}/{made.json()['id']}"
    assert grace.get(key).json()["displayName"] == "Desk key"
    assert [one["id"] for one in grace.get(path).json()["value"]] == [made.json()["id"]]
    assert [
        one["@odata.type"] for one in grace.get(f"/users/{world.mia.id}/authentication/methods").json()["value"]
    ] == ["#microsoft.graph.fido2AuthenticationMethod"]
    events = set(AuditEvent.objects.filter(target_id=world.mia.id).values_list("event", flat=True))
    assert {Event.PASSKEY_STARTED, Event.PASSKEY_REGISTERED} <= events
    assert grace.delete(key).status_code == 204
    assert error(grace.get(key))[:2] == (404, "resourceNotFound")


def test_a_challenge_serves_one_person_one_caller_and_once(world: SimpleNamespace, api: ApiOf) -> None:
    """D01: nobody else finishes what somebody began, for nobody else, and not twice."""
    grace, program = api(world.grace), api(tenant=world.contoso, permissions=[Permission.PASSKEYS_READ_WRITE_ALL])
    begun = grace.get(f"{keys_of(world.mia)}/creationOptions").json()
    body = {"displayName": "Key", "publicKeyCredential": answer_to(begun)}
    assert api(world.grace).post(keys_of(world.mia), body).status_code == 400, "another session of hers"
    assert program.post(keys_of(world.mia), body).status_code == 400
    assert grace.post(keys_of(world.gil), body).status_code == 400
    assert grace.post(keys_of(world.mia), body).status_code == 201
    assert grace.post(keys_of(world.mia), body).status_code == 400
    begun = program.get(f"{keys_of(world.mia)}/creationOptions").json()
    assert program.post(keys_of(world.mia), {"publicKeyCredential": answer_to(begun)}).status_code == 201
    assert Passkey.objects.filter(user=world.mia).count() == 2
    assert Ceremony.objects.filter(spent_at=None).count() == 0


@pytest.mark.parametrize("role", list(Role))
def test_who_may_register_for_whom(world: SimpleNamespace, api: ApiOf, role: Role) -> None:
    """A09: the same table as everywhere."""
    RoleAssignment.objects.filter(user=world.noor).delete()
    RoleAssignment.objects.create(tenant=world.contoso, user=world.noor, role=role)
    noor, reached = api(world.noor), MATRIX[role].get(Act.METHODS_ADD, frozenset())
    for target, standing in ((world.mia, "member"), (world.grace, "admin"), (world.noor, "self")):
        expected = 200 if standing in reached else 403
        assert noor.get(f"{keys_of(target)}/creationOptions").status_code == expected, (role, standing)


def test_the_policy_rules_registration_for_others_too(world: SimpleNamespace, api: ApiOf) -> None:
    grace = api(world.grace)
    assert grace.patch(FIDO2, {"isSelfServiceRegistrationAllowed": False}).status_code == 204
    assert grace.get(f"{keys_of(world.mia)}/creationOptions").status_code == 200, "this is the other way"
    assert grace.patch(FIDO2, {"state": "disabled"}).status_code == 204
    status, code, message = error(grace.get(f"{keys_of(world.mia)}/creationOptions"))
    assert (status, code) == (400, "badRequest")
    assert "AuthMethodType [Fido2]" in message
    assert grace.get(f"{keys_of(world.vera_external)}/creationOptions").status_code == 400


def with_password(*people: Any) -> None:
    for person in people:
        User.objects.filter(pk=person.pk).update(password=make_password("four words of mine"), password_changed_at=TEN)


def test_a_password_is_listed_and_never_shown(world: SimpleNamespace, api: ApiOf) -> None:
    with_password(world.mia)
    shown = {"id": PASSWORD_ID, "password": None, "createdDateTime": "2026-11-01T10:00:00Z"}
    for client, root in ((api(world.rosa), f"/users/{world.mia.id}"), (api(world.mia), "/me")):
        path = f"{root}/authentication/passwordMethods"
        (one,) = client.get(path).json()["value"]
        assert shown.items() <= one.items()
        assert shown.items() <= client.get(f"{path}/{PASSWORD_ID}").json().items()
        assert error(client.get(f"{path}/{world.mia.id}"))[:2] == (404, "resourceNotFound")


def reset(client: Any, person: Any, body: object = None) -> Any:
    return client.post(f"/users/{person.id}/authentication/methods/{RESET}", body)


def test_a_password_is_reset_to_one_nobody_chose(world: SimpleNamespace, api: ApiOf) -> None:
    """ASVS 6.4.6; docs/decisions/0066. Once, to whoever asked, in an answer that is kept nowhere."""
    with_password(world.mia)
    answer = reset(api(world.amir), world.mia)
    assert answer.status_code == 202, answer.content
    assert answer["Location"].endswith(f"/users/{world.mia.id}/authentication/methods/{PASSWORD_ID}")
    assert "no-store" in answer["Cache-Control"]
    made = answer.json()["newPassword"]
    assert enter_password(Client(), world.mia.upn, made).status_code == 302
    shown = api(world.amir).get(f"/users/{world.mia.id}/authentication/passwordMethods").content.decode()
    assert made not in shown
    assert made not in str(list(AuditEvent.objects.values()))
    bearer = {"Authorization": f"Bearer {api(world.amir).token}"}
    address = f"/graph/v1.0/users/{world.mia.id}/authentication/methods/{RESET}"
    empty = Client().generic("POST", address, headers=bearer, content_type="")
    assert empty.status_code == 202, "no body at all"


def test_what_is_no_reset(world: SimpleNamespace, api: ApiOf) -> None:
    with_password(world.mia, world.grace, world.amir, world.priya)
    before = User.objects.get(pk=world.mia.pk).password
    chosen = error(reset(api(world.amir), world.mia, {"newPassword": "Chosen-by-an-admin-1"}))
    assert chosen[:2] == (400, "badRequest")
    assert "Nobody chooses another person's password." in chosen[2]
    assert error(reset(api(world.amir), world.user3))[:2] == (400, "badRequest"), "there is none"
    assert error(reset(api(world.amir), world.vera_external))[:2] == (400, "badRequest")
    for client, person in (
        (api(world.amir), world.grace),
        (api(world.amir), world.amir),
        (api(world.rosa), world.mia),
        (api(world.paul), world.mia),
        (api(world.mia), world.mia),
        (api(world.amir, [Permission.METHODS_READ_ALL]), world.mia),
        (api(world.amir, [Permission.PASSES_READ_WRITE_ALL, Permission.PASSKEYS_READ_WRITE_ALL]), world.mia),
        (api(tenant=world.contoso, permissions=[Permission.METHODS_READ_WRITE_ALL]), world.mia),
    ):
        assert error(reset(client, person))[:2] == (403, "accessDenied"), person
    assert error(reset(api(world.zed), world.mia))[0] == 404
    wrong = f"/users/{world.mia.id}/authentication/methods/{world.mia.id}/resetPassword"
    assert error(api(world.amir).post(wrong))[:2] == (404, "resourceNotFound")
    assert User.objects.get(pk=world.mia.pk).password == before


def test_collections_of_kinds_nobody_has_are_empty(world: SimpleNamespace, api: ApiOf) -> None:
    for kind in (
        "phoneMethods",
        "emailMethods",
        "microsoftAuthenticatorMethods",
        "softwareOathMethods",
        "passwordMethods",
    ):
        assert api(world.grace).get(f"/users/{world.mia.id}/authentication/{kind}").json()["value"] == []
        assert api(world.mia, [Permission.METHODS_READ]).get(f"/me/authentication/{kind}").json()["value"] == []


def test_the_pass_policy_is_read_changed_and_reset(world: SimpleNamespace, api: ApiOf) -> None:
    paul = api(world.paul)
    shown = paul.get(TAP).json()
    assert (shown["@odata.type"], shown["id"], shown["state"]) == (TAP_TYPE, "TemporaryAccessPass", "enabled")
    assert shown["includeTargets"] == [{"id": "all_users", "targetType": "group", "isRegistrationRequired": False}]
    assert shown["excludeTargets"] == [{"id": str(world.groups["Break glass"].id), "targetType": "group"}]
    hires = str(world.groups["New hires"].id)
    change = {
        "@odata.type": TAP_TYPE,
        "defaultLength": 12,
        "includeTargets": [{"id": hires, "targetType": "group", "isRegistrationRequired": False}],
    }
    answer = paul.patch(TAP, change)
    assert (answer.status_code, answer.content) == (204, b"")
    changed = paul.get(TAP).json()
    assert (changed["defaultLength"], changed["includeTargets"][0]["id"]) == (12, hires)
    assert changed["excludeTargets"] == shown["excludeTargets"], "a list that was not sent stays"
    assert paul.patch(TAP, shown).status_code == 204, "everything that was read, sent back"
    assert {**paul.get(TAP).json()} == shown
    assert paul.delete(TAP).status_code == 204
    assert (paul.get(TAP).json()["state"], paul.get(TAP).json()["excludeTargets"]) == ("disabled", [])
    assert error(paul.patch(TAP, {"maximumLifetimeInMinutes": 30}))[:2] == (400, "badRequest"), (
        "below the stored default"
    )


def test_the_passkey_policy_is_read_changed_and_reset(world: SimpleNamespace, api: ApiOf) -> None:
    paul = api(world.paul)
    model = "cb69481e-8ff7-4039-93ec-0a2729a154a8"
    restrictions = {"isEnforced": True, "enforcementType": "allow", "aaGuids": [model]}
    assert paul.patch(FIDO2, {"keyRestrictions": restrictions, "isAttestationEnforced": True}).status_code == 204
    shown = paul.get(FIDO2).json()
    assert (shown["id"], shown["keyRestrictions"], shown["isAttestationEnforced"]) == ("Fido2", restrictions, True)
    assert paul.patch(FIDO2, shown).status_code == 204
    assert paul.patch(FIDO2, {"keyRestrictions": {"aaGuids": ["none"]}}).status_code == 400
    assert paul.delete(FIDO2).status_code == 204
    assert paul.get(FIDO2).json()["keyRestrictions"]["isEnforced"] is False


def test_all_policies_at_once(world: SimpleNamespace, api: ApiOf) -> None:
    rosa = api(world.rosa)
    listed = rosa.get(f"{POLICY}/authenticationMethodConfigurations").json()["value"]
    assert {one["id"] for one in listed} == {"Fido2", "TemporaryAccessPass"}
    whole = rosa.get(POLICY).json()
    assert whole["authenticationMethodConfigurations"] == listed
    assert rosa.patch(TAP, {"defaultLength": 12}).status_code == 403
    assert api(world.priya).patch(TAP, {"defaultLength": 12}).status_code == 403
    assert api(world.paul, [Permission.POLICY_READ_ALL]).patch(TAP, {"defaultLength": 12}).status_code == 403


@pytest.mark.parametrize("role", list(Role))
def test_who_changes_policies(world: SimpleNamespace, api: ApiOf, role: Role) -> None:
    """A09 over REST: the policy administrator changes every policy and issues no pass; the others as the table says."""
    RoleAssignment.objects.filter(user=world.noor).delete()
    RoleAssignment.objects.create(tenant=world.contoso, user=world.noor, role=role)
    noor = api(world.noor)
    may = role in (Role.GLOBAL_ADMINISTRATOR, Role.AUTHENTICATION_POLICY_ADMINISTRATOR)
    for path in (TAP, FIDO2):
        assert noor.patch(path, {"state": "enabled"}).status_code == (204 if may else 403)
        assert noor.delete(path).status_code == (204 if may else 403)
    assert noor.patch(POLICY, {}).status_code == (200 if may else 403)
    if role is Role.AUTHENTICATION_POLICY_ADMINISTRATOR:
        issue = f"/users/{world.mia.id}/authentication/temporaryAccessPassMethods"
        assert (noor.get(issue).status_code, noor.post(issue).status_code) == (403, 403)


def campaign_of(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 200, answer.content
    found = answer.json()["registrationEnforcement"]["authenticationMethodsRegistrationCampaign"]
    return dict(found)


def test_the_registration_campaign_is_read_and_changed(world: SimpleNamespace, api: ApiOf) -> None:
    paul, hires = api(world.paul), str(world.groups["New hires"].id)
    shown = campaign_of(paul.get(POLICY))
    assert (shown["state"], shown["snoozeDurationInDays"], shown["excludeTargets"]) == ("default", 1, [])
    assert shown["includeTargets"] == [
        {"id": "all_users", "targetType": "group", "targetedAuthenticationMethod": "fido2"}
    ]
    wanted = {
        "state": "enabled",
        "snoozeDurationInDays": 3,
        "includeTargets": [{"id": hires, "targetType": "group", "targetedAuthenticationMethod": "fido2"}],
        "excludeTargets": [{"id": str(world.mia.id), "targetType": "user"}],
    }

    def change(campaign: object) -> Any:
        return paul.patch(POLICY, {"registrationEnforcement": {"authenticationMethodsRegistrationCampaign": campaign}})

    assert campaign_of(change(wanted)) == wanted
    assert campaign_of(paul.get(POLICY)) == wanted
    whole = paul.get(POLICY).json()
    assert campaign_of(paul.patch(POLICY, whole)) == wanted, "everything that was read, sent back"
    assert campaign_of(change({"state": "disabled"})) == wanted | {"state": "disabled"}
    assert campaign_of(change({"state": "default"}))["state"] == "default"
    event = AuditEvent.objects.filter(event=Event.CAMPAIGN_CHANGED).latest("id")
    assert (event.activity, event.actor_name) == ("Authentication Methods Policy Update", "paul@contoso.com")
    for refused in (
        {"snoozeDurationInDays": 15},
        {"snoozeDurationInDays": "3"},
        {"state": "on"},
        {"includeTargets": [{"id": hires, "targetType": "group", "targetedAuthenticationMethod": "sms"}]},
        {"includeTargets": [{"id": str(world.zed.id), "targetType": "user"}]},
        {"excludeTargets": [{"id": "all_users", "targetType": "group"}]},
        {"enforced": True},
    ):
        assert error(change(refused))[:2] == (400, "badRequest"), refused


@pytest.mark.parametrize("name", ["rosa", "priya", "amir", "mia"])
def test_who_may_not_run_a_campaign(world: SimpleNamespace, api: ApiOf, name: str) -> None:
    change = {"registrationEnforcement": {"authenticationMethodsRegistrationCampaign": {"state": "enabled"}}}
    assert error(api(getattr(world, name)).patch(POLICY, change))[:2] == (403, "accessDenied")
    assert error(api(world.paul, [Permission.POLICY_READ_ALL]).patch(POLICY, change))[:2] == (403, "accessDenied")
