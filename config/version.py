"""The product's version, as pyproject.toml has it."""

import tomllib
from functools import cache

from config.env import ROOT


@cache
def version() -> str:
    """Return it."""
    with (ROOT / "pyproject.toml").open("rb") as source:
        return str(tomllib.load(source)["project"]["version"])
