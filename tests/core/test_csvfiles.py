"""Tables that people send: whatever program saved them, however big or broken they are."""

import csv
import io
import tracemalloc
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import path

from core import csvfiles, uploads
from core.errors import Invalid
from core.middleware import SoundRequests
from tests.conftest import SignIn

KNOWN = ("userPrincipalName", "displayName")


def lines(data: bytes, most: int = 100) -> list[tuple[int, tuple[str, ...]]]:
    return [(line.number, line.cells) for line in csvfiles.lines_of(csvfiles.text_of(data), most=most)]


@pytest.mark.parametrize(
    ("data", "cells"),
    [
        (b"a@x.com,b\n", ("a@x.com", "b")),
        (b"a@x.com;b;c,d\n", ("a@x.com", "b", "c,d")),
        (b"a@x.com\tb\r\n", ("a@x.com", "b")),
        (b"a@x.com|b", ("a@x.com", "b")),
        (b'"a,b,c";d\n', ("a,b,c", "d")),
        (b"\xef\xbb\xbfa@x.com,b\n", ("a@x.com", "b")),
        ("a@x.com,Zoë\n".encode("utf-16"), ("a@x.com", "Zoë")),
        ("a@x.com,Zoë\n".encode("cp1252"), ("a@x.com", "Zoë")),
        ("a@x.com,Zoë\n".encode(), ("a@x.com", "Zoë")),
        (b" a@x.com , b ", ("a@x.com", "b")),
        (b'"two\nlines",b\n', ("two\nlines", "b")),
    ],
)
def test_whatever_program_saved_it(data: bytes, cells: tuple[str, ...]) -> None:
    assert [found for _number, found in lines(data)] == [cells]


def test_line_numbers_are_those_of_the_file() -> None:
    assert lines(b"sep=;\r\na;b\r\n\r\n ; \r\nc;d\r\n") == [(2, ("a", "b")), (5, ("c", "d"))]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"PK\x03\x04\x00\x00binary", "file_not_text"),
        (b"\xff\xfe\x00", "file_not_text"),
        (b"\x81\x8d\x8f", "file_not_text"),
        (b"a\n" * 101, "file_too_long"),
        (b"x" * 10_001, "file_unreadable"),
        (b'"' + b"x" * 200_000, "file_unreadable"),
        (b"a," * 200_000, "file_unreadable"),
        (b'a,b,"\n' + b'",c,"\n' * 50_000, "file_unreadable"),
    ],
)
def test_what_is_no_table_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        lines(data)
    assert refused.value.code == code


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_are_counted_whatever_ends_them(end: str) -> None:
    text = end.join(["a,b"] * 1000)
    assert csvfiles.count_lines(text) == len(lines(text.encode(), most=1000)) == 1000


def test_a_row_without_end_takes_no_memory() -> None:
    """32 MB of separators, which an administrator may upload, would be millions of cells."""
    text = "," * (1 << 25)
    tracemalloc.start()
    with pytest.raises(Invalid):
        list(csvfiles.lines_of(text, most=100))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 6 * len(text)


def test_a_header_is_found_whatever_its_letter_case_and_order() -> None:
    table = csvfiles.table_of("DISPLAYNAME;other;userprincipalname\nMia;x;mia@x.com\nshort", known=KNOWN, most=2)
    assert table is not None
    first, second = table.lines
    assert [table.value(first, name) for name in (*KNOWN, "mail")] == ["mia@x.com", "Mia", ""]
    assert table.value(second, "userPrincipalName") == ""


def test_a_table_without_a_header_is_none_and_a_column_twice_is_refused() -> None:
    assert csvfiles.table_of("mia@x.com\n", known=KNOWN, most=5) is None
    assert csvfiles.table_of("", known=KNOWN, most=5) is None
    with pytest.raises(Invalid):
        csvfiles.table_of("displayName,displayname\n", known=KNOWN, most=5)


@pytest.mark.parametrize(
    ("cell", "harmless"),
    [
        *((cell, f"'{cell}") for cell in ("=1+1", "+1", "-1", "@SUM(A1)", " =1", "＝1+1")),
        ("\t=1", "'\t'=1"),
        ("\r=1", "'\r'=1"),
        ("Sales;=1+1", "Sales;'=1+1"),
        ("Mozilla; @SUM(1)", "Mozilla;' @SUM(1)"),
        ("a\n=1\n-1", "a\n'=1\n'-1"),
        ("Mozilla/5.0 (X11; Linux x86_64) a=b", "Mozilla/5.0 (X11; Linux x86_64) a=b"),
    ],
)
def test_nothing_written_is_a_formula(cell: str, harmless: str) -> None:
    """Nor where the spreadsheet splits cells at semicolons, as it does in Germany, and breaks them at the end of a line."""
    text = csvfiles.written([["plain", cell]])
    assert list(csv.reader(io.StringIO(text, newline=""))) == [["plain", harmless]]


def marked(most_bytes: int) -> object:
    mark = uploads.takes_file(most_bytes=most_bytes, welcomes=bool)
    return path("files/", mark(lambda request: HttpResponse()), name="files")


@pytest.mark.parametrize(("address", "length", "status"), [
    ("/files/", 1_000_000, 200), ("/files/", 1_300_000, 413), ("/files/", 1 << 30, 413), ("/other/", 1_000_000, 413)
])  # fmt: skip
def test_a_page_says_how_big_a_file_may_be(
    monkeypatch: pytest.MonkeyPatch, address: str, length: int, status: int, settings: object
) -> None:
    """One gigabyte is refused by its length, before a byte of it is read."""
    monkeypatch.setattr(uploads, "resolve", lambda _path: SimpleNamespace(func=marked(1_000_000).callback if address == "/files/" else lambda: None))  # type: ignore[attr-defined]  # fmt: skip  # noqa: E501
    monkeypatch.setattr("core.middleware.problem_page", lambda _request, status: SimpleNamespace(status_code=status))
    request = RequestFactory().post(address)
    request.META["CONTENT_LENGTH"] = str(length)
    answer = SoundRequests(lambda _request: SimpleNamespace(status_code=200, headers={}))(request)  # type: ignore[arg-type,return-value]
    assert answer.status_code == status


@pytest.mark.django_db
def test_a_page_that_takes_no_file_gets_none(client: Client, world: SimpleNamespace, as_: SignIn) -> None:
    """Nor does anybody who is not signed in."""
    file = SimpleUploadedFile("a.csv", b"mia@contoso.com")
    for one in (client, as_(world.mia)):
        answer = one.post("/signin/", {"username": "mia@contoso.com", "file": file})
        assert answer.wsgi_request.FILES == {}


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/center/users/import/", "/center/bulk/"])
def test_nobody_fills_the_memory_who_may_not_send_a_file(
    client: Client, world: SimpleNamespace, as_: SignIn, address: str
) -> None:
    for one, kept in ((client, False), (as_(world.mia), False), (as_(world.rosa), False), (as_(world.grace), True)):
        answer = one.post(address, {"file": SimpleUploadedFile("a.csv", b"upn\n")})
        assert bool(answer.wsgi_request.FILES) is kept
