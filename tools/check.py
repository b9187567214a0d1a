"""Every check that is not a test, one line each: `make check`. A failed one shows what it said."""

import base64
import os
import secrets
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import locks

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
ADVISORIES = "https://api.osv.dev/"

Outcome = tuple[bool, str]


def main() -> int:
    failed = 0
    for name, check in CHECKS.items():
        begun = time.monotonic()
        good, said = check()
        print(f"{'ok  ' if good else 'FAIL'} {name} ({time.monotonic() - begun:.1f} s)", flush=True)
        if said and not good:
            print(said.strip(), end="\n\n")
        failed += not good
    print(f"check: {failed} of {len(CHECKS)} failed" if failed else f"check: all {len(CHECKS)} passed")
    return 1 if failed else 0


def command(*words: str, **environment: str) -> Outcome:
    done = subprocess.run(
        words,
        cwd=ROOT,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode == 0, done.stdout


def tool(name: str, *words: str) -> Outcome:
    return command(str(BIN / name), *words)


def manage(*words: str) -> Outcome:
    """Run manage.py the way production does: https, and secrets of its own."""
    return command(
        sys.executable,
        "manage.py",
        *words,
        DATABASE_URL=f"sqlite:///{os.environ['DATA_DIR']}/check.sqlite3",
        SECRET_KEY=secrets.token_urlsafe(64),
        PEPPER_KEYS=f"k1:{base64.b64encode(secrets.token_bytes(32)).decode()}",
        PUBLIC_URL="https://gatepass.example",
        ALLOWED_HOSTS="gatepass.example",
    )


def template_lint() -> Outcome:
    templates = sorted(str(path) for path in (ROOT / "templates").rglob("*.html"))
    return tool("djade", "--check", "--target-version", "5.2", *templates) if templates else (True, "")


def known_vulnerabilities() -> Outcome:
    try:
        urllib.request.urlopen(ADVISORIES, timeout=5).close()
    except urllib.error.HTTPError:
        pass  # it answers, that is enough
    except OSError as problem:
        print(f"!!! NOT CHECKED for known vulnerabilities: {ADVISORIES} cannot be reached ({problem}) !!!")
        return True, ""
    audit = ("--vulnerability-service", "osv", "--require-hashes", "--disable-pip", "--progress-spinner", "off")
    return tool("pip-audit", *audit, "--requirement", "requirements-dev.lock")


CHECKS: dict[str, Callable[[], Outcome]] = {
    "ruff format": lambda: tool("ruff", "format", "--check", "--output-format", "concise", "."),
    "ruff check": lambda: tool("ruff", "check", "--quiet", "--output-format", "concise", "."),
    "mypy --strict": lambda: tool("mypy"),
    "import contracts": lambda: tool("lint-imports"),
    "templates (djade)": template_lint,
    "migrations are complete": lambda: manage("makemigrations", "--check", "--dry-run"),
    "deploy check": lambda: manage("check", "--deploy", "--fail-level", "WARNING"),
    "locks are complete": locks.check,
    "known vulnerabilities (pip-audit)": known_vulnerabilities,
}

if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="gatepass-check-") as directory:
        os.environ["DATA_DIR"] = directory  # nothing of this machine's own is read or touched
        sys.exit(main())
