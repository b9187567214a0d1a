"""Clients nobody here wrote. Node is needed for these alone: without it they are skipped aloud, and fail in CI."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

HERE = Path(__file__).parent
LOUD = "Node is not installed: the clients in tests/clients are NOT tried."


def installed() -> Path:
    """Return a folder with the locked npm packages and our scripts, installed once for each lock file."""
    if not (shutil.which("node") and shutil.which("npm")):
        if os.environ.get("CI"):
            pytest.fail(LOUD)
        pytest.skip(LOUD)
    lock = (HERE / "package-lock.json").read_bytes()
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gatepass"
    folder = cache / f"clients-{hashlib.sha256(lock).hexdigest()[:16]}"
    if not folder.exists():
        cache.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(dir=cache))
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, made)
        npm = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        subprocess.run(npm, cwd=made, check=True, capture_output=True, timeout=240)  # noqa: S603
        try:
            made.rename(folder)
        except OSError:  # another worker was faster
            shutil.rmtree(made)
    for script in HERE.glob("*.mjs"):
        shutil.copy(script, folder)
    return folder
