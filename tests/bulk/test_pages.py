"""Passes for many through the pages: a list in any shape, the question, the work, the one answer with the codes."""

import io
import re
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest
import pyzipper
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from bulk import queries
from bulk.forms import upns_in
from bulk.models import Batch, BatchRow
from bulk.views.batches import cookie_of
from config import worker
from core import csvfiles
from core.errors import Invalid
from tap import actions as tap
from tap.models import TemporaryAccessPass
from tests.authmethods.center import plain_text_of, text_of
from tests.conftest import OPERATOR, SignIn

NEW = "/center/bulk/"


@pytest.fixture
def grace(world: SimpleNamespace, as_: SignIn) -> Client:
    return as_(world.grace)


def fill_in(client: Client, address: str = NEW, **changed: Any) -> Any:
    """Fill in the form and press the button; follow to where it leads."""
    form = client.get(address).context["form"]
    data = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    data |= {"form": form.token} | changed
    return client.post(address, {name: value for name, value in data.items() if value is not None}, follow=True)


def go(client: Client, answer: Any, **choice: str) -> Batch:
    """Start the batch a page asks about, and let the worker work."""
    batch: Batch = answer.context["batch"]
    client.post(reverse("bulk:start", args=[batch.pk]), {"on_open": "replace"} | choice)
    worker.run_due(["long"])
    return batch


def test_a_pasted_list_becomes_sheets_to_print(world: SimpleNamespace, grace: Client) -> None:
    answer = fill_in(grace, names="mia@contoso.com\nGIL@contoso.com\n\nnobody@contoso.com\nmia@contoso.com")
    said = plain_text_of(answer)
    assert "2 people will get a pass. 2 lines will get none" in said
    assert "nobody@contoso.com Nobody in this organisation has this user name." in said
    assert not TemporaryAccessPass.objects.exists()
    batch = go(grace, answer)
    page = grace.get(reverse("bulk:batch", args=[batch.pk]))
    assert "2 passes were issued." in plain_text_of(page)
    assert "Hand-over key" not in text_of(page)  # the browser has it
    sheets = grace.post(
        reverse("bulk:hand_over", args=[batch.pk]), {"form": "sheets", "password": page.context["password"]}
    )
    assert sheets["Cache-Control"] == "no-store"
    codes = re.findall(r'data-label="Pass">(\w+)<', text_of(sheets))
    for user, code in zip((world.mia, world.gil), codes, strict=True):
        assert tap.verify(OPERATOR, upn=user.upn, typed=code).user == user
    assert text_of(sheets).count('class="sheet"') == 2
    ids = re.findall(r' id="([^"]+)"', text_of(sheets))
    assert len(ids) == len(set(ids))
    later = [grace.get(reverse("bulk:batch", args=[batch.pk])), grace.get(NEW)]
    later.append(
        grace.post(reverse("bulk:hand_over", args=[batch.pk]), {"form": "zip", "password": "A" * 20}, follow=True)
    )
    for one in later:
        assert not any(code in text_of(one) for code in codes)
    assert "Handed over on" in plain_text_of(later[0])


def test_a_group_becomes_an_encrypted_file(world: SimpleNamespace, grace: Client) -> None:
    address = f"{NEW}?group={world.groups['Everyone new'].id}"
    assert "Group Everyone new : 4 people" in plain_text_of(grace.get(address))
    batch = go(grace, fill_in(grace, address))
    page = grace.get(reverse("bulk:batch", args=[batch.pk]))
    password = page.context["password"]
    assert password in plain_text_of(page)
    answer = grace.post(reverse("bulk:hand_over", args=[batch.pk]), {"form": "zip", "password": password})
    assert answer["Content-Disposition"] == 'attachment; filename="passes.zip"'
    assert b"contoso.com" not in answer.content
    with pyzipper.AESZipFile(io.BytesIO(answer.content)) as packed:
        with pytest.raises(RuntimeError):
            packed.read("passes.csv")
        packed.setpassword(password.encode())
        text = packed.read("passes.csv").decode("utf-8-sig")
    table = csvfiles.table_of(text, known=("userPrincipalName", "pass"), most=10)
    assert table is not None
    got = {table.value(line, "userPrincipalName"): table.value(line, "pass") for line in table.lines}
    assert set(got) == {"tapuser@contoso.com", "user2@contoso.com", "user3@contoso.com", "gil@contoso.com"}
    assert tap.verify(OPERATOR, upn="gil@contoso.com", typed=got["gil@contoso.com"])


