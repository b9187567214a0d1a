"""The order of signing in, as a table. Pure: states, what happened, and what is next."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """A step of signing in; each is a page."""

    IDENTIFY = "identify"
    PASS = "tap"
    PASSKEY = "passkey"
    PASSWORD = "password"
    OPTIONS = "options"
    DONE = "done"


class Input(StrEnum):
    """What happened at a step."""

    HAS_USABLE_PASS = "has_usable_pass"
    PREFERS_PASSKEY = "prefers_passkey"
    PREFERS_PASSWORD = "prefers_password"
    MUST_CHOOSE = "must_choose"
    OTHER_WAYS = "other_ways"
    CHOSE_PASS = "chose_pass"
    CHOSE_PASSKEY = "chose_passkey"
    CHOSE_PASSWORD = "chose_password"
    PROVED = "proved"
    REFUSED = "refused"
    BACK = "back"


_SECRETS = (State.PASS, State.PASSKEY, State.PASSWORD)

TRANSITIONS: dict[tuple[State, Input], State] = {
    (State.IDENTIFY, Input.HAS_USABLE_PASS): State.PASS,
    (State.IDENTIFY, Input.PREFERS_PASSKEY): State.PASSKEY,
    (State.IDENTIFY, Input.PREFERS_PASSWORD): State.PASSWORD,
    (State.IDENTIFY, Input.MUST_CHOOSE): State.OPTIONS,
    (State.IDENTIFY, Input.PROVED): State.DONE,  # a discoverable passkey names its person itself
    (State.IDENTIFY, Input.REFUSED): State.IDENTIFY,
    (State.OPTIONS, Input.CHOSE_PASS): State.PASS,
    (State.OPTIONS, Input.CHOSE_PASSKEY): State.PASSKEY,
    (State.OPTIONS, Input.CHOSE_PASSWORD): State.PASSWORD,
    (State.OPTIONS, Input.BACK): State.IDENTIFY,
    **{(secret, Input.PROVED): State.DONE for secret in _SECRETS},
    **{(secret, Input.REFUSED): secret for secret in _SECRETS},
    **{(secret, Input.OTHER_WAYS): State.OPTIONS for secret in _SECRETS},
    **{(secret, Input.BACK): State.IDENTIFY for secret in _SECRETS},
}
NEEDS_NAME = frozenset({State.PASS, State.PASSKEY, State.PASSWORD, State.OPTIONS})


@dataclass(frozen=True)
class Offer:
    """What is known after a user name was typed. All False for an unknown name, but for what is made up to look alike."""

    has_usable_pass: bool = False
    has_passkey: bool = False
    has_password: bool = False
    is_federated: bool = False
    organisation: str = ""


def next_state(state: State, happened: Input) -> State:
    """Return the step that follows. What the table does not know leads back to the start."""
    return TRANSITIONS.get((state, happened), State.IDENTIFY)


def first_input(offer: Offer) -> Input:
    """Say what typing a user name amounts to: a usable pass before all, then the strongest method (design §5)."""
    if offer.has_usable_pass:
        return Input.HAS_USABLE_PASS
    if offer.has_passkey:
        return Input.PREFERS_PASSKEY
    if offer.is_federated:
        return Input.MUST_CHOOSE
    return Input.PREFERS_PASSWORD if offer.has_password else Input.MUST_CHOOSE
