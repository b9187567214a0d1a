"""How text is compared: one spelling for names and user names, whatever the letter case, accents or Unicode form."""

import unicodedata
from typing import TYPE_CHECKING, Any, TypeAlias

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.functional import Promise

Text: TypeAlias = str | Promise  # text to show, translated when shown

if TYPE_CHECKING:
    _CharField = models.CharField[str, str]
else:
    _CharField = models.CharField


def fold(text: str) -> str:
    """Return ``text`` as searches and sort orders see it: compatibility form, no accents, no letter case."""
    decomposed = unicodedata.normalize("NFKD", text.strip())
    return "".join(char for char in decomposed if not unicodedata.combining(char)).casefold()


def fold_upn(upn: str) -> str:
    """Return a user principal name as it is compared: letter case aside, exactly (accents do tell people apart)."""
    return unicodedata.normalize("NFKC", upn.strip()).casefold()


def is_mail_address(text: str) -> bool:
    """True for what mail can go to. What holds a line break of any script is none, so no header can follow it."""
    try:
        validate_email(text)
        text.rpartition("@")[2].encode("idna")  # as it will be asked for: not every letter can be part of a domain
    except (ValidationError, UnicodeError):
        return False
    return text.isprintable()


def spelled(argument: str) -> str:
    """Return a command's argument as text no database stumbles over: it may hold bytes that are no text."""
    return argument.encode(errors="replace").decode().replace("\x00", "")


class KeyField(_CharField):
    """Folded text compared byte by byte on every database, so that prefix ranges and keyset pages use one index."""

    def db_parameters(self, connection: BaseDatabaseWrapper) -> dict[str, Any]:
        """Ask PostgreSQL for its binary collation; SQLite compares bytes by default."""
        parameters: dict[str, Any] = super().db_parameters(connection)
        if connection.vendor == "postgresql":
            parameters["collation"] = "C"
        return parameters
