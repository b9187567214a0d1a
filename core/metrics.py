"""What operators count (docs/decisions/0056): declared where it happens, kept by prometheus_client, shown by config/metrics.py.

Without METRICS_TOKEN nobody can ask, so nothing is counted and the library is not even loaded. It is loaded late for
another reason too: it decides at that moment whether several processes share what they count. Counting never fails what
is counted: a process that cannot count, on a full disk, says so once and stops counting.
"""

import logging
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from django.conf import settings

log = logging.getLogger("gatepass.metrics")

if TYPE_CHECKING:
    import prometheus_client as prometheus

M = TypeVar("M", "prometheus.Counter", "prometheus.Gauge", "prometheus.Histogram")
SHARED = "PROMETHEUS_MULTIPROC_DIR"  # prometheus_client reads it from the environment, and only there
PREFIX = "gatepass"
BOUNDS = (0.01, 0.03, 0.1, 0.3, 1, 3, 10)  # seconds

GIVEN_UP = threading.Event()
MAKING = threading.Lock()
METERS: "list[Meter[prometheus.Counter] | Meter[prometheus.Gauge] | Meter[prometheus.Histogram]]" = []


class Meter(Generic[M]):
    """One metric. Its labels take few values, and never a name that somebody chose."""

    def __init__(self, name: str, about: str, *labels: str) -> None:
        self.name, self.about, self.labels = name, about, labels
        self._made: M | None = None
        METERS.append(self)

    @property
    def exposed(self) -> str:
        """Return the name as it is asked for."""
        return f"{PREFIX}_{self.name}"

    def metric(self) -> M:
        """Return what the library keeps for it, made when it is first asked for. Without labels it is 0 from then on."""
        with MAKING:
            if self._made is None:
                self._made = self._make()
            return self._made

    def _make(self) -> M:
        raise NotImplementedError

    def _of(self, labels: tuple[str, ...]) -> M:
        return self.metric().labels(*labels) if labels else self.metric()


class Counter(Meter["prometheus.Counter"]):
    """How often something happened."""

    @property
    def exposed(self) -> str:
        """Return the name as it is asked for."""
        return f"{super().exposed}_total"

    def count(self, *labels: str, by: int = 1) -> None:
        """Count it."""
        _try(lambda: self._of(labels).inc(by))

    def _make(self) -> "prometheus.Counter":
        from prometheus_client import Counter as Kind  # noqa: PLC0415  see above

        return Kind(f"{PREFIX}_{self.name}", self.about, self.labels, registry=registry())


class Durations(Meter["prometheus.Histogram"]):
    """How long something took, in seconds."""

    def note(self, seconds: float, *labels: str) -> None:
        """Note one."""
        _try(lambda: self._of(labels).observe(seconds))

    def _make(self) -> "prometheus.Histogram":
        from prometheus_client import Histogram as Kind  # noqa: PLC0415  see above

        return Kind(f"{PREFIX}_{self.name}", self.about, self.labels, registry=registry(), buckets=BOUNDS)


class Level(Meter["prometheus.Gauge"]):
    """How many there are at this moment, in all processes that live."""

    @contextmanager
    def raised(self) -> Iterator[None]:
        """Be one of them meanwhile."""
        _try(lambda: self.metric().inc())
        try:
            yield
        finally:
            _try(lambda: self.metric().dec())

    def _make(self) -> "prometheus.Gauge":
        from prometheus_client import Gauge as Kind  # noqa: PLC0415  see above

        made = Kind(f"{PREFIX}_{self.name}", self.about, self.labels, registry=registry(), multiprocess_mode="livesum")
        made.inc(0)
        return made


@cache
def registry() -> "prometheus.CollectorRegistry":
    """Return what this process counts."""
    from prometheus_client import CollectorRegistry  # noqa: PLC0415  see above

    return CollectorRegistry()


def share(folder: Path) -> None:
    """Let this process and those it starts count together, from 0, in files of ``folder``. Before anything is counted."""

    def begin() -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, mode=0o700)
        os.environ[SHARED] = str(folder)
        from core import solid  # noqa: PLC0415  see above

        solid.use()
        for meter in METERS:
            meter.metric()

    _try(begin)


def _try(act: Callable[[], object]) -> None:
    """Do it where somebody may ask for it and this process still counts."""
    if not settings.METRICS_TOKEN or GIVEN_UP.is_set():
        return
    try:
        act()
    except Exception:
        GIVEN_UP.set()
        log.exception("this process counts nothing more until the next start")


def forget_process(pid: int) -> None:
    """Take a process that ended out of what is so at this moment; what it counted stays."""
    if settings.METRICS_TOKEN and SHARED in os.environ:
        from prometheus_client.multiprocess import mark_process_dead  # noqa: PLC0415  see above

        mark_process_dead(pid)  # type: ignore[no-untyped-call]
