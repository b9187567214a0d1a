"""What a line of the tables of pages says, and how its page is opened."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from tests.conftest import sign_in
from tests.look import states

Arguments = Callable[[SimpleNamespace], Sequence[object]]


@dataclass(frozen=True)
class Page:
    """``name``: of the URL; ``who``: of the cast, or "" for nobody; ``state``: what tells it from others of its name.

    ``is_long``: it holds a table of up to fifty rows, or a list to choose from that is as long.
    """

    name: str
    who: str
    args: Arguments = lambda world: ()
    state: str = ""
    query: str = ""
    by: Callable[[Client, SimpleNamespace, str], HttpResponse] | None = None
    as_: Callable[[SimpleNamespace], dict[str, Any]] = lambda world: {}
    status: int = 200
    is_long: bool = False

    @property
    def title(self) -> str:
        """Return what tests and pictures call it."""
        return " ".join(part for part in (self.name.replace(":", " "), self.who, self.state) if part)

    def open(self, world: SimpleNamespace) -> tuple[Client, str, HttpResponse]:
        """Return who looks, at which address, and the answer he sees."""
        client = sign_in(getattr(world, self.who), **self.as_(world)) if self.who else Client()
        address = reverse(self.name, args=self.args(world)) + self.query
        client.defaults["HTTP_ACCEPT"] = "text/html"
        opened = (self.by or states.got)(client, world, address)
        return client, address, opened


def of(who: str) -> Arguments:
    """Return the arguments of a page about a member of the cast."""
    return lambda world: [getattr(world, who).pk]


def group(name: str) -> Arguments:
    """Return the arguments of a page about a group."""
    return lambda world: [world.groups[name].pk]
