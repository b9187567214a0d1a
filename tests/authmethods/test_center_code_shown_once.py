"""A02: a code stands in the one answer that made it, and nowhere else: no column, no log line, no cookie, no later page."""

import logging
import re
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import URLPattern, reverse

from authmethods.urls import urlpatterns
from core.secrets import group
from tap import actions as tap
from tests.authmethods.center import add_url, code_in, filled_in, methods_url
from tests.conftest import OPERATOR, SignIn
from tests.drive import enter_pass


def spellings(code: str) -> set[bytes]:
    """The code as somebody might have kept it."""
    grouped = [code, "-".join(group(code)), " ".join(group(code)), code[::-1]]
    return {one.encode() for text in grouped for one in (text, text.lower())}


def everything_stored() -> bytes:
    """Every column of every table, the search index and Django's own tables among them."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        parts = []
        for table in tables:
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608
            parts += [bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
                      for row in cursor.fetchall() for value in row]  # fmt: skip
    return b"\n".join(parts)


def said_without_markup(answer: Any) -> bytes:
    """The page as it is, and as it reads: groups of a code stand in elements of their own."""
    body: bytes = answer.content
    return (
        body
        + b"\n"
        + re.sub(rb"<[^>]*>", b"", body)
        + b"\n"
        + str(answer.headers).encode()
        + str(answer.cookies).encode()
    )


def holds(where: bytes, code: str) -> bool:
    folded = where.lower()
    return any(one.lower() in folded for one in spellings(code))


@pytest.fixture
def heard(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG)
    return caplog


@pytest.mark.parametrize("door", ["the person's page", "Home"])
def test_a_code_is_in_one_answer_and_nowhere_else(
    world: SimpleNamespace, as_: SignIn, heard: pytest.LogCaptureFixture, client: Client, door: str
) -> None:
    grace = as_(world.grace)
    data = filled_in(grace, world.mia, reason="Lost phone", once="no")
    url = add_url(world.mia)
    if door == "Home":
        url, data = reverse("authmethods:issue"), data | {"user": str(world.mia.id)}
    made = grace.post(url, data)
    code = code_in(made)
    assert tap.verify(OPERATOR, upn=world.mia.upn, typed=code).user == world.mia
    # It can be found where it is: what follows is able to fail.
    assert holds(said_without_markup(made), code)
    assert made.content.replace(b"<wbr>", b"").count(b'class="pass-code') == 2  # the panel and the sheet to print
    assert not holds(everything_stored(), code)
    assert "Lost phone" in everything_stored().decode(errors="replace")
    assert not holds(heard.text.encode(), code)
    assert not holds(str([vars(record) for record in heard.records]).encode(), code)
    assert not holds(str(getattr(cache, "_cache", "")).encode(), code)
    assert not holds(str(made.headers).encode() + str(grace.cookies).encode(), code)

    later = [grace.post(url, data), *(grace.get(one) for one in every_page(world))]
    assert enter_pass(client, world.mia.upn, code).status_code == 302
    later += [client.get(reverse(name)) for name in ("authmethods:security_info", "authmethods:overview")]
    later += [grace.get(methods_url(world.mia)), grace.get(reverse("authmethods:home"))]
    assert [answer.status_code for answer in later if not holds(said_without_markup(answer), code)] == [
        answer.status_code for answer in later
    ]
    assert not holds(everything_stored(), code)
    assert not holds(heard.text.encode(), code)


def test_every_column_is_looked_at(world: SimpleNamespace) -> None:
    """The dump sees what each model stores."""
    world.mia.mail = "mia.KEEPSAKE@contoso.com"
    world.mia.save()
    assert b"KEEPSAKE" in everything_stored()
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
    assert {model._meta.db_table for model in apps.get_models(include_auto_created=True)} <= tables


def every_page(world: SimpleNamespace) -> list[str]:
    """The addresses of the admin center that a browser could go to afterwards."""
    held = {"user_id": world.mia.id}
    with_a_person = [one for one in urlpatterns if set(one.pattern.converters) <= set(held)]
    own = [one for one in with_a_person if str(one.pattern).startswith("center/")]
    assert own
    passes = f"{reverse('tap:passes')}?state=live"
    return [address(one, held) for one in own] + [passes, reverse("accounts:user", args=[world.mia.id])]


def address(pattern: URLPattern, held: dict[str, Any]) -> str:
    return reverse(f"authmethods:{pattern.name}", kwargs={name: held[name] for name in pattern.pattern.converters})
