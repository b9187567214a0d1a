"""Where a person may be sent after a step: a path of this site, whatever the link or the form asked for."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse

from core.http import is_own_path, safe_next
from tap.actions import Issued

GivePass = Callable[..., Issued]
FOREIGN = [
    "https://evil.example/",
    "http://evil.example/",
    "//evil.example/",
    "///evil.example/",
    "////evil.example",
    "/\\evil.example/",
    "\\\\evil.example/",
    "\\/evil.example",
    "/\t/evil.example/",
    "/\n/evil.example/",
    "/\r/evil.example",
    "\t//evil.example",
    " //evil.example",
    "\x00//evil.example",
    "\x01//evil.example",
    "javascript:alert(1)",
    "data:text/html,hello",
    "https:evil.example",
    "https:/evil.example",
    "https:///evil.example",
    "evil.example",
    "mysecurityinfo/",
    "@evil.example",
    "http://localhost@evil.example/",
    "http://[::1",
    "//[evil",
    "?next=/",
    "",
    "/" + "x" * 2000,
]
OWN = ["/", "/center/users/?q=a&page=2", "/mysecurityinfo/#top", "/%2F%2Fevil.example", "/center/users/?next=//evil"]


@pytest.mark.parametrize("wanted", FOREIGN, ids=lambda one: repr(one)[:30])
def test_it_leads_nowhere_else(wanted: str) -> None:
    assert not is_own_path(wanted)
    assert safe_next(RequestFactory().get("/", {"next": wanted}), "/home/") == "/home/"
    assert safe_next(RequestFactory().post("/", {"next": wanted}), "/home/") == "/home/"


@pytest.mark.parametrize("wanted", OWN)
def test_it_keeps_a_path_of_this_site(wanted: str) -> None:
    assert safe_next(RequestFactory().get("/", {"next": wanted}), "/home/") == wanted


@pytest.mark.parametrize("wanted", [*FOREIGN, *OWN], ids=lambda one: repr(one)[:30])
def test_the_whole_sign_in_ends_on_this_site(
    world: SimpleNamespace, give_pass: GivePass, client: Client, wanted: str
) -> None:
    """From the first link to the last redirect."""
    code = give_pass(world.mia).code
    client.get(reverse("signin:identify"), {"next": wanted})
    client.post(reverse("signin:identify"), {"username": "mia@contoso.com", "next": wanted})
    signed_in = client.post(reverse("signin:tap"), {"secret": code, "next": wanted})
    assert signed_in["Location"] == reverse("signin:interrupt")
    arrived = client.get(signed_in["Location"])
    assert arrived.status_code == 302
    assert arrived["Location"] == (wanted if wanted in OWN else reverse("authmethods:security_info"))


@pytest.mark.parametrize("wanted", [one for one in FOREIGN if "\x00" not in one], ids=lambda one: repr(one)[:30])
def test_no_other_door_leads_away(world: SimpleNamespace, client: Client, wanted: str) -> None:
    """Choosing a theme, and the link on a pass sheet."""
    assert client.post(reverse("core:theme"), {"theme": "dark", "next": wanted})["Location"] == "/"
    followed = client.get(reverse("signin:tap_link"), {"u": wanted, "next": wanted})["Location"]
    assert followed.startswith(reverse("signin:identify") + "?")
    assert "next=%2Fmysecurityinfo%2F" in followed
