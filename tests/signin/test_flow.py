"""The order of signing in. Every step with everything that can happen at it, legal or not.

The table is written from the design (§5), not from the product's own.
"""

from itertools import product

import pytest

from signin.flow import NEEDS_NAME, TRANSITIONS, Input, Offer, State, first_input, next_state

TABLE = """
has_usable_pass  | identify -> tap
prefers_passkey  | identify -> passkey
prefers_password | identify -> password
must_choose      | identify -> options
other_ways       | tap -> options, passkey -> options, password -> options
chose_pass       | options -> tap
chose_passkey    | options -> passkey
chose_password   | options -> password
proved           | identify -> done, tap -> done, passkey -> done, password -> done
refused          | identify -> identify, tap -> tap, passkey -> passkey, password -> password
back             | options -> identify, tap -> identify, passkey -> identify, password -> identify
"""
SECRETS = {State.PASS, State.PASSKEY, State.PASSWORD}


def read_table() -> dict[tuple[State, Input], State]:
    found = {}
    for line in TABLE.strip().splitlines():
        happened, steps = line.split("|")
        for step in steps.split(","):
            at, to = step.split("->")
            found[State(at.strip()), Input(happened.strip())] = State(to.strip())
    return found


PAIRS = list(product(State, Input))


@pytest.mark.parametrize(("at", "happened"), PAIRS, ids=[f"{at}-{happened}" for at, happened in PAIRS])
def test_every_pair_leads_where_the_design_says_or_back_to_the_start(at: State, happened: Input) -> None:
    assert next_state(at, happened) is read_table().get((at, happened), State.IDENTIFY)


def test_the_table_says_no_more_than_the_design() -> None:
    assert read_table() == TRANSITIONS


def test_nobody_is_done_without_a_proof() -> None:
    for at, happened in PAIRS:
        if next_state(at, happened) is State.DONE:
            assert happened is Input.PROVED
            assert at in SECRETS | {State.IDENTIFY}


def test_nothing_follows_once_done() -> None:
    assert {next_state(State.DONE, happened) for happened in Input} == {State.IDENTIFY}


def test_a_refusal_stays_where_it_is() -> None:
    for at in SECRETS:
        assert next_state(at, Input.REFUSED) is at


def test_every_step_can_be_reached_and_left() -> None:
    reached = {State.IDENTIFY}
    while True:
        further = {next_state(at, happened) for at in reached for happened in Input} | reached
        if further == reached:
            break
        reached = further
    assert reached == set(State)
    for at in set(State) - {State.IDENTIFY, State.DONE}:
        assert next_state(at, Input.BACK) is State.IDENTIFY


def test_every_step_but_the_first_and_the_last_needs_a_name() -> None:
    assert set(State) - {State.IDENTIFY, State.DONE} == NEEDS_NAME


OFFERS = [
    Offer(has_usable_pass=usable, has_passkey=passkey, has_password=password, is_federated=federated)
    for usable, passkey, password, federated in product((False, True), repeat=4)
]


@pytest.mark.parametrize(
    "offer",
    OFFERS,
    ids=lambda one: f"{one.has_usable_pass:d}{one.has_passkey:d}{one.has_password:d}{one.is_federated:d}",
)
def test_a_pass_comes_first_and_then_the_strongest_method(offer: Offer) -> None:
    """Design §5. A pass and a passkey go before federation; no password of ours does (F03)."""
    wanted = (
        Input.HAS_USABLE_PASS
        if offer.has_usable_pass
        else Input.PREFERS_PASSKEY
        if offer.has_passkey
        else Input.MUST_CHOOSE
        if offer.is_federated or not offer.has_password
        else Input.PREFERS_PASSWORD
    )
    assert first_input(offer) is wanted
