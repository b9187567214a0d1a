"""Which methods may go, and how a passkey may be called. Pure. What a session may register: accounts.authority."""

from enum import StrEnum

LONGEST_NAME = 100  # characters
ROUND_LIFETIMES = (10, 15, 30, 60, 120, 240, 480, 720, 1440, 2880, 4320, 10_080, 20_160, 43_200)  # minutes
MOST_SUGGESTED = 5


class RemovalProblem(StrEnum):
    """Why a method must stay."""

    LAST_LASTING_METHOD = "last_lasting_method"


def removal_problem(*, passkeys: int, has_password: bool) -> RemovalProblem | None:
    """Say whether one of ``passkeys`` may be removed by its owner. A pass is no lasting method (criterion D10)."""
    return RemovalProblem.LAST_LASTING_METHOD if passkeys <= 1 and not has_password else None


def clean_name(typed: str) -> str:
    """Return a passkey's name: one line, no control characters, no surrounding space; "" where nothing is left."""
    one_line = " ".join(typed.split())
    return "".join(char for char in one_line if char.isprintable())[:LONGEST_NAME]


def suggested_lifetimes(*, least: int, default: int, most: int) -> list[int]:
    """Return the minutes offered for a new pass: the policy's three figures and round ones spread between them."""
    offered = {least, default, most}
    between = [minutes for minutes in ROUND_LIFETIMES if least < minutes < most and minutes not in offered]
    room = min(len(between), MOST_SUGGESTED - len(offered))
    offered.update(between[(index + 1) * (len(between) + 1) // (room + 1) - 1] for index in range(room))
    return sorted(offered)
