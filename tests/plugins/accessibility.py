"""Ask axe about a page: `assert not axe_violations(page)`."""

import json
from pathlib import Path
from typing import Any

from playwright.sync_api import Error, Page

AXE = Path(__file__).resolve().parent.parent / "vendor" / "axe.min.js"
WORLD = "axe"
RUN = "axe.run(document, %s).then(result => result.violations)"
EVERYTHING: dict[str, Any] = {"resultTypes": ["violations"]}
# What a theme can break: it changes colours only.
COLOURS = EVERYTHING | {"runOnly": ["color-contrast", "link-in-text-block"]}


class Axe:
    """Axe in one tab, whatever page it shows: `Axe(page).violations()`.

    The script runs in a world of its own through the debugger: the content security policy lets no test add one.
    """

    def __init__(self, page: Page) -> None:
        self._session = page.context.new_cdp_session(page)
        self._session.send("Page.enable")
        source = {"source": AXE.read_text(encoding="utf-8"), "worldName": WORLD}
        self._session.send("Page.addScriptToEvaluateOnNewDocument", source | {"runImmediately": True})

    def violations(self, options: dict[str, Any] = EVERYTHING) -> list[str]:
        """Return one line for each rule broken, with the elements that break it.

        Raises AssertionError where the tab went on to another page meanwhile: what was judged then is not what the test means.
        """
        shown = self._frame()
        world = self._session.send("Page.createIsolatedWorld", {"frameId": shown["id"], "worldName": WORLD})
        try:
            found = self._evaluate(RUN % json.dumps(options), world["executionContextId"])
        except (Error, AssertionError) as problem:
            now = self._frame()
            if now["loaderId"] == shown["loaderId"]:
                raise
            if now["url"] == shown["url"]:  # a page that loads itself anew to show progress
                return self.violations(options)
            message = (
                f"the tab went from {shown['url']} to {now['url']} while it was judged: expect something of it first"
            )
            raise AssertionError(message) from problem
        return [f"{one['id']}: {one['help']}: {[node['html'] for node in one['nodes']]}" for one in found]

    def close(self) -> None:
        self._session.detach()

    def _frame(self) -> Any:
        return self._session.send("Page.getFrameTree")["frameTree"]["frame"]

    def _evaluate(self, expression: str, context: int) -> Any:
        words = {"expression": expression, "awaitPromise": True, "returnByValue": True, "contextId": context}
        answer = self._session.send("Runtime.evaluate", words)
        if "exceptionDetails" in answer:
            raise AssertionError(f"axe failed: {answer['exceptionDetails']}")
        return answer["result"].get("value")


def axe_violations(page: Page) -> list[str]:
    """Return what axe finds on the page as it stands."""
    axe = Axe(page)
    try:
        return axe.violations()
    finally:
        axe.close()
