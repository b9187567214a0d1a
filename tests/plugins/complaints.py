"""Everything a browser complains about while a page is open."""

from typing import Any

from playwright.sync_api import ConsoleMessage, Page, Response

# An answer of 403 or 404 to a page or a form is what some tests are about; the same for a script or a picture never is.
OWN_ANSWERS = {"document", "fetch", "xhr"}
FIRST_ERROR_STATUS = 400


class Complaints:
    """Breaches of the content security policy, uncaught errors, console errors, and assets that did not come."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._heard: list[str] = []
        page.on("pageerror", lambda error: self._heard.append(f"uncaught: {error}"))
        page.on("console", self._on_console)
        page.on("response", self._on_response)
        self._session = page.context.new_cdp_session(page)
        self._session.on("Audits.issueAdded", self._on_issue)
        self._session.send("Audits.enable")

    def collected(self) -> list[str]:
        """All complaints so far; asking the page first makes sure that what it has sent is here."""
        if not self._page.is_closed():
            self._session.send("Audits.disable")
        return self._heard

    def drained(self) -> list[str]:
        """Return the complaints so far and begin anew, for a tab that shows one page after another."""
        heard = list(self.collected())
        self._session.send("Audits.enable")  # says again what the page that still stands there has complained about
        self._heard.clear()
        return heard

    def _on_issue(self, event: dict[str, Any]) -> None:
        details = event["issue"]["details"].get("contentSecurityPolicyIssueDetails")
        if details:
            self._heard.append(f"content security policy: {details}")

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self._heard.append(f"console: {message.text}")

    def _on_response(self, response: Response) -> None:
        if response.status >= FIRST_ERROR_STATUS and response.request.resource_type not in OWN_ANSWERS:
            self._heard.append(f"{response.status} for {response.url}")
