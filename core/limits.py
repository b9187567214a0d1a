"""Attempt limits, asked by the verifiers themselves so that no entrance can forget them (security criteria C01–C03).

An attempt is *reserved* in every lane it belongs to before anything is verified: one statement, so a thousand parallel
attempts cannot slip through a count-then-check gap. A lane that must wait refuses the whole attempt and leaves no
trace in the others. A success gives the reservations back. Whoever touches several lanes takes their rows in the
order of their keys, so that no two wait for each other in a circle.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache

from django.db import connection, transaction

from core.errors import TooMany
from core.metrics import Counter
from core.models import AttemptLane
from core.retention import thin_out
from core.secrets import pseudonyms
from core.sql import marks

THROTTLED = Counter("attempts_throttled", "Attempts and look-ups refused because too many came before.")
LONGEST_PASS = 2 * 365 * 86_400  # seconds; more than the furthest start and the longest lifetime together
LONGEST_WAIT = 3600  # seconds


@dataclass(frozen=True)
class Lane:
    """One counter: after ``limit`` attempts within ``window`` seconds the lane waits.

    ``first_wait`` seconds, doubled at each further attempt up to an hour; 0 means: until the window is over. A lane that
    waited is forgotten once nobody has tried for a whole window after the wait.
    ``is_shared``: other people's attempts count here too, so a success takes back its own attempt only.
    ``former``: its names under keys that were SECRET_KEY before.
    """

    key: str
    limit: int
    window: int
    first_wait: int = 0
    is_shared: bool = False
    former: tuple[str, ...] = ()

    @property
    def counters(self) -> "list[Lane]":
        """Return the lane under each of its names. While a new SECRET_KEY is let in every attempt counts under the former
        one too, so that nobody begins anew (docs/decisions/0057).
        """
        return [self, *(replace(self, key=name, former=()) for name in self.former)]

    @property
    def waits(self) -> bool:
        """True for a lane that is heard again before long; the others close what they count for good."""
        return self.window < LONGEST_PASS


def account_lanes(*, method: str, account: str, network: str) -> list[Lane]:
    """Return the lanes of an attempt with ``method`` at ``account`` (any spelling-free name, known or not) from ``network``.

    Figures: docs/decisions/0004. Each method has lanes of its own, so failures of one never touch another (C03).
    """
    return [*own_lanes(method=method, account=account, networks=[network]), *network_lanes(network)]


def own_lanes(*, method: str, account: str, networks: Iterable[str]) -> list[Lane]:
    """Return the lanes in which nobody else's attempts count: from each network at ``account``, and from anywhere."""
    from_there = [
        _lane("account-network", method, account, network, limit=5, window=900, first_wait=30) for network in networks
    ]
    return [*from_there, account_lane(method=method, account=account)]


def account_lane(*, method: str, account: str) -> Lane:
    """Return the lane of attempts with ``method`` at ``account`` from anywhere."""
    return _lane("account", method, account, limit=20, window=900, first_wait=30)


def network_lanes(network: str) -> list[Lane]:
    """Return the lanes that all secrets typed from ``network`` share: 30 in 10 minutes, 100 in an hour."""
    return [
        _lane("network-10m", network, limit=30, window=600, is_shared=True),
        _lane("network-1h", network, limit=100, window=3600, is_shared=True),
    ]


def credential_lane(credential: str, *, limit: int = 100) -> Lane:
    """Return the lane of consecutive failures of one credential (NIST SP 800-63B-4 §3.2.2: at most 100)."""
    return _lane("credential", credential, limit=limit, window=LONGEST_PASS)


def lookup_lanes(network: str) -> list[Lane]:
    """Return the lanes of identifier look-ups from ``network``: past them the uniform page is served (C05)."""
    return [
        _lane("lookup-1m", network, limit=20, window=60, is_shared=True),
        _lane("lookup-1h", network, limit=200, window=3600, is_shared=True),
    ]


def asking_lanes(kind: str, network: str) -> list[Lane]:
    """Return the lanes of what anybody in ``network`` may ask for unproved, where each asking leaves a row behind."""
    return [
        _lane("asking-1m", kind, network, limit=30, window=60, is_shared=True),
        _lane("asking-1h", kind, network, limit=300, window=3600, is_shared=True),
    ]


def reserve(lanes: Sequence[Lane], *, now: datetime) -> dict[str, int]:
    """Count one attempt in every lane and return the counts by key.

    Raises TooMany, with nothing counted, if any lane must wait.
    """
    at, counters = int(now.timestamp()), _counters(lanes)
    with transaction.atomic():
        counted = _count(counters, at)
        refused = [lane.key for lane in counters if lane.key not in counted]
        if refused:
            transaction.set_rollback(True)
        else:
            _let_wait([(lane, *counted[lane.key]) for lane in counters if counted[lane.key][0] >= lane.limit], at)
    if refused:
        THROTTLED.count()
        raise TooMany("attempt_limit", retry_after=_seconds_to_wait(refused, at))
    return {lane.key: max(counted[one.key][0] for one in lane.counters) for lane in lanes}


