"""Figures beside their budgets."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """Something measured, and what it may be."""

    what: str
    value: float
    at_most: float | None = None
    at_least: float | None = None
    note: str = ""

    @property
    def is_within(self) -> bool:
        """True where the budget holds, or there is none."""
        return (self.at_most is None or self.value <= self.at_most) and (
            self.at_least is None or self.value >= self.at_least
        )

    @property
    def budget(self) -> str:
        """Return the budget in words."""
        if self.at_most is not None:
            return f"at most {self.at_most:g}"
        return "" if self.at_least is None else f"at least {self.at_least:g}"


def print_table(title: str, figures: Sequence[Figure]) -> None:
    """Print one line for each figure; one that breaks its budget says so."""
    print(f"\n{title}")
    width = max(len(figure.what) for figure in figures)
    for figure in figures:
        verdict = "" if not figure.budget else "ok" if figure.is_within else "OVER BUDGET"
        print(
            f"  {figure.what:<{width}}  {figure.value:8.2f}  {figure.budget:<14} {verdict:<12} {figure.note}".rstrip()
        )
    print(flush=True)
