"""Retention: the only way an event is ever removed. Whole seals from the front, behind a signed mark that stays."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from audit import signing
from audit.actions import System, record
from audit.chain import NOBODYS, canonical
from audit.checkpoints import chains, public_removal
from audit.enums import Event
from audit.models import Removal, Seal
from audit.queries import chain_of
from core import clock

MOST_AT_ONCE = 50  # seals in one transaction


def prune(*, before: datetime) -> int:
    """Remove the sealed events that are older than ``before`` and return how many that were. Raises NoSigningKey."""
    signing.public_key()
    return sum(prune_chain(chain, before=before) for chain in chains())


def prune_chain(chain: UUID, *, before: datetime) -> int:
    """Remove one chain's old seals and their events, some at a time, so that nobody waits long. Raises NoSigningKey."""
    removed = 0
    while True:
        with transaction.atomic():
            count = _prune_next(chain, before)
        if not count:
            return removed
        removed += count


def _prune_next(chain: UUID, before: datetime) -> int:
    oldest = Seal.objects.select_for_update().filter(chain=chain).order_by("number").defer("marks")[:MOST_AT_ONCE]
    over: list[Seal] = []
    for seal in oldest:
        # By what was written last: clocks of several machines differ a little, and a seal goes as a whole.
        if chain_of(chain).filter(id__range=(seal.first_event_id, seal.last_event_id), at__gte=before).exists():
            break
        over.append(seal)
    if not over:
        return 0
    last = over[-1]
    count = sum(seal.count for seal in over)
    mark = Removal(
        chain=chain,
        number=last.number,
        last_event_id=last.last_event_id,
        hash=last.hash,
        count=count,
        removed_at=clock.now(),
    )
    mark.signature = signing.sign(canonical(public_removal(mark) | {"key": signing.public_key()}))
    mark.save(force_insert=True)
    chain_of(chain).filter(id__lte=last.last_event_id).delete()
    Seal.objects.filter(chain=chain, number__lte=last.number).delete()
    record(
        Event.LOG_PRUNED,
        actor=System(tenant_id=None if chain == NOBODYS else chain),
        detail={"events": count, "up_to": last.last_event_id, "before": before.isoformat()},
    )
    return count
