"""What a bar chart shows, and where each bar stands. Drawn by `{% bar_chart %}`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil

from core.text import Text

WIDTH = 520
HEIGHT = 176
LEFT = 26
TOP = 22
BOTTOM = 20
BAR_SHARE = 0.62
GAP = 1.5
STEPS = (1, 2, 5)
MOST_TICKS = 4


@dataclass(frozen=True)
class Series:
    """One colour of the stack: its name in the legend and a number for each label."""

    name: Text
    colour: str
    values: Sequence[int]


@dataclass(frozen=True)
class Mark:
    """A dashed line with words; ``at`` counts bars, so 2.0 lies between the second and the third."""

    at: float
    text: Text


@dataclass(frozen=True)
class Bar:
    """One rectangle."""

    x: float
    y: float
    width: float
    height: float
    colour: str


@dataclass(frozen=True)
class BarChart:
    """Stacked bars over labels. ``label_title`` heads the first column of the table."""

    title: Text
    label_title: Text
    labels: Sequence[Text]
    series: Sequence[Series]
    mark: Mark | None = None

    @property
    def step(self) -> int:
        """The distance of the grid lines: 1, 2 or 5 times a power of ten, at most four lines above zero."""
        highest = max((sum(column) for column in self.columns()), default=0)
        power = 1
        while True:
            for digit in STEPS:
                if digit * power * MOST_TICKS >= highest:
                    return digit * power
            power *= 10

    @property
    def top(self) -> int:
        """The value at the upper edge."""
        highest = max((sum(column) for column in self.columns()), default=0)
        return max(1, ceil(highest / self.step)) * self.step

    def columns(self) -> Iterator[tuple[int, ...]]:
        """The numbers of each label, in the order of the series."""
        return zip(*(series.values for series in self.series), strict=True)

    def rows(self) -> list[tuple[Text, tuple[int, ...]]]:
        """The same numbers as a table."""
        return list(zip(self.labels, self.columns(), strict=True))

    def height_of(self, value: float) -> float:
        return value / self.top * (HEIGHT - TOP - BOTTOM)

    def y_of(self, value: float) -> float:
        return HEIGHT - BOTTOM - self.height_of(value)

    def x_of(self, position: float) -> float:
        return LEFT + position * (WIDTH - LEFT) / max(1, len(self.labels))

    def ticks(self) -> list[tuple[int, float]]:
        """Each grid line: its value and its height."""
        return [(value, round(self.y_of(value), 1)) for value in range(0, self.top + 1, self.step)]

    def bars(self) -> list[Bar]:
        """Every rectangle, the first series lowest."""
        width = BAR_SHARE * (self.x_of(1) - LEFT)
        drawn = []
        for index, column in enumerate(self.columns()):
            x = self.x_of(index + 0.5) - width / 2
            below = 0
            for series, value in zip(self.series, column, strict=True):
                if value:
                    height = max(1.0, self.height_of(value) - (GAP if below else 0))
                    y = self.y_of(below + value)
                    drawn.append(Bar(round(x, 1), round(y, 1), round(width, 1), round(height, 1), series.colour))
                below += value
        return drawn

    def label_places(self) -> list[tuple[Text, float]]:
        """Each label and the middle of its bar."""
        return [(label, round(self.x_of(index + 0.5), 1)) for index, label in enumerate(self.labels)]
