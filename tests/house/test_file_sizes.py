"""A file that passes 400 lines becomes a package of the same name."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
LIMIT = 400
WRITTEN_HERE = {".py", ".html", ".css", ".js", ".sh"}
NOT_OURS = {"vendor", "migrations"}


def test_it_keeps_files_short() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],  # noqa: S607 (git, wherever it is)
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    files = [ROOT / name for name in listed.stdout.splitlines()]
    ours = [
        file
        for file in files
        if file.suffix in WRITTEN_HERE and not NOT_OURS & set(file.relative_to(ROOT).parts) and file.exists()
    ]
    lengths = {str(file.relative_to(ROOT)): len(file.read_text(encoding="utf-8").splitlines()) for file in ours}

    assert lengths
    assert {name: length for name, length in lengths.items() if length > LIMIT} == {}
