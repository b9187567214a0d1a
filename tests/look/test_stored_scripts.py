"""T13: what people write about themselves and others stands on pages as text, whatever it looks like."""

from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from itertools import cycle
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.core.mail import EmailMessage
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.models import Group, SignInSession, Tenant, User
from authmethods.models import Passkey
from bulk.models import Batch, BatchRow
from config import worker
from directory.models import Import, ImportRow
from oidc.models import Application, ClientSecret
from tap import actions as tap
from tap.models import TemporaryAccessPass
from tests.conftest import OPERATOR, reached, sign_in
from tests.graph.conftest import ApiOf, api
from tests.look.page import Page
from tests.look.pages import PAGES
from tests.look.seeded import NOW
from tests.look.window import Window
from tests.oidc.conftest import token_of

__all__ = ["api", "token_of"]
pytestmark = pytest.mark.django_db

MARK = "data-planted"
CORPUS = (
    f"<script {MARK}>planted=1</script>",
    f'"><img {MARK} src=x onerror=planted=1>',
    f"' {MARK} autofocus onfocus=planted=1 x='",
    f'" {MARK} style=animation:x onanimationstart=planted=1 x="',
    f"</title></textarea></style><svg {MARK} onload=planted=1>",
    f"<a {MARK} href=javascript:planted=1>x</a>",
    f"--><iframe {MARK} srcdoc='<script>parent.planted=1</script>'>",
    f"{{{{ planted }}}}{{% now 'Y' %}}<b {MARK}>",
    f"</script><script {MARK}>planted=1</script>",
    f"&lt;script {MARK}&gt;planted=1&lt;/script&gt;",
)
SHOWN = [page for page in PAGES if page.by is None and page.status == 200]
DESK = ("accounts/user", "accounts/group", "tap/temporaryaccesspass", "audit/auditevent", "oidc/application")
IN_CHROMIUM = (
    "accounts:users",
    "accounts:user",
    "accounts:audit",
    "tap:passes",
    "directory:import",
    "authmethods:overview",
)


class Planted(HTMLParser):
    """Finds what of the corpus has become part of a page, and how often it stands there as text."""

    def __init__(self) -> None:
        super().__init__()
        self.grown: list[str] = []
        self.read = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.grown += [tag for name, _value in attrs if MARK in name]
        self.grown += [f"{tag} {name}" for name, value in attrs if name.startswith("on") or is_script(value)]
        self.read += sum(MARK in (value or "") for _name, value in attrs)

    def handle_comment(self, data: str) -> None:
        self.grown += ["comment"] if MARK in data else []

    def handle_data(self, data: str) -> None:
        self.read += data.count(MARK)


def is_script(value: str | None) -> bool:
    return (value or "").strip().casefold().startswith(("javascript:", "data:text/html"))


def planted_in(html: str) -> Planted:
    found = Planted()
    found.feed(html)
    found.close()
    return found


@pytest.fixture
def planted(window: Window, world: SimpleNamespace, api: ApiOf) -> Iterator[SimpleNamespace]:
    """The seeded world with the corpus in every text somebody may choose: over the API where it takes one, else as stored."""
    texts = cycle(CORPUS)
    with time_machine.travel(NOW, tick=False):
        grace = api(world.grace)
        for person in User.objects.filter(tenant=world.contoso).exclude(pk=world.grace.pk):
            answer = grace.patch(f"/users/{person.pk}", {"displayName": next(texts)})
            assert answer.status_code in (204, 400, 403), answer.content
        for group in Group.objects.filter(tenant=world.contoso):
            body = {"displayName": f"{next(texts)}{group.pk}", "description": next(texts)}
            assert grace.patch(f"/groups/{group.pk}", body).status_code == 204
        for model, fields in STORED.items():
            for row in model._default_manager.all()[:60]:
                model._default_manager.filter(pk=row.pk).update(
                    **{name: next(texts)[:size] for name, size in fields.items()}
                )
        yield world


STORED: dict[Any, dict[str, int]] = {
    Tenant: {"name": 200, "service_desk": 200},
    Passkey: {"name": 100},
    TemporaryAccessPass: {"reason": 200, "issued_by": 320},
    SignInSession: {"user_agent": 256, "address": 45},
    Application: {"name": 100},
    ClientSecret: {"name": 100},
    Batch: {"source": 300, "reason": 200},
    BatchRow: {"typed": 320},
    Import: {"source": 200},
    ImportRow: {"display_name": 256, "upn": 320, "mail": 320},
}


def opened(page: Page, world: SimpleNamespace) -> tuple[Client, str, HttpResponse]:
    client, address, answer = page.open(world)
    assert answer.status_code == 200, page.title
    return client, address, answer


def test_the_corpus_would_be_found() -> None:
    for text in CORPUS[:-1]:
        assert planted_in(f"<p title=\"{text}\" lang='{text}'>{text}</p><title>{text}</title>").grown, text
    assert planted_in(f"<p>{unescape(CORPUS[-1])}</p>").grown


def test_no_page_grows_what_somebody_wrote(planted: SimpleNamespace) -> None:
    """T13: every page of the product that shows anything of anybody, read as a browser's parser reads it."""
    said = 0
    for page in {page.name: page for page in SHOWN}.values():
        _client, _address, answer = opened(page, planted)
        found = planted_in(answer.content.decode())
        assert found.grown == [], page.title
        said += found.read > 0
    desk = sign_in(planted.sam)
    for name in DESK:
        found = planted_in(desk.get(f"/admin/{name}/").content.decode())
        assert found.grown == [], name
    assert said > 40, "the corpus stands on hardly any page: nothing was tested"


def test_in_chromium_nothing_runs(planted: SimpleNamespace, window: Window) -> None:
    """T13: nor would it without our content policy: no element of it is there."""
    seen = 0
    for page in [page for page in SHOWN if page.name in IN_CHROMIUM and not page.state]:
        client, address, answer = opened(page, planted)
        window.show(client, address, answer)
        assert window.page.locator(f"[{MARK}]").count() == 0, page.title
        assert window.page.evaluate("typeof planted") == "undefined", page.title
        seen += MARK in window.page.locator("body").inner_text()
    assert seen >= 4
    assert window.complaints() == []


def test_no_mail_grows_it_either(planted: SimpleNamespace, mailoutbox: list[EmailMessage]) -> None:
    """T13: names stand in mails as in pages."""
    person = User.objects.get(pk=planted.user2.pk)
    User.objects.filter(pk=person.pk).update(mail="user2@contoso.com")
    tap.issue(OPERATOR, target=reached(person))
    worker.run_due()
    (mail,) = [one for one in mailoutbox if one.to == ["user2@contoso.com"]]
    html, _kind = mail.alternatives[0]  # type: ignore[attr-defined]
    found = planted_in(str(html))
    assert (found.grown, found.read > 0) == ([], True)
    assert reverse("authmethods:not_me") in str(html)