def release(lanes: Sequence[Lane]) -> None:
    """Take back a reservation after a success: own lanes begin anew, shared ones lose this attempt."""
    counters = _counters(lanes)
    shared = [lane.key for lane in counters if lane.is_shared]
    with connection.cursor() as cursor:
        cursor.execute(_release(len(shared), len(counters)), [*shared, *(lane.key for lane in counters)])


def closed_until(lanes: Sequence[Lane], *, now: datetime) -> dict[str, datetime]:
    """Return when attempts are heard again, by the key of each of the lanes in which none is heard now."""
    closed = AttemptLane.objects.filter(
        key__in=[one.key for one in _counters(lanes)], blocked_until__gt=int(now.timestamp())
    )
    until = dict(closed.values_list("key", "blocked_until"))
    latest = {lane.key: max(until.get(one.key, 0) for one in lane.counters) for lane in lanes}
    return {key: datetime.fromtimestamp(at, UTC) for key, at in latest.items() if at}


def forget(lanes: Sequence[Lane]) -> None:
    """Begin lanes anew."""
    AttemptLane.objects.filter(key__in=[lane.key for lane in _counters(lanes)]).delete()


def forget_old(*, now: datetime) -> int:
    """Delete the lanes whose window is over and for which nobody waits; return how many went."""
    at = int(now.timestamp())
    return thin_out(AttemptLane.objects.filter(forget_at__lt=at, blocked_until__lt=at))


def _count(lanes: Sequence[Lane], at: int) -> dict[str, tuple[int, int]]:
    """Count in each lane that need not wait, and return count and end of its window; lanes missing there must wait."""
    parameters = [value for lane in _in_order(lanes) for value in (lane.key, at + lane.window)]
    with connection.cursor() as cursor:
        cursor.execute(_reserve(len(lanes)), [*parameters, at, at, at])
        return {key: (count, forget_at) for key, count, forget_at in cursor.fetchall()}


@cache
def _reserve(lanes: int) -> str:
    """Return the text that counts in so many lanes. A row that fails the WHERE is neither changed nor returned
    (PostgreSQL: INSERT, ON CONFLICT DO UPDATE … WHERE; SQLite: upsert, since 3.35 with RETURNING).
    """
    rows = ", ".join(["(%s, 1, 0, %s)"] * lanes)
    return (
        f"INSERT INTO core_attemptlane AS lane (key, count, blocked_until, forget_at) VALUES {rows} "
        "ON CONFLICT (key) DO UPDATE SET "
        "count = CASE WHEN lane.forget_at <= %s THEN 1 ELSE lane.count + 1 END, "
        "forget_at = CASE WHEN lane.forget_at <= %s THEN excluded.forget_at ELSE lane.forget_at END "
        "WHERE lane.blocked_until <= %s RETURNING key, count, forget_at"
    )


@cache
def _release(shared: int, lanes: int) -> str:
    """Return the text that takes back in so many lanes, of which so many are shared.

    Every row meets itself, so none is new. As an upsert it takes the rows in order, which an UPDATE would not promise.
    What it proposes as count only marks the shared ones.
    """
    return (
        "INSERT INTO core_attemptlane AS lane (key, count, blocked_until, forget_at) "
        f"SELECT key, CASE WHEN key IN ({marks(shared)}) THEN 1 ELSE 0 END, 0, 0 "
        f"FROM core_attemptlane WHERE key IN ({marks(lanes)}) ORDER BY key "
        "ON CONFLICT (key) DO UPDATE SET blocked_until = 0, "
        "forget_at = CASE WHEN excluded.count = 1 THEN lane.forget_at ELSE 0 END, "
        "count = CASE WHEN excluded.count = 1 AND lane.count > 0 THEN lane.count - 1 ELSE 0 END"
    )


def _let_wait(full: Sequence[tuple[Lane, int, int]], at: int) -> None:
    """Close the lanes this attempt has filled, each given with its count and the end of its window, in the same transaction."""
    for lane, count, window_ends in full:
        until = at + _wait(lane, count) if lane.first_wait else window_ends
        forget_at = until + lane.window if lane.first_wait else window_ends
        AttemptLane.objects.filter(key=lane.key).update(blocked_until=until, forget_at=forget_at)


def _wait(lane: Lane, count: int) -> int:
    doublings = min(count - lane.limit, LONGEST_WAIT.bit_length())  # more would be over the limit anyway
    return min(LONGEST_WAIT, lane.first_wait << doublings)


def _seconds_to_wait(keys: Sequence[str], at: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT MAX(blocked_until) FROM core_attemptlane WHERE key IN ({marks(len(keys))})", keys)
        until = cursor.fetchone()[0]
    return max(1, (until or at) - at)


def _in_order(lanes: Sequence[Lane]) -> list[Lane]:
    return sorted(lanes, key=lambda lane: lane.key)


def _counters(lanes: Sequence[Lane]) -> list[Lane]:
    return [one for lane in lanes for one in lane.counters]


def _lane(*parts: str, limit: int, window: int, first_wait: int = 0, is_shared: bool = False) -> Lane:
    """Return a lane whose name tells nobody whom or where it concerns."""
    key, *former = pseudonyms(*parts)
    return Lane(key, limit, window, first_wait, is_shared=is_shared, former=tuple(former))
