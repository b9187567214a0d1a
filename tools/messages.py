"""Finds every text that people see, keeps the German catalogue in step with them, and compiles it. Needs only Django.

`make messages` writes locale/de/LC_MESSAGES/django.po and .mo: new texts come in untranslated, texts that are gone go out.
tests/house/test_german.py uses the same functions to see that nothing is missing (docs/decisions/0059).
"""

import ast
import re
import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[1]
PO = ROOT / "locale/de/LC_MESSAGES/django.po"
MO = PO.with_suffix(".mo")
NO_WORDS_IN = {"tests", "migrations", "tools", "benchmarks", "docs", "locale", "data", "node_modules"}
HEADER = (
    "Project-Id-Version: Gatepass\n"
    "Language: de\n"
    "MIME-Version: 1.0\n"
    "Content-Type: text/plain; charset=UTF-8\n"
    "Content-Transfer-Encoding: 8bit\n"
    "Plural-Forms: nplurals=2; plural=(n != 1);\n"
)
# What a call of that name says: where its context, its text and its plural stand among the arguments.
CALLS = {
    "_": (None, 0, None),
    "gettext": (None, 0, None),
    "gettext_lazy": (None, 0, None),
    "gettext_noop": (None, 0, None),
    "ngettext": (None, 0, 1),
    "ngettext_lazy": (None, 0, 1),
    "pgettext": (0, 1, None),
    "pgettext_lazy": (0, 1, None),
    "npgettext": (0, 1, 2),
    "npgettext_lazy": (0, 1, 2),
}
STRING = r"u?('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
IN_TEMPLATE = re.compile(rf"\b(_|n?p?gettext)\(\s*{STRING}(?:\s*,\s*{STRING})?(?:\s*,\s*{STRING})?")
NOTE = "Translators:"
CONTEXT_END = "\x04"  # how a compiled catalogue tells a context from its text
PLURAL_END = "\x00"
FIELDS = ("msgctxt", "msgid", "msgid_plural", "msgstr", "msgstr[0]", "msgstr[1]")
ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"}


@dataclass(frozen=True)
class Message:
    """One text: ``says`` holds its translations, one, or one for each plural form; empty where there is none yet."""

    text: str
    plural: str = ""
    context: str = ""
    says: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    note: str = field(default="", compare=False)

    @property
    def key(self) -> tuple[str, str]:
        """Return what tells it from every other."""
        return self.context, self.text


def messages_in_python(source: str) -> Iterator[Message]:
    """Yield every text that a module hands to gettext.

    A text that is no plain string is a mistake, and so is a function by a name of one's own: they would never be found.
    """
    lines = source.splitlines()
    for node in ast.walk(ast.parse(source)):
        for one in node.names if isinstance(node, ast.ImportFrom) else ():
            if one.name in CALLS and (one.asname or one.name) not in CALLS:
                raise ValueError(f"no text is found behind {one.asname}: import {one.name} by its name, or as _")
        name = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
        if name not in CALLS or not isinstance(node, ast.Call):
            continue
        context, text, plural = (None if at is None else ast.literal_eval(node.args[at]) for at in CALLS[name])
        above = lines[node.lineno - 2].strip(" #") if node.lineno > 1 else ""
        yield Message(text or "", plural or "", context or "", note=above if above.startswith(NOTE) else "")


def messages_in_template(source: str) -> Iterator[Message]:
    """Yield every text that a template marks, in Django's own reading of it."""
    for name, *strings in IN_TEMPLATE.findall(templatize(source)):
        said = [ast.literal_eval(one) for one in strings if one]
        context, text, plural = (None if at is None else said[at] for at in CALLS[name])
        yield Message(text or "", plural or "", context or "")


def wanted(root: Path = ROOT) -> dict[tuple[str, str], Message]:
    """Return every text of the product with the files it stands in."""
    found: dict[tuple[str, str], Message] = {}
    for path in sorted([*root.glob("*/**/*.py"), *root.glob("templates/**/*.*")]):
        where = path.relative_to(root)
        if NO_WORDS_IN & set(where.parts) or where.parts[0].startswith("."):
            continue
        read = messages_in_python if path.suffix == ".py" else messages_in_template
        for one in read(path.read_text(encoding="utf-8")):
            before = found.get(one.key, one)
            found[one.key] = replace(
                before,
                plural=before.plural or one.plural,
                places=tuple(dict.fromkeys([*before.places, where.as_posix()])),
                note=before.note or one.note,
            )
    return found


