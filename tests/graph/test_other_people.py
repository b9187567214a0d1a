"""T4: ids of others, by every way an id can be given: in the address, in a batch, in a filter, beside the wrong person."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from authmethods.models import Passkey
from core import clock
from tap.actions import Issued
from tap.models import TemporaryAccessPass
from tests.graph.conftest import Api, ApiOf
from tests.graph.routes import Operation, absent_ids, operations
from tests.graph.test_routes import ids, told

__all__ = ["ids"]

MOST_PARTS = 20  # of a batch
WITH_IDS = [one for one in operations() if one.parameters and one.parameters != ["role_id"]]
OF_A_METHOD = {"pass_id", "key_id", "method_id"}
READING = [one for one in operations() if one.method == "GET"]


def in_a_batch(client: Api, wanted: list[Operation], ids: dict[str, str]) -> list[tuple[int, str]]:
    """Send operations as parts of a batch and return status and code of each."""
    found: list[tuple[int, str]] = []
    for start in range(0, len(wanted), MOST_PARTS):
        parts = [
            {"id": str(at), "method": one.method, "url": one.address(ids)} | with_body(one, ids)
            for at, one in enumerate(wanted[start : start + MOST_PARTS])
        ]
        answer = client.post("/$batch", {"requests": parts})
        assert answer.status_code == 200, answer.content
        told_by = {one["id"]: one for one in answer.json()["responses"]}
        for part in parts:
            one = told_by[str(part["id"])]
            found.append((one["status"], one["body"]["error"]["code"] if one["status"] >= 400 else ""))
    return found


def with_body(one: Operation, ids: dict[str, str]) -> dict[str, Any]:
    body = one.body(ids)
    return {} if body is None else {"body": body, "headers": {"Content-Type": "application/json"}}


def test_a_batch_reaches_nothing_of_another_organisation(
    world: SimpleNamespace, ids: dict[str, str], api: ApiOf
) -> None:
    """T4: every operation as a part of a batch: an id of Contoso is to Fabrikam what an id of nothing is."""
    wanted = [one for one in WITH_IDS if not one.path.startswith("/me")]
    theirs = in_a_batch(api(world.zed), wanted, ids)
    assert {status for status, _code in theirs} == {404}, list(zip(wanted, theirs, strict=True))
    own = [one for one in wanted if one.method == "GET"]
    assert {status for status, _code in in_a_batch(api(world.grace), own, ids)} >= {200}


@pytest.fixture
def of_two(world: SimpleNamespace, ids: dict[str, str], give_pass: Callable[..., Issued]) -> dict[str, str]:
    """Mia, and the methods of somebody else of her organisation."""
    give_pass(world.mia)
    Passkey.objects.create(
        tenant=world.contoso, user=world.mia, credential_id=b"mia", public_key=b"", sign_count=0,
        aaguid="00000000-0000-0000-0000-000000000000", is_backup_eligible=False, is_backed_up=False, name="Key",
        created_at=clock.now(),
    )  # fmt: skip
    return ids | {"user_id": str(world.mia.id)}


@pytest.mark.parametrize(
    "one", [one for one in WITH_IDS if set(one.parameters) & OF_A_METHOD], ids=lambda one: f"{one.method} {one.path}"
)
def test_a_method_is_found_at_its_own_person_only(
    of_two: dict[str, str], api: ApiOf, world: SimpleNamespace, one: Operation
) -> None:
    """T4: the id of somebody else's method, under a person whom the caller may manage, is the id of nothing."""
    counts = (TemporaryAccessPass.objects.open().count(), Passkey.objects.count())
    client = api(world.mia if one.path.startswith("/me") else world.grace)
    answer = client(one.method, one.address(of_two), one.body(of_two))
    absent = absent_ids() | {"user_id": of_two["user_id"]}
    nothing = client(one.method, one.address(absent), one.body(absent))
    assert answer.status_code in (403, 404), answer.content
    assert told(answer, of_two) == told(nothing, absent)
    assert (TemporaryAccessPass.objects.open().count(), Passkey.objects.count()) == counts


def test_nothing_is_expanded_that_is_not_offered_by_name(
    ids: dict[str, str], api: ApiOf, world: SimpleNamespace
) -> None:
    """T4: $expand of whatever leads from one thing to others is refused, or (a count, a document) means nothing."""
    grace = api(world.grace)
    answers = {one: grace.get(f"{one.address(ids)}?$expand=owners") for one in READING}
    heard = {one for one, answer in answers.items() if answer.status_code != 400}
    for one in heard:
        assert answers[one].content == grace.get(one.address(ids)).content, one
    assert len(heard) < len(READING) / 2
    for wanted in ("memberOf", "authentication", "manager($expand=manager)", "principal", "*"):
        assert grace.get(f"/users/{ids['user_id']}?$expand={wanted}").status_code == 400, wanted
