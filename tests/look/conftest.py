"""The seeded world is made once for all pages; what opening one changes is rolled back after it."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import time_machine
from django.db import connection, transaction
from playwright.sync_api import Browser
from pytest_django.plugin import DjangoDbBlocker

from tests.look.seeded import NOW, seeded_world
from tests.look.window import Window


@pytest.fixture(scope="package")
def busy(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[SimpleNamespace]:
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]  # as Django's own: a block that has to be the outermost may stand in it
    with django_db_blocker.unblock(), block:
        with time_machine.travel(NOW, tick=False):
            world = seeded_world()
        yield world
        transaction.set_rollback(True)


@pytest.fixture
def world(busy: SimpleNamespace, db: None) -> SimpleNamespace:
    """The seeded world of ``tests/look/seeded.py``."""
    return busy


@pytest.fixture(scope="package")
def window(chromium: Browser) -> Iterator[Window]:
    window = Window(chromium)
    yield window
    window.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Look on one database only: a page looks the same whatever its database is."""
    if connection.vendor != "sqlite":
        for item in items:
            if Path(__file__).parent in item.path.parents:
                item.add_marker(pytest.mark.skip("a page looks the same whatever its database is"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--pictures", default="", help="a folder for pictures of every page, in every width and theme")


@pytest.fixture
def pictures(request: pytest.FixtureRequest) -> str:
    """Where to keep pictures; nowhere unless asked. The option is there only where this folder is named."""
    return str(request.config.getoption("--pictures", default=""))
