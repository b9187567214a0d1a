"""The log as a process of ours would have written it."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from core import logs


@pytest.fixture(params=logs.FORMATS)
def written(request: pytest.FixtureRequest) -> Iterator[Callable[[], list[Any]]]:
    """What a process of ours would have written, line by line; JSON as the objects it stands for."""
    made = logs.configuration("DEBUG", request.param)
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(made["formatters"]["line"]["()"]())
    for kind in made["filters"].values():
        handler.addFilter(kind["()"]())
    loggers = {"": made["root"], **made["loggers"]}
    before = {name: logging.getLogger(name).level for name in loggers}
    for name, settings in loggers.items():
        logging.getLogger(name).setLevel(settings["level"])
    logging.getLogger().addHandler(handler)
    read = json.loads if request.param == "JSON" else str
    yield lambda: [read(line) for line in stream.getvalue().split("\n")[:-1]]
    logging.getLogger().removeHandler(handler)
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)
