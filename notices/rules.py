"""Which addresses mail goes to. Pure."""

from collections.abc import Iterable, Sequence

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

MOST_ADDRESSES = 20


def usable(addresses: Iterable[str]) -> list[str]:
    """Return the addresses that mail can go to, each once. What holds a line break is none, so no header can follow it."""
    return list(dict.fromkeys(address for address in addresses if _is_address(address)))


def address_problem(addresses: Sequence[str]) -> str | None:
    """Say what is wrong with a list of addresses somebody typed."""
    if len(addresses) > MOST_ADDRESSES:
        return _("Enter up to %(most)s addresses. A mailing list reaches more people.") % {"most": MOST_ADDRESSES}
    wrong = next((address for address in addresses if not _is_address(address)), None)
    return None if wrong is None else _("“%(address)s” is no mail address.") % {"address": wrong}


def one_line(text: str) -> str:
    """Return text as one line of a header."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def _is_address(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True
