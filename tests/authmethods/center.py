"""Steps an administrator takes in the admin center, and what its pages say."""

import re
from html import unescape
from typing import Any

from django.test import Client
from django.urls import reverse

from accounts.models import User
from tap.models import TemporaryAccessPass

CODE = re.compile(r'id="pass-code"[^>]*>(.*?)</p>', re.DOTALL)


def methods_url(person: User) -> str:
    return reverse("authmethods:user_methods", args=[person.id])


def add_url(person: User) -> str:
    return reverse("authmethods:add_method", args=[person.id])


def text_of(answer: Any) -> str:
    """The page with its entities read."""
    return unescape(answer.content.decode())


def plain_text_of(answer: Any) -> str:
    """What a person reads of it."""
    words = " ".join(re.sub(r"<[^>]*>", " ", text_of(answer)).split())
    return re.sub(r" ([,.;])", r"\1", words)


def filled_in(client: Client, person: User, **changed: Any) -> dict[str, Any]:
    """The form as the page gives it out, with something changed; None leaves a field away."""
    return fields_at(client, add_url(person), **changed)


def fields_at(client: Client, address: str, **changed: Any) -> dict[str, Any]:
    """The form for a pass at whichever address shows one, as ``filled_in``."""
    form = client.get(address).context["form"]
    data = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    data |= {"form": form.token, "method": "TemporaryAccessPass"} | changed
    return {name: value for name, value in data.items() if value is not None}


def add(client: Client, person: User, **changed: Any) -> Any:
    """Fill in the form and press Add."""
    return client.post(add_url(person), filled_in(client, person, **changed))


def code_in(answer: Any) -> str:
    """The code a page shows, or nothing."""
    found = CODE.search(answer.content.decode())
    return re.sub(r"<[^>]*>", "", found[1]) if found else ""


def pass_of(person: User) -> TemporaryAccessPass | None:
    return TemporaryAccessPass.objects.open().filter(user=person).first()
