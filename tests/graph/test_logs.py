"""The audit log and the sign-ins over the API."""

from types import SimpleNamespace

import pytest
from django.urls import reverse

from audit.enums import Event
from audit.models import AuditEvent
from core import clock
from oidc.enums import Permission
from oidc.models import Application
from tests.conftest import SignIn
from tests.graph.conftest import ApiOf
from tests.graph.test_passes import listed, passes_of

AUDITS, SIGN_INS = "/auditLogs/directoryAudits", "/auditLogs/signIns"


def test_issuing_is_told_in_graphs_own_words(world: SimpleNamespace, api: ApiOf) -> None:
    """What monitoring rules match on, letter by letter."""
    grace = api(world.grace)
    made = grace.post(passes_of(world.mia)).json()
    (event,) = grace.get(f"{AUDITS}?$filter=targetResources/any(t:t/id eq '{world.mia.id}')").json()["value"]
    assert event["activityDisplayName"] == "Admin registered security info"
    assert event["resultReason"] == "Admin registered temporary access pass method for user"
    assert (event["category"], event["result"], event["operationType"]) == ("UserManagement", "success", "Add")
    assert event["initiatedBy"]["user"]["userPrincipalName"] == "grace@contoso.com"
    assert event["targetResources"][0]["userPrincipalName"] == "mia@contoso.com"
    assert made["temporaryAccessPass"] not in str(event)
    assert grace.get(f"{AUDITS}/{event['id']}").json()["id"] == event["id"]
    assert api(world.zed).get(f"{AUDITS}/{event['id']}").status_code == 404
    assert api(world.zed).get(AUDITS).json()["value"] == []


def test_it_says_who_did_it_through_which_application(world: SimpleNamespace, api: ApiOf, as_: SignIn) -> None:
    """docs/decisions/0068: the person answers, and the application is named beside him; by itself it is named alone."""
    grace, program = api(world.grace), api(tenant=world.contoso)
    for caller in (grace, program):
        assert caller.post(passes_of(world.mia)).status_code == 201
    filtered = f"{AUDITS}?$filter=activityDisplayName eq 'Admin registered security info'"
    by_itself, for_her = (one["initiatedBy"] for one in grace.get(filtered).json()["value"])
    apps = {one.client_id: one.name for one in Application.objects.filter(tenant=world.contoso)}
    for app in (by_itself["app"], for_her["app"]):
        assert apps[app["appId"]] == app["displayName"]
    assert by_itself["user"] is None
    assert for_her["user"]["userPrincipalName"] == "grace@contoso.com"
    event = AuditEvent.objects.filter(event=Event.PASS_ISSUED, actor_id=world.grace.id).latest("id")
    panel = as_(world.rosa).get(reverse("accounts:audit_event", args=[event.id])).content.decode()
    assert f"{for_her['app']['displayName']} ({for_her['app']['appId']})" in panel
    lone = AuditEvent.objects.filter(event=Event.PASS_ISSUED, actor_id=None).latest("id")
    panel = as_(world.rosa).get(reverse("accounts:audit_event", args=[lone.id])).content.decode()
    assert "Somebody not signed in" not in panel
    assert by_itself["app"]["appId"] in panel


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("$filter=activityDisplayName eq 'Admin registered security info'", 2),
        ("$filter=initiatedBy/user/id eq '{grace}'&$orderby=activityDateTime desc", 2),
        ("$filter=activityDateTime ge 2020-01-01T00:00:00Z and activityDateTime le {now} and result eq 'success'", 2),
        ("$filter=activityDateTime lt 2020-01-01", 0),
        ("$filter=correlationId eq 'none'", 0),
        ("$top=1", 2),
    ],
)
def test_events_are_found(world: SimpleNamespace, api: ApiOf, query: str, count: int) -> None:
    grace = api(world.grace)
    for user in (world.mia, world.gil):
        grace.post(passes_of(user))
    asked = query.format(grace=world.grace.id, now=f"{clock.now():%Y-%m-%dT%H:%M:%SZ}".replace("Z", ".999Z"))
    rows = listed(grace, f"{AUDITS}?{asked}")
    assert len(rows) == count
    assert [one["activityDateTime"] for one in rows] == sorted((one["activityDateTime"] for one in rows), reverse=True)


@pytest.mark.parametrize(
    "query",
    [
        "$filter=category eq 'x'",
        "$filter=result eq 'maybe'",
        "$filter=id eq '1' or id eq '2'",
        "$orderby=activityDateTime",
    ],
)
def test_what_no_index_answers_is_refused(world: SimpleNamespace, api: ApiOf, query: str) -> None:
    assert api(world.grace).get(f"{AUDITS}?{query}").status_code == 400


def test_sign_ins_name_the_method_in_beta(
    world: SimpleNamespace, api: ApiOf, client: object, give_pass: object
) -> None:
    code = give_pass(world.mia).code  # type: ignore[operator]
    client.post("/signin/", {"username": world.mia.upn})  # type: ignore[attr-defined]
    client.post("/signin/pass/", {"secret": code})  # type: ignore[attr-defined]
    rosa = api(world.rosa, [Permission.AUDIT_READ_ALL])
    found = rosa.get(f"{SIGN_INS}?$filter=userId eq '{world.mia.id}'").json()["value"]
    assert found
    assert {one["userPrincipalName"] for one in found} == {"mia@contoso.com"}
    assert {one["status"]["errorCode"] for one in found} == {0}
    beta = rosa.get("/graph/beta/auditLogs/signIns").json()["value"]
    assert "Temporary Access Pass" in {one["authenticationDetails"][0]["authenticationMethod"] for one in beta}
    assert api(world.mia).get(SIGN_INS).status_code == 403
