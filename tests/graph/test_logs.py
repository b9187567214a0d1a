"""The audit log and the sign-ins over the API."""

from types import SimpleNamespace

import pytest

from core import clock
from oidc.enums import Permission
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
