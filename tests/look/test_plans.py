"""No page goes through everybody, nor sorts them: ``tests/plans.py``."""

from types import SimpleNamespace

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.look.page import Page
from tests.look.pages import PAGES
from tests.look.seeded import NOW
from tests.plans import faults_of

pytestmark = pytest.mark.django_db
# Who may see some people only has his lists narrowed to those.
NARROWED = [Page(name, "amir") for name in ("tap:passes", "authmethods:home", "accounts:users", "accounts:audit")]
GROWN = {page.title: page for page in [*PAGES, *NARROWED] if not page.state}


@pytest.mark.parametrize("title", GROWN)
def test_nobody_goes_through_everybody(world: SimpleNamespace, title: str) -> None:
    with time_machine.travel(NOW, tick=False), CaptureQueriesContext(connection) as asked:
        GROWN[title].open(world)
    assert faults_of(asked.captured_queries) == []
