"""Ask axe about a page: `assert not axe_violations(page)`."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = Path(__file__).resolve().parent.parent / "vendor" / "axe.min.js"
RUN = "axe.run(document, {resultTypes: ['violations']}).then(result => result.violations)"


def axe_violations(page: Page) -> list[str]:
    """One line for each rule broken, with the elements that break it.

    The script runs in a world of its own through the debugger: the content security policy lets no test add one.
    """
    session = page.context.new_cdp_session(page)
    frame = session.send("Page.getFrameTree")["frameTree"]["frame"]["id"]
    world = session.send("Page.createIsolatedWorld", {"frameId": frame, "worldName": "axe"})
    context = {"contextId": world["executionContextId"]}
    evaluate(session.send, AXE.read_text(encoding="utf-8") + ";undefined", context)
    violations = evaluate(session.send, RUN, context)
    session.detach()
    return [f"{one['id']}: {one['help']}: {[node['html'] for node in one['nodes']]}" for one in violations]


def evaluate(send: Any, expression: str, context: dict[str, int]) -> Any:
    words = {"expression": expression, "awaitPromise": True, "returnByValue": True}
    answer = send("Runtime.evaluate", context | words)
    if "exceptionDetails" in answer:
        raise AssertionError(f"axe failed: {answer['exceptionDetails']}")
    return answer["result"].get("value")
