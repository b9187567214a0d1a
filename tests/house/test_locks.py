"""What is installed is pinned, and may be used."""

import re
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
LOCKS = ["requirements.lock", "requirements-dev.lock"]
ALLOWED = re.compile(r"MIT|BSD|Apache|PSF|Python Software Foundation|LGPL|ISC|Unlicense|MPL|0BSD", re.IGNORECASE)


def requirements(lock: str) -> dict[str, str]:
    """Return each pinned requirement with the lines that belong to it."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    parts = re.split(r"^(?=[a-z0-9][\w.\-]*==)", text, flags=re.MULTILINE | re.IGNORECASE)[1:]
    return {part.split("==")[0].lower(): part for part in parts}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_requirement_is_pinned_with_a_hash(lock: str) -> None:
    """G05: an archive that was changed is not installed."""
    found = requirements(lock)
    assert "django" in found
    assert [name for name, lines in found.items() if "--hash=sha256:" not in lines] == []


@pytest.mark.parametrize("name", sorted(requirements("requirements.lock")))
def test_its_licence_is_on_the_list(name: str) -> None:
    """G05: no licence nobody looked at."""
    assert ALLOWED.search(licence_of(distribution(name))), name


def licence_of(found: Distribution) -> str:
    """Return what a distribution says of its licence, new style, old style or by classifier."""
    said = found.metadata.json
    classified = [one for one in said.get("classifier", []) if one.startswith("License ::")]
    return " ".join([str(said.get("license_expression", "")), str(said.get("license", ""))[:200], *classified])
