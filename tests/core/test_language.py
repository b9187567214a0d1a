"""Whose language a page speaks: the person's, the cookie's, the browser's, the installation's (docs/decisions/0060)."""

from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
import time_machine
from django.conf import settings
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.models import User
from audit.enums import Event
from audit.models import AuditEvent
from config import worker
from tap.actions import Issued
from tests.conftest import SignIn
from tests.drive import enter_pass

SIGN_IN = "/signin/"
OWN = "/mysecurityinfo/language/"
GERMAN, ENGLISH = "Anmelden", "Sign in"


def language_of(client: Client, path: str = SIGN_IN, accept: str = "") -> tuple[str, str]:
    """Return the language a page says it is in, in its head and in its header."""
    answer = client.get(path, headers={"Accept-Language": accept} if accept else None)
    said = answer.content.decode().partition('<html lang="')[2].partition('"')[0]
    return said, answer.headers["Content-Language"]


@pytest.mark.parametrize(
    ("accept", "cookie", "default", "spoken"),
    [
        ("", "", "en", "en"),
        ("", "", "de", "de"),
        ("de-AT,de;q=0.9,en;q=0.5", "", "en", "de"),
        ("fr,de;q=0.5", "", "en", "de"),
        ("fr", "", "de", "de"),
        ("de", "en", "en", "en"),
        ("en", "de", "en", "de"),
        ("en", "fr", "en", "en"),
        ("x" * 5000, "../../etc", "en", "en"),
    ],
)
def test_a_page_for_nobody_known(
    world: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, accept: str, cookie: str, default: str, spoken: str
) -> None:
    monkeypatch.setattr(settings, "LANGUAGE_CODE", default)
    client = Client()
    if cookie:
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = cookie
    assert language_of(client, accept=accept) == (spoken, spoken)
    vary = client.get(SIGN_IN).headers["Vary"]
    assert ("Accept-Language" in vary, "Cookie" in vary) == (True, True)


def test_what_a_person_has_chosen_comes_first(world: SimpleNamespace, as_: SignIn) -> None:
    """And it costs no question of its own: the session brings the person with it."""
    User.objects.filter(pk=world.mia.pk).update(language="de")
    mia = as_(User.objects.get(pk=world.mia.pk))
    mia.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    assert language_of(mia, OWN, accept="en") == ("de", "de")
    assert "Sicherheitsinformationen" in mia.get("/mysecurityinfo/").content.decode()
    User.objects.filter(pk=world.mia.pk).update(language="fr")  # a language that was taken away again
    assert language_of(mia, OWN) == ("en", "en")


def test_one_answer_leaves_nothing_to_the_next(world: SimpleNamespace, as_: SignIn) -> None:
    client = Client()
    assert language_of(client, accept="de") == ("de", "de")
    assert translation.get_language() == "en"
    assert language_of(client) == ("en", "en")


@pytest.mark.parametrize("path", ["/nowhere/", "/signin/?q=%00"])
def test_a_page_that_says_no_has_a_language(world: SimpleNamespace, path: str) -> None:
    answer = Client().get(path, headers={"Accept-Language": "de", "Accept": "text/html"}, follow=True)
    assert '<html lang="de"' in answer.content.decode()


FOR_PROGRAMS = [
    ("get", "/graph/v1.0/users"),
    ("get", "/oidc/userinfo"),
    *(("post", f"/contoso.com/oauth2/v2.0/{name}") for name in ("token", "revoke", "devicecode")),
]


@pytest.mark.parametrize(("method", "path"), FOR_PROGRAMS)
def test_programs_are_spoken_to_in_english(world: SimpleNamespace, method: str, path: str) -> None:
    plain, german = (getattr(Client(), method)(path, headers={"Accept-Language": one}) for one in ("en", "de"))
    assert german.headers["Content-Language"] == "en"
    assert german.status_code == plain.status_code
    assert german.content.isascii()


def test_the_sign_in_page_offers_every_language(world: SimpleNamespace) -> None:
    client = Client(headers={"Accept-Language": "en"})
    page = client.get(SIGN_IN).content.decode()
    assert all(f'value="{code}" lang="{code}"' in page for code in ("en", "de"))
    here = {"Referer": f"http://testserver{SIGN_IN}?u=mia"}
    answer = client.post(reverse("core:language"), {"language": "de"}, headers=here)
    assert (answer.status_code, answer["Location"]) == (302, f"{SIGN_IN}?u=mia")
    assert answer.cookies[settings.LANGUAGE_COOKIE_NAME]["httponly"]
    assert GERMAN in client.get(SIGN_IN).content.decode()