def test_people_chosen_in_the_list_of_users(world: SimpleNamespace, grace: Client) -> None:
    assert text_of(grace.get("/center/users/")).count('name="user"') > 5
    address = f"{NEW}?{urlencode([('user', world.mia.id), ('user', world.zed.id), ('user', 'x')])}"
    assert "nested groups" not in text_of(grace.get(address))
    batch = go(grace, fill_in(grace, address))
    assert list(batch.rows.values_list("typed", flat=True)) == ["mia@contoso.com"]


def test_another_browser_needs_the_key(world: SimpleNamespace, grace: Client, as_: SignIn) -> None:
    answer = fill_in(grace, names="mia@contoso.com")
    batch = answer.context["batch"]
    started = grace.post(reverse("bulk:start", args=[batch.pk]), {"on_open": "skip"})
    key = re.search(r'id="hand-over-key"[^>]*>([^<]+)<', text_of(started))
    cookie = next(iter(started.cookies.values()))
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Strict")
    worker.run_due(["long"])
    other, url = as_(world.grace), reverse("bulk:hand_over", args=[batch.pk])
    page = other.get(reverse("bulk:batch", args=[batch.pk]))
    assert "Hand-over key" in text_of(page)
    wanted = {"form": "sheets", "password": page.context["password"]}
    refused = other.post(url, wanted, follow=True)
    assert "This is not the key of this batch" in plain_text_of(refused)
    assert key
    assert 'class="sheet"' in text_of(other.post(url, wanted | {"key": key[1]}))


def test_its_progress_is_told_and_it_can_be_undone(world: SimpleNamespace, grace: Client) -> None:
    answer = fill_in(grace, names="mia@contoso.com\ngil@contoso.com")
    batch = answer.context["batch"]
    grace.post(reverse("bulk:start", args=[batch.pk]), {"on_open": "skip"})
    assert "<progress" in text_of(grace.get(reverse("bulk:batch", args=[batch.pk])))
    url = reverse("bulk:progress", args=[batch.pk])
    assert grace.get(url).json() == {
        "done": 0,
        "total": 2,
        "text": "0 of 2 people dealt with",
        "is_over": False,
    }
    worker.run_due(["long"])
    assert grace.get(url).json()["is_over"]
    undo = reverse("bulk:undo", args=[batch.pk])
    assert "Delete all unused passes?" in text_of(grace.get(undo))
    assert TemporaryAccessPass.objects.open().count() == 2
    assert "2 unused passes were deleted." in plain_text_of(grace.post(undo, follow=True))
    assert not TemporaryAccessPass.objects.open().exists()


