"""``schemathesis`` over the OpenAPI document, as an administrator of each organisation: no fault, no breach of the
document, and nothing of the other organisation in any answer.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import CheckFunction
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from graph.enums import Version
from graph.urls import APIS
from graph.views.documents import openapi_of
from tests.graph.conftest import ALL, ApiOf
from tests.graph.test_routes import ids

__all__ = ["ids"]

CHECKS: list[CheckFunction] = [status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES = 2  # for each operation; each is sent by both tenants, with made-up ids and with ones of Contoso


@dataclass(frozen=True)
class Sender:
    """Who sends, and the ids that stand in place of made-up ones."""

    token: str
    known: dict[str, str]
    is_foreign: bool


@pytest.fixture
def one_connection() -> Iterator[None]:
    """Keep the test's connection open behind each answer, as Django's own client does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.slow
def test_any_request(one_connection: None, world: SimpleNamespace, api: ApiOf, ids: dict[str, str]) -> None:
    """E09, E10, E13: whatever the document lets a client send."""
    schema = schemathesis.openapi.from_dict(openapi_of(APIS[Version.V1]))
    schema.app = get_wsgi_application()
    senders = [
        Sender(api(user, ALL).token, known, is_foreign=user is world.zed)
        for user in (world.grace, world.zed)
        for known in ({}, ids)
    ]
    for found in schema.get_all_operations():
        operation: Any = found.ok()  # type: ignore[union-attr]  # a document of ours is in order
        ask_anything(operation, senders, world=world)


def ask_anything(operation: Any, senders: list[Sender], *, world: SimpleNamespace) -> None:
    """Send a few requests that fit an operation, each by everybody, and check what comes back: making one up costs as
    much as sending it.
    """

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def send(case: Any) -> None:
        made_up = dict(case.path_parameters or {})
        for sender in senders:
            if sender.known and not made_up:
                continue
            case.path_parameters = {name: sender.known.get(name, one) for name, one in made_up.items()}
            answer = case.call(headers={"Authorization": f"Bearer {sender.token}", "Accept-Encoding": "identity"})
            assert answer.status_code < 500, (case, answer.text)
            case.validate_response(answer, checks=CHECKS)
            if sender.is_foreign and answer.status_code < 300:  # a refusal says again what was asked for
                assert str(world.contoso.id) not in answer.text
                assert "Tap User" not in answer.text

    send()
