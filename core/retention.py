"""Throwing away what is over: some rows at a time, so that whoever signs in meanwhile does not wait long."""

from typing import TypeVar

from django.db.models import Model, QuerySet

AT_ONCE = 500  # rows in one transaction
ROUNDS = 20  # of them before something else has its turn; the rest goes next time

M = TypeVar("M", bound=Model)


def thin_out(over: QuerySet[M]) -> int:
    """Delete rows of a set that an index answers, with all that hangs on them, and return how many of the set went.

    What has left the set meanwhile stays.
    """
    gone = 0
    for _round in range(ROUNDS):
        keys = list(over.values_list("pk", flat=True)[:AT_ONCE])
        if keys:
            over.filter(pk__in=keys).order_by().delete()
            gone += len(keys)
        if len(keys) < AT_ONCE:
            break
    return gone
