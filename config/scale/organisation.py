"""What everything about one made-up organisation is made from."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime

from config.scale.names import DEPARTMENTS

FIRST, OFTEN = 1000, 15
SPREAD = 2_654_435_761  # Knuth's multiplier: neighbouring numbers go far apart


@dataclass(frozen=True)
class Organisation:
    """One organisation; ``ids`` and ``upns`` of its people by their number, filled while people are written."""

    number: int
    size: int
    now: datetime
    tenant_id: uuid.UUID = field(default_factory=uuid.uuid4)
    ids: list[uuid.UUID] = field(default_factory=list)
    upns: list[str] = field(default_factory=list)

    @property
    def domain(self) -> str:
        """Return what its user names end in."""
        return domain_of(self.number)

    @property
    def teams(self) -> int:
        """Return the number of teams."""
        return max(3 * len(DEPARTMENTS), self.size // 60)

    def address_of(self, person: int) -> str:
        """Return an address the person signs in from."""
        return f"10.{scatter(person, 250)}.{scatter(person + 1, 250)}.{scatter(person + 2, 250)}"


def domain_of(number: int) -> str:
    """Return the domain of the organisation with that number."""
    return f"scale-{number}.example"


def scatter(number: int, limit: int) -> int:
    """Return a number below ``limit`` that looks unrelated to ``number`` and always is the same for it."""
    return (number * SPREAD % 2**32) * limit >> 32


def one_in(many: int, number: int, which: int = 0) -> bool:
    """Say whether a person is the one of ``many`` whose number ends in ``which``, counted that way."""
    return number % many == which


def rare(many: int, number: int, which: int) -> bool:
    """Say the same of what is rare. The first thousand people have more of it: it fills a page in any organisation."""
    return one_in(min(many, OFTEN) if number < FIRST else many, number, which)
