"""Imports in these tests."""

from types import SimpleNamespace

from directory import actions
from directory.enums import RowState
from directory.models import Import
from tests.directory.people import acting

HEAD = "displayName,userPrincipalName,mail,userType,groups,timeZone\n"


def uploaded(world: SimpleNamespace, text: str) -> Import:
    """Send a file as grace does."""
    return actions.upload(acting(world.grace), name="people.csv", text=text)


def faults(batch: Import) -> dict[int, list[str]]:
    """Return what is wrong, by line."""
    rows = batch.rows.filter(state=RowState.BAD)
    return {row.number: [f"{name}:{problem}" for name, problem in row.problems] for row in rows}
