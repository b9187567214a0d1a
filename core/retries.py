"""When something that failed is tried again."""

from datetime import timedelta

FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(hours=1)


def wait_after(tries: int) -> timedelta:
    """Return how long to wait after so many tries: each time twice as long, up to an hour."""
    doublings: int = min(tries, 13) - 1
    return min(LONGEST_WAIT, FIRST_WAIT * (1 << doublings))