@pytest.mark.parametrize("chosen", ["", "fr", '"><script>'])
def test_no_other_language_is_kept(db: None, chosen: str) -> None:
    answer = Client().post(reverse("core:language"), {"language": chosen})
    assert answer["Location"] == "/"
    assert settings.LANGUAGE_COOKIE_NAME not in answer.cookies


@pytest.mark.parametrize(
    "sent_from",
    [
        "",
        "https://evil.example/",
        "http://testserver.evil.example/x",
        "http://testserver//evil.example/",
        "http://[",
        "x",
    ],
)
def test_it_leads_back_to_a_page_of_this_site_only(db: None, sent_from: str) -> None:
    answer = Client().post(reverse("core:language"), {"language": "de"}, headers={"Referer": sent_from})
    assert answer["Location"] == "/"


def test_a_person_chooses_for_himself(world: SimpleNamespace, as_: SignIn) -> None:
    """Nobody else's account is touched, and the choice is on record."""
    mia = as_(world.mia)
    answer = mia.post(OWN, {"language": "de", "time_zone": "Asia/Tokyo", "display_name": "Eve"}, follow=True)
    assert "Gespeichert." in answer.content.decode()
    assert "UTC+09:00" in mia.get("/mysecurityinfo/overview/").content.decode()
    stored = User.objects.get(pk=world.mia.pk)
    assert (stored.language, stored.time_zone, stored.display_name) == ("de", "Asia/Tokyo", world.mia.display_name)
    event = AuditEvent.objects.filter(event=Event.USER_UPDATED, target_id=world.mia.pk).latest("id")
    assert event.detail["new"] == {"language": "de", "time_zone": "Asia/Tokyo"}
    mia.post(reverse("signin:out"))
    assert GERMAN in mia.get(SIGN_IN).content.decode()
    assert ENGLISH not in mia.get(SIGN_IN).content.decode()


@pytest.mark.parametrize(("name", "value"), [("language", "fr"), ("time_zone", "Mars/Base"), ("time_zone", "../UTC")])
def test_what_there_is_not_cannot_be_chosen(world: SimpleNamespace, as_: SignIn, name: str, value: str) -> None:
    mia = as_(world.mia)
    page = mia.post(OWN, {"language": "", "time_zone": "", name: value}).content.decode()
    assert "Choose one of the list." in page
    assert User.objects.get(pk=world.mia.pk).language == world.mia.language


def test_nobody_signed_in_has_no_such_page(world: SimpleNamespace) -> None:
    assert Client().get(OWN).status_code == 302


def test_a_mail_speaks_its_readers_language_and_says_his_time(
    world: SimpleNamespace, give_pass: Callable[..., Issued], mailoutbox: list[EmailMessage]
) -> None:
    """Not that of whoever did what it tells of, nor that of the one before it."""
    User.objects.filter(pk=world.mia.pk).update(language="de", time_zone="Asia/Tokyo")
    with time_machine.travel(datetime(2026, 11, 24, 9, 14, tzinfo=UTC), tick=False):
        give_pass(User.objects.get(pk=world.mia.pk))
        give_pass(world.user2)
        worker.run_due()
    german, english = (one for name in ("mia", "user2") for one in mailoutbox if one.to == [f"{name}@contoso.com"])
    assert german.subject == "Für Sie wurde ein Befristeter Zugriffspass erstellt"
    assert "Der Betreiber dieser Installation hat am 24.11.2026, 18:14 (UTC+09:00) für Ihr Konto" in str(german.body)
    assert english.subject == "A Temporary Access Pass was created for you"
    assert (
        "The operator of this installation created a Temporary Access Pass for your account on 24 Nov 2026, 10:14"
        in str(english.body)
    )


def test_who_showed_the_right_pass_is_told_the_time_where_he_is(
    world: SimpleNamespace, give_pass: Callable[..., Issued]
) -> None:
    """He is not signed in, so nothing else says where that is."""
    User.objects.filter(pk=world.mia.pk).update(time_zone="Asia/Tokyo")
    with time_machine.travel(datetime(2026, 11, 24, 9, 14, tzinfo=UTC), tick=False):
        made = give_pass(world.mia, starts_at=datetime(2026, 11, 25, 0, 30, tzinfo=UTC))
        page = enter_pass(Client(), "mia@contoso.com", made.code).content.decode()
    assert "Your Temporary Access Pass starts on 25 Nov 2026, 09:30 (UTC+09:00)." in page
