"""The German catalogue: every text is in it, translated, with the same holes, and what is compiled is what is written."""

import gettext
import io
import re

import pytest

import messages
from messages import MO, PO, Message, catalogue, compiled, unescaped, wanted, written

HOLE = re.compile(r"%\(\w+\)[sd]|%%|\{\w*\}|</?\w+[^>]*>|\n")
# What docs/german.md lays down: where the English has the one, the German has the other.
GLOSSARY = {
    r"Temporary Access Pass\b": r"Befristete[rnms]? Zugriffsp",
    r"\b[Pp]asskeys?\b": r"[Pp]asskey",
    r"\b[Pp]olic(y|ies)\b": r"ichtlinie",
    r"\b[Aa]udit log\b": r"Überwachungsprotokoll",
    r"\b[Ss]ecurity info\b": r"Sicherheitsinformationen",
    r"\bGlobal Administrator\b": r"Globale[rn] Administrator",
    r"\b[Pp]assword\b": r"[Kk]ennw(ort|ört)",
    r"\b[Ss]ervice desk\b": r"Servicedesk",
    r"\bUser Credential Policy\b": r"Richtlinie für Benutzeranmeldeinformationen",
}
AVOIDED = re.compile(r"\w!|\b([Pp]asswort|Login|[Ee]inloggen|[Aa]usloggen|ungültig|User)\b")
LISTED = {key: one for key, one in catalogue(PO.read_text(encoding="utf-8")).items() if one.text}


def problems_of(one: Message) -> list[str]:
    """Return what is wrong with a translation."""
    if not one.says:
        return ["not translated"]
    forms = [(one.text, one.says[0])] + ([(one.plural, one.says[1])] if one.plural else [])
    found = [
        f"other holes: {said!r}"
        for english, said in forms
        if sorted(HOLE.findall(english)) != sorted(HOLE.findall(said))
    ]
    found += [f"other space around: {said!r}" for english, said in forms if _around(english) != _around(said)]
    found += [
        f"not the word of the glossary for {english!r}: {said!r}"
        for english, german in GLOSSARY.items()
        for text, said in forms
        if re.search(english, text) and not re.search(german, said)
    ]
    return found + [f"a word to avoid: {said!r}" for _, said in forms if AVOIDED.search(said)]


def _around(text: str) -> tuple[bool, bool]:
    return text != text.lstrip(), text != text.rstrip()


def test_every_text_is_in_the_catalogue_and_no_other() -> None:
    """`make messages` brings it up to date; whoever does not speak German may leave the new lines for somebody who does."""
    found = wanted()
    assert {key: one.plural for key, one in found.items()} == {key: one.plural for key, one in LISTED.items()}


def test_every_text_is_translated() -> None:
    assert {one.text: said for one in LISTED.values() if (said := problems_of(one))} == {}


def test_what_is_compiled_is_what_is_written() -> None:
    """No machine needs gettext's programs to run this: the compiled catalogue comes with the sources."""
    assert MO.read_bytes() == compiled(LISTED)
    read = gettext.GNUTranslations(io.BytesIO(MO.read_bytes()))
    some = [one for one in LISTED.values() if one.plural][:20]
    for one in some:
        assert (read.ngettext(one.text, one.plural, 1), read.ngettext(one.text, one.plural, 2)) == one.says
    for one in list(LISTED.values())[::50]:
        if not one.plural and not one.context:
            assert read.gettext(one.text) == one.says[0]


def test_nothing_waits_for_a_second_look() -> None:
    assert re.findall(r"^#,.*fuzzy.*|^#~.*", PO.read_text(encoding="utf-8"), re.MULTILINE) == []


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (Message("Name"), "not translated"),
        (Message("%(name)s left", says=("links",)), "other holes"),
        (Message("{name} left", says=("{nam} links",)), "other holes"),
        (Message("<b>x</b>", says=("<b>x",)), "other holes"),
        (Message("%(n)d day", "%(n)d days", says=("%(n)d Tag", "Tage")), "other holes"),
        (Message("Error: ", says=("Fehler:",)), "other space"),
        (Message("Add a passkey", says=("Schlüssel hinzufügen",)), "glossary"),
        (Message("Saved.", says=("Gespeichert!",)), "avoid"),
    ],
)
def test_it_finds_what_is_wrong(one: Message, said: str) -> None:
    assert said in problems_of(one)[0]


def test_it_finds_every_kind_of_text() -> None:
    python = """
# Translators: a date
a = _("one")
b = ngettext("%(n)s two", "%(n)s twos", 2) + pgettext("verb", "open") + f"{_('in f')}" + _("joined " "text")
c = other("not this")
"""
    template = """{% translate "one" %}{% blocktranslate count n=2 trimmed %}{{ n }} two
        {% plural %}{{ n }} twos{% endblocktranslate %}{% field label=_("given") %}{% translate "open" context "verb" %}
        {% comment %}{% translate "not this" %}{% endcomment %}"""
    found = [(one.context, one.text, one.plural) for one in messages.messages_in_python(python)]
    assert sorted(found) == [
        ("", "%(n)s two", "%(n)s twos"),
        ("", "in f", ""),
        ("", "joined text", ""),
        ("", "one", ""),
        ("verb", "open", ""),
    ]
    found = [(one.context, one.text, one.plural) for one in messages.messages_in_template(template)]
    assert sorted(found) == [
        ("", "%(n)s two", "%(n)s twos"),
        ("", "given", ""),
        ("", "one", ""),
        ("verb", "open", ""),
    ]


def test_no_text_hides_behind_a_name_of_its_own() -> None:
    with pytest.raises(ValueError, match="behind __"):
        list(messages.messages_in_python('from django.utils.translation import gettext as __\na = __("one")'))


def test_a_catalogue_comes_back_as_it_was_written() -> None:
    hard = Message('a "quoted"\n\\line\t', context="verb", says=("so „zitiert“\n\\Zeile\t",))
    many = Message("%(n)s day", "%(n)s days", says=("%(n)s Tag", "%(n)s Tage"))
    both = {one.key: one for one in (hard, many)}
    again = catalogue(written(both))
    assert {key: one for key, one in again.items() if one.text} == both
    assert unescaped(r"\\n") == r"\n"
    read = gettext.GNUTranslations(io.BytesIO(compiled(both)))
    assert (read.pgettext("verb", hard.text), read.ngettext(many.text, many.plural, 2)) == (hard.says[0], "%(n)s Tage")
