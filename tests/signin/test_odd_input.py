"""Odd and hostile input at the sign-in is refused with a clear answer, never with a fault of ours."""

import itertools

import pytest
from django.test import Client
from django.urls import reverse

from signin.flow import TRANSITIONS, Input, State, next_state


@pytest.mark.parametrize(
    "body",
    ["", "{", "[]", "null", "1", '"x"', "{}", "[" * 100_000, '{"credential": ' + "[" * 100_000, "\udcff"],
    ids=["empty", "cut", "list", "null", "number", "text", "no credential", "deep", "deep credential", "not UTF-8"],
)
def test_it_refuses_json_it_cannot_read(client: Client, db: None, body: str) -> None:
    answer = client.post(
        reverse("signin:passkey_finish"), body.encode(errors="surrogateescape"), content_type="application/json"
    )
    assert answer.status_code == 400
    assert "could not be read" in answer.json()["message"]


@pytest.mark.parametrize(("state", "happened"), list(itertools.product(State, Input)))
def test_it_knows_what_follows_every_pair(state: State, happened: Input) -> None:
    """Only proof leads to the end; what the table does not know leads back to the start."""
    following = next_state(state, happened)
    assert following is TRANSITIONS.get((state, happened), State.IDENTIFY)
    proved = happened is Input.PROVED and state not in {State.OPTIONS, State.DONE}
    assert (following is State.DONE) is proved
