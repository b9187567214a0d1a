"""What a file may hold that is no list of people: told line by line, and nothing of it gets in."""

import csv
import io
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import Group, User
from core import clock
from directory.enums import ImportState
from directory.models import Import, ImportRow
from tests.conftest import SignIn
from tests.directory.imports import HEAD, faults, uploaded


@pytest.fixture
def grace(world: SimpleNamespace, as_: SignIn) -> Client:
    return as_(world.grace)


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("Ann,ann@contoso.com,ann@example.org,Member,,", []),
        ('Ann,ANN@Contoso.com,,guest,"new HIRES;Contractors",Asia/Tokyo', []),
        ('"Ann\nExample",ann@contoso.com,,,,', []),
        (",ann@contoso.com,,,,", ["display_name:empty"]),
        ("Ann,,,,,", ["upn:empty"]),
        ("Ann", ["upn:empty"]),
        ("Ann,MIA@contoso.com,,,,", ["upn:taken"]),
        ("Ann,ann@fabrikam.com,,,,", ["upn:foreign_domain"]),
        ("Ann,ann@contoso.com,ann,Owner,,", ["mail:mail", "kind:kind"]),
        ("Ann,ann@contoso.com,,,Nobody's,", ["groups:group_unknown"]),
        ("Ann,ann@contoso.com,,,Fabrikam secret,", ["groups:group_unknown"]),
        ("Ann,ann@contoso.com,,,,Mars/Olympus", ["time_zone:time_zone"]),
        ("=1+1,ann@contoso.com,,,,", ["display_name:formula"]),
        ("Ann,@contoso.com,,,,", ["upn:formula"]),
        ("Ann,ann@contoso.com,,,-New hires,", ["groups:formula"]),
        (f"{'x' * 257},ann@contoso.com,{'m' * 250}@example.org,,,{'z' * 99}", None),
    ],
)
def test_a_line_is_told_everything_that_is_wrong_with_it(
    world: SimpleNamespace, line: str, wrong: list[str] | None
) -> None:
    Group.objects.create(tenant=world.fabrikam, name="Fabrikam secret", created_at=clock.now())
    batch = uploaded(world, HEAD + line)
    found = next(iter(faults(batch).values()), [])
    assert found == (["display_name:too_long", "mail:too_long", "time_zone:time_zone"] if wrong is None else wrong)
    assert batch.state == ImportState.CHECKED
    assert not User.objects.filter(display_name__startswith="Ann").exists()


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_file_is_read_as_spreadsheets_write_it(world: SimpleNamespace, grace: Client, separator: str) -> None:
    """A byte order mark, Windows' line ends, another order of columns, quotation marks, and one name in two spellings."""
    lines = [
        ["userPrincipalName", "remark", "displayname"],
        ["ann@contoso.com", "x", 'Ann "A", Example'],
        ["bob@contoso.com", "", "Bob"],
        ["ANN@contoso.com", "", "Ann again"],
    ]
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator).writerows(lines)
    data = b"\xef\xbb\xbf" + out.getvalue().encode()
    answer = grace.post(reverse("directory:import_users"), {"file": SimpleUploadedFile("p.csv", data)}, follow=True)
    page = answer.content.decode()
    assert "2 people can be imported." in page
    assert "This user name stands in the file before." in page
    assert faults(Import.objects.get()) == {4: ["upn:twice"]}
    assert ImportRow.objects.get(number=2).display_name == 'Ann "A", Example'


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "This file is empty."),
        (b"\x00\x01\x02\xff", "This is not a text file."),
        (b"name,upn\nAnn,ann@contoso.com", "Its first line must name the columns"),
        (b"displayName,userPrincipalName\n", "The file has no people."),
        (b"displayName,userPrincipalName,displayName\nA,a@contoso.com,B", "stands in the table twice"),
        (b'displayName,userPrincipalName\n"A' + b"x" * 200_000 + b",a@contoso.com", "cannot be read"),
    ],
)
def test_a_file_that_is_none_is_told_so(world: SimpleNamespace, grace: Client, data: bytes, said: str) -> None:
    answer = grace.post(reverse("directory:import_users"), {"file": SimpleUploadedFile("p.csv", data)}, follow=True)
    assert said in answer.content.decode()
    assert not ImportRow.objects.exists()


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ('Ann,ann@contoso.com,"ann@example.org\nBcc: all@contoso.com",,,', ["mail:mail"]),
        ('Ann,ann@contoso.com,"ann@example.org\r\nBcc: all@contoso.com",,,', ["mail:mail"]),
        ("Ann,ann@contoso.com,ann@example.org%0aBcc:all@contoso.com,,,", ["mail:mail"]),
        ('Ann,ann@contoso.com,"ann@example.org,all@contoso.com",,,', ["mail:mail"]),
        ("Ann,ann@contoso.com,Ann <ann@example.org>,,,", ["mail:mail"]),
        ('Ann,"ann@contoso.com\nx@contoso.com",,,,', ["upn:local_part"]),
        ('Ann,ann@contoso.com,"=HYPERLINK(""https://evil.example"")",,,', ["mail:formula"]),
        ("Ann,ann@CONTOSO.com.evil.example,,,,", ["upn:foreign_domain"]),
        ("Ann,ann@contoso.com@fabrikam.com,,,,", ["upn:local_part"]),
        ("Ann,ann@contoso.com,ann@exam\u2028ple.org,,,", ["mail:mail"]),
        ("Ann,ann@contoso.com,ann@exam\u3000ple.org,,,", ["mail:mail"]),
        ("Ann,ann@contoso.com,ann@exam\u202eple.org,,,", ["mail:mail"]),
        ("Ann,ann@contoso.com,ann@exam\u200bple.org,,,", ["mail:mail"]),
        ("Ann,ann@contoso.com,ann@müller.example,,,", []),
    ],
)
def test_no_cell_smuggles_anything_in(world: SimpleNamespace, line: str, wrong: list[str]) -> None:
    assert next(iter(faults(uploaded(world, HEAD + line)).values()), []) == wrong


class Endless(io.RawIOBase):
    """A body that counts how much of it was read."""

    taken = 0

    def read(self, size: int = -1) -> bytes:
        self.taken += size
        return b"x" * max(size, 0)


def test_a_gigabyte_is_refused_before_a_byte_of_it_is_read(grace: Client) -> None:
    body = Endless()
    answer = grace.generic("POST", reverse("directory:import_users"), **{
        "wsgi.input": body, "CONTENT_LENGTH": str(1 << 30), "CONTENT_TYPE": "multipart/form-data; boundary=x",
    })  # type: ignore[arg-type]  # fmt: skip
    assert (answer.status_code, body.taken) == (413, 0)
    assert not Import.objects.exists()


def test_what_stands_beside_the_columns_is_never_left_out_in_silence(world: SimpleNamespace, grace: Client) -> None:
    """Two groups that were not put between quotation marks, in a file that separates cells as they are separated."""
    lines = [
        "displayName;userPrincipalName;groups",
        "Ann;ann@contoso.com;New hires;Contractors",
        "Bob;bob@contoso.com;;;",
    ]
    batch = uploaded(world, "\n".join(lines))
    assert (faults(batch), batch.good) == ({2: [":cells"]}, 1)
    page = grace.get(reverse("directory:import", args=[batch.pk])).content.decode()
    assert "<div>This line has more cells than there are columns." in page
