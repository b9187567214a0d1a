"""What no browser of ours sends: always a clear answer, never a 500."""

import logging
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from core import views
from tests.conftest import SignIn

SIGN_IN = "/signin/"
BIG = 300_000


@pytest.mark.parametrize("url", ["/%00", "/signin/%00/", "/signin/?username=%00", "/signin/?next=/%00", "/%00?%00"])
def test_a_nul_in_the_address_is_refused(client: Client, db: None, url: str) -> None:
    answer = client.get(url)
    assert answer.status_code == 400
    assert b"We couldn&#x27;t read that request" in answer.content


def test_a_nul_in_a_field_is_refused_in_the_form(client: Client, db: None) -> None:
    answer = client.post(SIGN_IN, {"username": "mia\x00@contoso.com"})
    assert answer.status_code == 200
    assert b"Null characters are not allowed" in answer.content


@pytest.mark.parametrize(
    "body",
    [
        {"username": "x" * BIG},
        {"username": "mia@contoso.com", "file": SimpleUploadedFile("big.bin", b"x" * BIG)},
        {f"field{number}": "x" for number in range(501)},
    ],
    ids=["a long field", "a file", "many fields"],
)
def test_too_much_at_once_is_refused(client: Client, db: None, body: dict[str, object]) -> None:
    answer = client.post(SIGN_IN, body)
    assert answer.status_code == 413
    assert b"That was too much at once" in answer.content


def test_json_that_is_too_big_is_refused(client: Client, db: None) -> None:
    answer = client.post(reverse("signin:passkey_finish"), b"[" * BIG, content_type="application/json")
    assert answer.status_code == 413


@pytest.mark.parametrize("said", ["-1", "ten", "9" * 50, "²"])
def test_a_length_that_is_none_counts_as_nothing(client: Client, db: None, said: str) -> None:
    assert client.get(SIGN_IN, CONTENT_LENGTH=said).status_code == 200


@pytest.mark.parametrize("method", ["put", "patch", "delete", "trace", "options"])
@pytest.mark.parametrize("name", ["signin:identify", "signin:tap", "signin:out", "core:healthz", "core:theme"])
def test_a_wrong_method_gets_a_page_and_the_right_ones(client: Client, db: None, name: str, method: str) -> None:
    answer = getattr(client, method)(reverse(name))
    assert answer.status_code == 405
    assert set(answer["Allow"].split(", ")) <= {"GET", "POST"}
    assert b"That can&#x27;t be done here" in answer.content


def test_a_link_cannot_sign_out(world: SimpleNamespace, as_: SignIn) -> None:
    client = as_(world.mia)
    assert client.get(reverse("signin:out")).status_code == 405
    assert client.get(reverse("authmethods:security_info")).status_code == 200


@pytest.mark.parametrize("url", ["/signin/", "/healthz", "/readyz", "/tap/", "/", "/nothing/"])
def test_head_is_answered_as_get(client: Client, db: None, url: str) -> None:
    got, asked = client.get(url), client.head(url)
    assert (asked.status_code, asked.get("Location")) == (got.status_code, got.get("Location"))


@pytest.mark.parametrize("sent", [None, "", "nonsense", "x" * 64, "ÿ" * 32])
def test_a_form_without_its_csrf_value_is_refused_clearly(db: None, sent: str | None) -> None:
    client = Client(enforce_csrf_checks=True)
    client.get(SIGN_IN)
    fields = {"username": "mia@contoso.com"} | ({} if sent is None else {"csrfmiddlewaretoken": sent})
    answer = client.post(SIGN_IN, fields)
    assert answer.status_code == 403
    assert b"This form is too old. Go back, reload the page, and send it again." in answer.content


def test_a_form_of_an_earlier_visit_is_refused_and_a_fresh_one_works(db: None) -> None:
    client = Client(enforce_csrf_checks=True)
    old = client.get(SIGN_IN).context["csrf_token"]
    client.cookies.clear()
    new = client.get(SIGN_IN).context["csrf_token"]
    assert client.post(SIGN_IN, {"username": "a@b.c", "csrfmiddlewaretoken": str(old)}).status_code == 403
    assert client.post(SIGN_IN, {"username": "a@b.c", "csrfmiddlewaretoken": str(new)}).status_code == 302


@pytest.mark.parametrize(
    "url",
    ["/" + "x" * 5000, "/%ff%fe", "/%0d%0aSet-Cookie:%20a=b", "/..%2f..%2fetc/passwd", "/static/../config/env.py"],
)
def test_an_odd_path_is_not_found(client: Client, db: None, url: str) -> None:
    answer = client.get(url)
    assert answer.status_code == 404
    assert "Set-Cookie" not in answer.headers


def test_no_path_can_begin_a_line_of_the_log(client: Client, db: None, caplog: pytest.LogCaptureFixture) -> None:
    """A forged line would say that somebody was somewhere he was not."""
    with caplog.at_level(logging.INFO, logger="gatepass.request"):
        client.get("/x%0aINFO%20gatepass.request%20GET%20/center/%20200\x1b[31m")
    (line,) = [one.getMessage() for one in caplog.records if one.name == "gatepass.request"]
    assert "\n" not in line
    assert "\x1b" not in line


def test_a_query_is_not_logged(client: Client, db: None, caplog: pytest.LogCaptureFixture) -> None:
    """It may hold a user name."""
    with caplog.at_level(logging.INFO, logger="gatepass.request"):
        client.get("/signin/?username=mia@contoso.com")
    assert "GET /signin/ 200" in caplog.text
    assert "mia" not in caplog.text


def test_a_fault_of_ours_is_told_without_its_cause(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page has a reference that the log knows too; no message, no trace."""

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("the secret cause")

    monkeypatch.setattr("signin.views.actions.identify", fail)
    answer = Client(raise_request_exception=False).post(SIGN_IN, {"username": "mia@contoso.com"})
    assert answer.status_code == 500
    said = answer.content.decode()
    assert "Something went wrong on our side" in said
    assert answer["X-Request-Id"] in said
    assert "secret cause" not in said


@pytest.mark.parametrize("status", sorted(views.TITLES))
def test_every_way_to_say_no_has_a_page(client: Client, db: None, status: int) -> None:
    request = client.get(SIGN_IN).wsgi_request
    answer = views.problem_page(request, status)
    assert answer.status_code == status
    assert "Go to start page" in answer.content.decode() or "Sign in" in answer.content.decode()
