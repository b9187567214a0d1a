"""What a request says of where it comes from, where it may go, and what it sends."""

import ipaddress
import json
from http import HTTPStatus
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from core.errors import Invalid

LONGEST_PATH = 2000  # characters of an address to come back to; it travels in a cookie
IPV4, IPV4_BITS, IPV6_BITS = 4, 24, 64


def client_address(request: HttpRequest) -> str:
    """Return the caller's address. X-Forwarded-For counts only behind a configured proxy, read from the right (C08)."""
    address = str(request.META.get("REMOTE_ADDR") or "")
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    while hops and is_trusted_proxy(address):
        candidate = hops.pop()
        if _parse(candidate) is None:
            break
        address = candidate
    parsed = _parse(address)
    return str(parsed) if parsed else ""


def is_trusted_proxy(address: str) -> bool:
    """True for an address named in TRUSTED_PROXIES."""
    parsed = _parse(address)
    return parsed is not None and any(parsed in network for network in settings.TRUSTED_PROXIES)


def network_of(address: str) -> str:
    """Return the /24 (IPv4) or /64 (IPv6) that ``address`` lies in: the size of one customer's network."""
    parsed = _parse(address)
    if parsed is None:
        return "unknown"
    bits = IPV4_BITS if parsed.version == IPV4 else IPV6_BITS
    return str(ipaddress.ip_network(f"{parsed}/{bits}", strict=False))


def safe_next(request: HttpRequest, fallback: str) -> str:
    """Return the ``next`` a form or link asked for if it stays on this site, else ``fallback``."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    return wanted if is_own_path(wanted) else fallback


def came_from(request: HttpRequest) -> str:
    """Return the page of this site a form was sent from, or "/" where the browser does not say.

    For forms on pages whose address must not be written into them, because it may hold a code.
    """
    try:
        page = urlsplit(request.headers.get("Referer", ""))
    except ValueError:
        return "/"
    path = page._replace(scheme="", netloc="").geturl()
    return path if page.netloc == request.get_host() and is_own_path(path) else "/"


def is_own_path(wanted: str) -> bool:
    """True for a path of this site: no scheme, no host, no tricks a browser reads as a host."""
    return (
        wanted.startswith("/")
        and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
        and len(wanted) <= LONGEST_PATH
    )


def keep_choice(response: HttpResponse, name: str, chosen: str) -> None:
    """Keep what somebody chose of a page's look or language for a year, on this browser."""
    response.set_cookie(name, chosen, max_age=31_536_000, secure=settings.COOKIE_SECURE, httponly=True, samesite="Lax")


def see_other(uri: str) -> HttpResponse:
    """Redirect with 303: whatever this request was, the next is a GET (RFC 9700 §4.12)."""
    return HttpResponse(status=HTTPStatus.SEE_OTHER, headers={"Location": uri})


def json_value(request: HttpRequest, name: str) -> object:
    """Return one value of the JSON object a script of ours sent. Raises Invalid for whatever else a body may hold."""
    try:
        return json.loads(request.body)[name]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise Invalid("unreadable", _("The browser's answer could not be read. Try again.")) from error


def public_link(path: str) -> str:
    """Return ``path`` as people outside reach it. Links are built from PUBLIC_URL only, never from the Host header."""
    return f"{settings.PUBLIC_URL}{path}"


def public_host() -> str:
    """Return the host name people use, which is also the WebAuthn relying party id."""
    return urlsplit(settings.PUBLIC_URL).hostname or ""


def _parse(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Read an address in its one form: an IPv4 one as such though a socket for both says ::ffff:…, and without a zone."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None
    return (isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped) or parsed
