"""A real Chromium for the journeys.

`page` is a fresh tab on the running site; `open_page(color_scheme="dark", viewport=…)` opens more, each as a person of
its own. A test fails when any of its pages broke the content security policy, threw, or missed an asset.
"""

import os
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import pytest
from playwright.sync_api import Browser, Page, Playwright, sync_playwright
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

import chromium as chromium_finder
from tests.plugins.complaints import Complaints

# Playwright runs an event loop in the tests' thread, where Django would refuse to use the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_MS = 10_000
USES_BROWSER = {"chromium", "open_page", "page"}


class OpenPage(Protocol):
    def __call__(self, **context_options: Any) -> Page: ...


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the browser tests by what they ask for, so that nobody can forget it: `pytest -m "not browser"`."""
    for item in items:
        if USES_BROWSER & set(getattr(item, "fixturenames", ())):
            item.add_marker("browser")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for all tests of a worker."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


def launch(playwright: Playwright) -> Browser:
    path = chromium_finder.find()
    if not path:
        pytest.fail("No Chromium: `make test` gets one, or set CHROMIUM to the path of one.")
    return playwright.chromium.launch(executable_path=path, args=FLAGS, ignore_default_args=["--headless"])


@pytest.fixture
def site(live_server: LiveServer, settings: Settings) -> str:
    """The address of the running site, which then also counts as its public one."""
    settings.PUBLIC_URL = live_server.url
    settings.CSRF_TRUSTED_ORIGINS = [live_server.url]
    return live_server.url


@pytest.fixture
def open_page(chromium: Browser, site: str) -> Iterator[OpenPage]:
    opened: list[tuple[Page, Complaints]] = []

    def open_one(**context_options: Any) -> Page:
        # Without motion, so that nothing is judged while it fades in.
        context = chromium.new_context(base_url=site, reduced_motion="reduce", **context_options)
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        opened.append((page, Complaints(page)))
        return page

    yield open_one
    complaints = [text for page, heard in opened for text in heard.collected()]
    for page, _ in opened:
        page.context.close()
    assert not complaints, "The browser complained:\n" + "\n".join(complaints)


@pytest.fixture
def page(open_page: Callable[[], Page]) -> Page:
    return open_page()
