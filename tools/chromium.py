"""Find a Chromium that starts, or get one."""

import os
import shutil
import subprocess
import sys

from packages import apt_install

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find() -> str | None:
    """The browser CHROMIUM names, else the first one on PATH that starts."""
    if chosen := os.environ.get("CHROMIUM"):
        if not starts(chosen):
            sys.exit(f"CHROMIUM is {chosen}, which does not start.")
        return chosen
    return next((path for name in NAMES if (path := shutil.which(name)) and starts(path)), None)


def ensure() -> str:
    """Find a browser; if there is none, install one. Leave with a clear message if that fails too."""
    browser = find()
    if not browser:
        print("chromium: none found, installing one", flush=True)
        apt_install("chromium")
        browser = find() or playwright_download()
    if not browser:
        sys.exit("The tests need Chromium. Install it, or set CHROMIUM to the path of one.")
    return browser


def starts(path: str) -> bool:
    """A package may leave a stub that only says where to get the browser: ask it for its version."""
    try:
        answer = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0 and "Chrom" in answer.stdout


def playwright_download() -> str | None:
    from playwright.sync_api import sync_playwright

    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if starts(path) else None
