"""A tab that shows answers without a server: every request it makes is answered here, in the test's own transaction."""

import gzip
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Literal
from urllib.parse import urlsplit

import time_machine
from django.conf import settings
from django.contrib.staticfiles import finders
from django.db import connections
from django.http import HttpResponse
from django.test import Client
from playwright.sync_api import Browser, Route

from tests.look.seeded import NOW
from tests.plugins.accessibility import Axe
from tests.plugins.complaints import Complaints

OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
FONT = ".woff2"
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", FONT: "font/woff2"}
HEIGHT = 800
NOT_PASSED_ON = {"set-cookie", "content-length"}
Theme = Literal["light", "dark"]


@dataclass
class Sent:
    """What one view cost: the bytes of each request by path, compressed as the server would."""

    parts: dict[str, int] = field(default_factory=dict)

    def add(self, path: str, body: bytes) -> None:
        """Count an answer; not the font, which only machines without one of their own fetch."""
        if not path.endswith(FONT):
            self.parts[path] = len(gzip.compress(body, 9))

    @property
    def total(self) -> int:
        """Return all bytes."""
        return sum(self.parts.values())


class Window:
    """One tab for many pages: ``show`` opens an answer, ``set_to`` changes width and theme without loading again."""

    def __init__(self, browser: Browser) -> None:
        self.context = browser.new_context(base_url=settings.PUBLIC_URL, reduced_motion="reduce")
        self.context.route("**/*", self._answer)
        self.context.clock.set_fixed_time(NOW)
        self.page = self.context.new_page()
        self.sent = Sent()
        self._complaints = Complaints(self.page)
        self.axe = Axe(self.page)
        self._connection = connections["default"]
        self._client, self._address = Client(), ""
        self._shown: HttpResponse = HttpResponse()

    def show(self, client: Client, address: str, answer: HttpResponse) -> None:
        """Open an answer as the browser of ``client`` would have got it."""
        self._client, self._address, self._shown, self.sent = client, address, answer, Sent()
        self.page.goto(address, wait_until="load")

    def set_to(self, *, width: int, theme: Theme, height: int = HEIGHT) -> None:
        """Take another width and theme."""
        self.page.set_viewport_size({"width": width, "height": height})
        self.page.emulate_media(color_scheme=theme, reduced_motion="reduce")

    @property
    def overflow(self) -> int:
        """Return by how many pixels the page is too wide."""
        wide: int = self.page.evaluate(OVERFLOW)
        return wide

    def turn_round(self) -> None:
        """Show the page as a language that runs from right to left would."""
        self.page.evaluate("document.documentElement.dir = 'rtl'")

    def keep_picture(self, folder: str, name: str) -> None:
        """Keep a picture of the whole page where somebody wants to look."""
        if folder:
            self.page.screenshot(path=Path(folder) / f"{name.replace(' ', '-')}.png", full_page=True)

    def complaints(self) -> list[str]:
        """Return what the browser complained about since the last time it was asked."""
        return self._complaints.drained()

    def close(self) -> None:
        self.context.close()

    def _answer(self, route: Route) -> None:
        path = urlsplit(route.request.url).path
        if route.request.is_navigation_request():
            self._fulfill(route, path, self._shown.status_code, passed_on(self._shown.headers), self._shown.content)
        elif path.startswith(settings.STATIC_URL):
            found = finders.find(path.removeprefix(settings.STATIC_URL))
            kind = {"Content-Type": TYPES[PurePosixPath(path).suffix]}
            with open(str(found), "rb") as file:  # noqa: PTH123 (a path of a finder is a string)
                self._fulfill(route, path, 200, kind, file.read())
        else:  # what a script asks for is no part of the view
            status, headers, body = self._ask(route)
            route.fulfill(status=status, headers=headers, body=body)

    def _ask(self, route: Route) -> tuple[int, dict[str, str], bytes]:
        asked = route.request
        kind = asked.headers.get("content-type", "application/octet-stream")
        address = asked.url.removeprefix(settings.PUBLIC_URL)
        with time_machine.travel(NOW, tick=False):
            # A handler runs in a context of its own, where Django would open another connection.
            connections["default"] = self._connection
            answer: Any = self._client.generic(asked.method, address, asked.post_data or "", content_type=kind)
        return answer.status_code, passed_on(answer.headers), answer.content

    def _fulfill(self, route: Route, path: str, status: int, headers: dict[str, str], body: bytes) -> None:
        self.sent.add(path, body)
        route.fulfill(status=status, headers=headers, body=body)


def passed_on(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers a browser may be given: the client keeps the cookies."""
    return {name: value for name, value in headers.items() if name.lower() not in NOT_PASSED_ON}