def catalogue(text: str) -> dict[tuple[str, str], Message]:
    """Return the messages of a .po file (its header stands under the empty text)."""
    found = {}
    for block in re.split(r"\n\s*\n", text.strip()):
        parts = dict.fromkeys(FIELDS, "")
        at = ""
        for line in block.splitlines():
            if line.startswith("#"):
                continue
            name, quote, rest = line.partition('"')
            at = name.strip() or at
            parts[at] += unescaped(rest[: rest.rindex('"')]) if quote else ""
        plural = (parts["msgstr[0]"], parts["msgstr[1]"]) if parts["msgid_plural"] else (parts["msgstr"],)
        one = Message(parts["msgid"], parts["msgid_plural"], parts["msgctxt"], plural if all(plural) else ())
        found[one.key] = one
    return found


def written(messages: dict[tuple[str, str], Message]) -> str:
    """Return a .po file, in the order of the places the texts stand in, so that a page's words are together."""
    header = "".join(f"{quoted(line)}\n" for line in HEADER.splitlines(keepends=True))
    blocks = [f'msgid ""\nmsgstr ""\n{header}']
    for one in sorted(messages.values(), key=lambda one: (one.places, one.key)):
        lines = [f"#. {one.note}"] if one.note else []
        lines += [f"#: {place}" for place in one.places]
        lines += ["#, python-format"] if "%(" in one.text else []
        lines += [f"msgctxt {quoted(one.context)}"] if one.context else []
        lines += [f"msgid {quoted(one.text)}"]
        if one.plural:
            says = one.says or ("", "")
            lines += [f"msgid_plural {quoted(one.plural)}"]
            lines += [f"msgstr[{at}] {quoted(say)}" for at, say in enumerate(says)]
        else:
            lines += [f"msgstr {quoted(one.says[0] if one.says else '')}"]
        blocks.append("\n".join(lines) + "\n")
    return "\n".join(blocks)


def compiled(messages: dict[tuple[str, str], Message]) -> bytes:
    """Return the .mo file that gettext reads: two tables of lengths and places, then the texts, sorted."""
    pairs = [(b"", HEADER.encode())]
    for one in messages.values():
        if one.text and one.says:
            name = f"{one.context}{CONTEXT_END}{one.text}" if one.context else one.text
            name += f"{PLURAL_END}{one.plural}" if one.plural else ""
            pairs.append((name.encode(), PLURAL_END.join(one.says).encode()))
    pairs.sort()
    head, row = 28, 8
    texts_at = head + 2 * row * len(pairs)
    tables, texts = [b"", b""], b""
    for column in (0, 1):
        for pair in pairs:
            tables[column] += struct.pack("<II", len(pair[column]), texts_at + len(texts))
            texts += pair[column] + b"\x00"
    start = struct.pack("<7I", 0x950412DE, 0, len(pairs), head, head + row * len(pairs), 0, 0)
    return start + b"".join(tables) + texts


def quoted(text: str) -> str:
    """Return ``text`` as a .po file holds it."""
    return '"' + "".join(ESCAPES.get(letter, letter) for letter in text) + '"'


def unescaped(text: str) -> str:
    """Return what a quoted text of a .po file says."""
    back = {value: key for key, value in ESCAPES.items()}
    return re.sub(r"\\.", lambda found: back[found[0]], text)


def main() -> int:
    """Write both files and say what is left to do."""
    before = catalogue(PO.read_text(encoding="utf-8")) if PO.exists() else {}
    messages = {
        key: replace(one, says=before[key].says if key in before and before[key].plural == one.plural else ())
        for key, one in wanted().items()
    }
    PO.parent.mkdir(parents=True, exist_ok=True)
    PO.write_text(written(messages), encoding="utf-8")
    MO.write_bytes(compiled(messages))
    missing = [one.text for one in messages.values() if not one.says]
    print(f"{len(messages)} messages, {len(missing)} without German.")
    for text in missing:
        print(f"  {text}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
