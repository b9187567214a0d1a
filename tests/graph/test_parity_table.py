"""The table of docs/command-line.md: each line is read from there and run, so that it cannot say what is not so."""

import json
import re
import shlex
from collections.abc import Callable
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from django.core.management import call_command

from accounts.models import User
from core import clock
from tap.models import TemporaryAccessPass
from tests.graph.conftest import ALL
from tests.graph.test_python_sdk import TemporaryAccessPassAuthenticationMethod, run, site
from tests.oidc.conftest import TokenOf

__all__ = ["site"]

PAGE = Path(__file__).resolve().parents[2] / "docs" / "command-line.md"
HEADING = "| Cmdlet | Here | HTTP | Python SDK | Run |"
COLUMNS = (
    "id",
    "createdDateTime",
    "isUsable",
    "isUsableOnce",
    "lifetimeInMinutes",
    "methodUsabilityReason",
    "startDateTime",
)
Facts = dict[str, Any]


def table() -> list[list[str]]:
    """Return the rows as what stands between the backticks; a cell without any is "none"."""
    lines = PAGE.read_text().split(HEADING)[1].splitlines()[2:]
    rows = [line.strip("| ").split(" | ") for line in lines[: lines.index("")]]
    return [[code.group(1) if (code := re.search("`(.+)`", cell)) else cell for cell in row] for row in rows]


def facts_of(one: Any) -> Facts:
    """Return the columns of a pass, from JSON or from the SDK's own type."""
    found = one if isinstance(one, dict) else {name: getattr(one, snake(name)) for name in COLUMNS}
    return {name: time_of(found[name]) if name.endswith("DateTime") else found[name] for name in COLUMNS}


def snake(name: str) -> str:
    return re.sub("([A-Z])", lambda letter: f"_{letter[1].lower()}", name)


def time_of(value: Any) -> datetime:
    """Read a time, to the second: the command line says no more."""
    return (value if isinstance(value, datetime) else datetime.fromisoformat(value)).replace(microsecond=0)


def listed(answer: Any) -> list[Any]:
    """Return the passes of an answer, be it one, a collection, or nothing."""
    found = answer.get("value", answer) if isinstance(answer, dict) else getattr(answer, "value", answer)
    return found if isinstance(found, list) else [found] if found else []


class Entrances:
    """The three ways in, each for one line of the table."""

    def __init__(self, site: str, token: str) -> None:
        self.site, self.token = site, token

    def cli(self, line: str, names: dict[str, str]) -> Any:
        program, *words = [names.get(word, word) for word in shlex.split(line)]
        assert program == "manage.py"
        said = StringIO()
        call_command(*words, "--json", stdout=said)
        return json.loads(said.getvalue())

    def http(self, line: str, names: dict[str, str]) -> Any:
        method, path, *body = line.split(" ", 2)
        address = "/".join(names.get(part, part) for part in path.split("/"))
        answer = httpx.request(
            method,
            f"{self.site}/graph/v1.0{address}",
            json=json.loads(body[0].replace('"T"', f'"{names["T"]}"')) if body else None,
            headers={"Authorization": f"Bearer {self.token}"},
        )
        assert answer.is_success, answer.text
        return answer.json() if answer.content else {}

    def sdk(self, line: str, names: dict[str, str]) -> Any:
        said: list[Any] = []

        async def steps(client: Any) -> None:
            known: dict[str, Any] = names | {"Pass": TemporaryAccessPassAuthenticationMethod}
            known["T"] = time_of(names["T"])
            known["passes"] = client.users.by_user_id(names["U"]).authentication.temporary_access_pass_methods
            said.append(await eval(line, {"__builtins__": {}}, known))  # noqa: S307  a line of our own documentation

        run(self.site, self.token, steps)
        return said[0]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_every_line_does_what_its_neighbours_do(
    site: str, world: SimpleNamespace, token_of: TokenOf, give_pass: Callable[..., Any]
) -> None:
    """E13, CLI parity: what is issued, shown and deleted is the same by all ways that the table says were run."""
    entrances = Entrances(site, token_of(world.grace, ALL).text)
    rows = table()
    assert len(rows) >= 7
    tomorrow = f"{clock.now() + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"
    for cmdlet, here, http, sdk, ran in rows:
        ways = {"CLI": (entrances.cli, here), "HTTP": (entrances.http, http), "SDK": (entrances.sdk, sdk)}
        assert [name for name, (_, line) in ways.items() if line != "none"] == ran.split(", "), cmdlet
        verb = cmdlet.split("-")[0]
        issued = None if verb == "New" else give_pass(world.mia).issued
        came = []
        for name in ran.split(", "):
            way, line = ways[name]
            if verb == "Remove":
                issued = give_pass(world.mia).issued
            answer = way(line, {"U": world.mia.upn, "I": str(issued.id) if issued else "", "T": tomorrow})
            came.append(outcome(verb, listed(answer), world.mia))
        assert all(one == came[0] for one in came), (cmdlet, came)


def outcome(verb: str, answered: list[Any], user: User) -> object:
    """Return what came of a line, as it must be whichever way it was run."""
    stored = TemporaryAccessPass.objects.open().filter(user=user).first()
    if verb == "Remove":
        assert stored is None
        return "gone"
    assert stored is not None
    (one,) = [facts_of(one) for one in answered]
    assert one["id"] == str(stored.id)
    if verb != "New":
        return one
    code = answered[0]["temporaryAccessPass"] if isinstance(answered[0], dict) else answered[0].temporary_access_pass
    assert len(code) == 8
    starts = stored.starts_at if one["methodUsabilityReason"] == "NotYetValid" else "now"
    return one["isUsableOnce"], one["lifetimeInMinutes"], one["isUsable"], starts
