"""The documents are complete and name what exists."""

import re
from dataclasses import fields
from importlib import import_module
from pathlib import Path

import pytest

from audit.enums import Event
from config.env import Environment

DOCS = Path(__file__).resolve().parent.parent.parent / "docs"
ROOT = DOCS.parent


def ticked(page: str) -> list[str]:
    """Return every word of a page that stands between back quotes."""
    return re.findall(r"`([^`\n]+)`", (DOCS / page).read_text(encoding="utf-8"))


@pytest.mark.parametrize("symbol", sorted({one for one in ticked("rules.md") if re.fullmatch(r"\w+(\.\w+)+", one)}))
def test_every_rule_has_its_home(symbol: str) -> None:
    parts = symbol.split(".")
    depth = next(at for at in range(len(parts), 0, -1) if (ROOT / Path(*parts[:at])).with_suffix(".py").exists())
    found = import_module(".".join(parts[:depth]))
    for name in parts[depth:]:
        found = getattr(found, name)


@pytest.mark.parametrize("page", ["rules.md", "threat-model.md", "nist-800-63.md"])
def test_every_test_it_names_exists(page: str) -> None:
    named = [one for one in ticked(page) if one.startswith("tests/")]
    assert named
    assert [one for one in named if not (ROOT / one).is_file()] == []


def test_every_setting_is_described_and_no_other() -> None:
    described = set(re.findall(r"^\| `(\w+)`", (DOCS / "settings.md").read_text(encoding="utf-8"), re.MULTILINE))
    assert described == {field.name.upper() for field in fields(Environment)}


def test_every_event_is_described_and_no_other() -> None:
    described = re.findall(
        r"^\| `([\w:]+)`[ ⏎]* \| (.+) \|$", (DOCS / "audit-events.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert {event for event, _ in described} == set(Event.values)
    assert all(text.strip() for _, text in described)


def test_every_link_of_the_readme_leads_somewhere() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


@pytest.mark.parametrize("event", list(Event))
def test_every_event_happens_somewhere(event: Event) -> None:
    sources = [
        path
        for app in (
            "audit",
            "accounts",
            "notices",
            "tap",
            "authmethods",
            "bulk",
            "directory",
            "signin",
            "oidc",
            "config",
        )
        for path in (ROOT / app).rglob("*.py")
        if path.name != "activities.py"
    ]
    assert any(f"Event.{event.name}" in path.read_text(encoding="utf-8") for path in sources)
