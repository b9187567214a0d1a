"""Tables as text: what spreadsheets save and people paste, and what may be written back to them."""

import codecs
import csv
import io
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from core.errors import Invalid
from core.wording import number

SEPARATORS = ",;\t|"
LONGEST_CELL, LONGEST_ROW = 10_000, 200_000  # characters
BYTE_ORDER_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
BYTE_ORDER_MARK = "\ufeff"  # at the head of a file we write, or spreadsheets read it as something else than UTF-8
# Where a spreadsheet may take what follows for a formula (CWE-1236): where a cell begins, and behind whatever ends one for a
# spreadsheet that splits elsewhere than we do, as at the semicolons of a German one.
FORMULA = re.compile(r"(?:^|(?<=[;\t\r\n]))(?= *[=+\-@＝＋－＠])|^(?=[\t\r\n])")  # noqa: RUF001  wide letters count too


@dataclass(frozen=True)
class Line:
    """One line that holds anything: where it stands in the file (from 1), and its cells without surrounding space."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """The lines below a header, and which column each known name stands in."""

    columns: dict[str, int]
    width: int
    lines: Iterator[Line]

    def value(self, line: Line, name: str) -> str:
        """Return the cell of a line under a name; "" where the table has no such column or the line ends before it."""
        at = self.columns.get(name)
        return line.cells[at] if at is not None and at < len(line.cells) else ""

    def is_wider(self, line: Line) -> bool:
        """Say whether a line holds anything beside the columns: a separator in a text that was not quoted moves the rest."""
        return any(line.cells[self.width :])


def text_of(data: bytes) -> str:
    """Return what a file says: UTF-8 or UTF-16 by its mark, else UTF-8, else what Windows calls ANSI. Raises Invalid."""
    marked = next((name for mark, name in BYTE_ORDER_MARKS.items() if data.startswith(mark)), None)
    for encoding in (marked,) if marked else ("utf-8", "cp1252"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise Invalid("file_not_text", _("This is not a text file. Save the table as CSV (UTF-8) and choose that file."))


def lines_of(text: str, *, most: int) -> Iterator[Line]:
    """Return the lines that hold anything, at most ``most``. The separator is found out: comma, semicolon, tab or bar.

    Raises Invalid, while being read, where there are more lines or a line cannot be read.
    """
    separator, rest, skipped = _separator_of(text)
    read = _Bounded(rest)
    reader = csv.reader(read, delimiter=separator, skipinitialspace=True)
    found = 0
    try:
        for cells in reader:
            read.length = 0
            clean = tuple(cell.strip() for cell in cells)
            if not any(clean):
                continue
            found += 1
            if found > most:
                raise Invalid(
                    "file_too_long",
                    _("The table has more than %(most)s lines. Split it and try again.") % {"most": number(most)},
                )
            if max(map(len, clean)) > LONGEST_CELL:
                raise csv.Error  # noqa: TRY301  a cell csv itself would have taken
            yield Line(reader.line_num + skipped, clean)
    except csv.Error:
        message = _("Line %(number)s cannot be read. Check its quotation marks.") % {
            "number": reader.line_num + skipped
        }
        raise Invalid("file_unreadable", message) from None


def count_lines(text: str) -> int:
    """Return about how many lines a file has, whatever ends them, without reading it as a table."""
    return max(text.count("\n"), text.count("\r")) + 1


def table_of(text: str, *, known: Collection[str], most: int) -> Table | None:
    """Return the table below a header that names at least one ``known`` column, whatever its letter case; else None.

    Raises Invalid where a name stands there twice, and as ``lines_of`` does.
    """
    lines = lines_of(text, most=most + 1)
    header = next(lines, None)
    names = {name.casefold(): name for name in known}
    columns: dict[str, int] = {}
    heads = header.cells if header else ()
    for at, cell in enumerate(heads):
        name = names.get(cell.casefold())
        if name in columns:
            raise Invalid("column_twice", _("The column %(name)s stands in the table twice.") % {"name": name})
        if name is not None:
            columns[name] = at
    return Table(columns, len(heads), lines) if columns else None


def written(rows: Iterable[Iterable[object]]) -> str:
    """Return rows as CSV that no spreadsheet runs anything of."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([harmless(str(cell)) for cell in row] for row in rows)
    return out.getvalue()


def harmless(cell: str) -> str:
    """Return a cell that a spreadsheet shows as it is instead of computing it or a part of it."""
    return FORMULA.sub("'", cell)


class _Bounded:
    """The lines of a file for ``csv``, which keeps all cells of a row: one that is longer than any table's is an error."""

    def __init__(self, text: str) -> None:
        self.lines = io.StringIO(text, newline="")
        self.length = 0

    def __iter__(self) -> Iterator[str]:
        for line in self.lines:
            self.length += len(line)
            if self.length > LONGEST_ROW:
                raise csv.Error
            yield line


def _separator_of(text: str) -> tuple[str, str, int]:
    """Return the separator, the text to read, and how many lines that leaves out (Excel's ``sep=;``)."""
    first, _end, rest = text.partition("\n")
    if first.strip().lower().startswith("sep=") and first.strip()[4:] in tuple(SEPARATORS):
        return first.strip()[4:], rest, 1
    sample = next((line for line in io.StringIO(text, newline="") if line.strip()), "")[:LONGEST_ROW]
    outside = "".join(part for at, part in enumerate(sample.split('"')) if at % 2 == 0)
    return max(SEPARATORS, key=outside.count), text, 0
