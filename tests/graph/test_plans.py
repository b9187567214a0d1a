"""No reading of the API goes through everybody, nor sorts them: ``tests/plans.py``."""

from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.graph.conftest import ApiOf
from tests.graph.routes import operations
from tests.graph.test_cost import ASKED, is_read
from tests.graph.test_routes import ids
from tests.plans import faults_of

__all__ = ["ids"]

# Where one organisation has nearly all people, each row that is passed counts: it stops at its LIMIT.
STOPS_SOON = (
    "/users/$count: SCAN",
    "/users?$top=999&$count=true: SCAN",
    "/reports/authenticationMethods/userRegistrationDetails: SCAN",
)

pytestmark = pytest.mark.skipif(connection.vendor != "sqlite", reason="about SQLite's plans")


@pytest.mark.parametrize("name", ["grace", "amir"])
def test_nobody_goes_through_everybody(world: SimpleNamespace, api: ApiOf, ids: dict[str, str], name: str) -> None:
    client = api(getattr(world, name))
    found = []
    for path in [*(one.address(ids) for one in operations() if is_read(one)), *ASKED]:
        with CaptureQueriesContext(connection) as asked:
            client.get(path)
        found += [f"{path}: {fault}" for fault in faults_of(asked.captured_queries)]
    assert [fault for fault in found if not fault.startswith(STOPS_SOON)] == []
