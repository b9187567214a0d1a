"""Attempt limits, asked by the verifiers themselves so that no entrance can forget them (security criteria C01–C03).

An attempt is *reserved* in every lane it belongs to before anything is verified: one statement, so a thousand parallel
attempts cannot slip through a count-then-check gap. A lane that must wait refuses the whole attempt and leaves no
trace in the others. A success gives the reservations back.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import connection, transaction

from core.errors import TooMany
from core.models import AttemptLane

LONGEST_PASS = 2 * 365 * 86_400  # seconds; more than the furthest start and the longest lifetime together
LONGEST_WAIT = 3600  # seconds


@dataclass(frozen=True)
class Lane:
    """One counter: after ``limit`` attempts within ``window`` seconds the lane waits.

    ``first_wait`` seconds, doubled at each further attempt up to an hour; 0 means: until the window is over.
    ``is_shared``: other people's attempts count here too, so a success takes back its own attempt only.
    """

    key: str
    limit: int
    window: int
    first_wait: int = 0
    is_shared: bool = False


def account_lanes(*, method: str, account: str, network: str) -> list[Lane]:
    """Return the lanes of an attempt with ``method`` at ``account`` (any spelling-free name, known or not) from ``network``.

    Figures: docs/decisions/0004. Each method has lanes of its own, so failures of one never touch another (C03).
    """
    return [
        Lane(_key("account-network", method, account, network), limit=5, window=900, first_wait=30),
        Lane(_key("account", method, account), limit=20, window=900, first_wait=30),
        *network_lanes(network),
    ]


def network_lanes(network: str) -> list[Lane]:
    """Return the lanes that all secrets typed from ``network`` share: 30 in 10 minutes, 100 in an hour."""
    return [
        Lane(_key("network-10m", network), limit=30, window=600, is_shared=True),
        Lane(_key("network-1h", network), limit=100, window=3600, is_shared=True),
    ]


def credential_lane(credential: str, *, limit: int = 100) -> Lane:
    """Return the lane of consecutive failures of one credential (NIST SP 800-63B-4 §3.2.2: at most 100)."""
    return Lane(_key("credential", credential), limit=limit, window=LONGEST_PASS)


def lookup_lanes(network: str) -> list[Lane]:
    """Return the lanes of identifier look-ups from ``network``: past them the uniform page is served (C05)."""
    return [
        Lane(_key("lookup-1m", network), limit=20, window=60, is_shared=True),
        Lane(_key("lookup-1h", network), limit=200, window=3600, is_shared=True),
    ]


def reserve(lanes: Sequence[Lane], *, now: datetime) -> dict[str, int]:
    """Count one attempt in every lane and return the counts by key.

    Raises TooMany, with nothing counted, if any lane must wait.
    """
    with transaction.atomic():
        counts = _count(lanes, int(now.timestamp()))
        refused = [lane.key for lane in lanes if lane.key not in counts]
        if refused:
            transaction.set_rollback(True)
    if refused:
        raise TooMany("attempt_limit", retry_after=_seconds_to_wait(refused, int(now.timestamp())))
    return counts


def release(lanes: Sequence[Lane]) -> None:
    """Take back a reservation after a success: own lanes begin anew, shared ones lose this attempt."""
    own = [lane.key for lane in lanes if not lane.is_shared]
    shared = [lane.key for lane in lanes if lane.is_shared]
    marks = ", ".join(["%s"] * len(own)) or "NULL"
    every = ", ".join(["%s"] * (len(own) + len(shared)))
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE core_attemptlane SET count = CASE WHEN key IN ({marks}) OR count = 0 THEN 0 ELSE count - 1 END, "
            f"blocked_until = 0 WHERE key IN ({every})",
            [*own, *own, *shared],
        )


def forget(lane: Lane) -> None:
    """Begin a lane anew."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM core_attemptlane WHERE key = %s", [lane.key])


def forget_old(*, now: datetime) -> int:
    """Delete the lanes whose window is over and for which nobody waits; return how many went."""
    at = int(now.timestamp())
    gone, _by_model = AttemptLane.objects.filter(forget_at__lt=at, blocked_until__lt=at).delete()
    return gone


def _count(lanes: Sequence[Lane], at: int) -> dict[str, int]:
    """Count in each lane that need not wait; lanes missing from the answer must.

    ``new`` is the count after this attempt. A row that fails the WHERE is neither changed nor returned
    (PostgreSQL: INSERT, ON CONFLICT DO UPDATE … WHERE; SQLite: upsert, since 3.35 with RETURNING).
    Keys are sorted so that two statements never wait for each other's rows in a circle.
    """
    rows: list[str] = []
    parameters: list[str | int] = []
    for lane in sorted(lanes, key=lambda lane: lane.key):
        rows.append("(%s, 1, %s, %s, %s)")
        parameters += [lane.key, at, _blocked_until(lane, 1, at, at), at + lane.window]
    window = _case([(lane, str(lane.window)) for lane in lanes])
    new = f"CASE WHEN lane.started_at + {window} <= {at} THEN 1 ELSE lane.count + 1 END"
    start = f"CASE WHEN lane.started_at + {window} <= {at} THEN {at} ELSE lane.started_at END"
    statement = (
        f"INSERT INTO core_attemptlane AS lane (key, count, started_at, blocked_until, forget_at) VALUES {', '.join(rows)} "
        f"ON CONFLICT (key) DO UPDATE SET count = {new}, started_at = {start}, forget_at = {start} + {window}, "
        f"blocked_until = {_case([(lane, _blocked_sql(lane, new, start, at)) for lane in lanes])} "
        f"WHERE lane.blocked_until <= {at} RETURNING key, count"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return dict(cursor.fetchall())


def _blocked_until(lane: Lane, count: int, start: int, at: int) -> int:
    if count < lane.limit:
        return 0
    if lane.first_wait == 0:
        return start + lane.window
    return at + min(LONGEST_WAIT, lane.first_wait << min(count - lane.limit, 7))


def _blocked_sql(lane: Lane, new: str, start: str, at: int) -> str:
    """The same rule as _blocked_until, in SQL: it must be decided in the statement that counts."""
    if lane.first_wait == 0:
        return f"CASE WHEN {new} < {lane.limit} THEN 0 ELSE {start} + {lane.window} END"
    over = f"({new}) - {lane.limit}"
    return (
        f"CASE WHEN {over} < 0 THEN 0 WHEN {over} >= 7 THEN {at + LONGEST_WAIT} "
        f"ELSE {at} + CASE WHEN {lane.first_wait} << ({over}) > {LONGEST_WAIT} THEN {LONGEST_WAIT} "
        f"ELSE {lane.first_wait} << ({over}) END END"
    )


def _case(choices: list[tuple[Lane, str]]) -> str:
    """Pick per row by key. Keys are hexadecimal digests of ours, never input."""
    whens = " ".join(f"WHEN '{lane.key}' THEN {sql}" for lane, sql in choices)
    return f"CASE lane.key {whens} END"


def _seconds_to_wait(keys: Sequence[str], at: int) -> int:
    marks = ", ".join(["%s"] * len(keys))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT MAX(blocked_until) FROM core_attemptlane WHERE key IN ({marks})", list(keys))
        (until,) = cursor.fetchone()
    return max(1, int(until or at) - at)


def _key(*parts: str) -> str:
    """Name a lane without writing down whom or where it concerns."""
    return hmac.digest(settings.SECRET_KEY.encode(), "|".join(parts).encode(), "sha256").hex()
