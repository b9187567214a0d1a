"""Which methods may go, and how a passkey may be called. Pure. What a session may register: accounts.authority."""

from enum import StrEnum

LONGEST_NAME = 100  # characters


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
