"""What a first view of a page costs on the wire: ``python -m benchmarks.weight [--port 8123]``.

Starts the product with its demo, as ``make run`` does, and opens each page in a browser that has nothing in its cache.
Bytes are those of the answers as they came, headers included; the font counts only on machines without a better one of
their own, so it is listed beside the rest. The bars are in docs/ui.md.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, BrowserContext, sync_playwright

import chromium
from benchmarks import ROOT

READY = re.compile(r"as (\S+) with the pass (\S+)")
PAGES = {
    "Sign-in": "/signin/",
    "Security info": "/mysecurityinfo/",
    "Home": "/center/",
    "Users": "/center/users/",
    "Policy": "/center/authentication-methods/policies/temporary-access-pass/configure/",
    "Issue a pass": "/center/issue/",
}


@dataclass
class View:
    """What came while a page was opened: bytes by kind."""

    document: int = 0
    font: int = 0
    others: list[int] = field(default_factory=list)

    @property
    def row(self) -> str:
        """Return the figures as the table shows them."""
        total = self.document + sum(self.others)
        return f"{1 + len(self.others):8} {self.document / 1000:8.1f} {total / 1000:8.1f} {self.font / 1000:8.1f}"


def main() -> int:
    """Do what this module says."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--port", type=int, default=8123)
    port = parser.parse_args().port
    with serving(port) as (upn, code), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=["--no-sandbox"])
        site = f"http://localhost:{port}"
        cookies = signed_in(browser.new_context(base_url=site), upn, code)
        print(f"{'kB on the wire':16} {'requests':>8} {'HTML':>8} {'all':>8} {'+ font':>8}")
        for name, path in PAGES.items():
            known = [] if name == "Sign-in" else cookies
            print(f"{name:16} {view_of(browser, f'{site}{path}', known).row}")
        browser.close()
    return 0


@contextmanager
def serving(port: int) -> Iterator[tuple[str, str]]:
    """Run the product on fresh demo data; give who can sign in, and with which pass."""
    with tempfile.TemporaryDirectory(prefix="gatepass-weight-") as data:
        environment = os.environ | {
            "DATA_DIR": data,
            "PORT": str(port),
            "PYTHONUNBUFFERED": "1",
            "LOG_LEVEL": "WARNING",
        }
        command = [sys.executable, "manage.py", "serve"]
        with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as server:
            try:
                yield next((found[1], found[2]) for line in server.stdout or () if (found := READY.search(line)))
            finally:
                server.terminate()


def signed_in(context: BrowserContext, upn: str, code: str) -> list[Any]:
    """Sign in with the pass and return the cookies of the session."""
    page = context.new_page()
    page.goto("/signin/")
    page.get_by_role("textbox").fill(upn)
    page.get_by_role("button", name="Next").click()
    page.get_by_label("Temporary Access Pass", exact=True).fill(code)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/center/")
    return context.cookies()


def view_of(browser: Browser, address: str, cookies: list[Any]) -> View:
    """Open a page with an empty cache and count what comes."""
    context = browser.new_context()
    context.add_cookies(cookies)
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    kinds: dict[str, str] = {}
    view = View()

    def came(event: dict[str, Any]) -> None:
        size, kind = int(event["encodedDataLength"]), kinds.get(event["requestId"], "")
        if kind == "Document":
            view.document += size
        elif kind == "Font":
            view.font += size
        elif kind not in {"Fetch", "XHR", ""}:  # a script's own question is no part of the view
            view.others.append(size)

    session.on("Network.responseReceived", lambda event: kinds.update({event["requestId"]: event["type"]}))
    session.on("Network.loadingFinished", came)
    page.goto(address, wait_until="networkidle")
    context.close()
    return view


if __name__ == "__main__":
    sys.exit(main())
