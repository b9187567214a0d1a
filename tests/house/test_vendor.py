"""What was vendored is what the manifest says, made of the packages the lock names. Needs no Node."""

import gzip
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

import vendor

ROOT = Path(__file__).resolve().parents[2]
MANIFEST = json.loads((ROOT / "static/vendor/MANIFEST.json").read_text(encoding="utf-8"))
LOCK = json.loads((ROOT / "vendor/package-lock.json").read_text(encoding="utf-8"))
THEME = json.loads((ROOT / "vendor/theme.json").read_text(encoding="utf-8"))
EXTRACT = json.loads((ROOT / "vendor/tokens.json").read_text(encoding="utf-8"))
# Not made from a package: they say what the others are.
PAPERS = {"static/vendor/MANIFEST.json", "static/vendor/NOTICE", "tests/vendor/LICENSE.axe-core"}
# Where we differ from the package on purpose: name, light, dark (None: the package's value).
EXCEPTIONS = {
    ("warn-fg", "#a33f05", None),
    ("danger", "#b10e1c", None),
    ("subtle-h", "#f0f0f0", None),
    ("stroke2", None, "#424242"),
    ("warn-bg", None, "#341a08"),
    ("warn-line", None, "#8a3707"),
    ("bad-fg", None, "#f1868f"),
    ("bad-line", None, "#a5111e"),
    ("fg-off", "#707070", "#999999"),
}


def test_it_lists_every_vendored_file() -> None:
    found = {
        path.relative_to(ROOT).as_posix()
        for folder in ("static/vendor", "tests/vendor")
        for path in (ROOT / folder).rglob("*")
    }
    assert found | {"static/portal/tokens.css"} == set(MANIFEST) | PAPERS


@pytest.mark.parametrize("name", sorted(MANIFEST))
def test_it_keeps_the_bytes_of_the_manifest(name: str) -> None:
    data = (ROOT / name).read_bytes()
    assert len(data) == MANIFEST[name]["size"]
    assert hashlib.sha256(data).hexdigest() == MANIFEST[name]["sha256"]


@pytest.mark.parametrize("name", sorted(MANIFEST))
def test_it_names_the_locked_package(name: str) -> None:
    entry = MANIFEST[name]
    locked = LOCK["packages"][f"node_modules/{entry['package']}"]
    assert (entry["version"], entry["integrity"]) == (locked["version"], locked["integrity"])
    assert entry["integrity"].startswith("sha512-")


def test_it_pins_exact_versions() -> None:
    package = json.loads((ROOT / "vendor/package.json").read_text(encoding="utf-8"))
    wanted = package["dependencies"] | package["devDependencies"]
    assert wanted == {name: LOCK["packages"][f"node_modules/{name}"]["version"] for name in wanted}


def test_it_ships_the_licences() -> None:
    notice = (ROOT / "static/vendor/NOTICE").read_text(encoding="utf-8")
    for words in ("Permission is hereby granted, free of charge", "SIL OPEN FONT LICENSE Version 1.1"):
        assert words.casefold() in notice.casefold()
    for entry in MANIFEST.values():
        assert entry["package"] in notice or entry["licence"] == "MPL-2.0"
    assert "Mozilla Public License" in (ROOT / "tests/vendor/LICENSE.axe-core").read_text(encoding="utf-8")


def test_it_differs_from_the_package_only_where_listed() -> None:
    listed = {(name, change.get("light"), change.get("dark")) for name, change in THEME["exceptions"].items()}
    assert listed == EXCEPTIONS
    assert all(change["why"] for change in THEME["exceptions"].values())


def test_it_uses_the_package_values_everywhere_else() -> None:
    css = (ROOT / "static/portal/tokens.css").read_text(encoding="utf-8")
    values: dict[str, Any] = dict(re.findall(r"--([a-z0-9-]+): (.+);", css))
    for name, key in THEME["names"].items():
        if name not in THEME["exceptions"]:
            assert values[name] == vendor.css_value(*EXTRACT[key]), name
    assert set(values) == set(THEME["names"]) | set(THEME["own"])
    assert css == vendor.tokens_css(THEME, EXTRACT)


def test_it_holds_every_icon_that_templates_ask_for() -> None:
    drawn = set(re.findall(r'<symbol id="([^"]+)"', (ROOT / "static/vendor/icons.svg").read_text(encoding="utf-8")))
    assert drawn == set(json.loads((ROOT / "vendor/icons.json").read_text(encoding="utf-8")))
    asked = set()
    for path in (ROOT / "templates").rglob("*.html"):
        asked |= set(re.findall(r'{% icon "([^"]+)"|icon_name="([^"]+)"', path.read_text(encoding="utf-8")))
    assert {first or second for first, second in asked} <= drawn


def test_it_draws_one_mark_everywhere() -> None:
    paths = [
        re.findall(r' d="([^"]+)"', (ROOT / name).read_text(encoding="utf-8"))
        for name in ("static/portal/mark.svg", "templates/components/mark.html")
    ]
    assert paths[0] == paths[1] != []


def test_it_uses_only_tokens_that_exist() -> None:
    css = "".join((ROOT / f"static/portal/{name}.css").read_text(encoding="utf-8") for name in ("portal", "components"))
    known = set(THEME["names"]) | set(THEME["own"]) | set(re.findall(r"(?<![\w-])--([a-z0-9-]+):", css))
    assert set(re.findall(r"var\(--([a-z0-9-]+)", css)) <= known


def test_it_keeps_the_weight_of_style_and_scripts() -> None:
    def weight(pattern: str) -> int:
        return sum(len(gzip.compress(path.read_bytes(), 9)) for path in (ROOT / "static").glob(pattern))

    assert weight("portal/*.css") <= 12_000
    assert weight("js/*.js") <= 8_000
