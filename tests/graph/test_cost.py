"""What a request costs in statements: the same for few and for many, and never more than eight to read."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.access import actor_of
from accounts.models import GroupMember, User
from core import clock
from tap import actions as tap
from tap.actions import Issued
from tests.conftest import SignIn, reached
from tests.graph.conftest import ApiOf
from tests.graph.routes import Operation, operations
from tests.graph.test_routes import ids

__all__ = ["ids"]

MOST = 8
WRITES = {"get_creation_options"}  # a challenge is kept
ASKED = (
    "/users?$top=999&$count=true",
    "/users?$filter=startswith(displayName,'p') or startswith(userPrincipalName,'q')&$top=999",
    '/users?$search="person"&$count=true',
    "/roleManagement/directory/roleAssignments?$expand=principal,roleDefinition",
    "/gatepass/temporaryAccessPasses?$filter=state eq 'live'",
)


def statements(client: object, path: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        answer = client.get(path)  # type: ignore[attr-defined]
    assert answer.status_code == 200, (path, answer.content)
    return len(asked)


def is_read(operation: Operation) -> bool:
    return operation.method == "GET" and not operation.path.startswith("/me") and operation.name not in WRITES


@pytest.mark.parametrize("name", ["grace", "amir"])
def test_reading_takes_eight_statements_at_most(
    world: SimpleNamespace, api: ApiOf, ids: dict[str, str], give_pass: Callable[..., Issued], name: str
) -> None:
    client = api(getattr(world, name))
    paths = [one.address(ids) for one in operations() if is_read(one)]
    first = {path: statements(client, path) for path in [*paths, *ASKED] if client.get(path).status_code == 200}
    people = [
        User(
            tenant=world.contoso,
            upn=f"person{number}@contoso.com",
            display_name=f"Person {number}",
            created_at=clock.now(),
        )
        for number in range(40)
    ]
    for one in people:
        one.save()
        GroupMember.objects.create(group=world.groups["New hires"], user=one)
    for one in people[:15]:
        give_pass(one)
    then = {path: statements(client, path) for path in first}
    # An empty page saves what is asked about its rows.
    assert {path: (first[path], count) for path, count in then.items() if count > MOST} == {}
    assert {path: (first[path], count) for path, count in then.items() if count > first[path] + 2} == {}


def test_an_administrator_with_a_pass_costs_no_more(world: SimpleNamespace, api: ApiOf, as_: SignIn) -> None:
    """Then what the issuer may count too, and takes a statement."""
    priya = actor_of(as_(world.priya).sign_in_session)  # type: ignore[attr-defined]
    tap.issue(priya, target=reached(world.noor, priya))
    client = api(world.grace)
    for person in (world.noor.id, world.noor.upn):
        assert statements(client, f"/users/{person}/authentication/methods") <= MOST
