"""Which addresses mail goes to. Pure."""

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _

from core.text import is_mail_address

MOST_ADDRESSES = 20


def usable(addresses: Iterable[str]) -> list[str]:
    """Return the addresses that mail can go to, each once."""
    return list(dict.fromkeys(address for address in addresses if is_mail_address(address)))


def address_problem(addresses: Sequence[str]) -> str | None:
    """Say what is wrong with a list of addresses somebody typed."""
    if len(addresses) > MOST_ADDRESSES:
        return _("Enter up to %(most)s addresses. A mailing list reaches more people.") % {"most": MOST_ADDRESSES}
    wrong = next((address for address in addresses if not is_mail_address(address)), None)
    return None if wrong is None else _("“%(address)s” is no mail address.") % {"address": wrong}


def one_line(text: str) -> str:
    """Return text as one line of a header."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())
