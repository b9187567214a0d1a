"""C08: whom a request comes from. X-Forwarded-For counts only behind a configured proxy, read from the right."""

from ipaddress import ip_network

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse
from pytest_django import Settings

from audit.models import AuditEvent
from core.http import client_address, network_of
from tests.drive import name_oneself

PROXIES = tuple(map(ip_network, ("10.0.0.0/8", "192.0.2.7", "fd00::/8")))
STRANGER = "203.0.113.9"


def address(remote: str, forwarded: str | None) -> str:
    headers = {} if forwarded is None else {"x-forwarded-for": forwarded}
    return client_address(RequestFactory().get("/", headers=headers, REMOTE_ADDR=remote))


@pytest.mark.parametrize(
    ("remote", "forwarded", "seen"),
    [
        (STRANGER, None, STRANGER),
        (STRANGER, "198.51.100.1", STRANGER),
        (STRANGER, "10.0.0.1", STRANGER),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "1.2.3.4, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "198.51.100.1, 10.0.0.2", "198.51.100.1"),
        ("10.0.0.1", "1.2.3.4, 198.51.100.1, 10.0.0.2, 192.0.2.7", "198.51.100.1"),
        ("192.0.2.8", "198.51.100.1", "192.0.2.8"),
        ("10.0.0.1", "10.0.0.3", "10.0.0.3"),
        ("10.0.0.1", "nonsense", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1, nonsense", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", " , ,", "10.0.0.1"),
        ("10.0.0.1", "2001:db8::1", "2001:db8::1"),
        ("fd00::1", "198.51.100.1", "198.51.100.1"),
        ("::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "::ffff:198.51.100.1", "198.51.100.1"),
        (f"::ffff:{STRANGER}", "198.51.100.1", STRANGER),
        ("10.0.0.1", "fe80::1%" + "x" * 500, "fe80::1"),
        ("", "198.51.100.1", ""),
        ("unix", "198.51.100.1", ""),
    ],
)
def test_it_believes_configured_proxies_only(settings: Settings, remote: str, forwarded: str | None, seen: str) -> None:
    """C08: what a client writes himself stands to the left of what the proxies wrote."""
    settings.TRUSTED_PROXIES = PROXIES
    assert address(remote, forwarded) == seen


def test_it_believes_nobody_unless_told_to(settings: Settings) -> None:
    """C08: the default."""
    settings.TRUSTED_PROXIES = ()
    assert address("10.0.0.1", "198.51.100.1") == "10.0.0.1"


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.9", "203.0.113.0/24"),
        ("203.0.113.200", "203.0.113.0/24"),
        ("203.0.114.9", "203.0.114.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "203.0.113.0/24"),
        ("", "unknown"),
        ("nonsense", "unknown"),
    ],
)
def test_it_counts_by_network(address: str, network: str) -> None:
    assert network_of(address) == network


def test_a_spoofed_header_brings_no_more_tries(client: Client, settings: Settings, db: None) -> None:
    """C08: a stranger who names another address each time still waits after the fifth try."""
    settings.TRUSTED_PROXIES = PROXIES
    statuses = []
    for number in range(8):
        name_oneself(client, "mia@contoso.com")
        headers = {"x-forwarded-for": f"198.51.{number}.1"}
        typed = {"secret": "ABCD2345"}
        answer = client.post(reverse("signin:tap"), typed, headers=headers, REMOTE_ADDR=STRANGER)
        statuses.append(answer.status_code)
    assert statuses == [200] * 5 + [429] * 3
    assert set(AuditEvent.objects.values_list("address", flat=True)) == {STRANGER}


@pytest.mark.parametrize(("remote", "is_https"), [("10.0.0.1", True), (STRANGER, False)])
def test_only_a_proxy_says_that_it_was_https(
    client: Client, settings: Settings, db: None, remote: str, is_https: bool
) -> None:
    """C08: the same for X-Forwarded-Proto."""
    settings.TRUSTED_PROXIES = PROXIES
    settings.SECURE_SSL_REDIRECT = True
    answer = client.get(reverse("signin:identify"), headers={"x-forwarded-proto": "https"}, REMOTE_ADDR=remote)
    assert answer.status_code == (200 if is_https else 301)
