"""What a line of the log carries, and how it is written: one line for each event, as text or as JSON (docs/decisions/0055).

What is known of the request or the task at hand is carried beside it and stands on every line written meanwhile,
whoever writes it. Nothing else of a record is shown but its message and the fields named here: a library may hang a
whole request on what it logs.
"""

import json
import logging
import re
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest
from pythonjsonlogger.json import JsonFormatter

from core.metrics import Counter

CARRIED = ("request", "address", "task", "tenant", "user")
MEASURED = ("method", "route", "status", "milliseconds")  # a line about a request says them in its message too
NO_ROUTE = "-"
LINES = Counter("log_lines", "Lines of the log that are a warning or worse, by level.", "level")
DATABASE_ERRORS = Counter("database_errors", "Errors of the database that nobody expected.")
# Whatever a terminal or a reader of lines takes for more than a character: control characters, ends of lines and
# paragraphs, marks that turn the direction, halves of surrogate pairs.
UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")

NOTHING: Mapping[str, str] = MappingProxyType({})
_carried: ContextVar[Mapping[str, str]] = ContextVar("carried", default=NOTHING)


def configuration(level: str, form: str) -> dict[str, Any]:
    """Return Django's LOGGING. ``level`` is for lines of our own: a library tells its developer more than a log may hold
    (oauthlib: tokens), so none says less than a warning.
    """
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": FORMATS[form]}},
        "filters": {"routed": {"()": Routed}, "counted": {"()": Counted}},
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["routed", "counted"]}
        },
        "root": {"handlers": ["stderr"], "level": "ERROR" if level == "ERROR" else "WARNING"},
        "loggers": {
            "gatepass": {"level": level},
            "django": {"handlers": [], "level": "WARNING", "propagate": True},
            "django.request": {"level": "ERROR"},  # gatepass.request writes one line for every answer
        },
    }


@contextmanager
def carrying(**facts: str) -> Iterator[None]:
    """Let every line written meanwhile, in this thread, carry ``facts`` and what is added to them."""
    token = _carried.set({**_carried.get(), **facts})
    try:
        yield
    finally:
        _carried.reset(token)


def carry(**facts: object) -> None:
    """Add what has become known, up to the end of what is being carried; outside of that there is nothing to add to."""
    if _carried.get() is NOTHING:
        return
    _carried.set({**_carried.get(), **{name: str(value) for name, value in facts.items() if value is not None}})


class Routed(logging.Filter):
    """Puts the route in the place of the path in Django's own line about a request that failed."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record through."""
        request = getattr(record, "request", None)
        if record.name == "django.request" and isinstance(request, HttpRequest) and record.msg == "%s: %s":
            record.args = (HTTPStatus(getattr(record, "status_code", 500)).phrase, route_of(request))
        return True


class Counted(logging.Filter):
    """Counts what should not have happened. Every error of the database that nobody expected ends up in a line."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record through."""
        if record.levelno >= logging.WARNING:
            LINES.count(record.levelname.lower())
            if record.exc_info and isinstance(record.exc_info[1], DatabaseError):
                DATABASE_ERRORS.count()
        return True


class TextLine(logging.Formatter):
    """``time LEVEL logger name=value … message``: the message is all of the rest, whatever is in it."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the one line."""
        carried = _carried.get()
        facts = "".join(f" {name}={carried[name]}" for name in CARRIED if carried.get(name))
        return f"{_time_of(record)} {record.levelname} {record.name}{facts} {one_line(_said(self, record))}"


class JsonLine(JsonFormatter):
    """One JSON object in one line; a trace stands in it as ``exception``."""

    def add_fields(self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]) -> None:
        """Fill in what a line has. ``message_dict`` holds the trace, if there is one."""
        carried = _carried.get()
        log_data |= {"time": _time_of(record), "level": record.levelname, "logger": record.name}
        log_data["message"] = record.message or json.dumps(message_dict, default=str)
        log_data |= {name: carried[name] for name in CARRIED if carried.get(name)}
        log_data |= {name: value for name in MEASURED if (value := getattr(record, name, None)) is not None}
        if trace := message_dict.get("exc_info"):
            log_data["exception"] = trace


FORMATS: Mapping[str, type[logging.Formatter]] = {"TEXT": TextLine, "JSON": JsonLine}


def route_of(request: HttpRequest) -> str:
    """Return the route that answers ``request``, its variable parts by name: ``/center/users/<uuid:user_id>/``.

    One of few, so it may name a line of a log or a metric. Where nothing answers, what was asked for may be anything.
    """
    if request.resolver_match is not None:
        return f"/{request.resolver_match.route}"
    return settings.STATIC_URL if request.path.startswith(settings.STATIC_URL) else NO_ROUTE


def one_line(text: str) -> str:
    """Return ``text`` with everything in it that could begin a line or mislead a reader written out."""
    return UNSAFE.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def take_everything() -> None:
    """Let warnings of Python, and what nobody caught, be lines of the log too. For a process that serves."""
    logging.captureWarnings(capture=True)
    log = logging.getLogger("gatepass")
    sys.excepthook = lambda kind, error, trace: log.critical("uncaught", exc_info=(kind, error, trace))
    threading.excepthook = lambda caught: log.critical("uncaught in %s", caught.thread, exc_info=caught.exc_value)


def _time_of(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _said(formatter: logging.Formatter, record: logging.LogRecord) -> str:
    parts = [record.getMessage()]
    if record.exc_info:
        parts.append(formatter.formatException(record.exc_info))
    return "\n".join(parts)
