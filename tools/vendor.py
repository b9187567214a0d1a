"""Turn the pinned npm packages into the committed static files. Maintainers run it through `make vendor`.

Needs Node once (`npm ci --ignore-scripts` in vendor/), fontTools and brotli. A clone never needs it: the outputs are
committed, and `tests/house/test_vendor.py` compares them with the manifest this program writes.
"""

import hashlib
import io
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "vendor"
MODULES = VENDOR / "node_modules"
TOKENS = "@fluentui/tokens"
ICONS = "@fluentui/svg-icons"
FONT = "@fontsource-variable/open-sans"
AXE = "axe-core"
FONT_FILE = "files/open-sans-latin-wght-normal.woff2"
# What of the Latin subset stays: letters of western Europe, German and Nordic among them, typographic signs, euro.
GLYPHS = "0020-007E,00A0-00FF,0131,0152-0153,02C6,02DA,02DC,2010-2026,2030,2039-203A,20AC,2122,2191-2193,2212"
COLOUR = re.compile(r"rgba?\([^)]*\)")


def load(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def extract_tokens(names: list[str]) -> dict[str, list[str]]:
    """Ask the package, which is JavaScript, for the values of both themes."""
    script = (
        "const t=require('@fluentui/tokens');const n=JSON.parse(process.argv[1]);"
        "const o={};for(const k of n)o[k]=[t.webLightTheme[k],t.webDarkTheme[k]];console.log(JSON.stringify(o))"
    )
    out = subprocess.run(
        ["node", "-e", script, json.dumps(names)], cwd=VENDOR, check=True, capture_output=True, text=True
    )
    values: dict[str, list[str]] = json.loads(out.stdout)
    return values


def css_value(light: str, dark: str) -> str:
    """One value, or `light-dark()`; it takes colours only, so a shadow is paired colour by colour."""
    if light == dark:
        return light
    if COLOUR.search(light) and not COLOUR.fullmatch(light):
        darks = iter(COLOUR.findall(dark))
        return COLOUR.sub(lambda found: f"light-dark({found[0]}, {next(darks)})", light)
    return f"light-dark({light}, {dark})"


def tokens_css(theme: dict[str, Any], extract: dict[str, list[str]]) -> str:
    """The style sheet of custom properties: package values, then documented exceptions, then our own."""
    lines = []
    for name, key in theme["names"].items():
        light, dark = extract[key]
        change = theme["exceptions"].get(name, {})
        lines.append(f"  --{name}: {css_value(change.get('light', light), change.get('dark', dark))};")
    lines += [f"  --{name}: {css_value(*pair)};" for name, pair in theme["own"].items()]
    head = "/* Made by tools/vendor.py from vendor/theme.json and @fluentui/tokens; licence in static/vendor/NOTICE. */"
    return f"{head}\n@layer tokens {{\n:root {{\n" + "\n".join(lines) + "\n}\n}\n"


def sprite(icons: dict[str, str]) -> str:
    """One file of symbols, drawn in the colour of the text around them."""
    parts = []
    for name, source in sorted(icons.items()):
        svg = (MODULES / ICONS / "icons" / f"{source}_20_regular.svg").read_text(encoding="utf-8")
        box = re.search(r'viewBox="([^"]+)"', svg)
        body = re.search(r"<svg[^>]*>(.*)</svg>", svg, re.DOTALL)
        if box is None or body is None:
            raise ValueError(f"Unexpected drawing: {source}")
        parts.append(f'<symbol id="{name}" viewBox="{box[1]}">{body[1].strip()}</symbol>')
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(parts) + "\n</svg>\n"


def subset_font(source: Path, target: Path) -> None:
    """The Latin subset, weights 400 to 700, the same bytes each time."""
    narrow = io.BytesIO()
    font = TTFont(source, recalcTimestamp=False)
    instancer.instantiateVariableFont(font, {"wght": (400, 400, 700)}).save(narrow)
    font = TTFont(narrow, recalcTimestamp=False)
    options = subset.Options(
        flavor="woff2", layout_features=["kern", "liga", "mark", "mkmk", "ccmp", "locl", "tnum"], notdef_outline=True
    )
    cut = subset.Subsetter(options)
    cut.populate(unicodes=subset.parse_unicodes(GLYPHS))
    cut.subset(font)
    font.flavor = "woff2"
    font.save(target)


def notice() -> str:
    """Licence texts of everything that is served to browsers."""
    mit = (MODULES / TOKENS / "LICENSE").read_text(encoding="utf-8").strip()
    ofl = (MODULES / FONT / "LICENSE").read_text(encoding="utf-8").strip()
    rule = "\n\n" + "=" * 78 + "\n\n"
    return (
        f"Third-party material in this folder and in static/portal/tokens.css.\n\n"
        f"tokens.css: values of {TOKENS} (MIT)\nicons.svg: drawings of {ICONS} (MIT)\n"
        f"portal-sans.woff2: a subset of Open Sans from {FONT} (SIL Open Font License 1.1), under another name"
        f"{rule}MIT, for {TOKENS} and {ICONS}\n\n{mit}{rule}SIL OFL 1.1, for {FONT}\n\n{ofl}\n"
    )


def manifest_entry(path: Path, package: str, licence: str) -> dict[str, Any]:
    lock = load(VENDOR / "package-lock.json")["packages"][f"node_modules/{package}"]
    data = path.read_bytes()
    return {
        "package": package,
        "version": lock["version"],
        "integrity": lock["integrity"],
        "licence": licence,
        "sha256": hashlib.sha256(data).hexdigest(),
        "size": len(data),
    }


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def main() -> int:
    if not MODULES.is_dir():
        print("Run `npm ci --ignore-scripts` in vendor/ first.", file=sys.stderr)
        return 1
    theme = load(VENDOR / "theme.json")
    extract = extract_tokens(sorted(set(theme["names"].values())))
    write(VENDOR / "tokens.json", json.dumps(extract, indent=1) + "\n")
    outputs = {
        "static/portal/tokens.css": (TOKENS, "MIT"),
        "static/vendor/icons.svg": (ICONS, "MIT"),
        "static/vendor/portal-sans.woff2": (FONT, "OFL-1.1"),
        "tests/vendor/axe.min.js": (AXE, "MPL-2.0"),
    }
    write(ROOT / "static/portal/tokens.css", tokens_css(theme, extract))
    write(ROOT / "static/vendor/icons.svg", sprite(load(VENDOR / "icons.json")))
    write(ROOT / "static/vendor/NOTICE", notice())
    subset_font(MODULES / FONT / FONT_FILE, ROOT / "static/vendor/portal-sans.woff2")
    write(ROOT / "tests/vendor/LICENSE.axe-core", (MODULES / AXE / "LICENSE").read_text(encoding="utf-8"))
    shutil.copyfile(MODULES / AXE / "axe.min.js", ROOT / "tests/vendor/axe.min.js")
    manifest = {name: manifest_entry(ROOT / name, *origin) for name, origin in outputs.items()}
    write(ROOT / "static/vendor/MANIFEST.json", json.dumps(manifest, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
