"""Do the lock files still answer for what requirements.in and requirements-dev.in ask?"""

import re
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
HASHES = r"(?P<hashes>(?: \\\n    --hash=sha256:[0-9a-f]{64})*)"
PINNED = re.compile(rf"^(?P<name>[\w.-]+)==(?P<version>\S+){HASHES}", re.MULTILINE)


def check() -> tuple[bool, str]:
    production, development = read_lock("requirements.lock"), read_lock("requirements-dev.lock")
    problems = [
        *unanswered("requirements.in", production),
        *unanswered("requirements-dev.in", development),
        *(
            f"requirements-dev.lock has {name} {development.get(name)}, requirements.lock has {version}"
            for name, version in production.items()
            if development.get(name) != version
        ),
        *unhashed("requirements.lock"),
        *unhashed("requirements-dev.lock"),
    ]
    return not problems, "\n".join([*problems, "Run `make lock`."])


def read_lock(name: str) -> dict[str, str]:
    found = PINNED.finditer((ROOT / name).read_text())
    return {canonicalize_name(match["name"]): match["version"] for match in found}


def unhashed(name: str) -> list[str]:
    found = PINNED.finditer((ROOT / name).read_text())
    return [f"{name}: {match['name']} has no hash" for match in found if not match["hashes"]]


def unanswered(name: str, locked: dict[str, str]) -> list[str]:
    """The lines of an .in file that its lock does not satisfy."""
    lines = (line.partition("#")[0].strip() for line in (ROOT / name).read_text().splitlines())
    asked = [Requirement(line) for line in lines if line and not line.startswith("-")]
    answers = [(one, locked.get(canonicalize_name(one.name))) for one in asked]
    return [
        f"{name} asks for {one}, its lock has {version or 'nothing'}"
        for one, version in answers
        if version is None or not one.specifier.contains(version)
    ]