def test_more_than_can_be_printed_goes_into_the_file(
    world: SimpleNamespace, grace: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bulk.views.batches.MOST_SHEETS", 1)
    batch = go(grace, fill_in(grace, names="mia@contoso.com\ngil@contoso.com"))
    page = grace.get(reverse("bulk:batch", args=[batch.pk]))
    assert page.context["hand_over_form"]["form"].value() == "zip"
    wanted = {"form": "sheets", "password": page.context["password"]}
    refused = grace.post(reverse("bulk:hand_over", args=[batch.pk]), wanted, follow=True)
    assert "There are too many passes to print at once." in plain_text_of(refused)
    assert batch.rows.exclude(sealed=None).count() == 2


def test_a_form_sent_again_leads_to_how_it_stands(world: SimpleNamespace, grace: Client) -> None:
    """A reload of the page after starting, after handing over, or of a list discarded in another tab."""
    batch = fill_in(grace, names="mia@contoso.com").context["batch"]
    start, discard, hand_over = (reverse(f"bulk:{name}", args=[batch.pk]) for name in ("start", "discard", "hand_over"))
    grace.post(start, {"on_open": "skip"})
    for url in (start, discard):
        answer = grace.post(url, follow=True)
        assert answer.redirect_chain[-1][0] == reverse("bulk:batch", args=[batch.pk])
        assert "This batch was started already." in plain_text_of(answer)
    worker.run_due(["long"])
    wanted = {"form": "sheets", "password": grace.get(answer.redirect_chain[-1][0]).context["password"]}
    assert 'class="sheet"' in text_of(grace.post(hand_over, wanted))
    assert "were handed over already" in plain_text_of(grace.post(hand_over, wanted, follow=True))


def test_the_browser_keeps_the_keys_of_the_latest_batches_only(
    world: SimpleNamespace, grace: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ninety of them and no page would be answered any more: a server refuses headers of more than 8 kB."""
    monkeypatch.setattr(queries, "MOST_LISTED", 2)
    for _one in range(4):
        go(grace, fill_in(grace, names="mia@contoso.com"))
    kept = [name for name, cookie in grace.cookies.items() if name.startswith("gatepass-batch-") and cookie.value]
    assert len(kept) == 2
    assert cookie_of(Batch.objects.latest("created_at")) in kept


def test_a_list_can_be_discarded(world: SimpleNamespace, grace: Client) -> None:
    batch = fill_in(grace, names="mia@contoso.com").context["batch"]
    assert "No pass was issued" in plain_text_of(grace.post(reverse("bulk:discard", args=[batch.pk]), follow=True))
    assert not Batch.objects.exists()


BAD_LISTS: list[tuple[Any, str]] = [
    (None, "Enter at least one user name, or choose a file."),
    (b"", "Enter at least one user name, or choose a file."),
    (b"\n ; \n", "Enter at least one user name, or choose a file."),
    (b"\x00\x01\x02", "This is not a text file."),
    (b"upn;upn\nmia@contoso.com;x", "stands in the table twice"),
    (b"x@y.z\n" * 20_002, "has more than"),
]


@pytest.mark.parametrize(("data", "said"), BAD_LISTS)
def test_a_list_that_makes_no_sense_is_refused(
    world: SimpleNamespace, grace: Client, data: bytes | None, said: str
) -> None:
    file = SimpleUploadedFile("list.csv", data, "text/csv") if data is not None else None
    answer = fill_in(grace, names="", file=file)
    assert said in plain_text_of(answer)
    assert not BatchRow.objects.exists()


def test_a_file_of_a_gigabyte_is_refused_by_its_size(world: SimpleNamespace, grace: Client) -> None:
    answer = grace.post(NEW, CONTENT_LENGTH=str(1 << 30), data=b"x", content_type="multipart/form-data; boundary=x")
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "text",
    [
        "mia@contoso.com\ngil@contoso.com",
        "userPrincipalName,displayName\nmia@contoso.com,Mia\ngil@contoso.com,Gil",
        "Name;UPN\nMia;mia@contoso.com\nGil;gil@contoso.com\n;;",
        "name\tmail\r\nMia\tmia@contoso.com\r\nGil\tgil@contoso.com",
        ' "mia@contoso.com" \n\n"gil@contoso.com",=1+1',
    ],
)
def test_user_names_are_found_in_any_table(text: str) -> None:
    assert upns_in(text) == ["mia@contoso.com", "gil@contoso.com"]


def test_a_table_with_broken_quotes_is_refused() -> None:
    with pytest.raises(Invalid):
        upns_in('"' + "x" * 200_000)


@pytest.mark.parametrize("who", ["paul", "rosa", "mia"])
def test_who_may_not_issue_gets_none_of_it(world: SimpleNamespace, as_: SignIn, who: str, grace: Client) -> None:
    batch = fill_in(grace, names="mia@contoso.com").context["batch"]
    client = as_(getattr(world, who))
    assert client.get(NEW).status_code == 403
    for address in (NEW, f"{NEW}?group={world.groups['New hires'].id}"):
        assert "New hires" not in text_of(answer := client.post(address, {"names": ""}))
        assert answer.status_code == 403
    for name in ("batch", "progress", "undo"):
        assert client.get(reverse(f"bulk:{name}", args=[batch.pk])).status_code == 403
    for name in ("start", "discard", "hand_over", "undo"):
        assert client.post(reverse(f"bulk:{name}", args=[batch.pk]), {"form": "zip"}).status_code in (403, 404)


@pytest.mark.parametrize("who", ["zed", "priya"])
def test_somebody_elses_batch_is_not_found(world: SimpleNamespace, as_: SignIn, who: str, grace: Client) -> None:
    """E09."""
    batch = fill_in(grace, names="mia@contoso.com").context["batch"]
    client = as_(getattr(world, who))
    for name in ("batch", "progress", "undo"):
        assert client.get(reverse(f"bulk:{name}", args=[batch.pk])).status_code == 404
    for name in ("start", "discard", "hand_over", "undo"):
        assert client.post(reverse(f"bulk:{name}", args=[batch.pk]), {"form": "zip"}).status_code == 404
    assert client.get(f"{NEW}?group={world.groups['New hires'].id}").status_code == (404 if who == "zed" else 200)


def test_the_pages_ask_few_queries(world: SimpleNamespace, grace: Client, django_assert_max_num_queries: Any) -> None:
    batch = fill_in(grace, names="mia@contoso.com\ngil@contoso.com\nx@y.z").context["batch"]
    for address in (NEW, reverse("bulk:batch", args=[batch.pk]), reverse("bulk:progress", args=[batch.pk])):
        with django_assert_max_num_queries(8):
            grace.get(address)
