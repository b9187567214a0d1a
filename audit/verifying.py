"""Finding what was done to the log behind its back: edits, deletions, reordering, insertions, an end cut off."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from audit import signing
from audit.chain import BEFORE_ALL, COLUMNS, NOBODYS, START, hash_of, line_of, mark_of, marks_of
from audit.checkpoints import Checkpoint, removal_of, signer_of, stands
from audit.models import Removal, Seal, Verification
from audit.queries import chain_of, last_restored
from core import clock

MOST_SEALS = 2000  # of a part
MOST_NAMED = 10  # of the same fault in one place


class Fault(StrEnum):
    """What is wrong at one place of a chain."""

    CHANGED = "changed"
    MISSING = "missing"
    ADDED = "added"
    SEAL_CHANGED = "seal_changed"
    SEAL_MISSING = "seal_missing"
    CUT_OFF = "cut_off"
    REWRITTEN = "rewritten"
    REMOVAL_FORGED = "removal_forged"


WORDS = {
    Fault.CHANGED: _("Event %(at)s was changed."),
    Fault.MISSING: _("Event %(at)s is missing."),
    Fault.ADDED: _("Event %(at)s was put in later."),
    Fault.SEAL_CHANGED: _("Seal %(at)s was changed."),
    Fault.SEAL_MISSING: _("Seal %(at)s is missing."),
    Fault.CUT_OFF: _("The log ends before seal %(at)s, which a checkpoint names."),
    Fault.REWRITTEN: _("Seal %(at)s is not the one a checkpoint names."),
    Fault.REMOVAL_FORGED: _("Events up to seal %(at)s were removed without the signature of retention."),
}


@dataclass(frozen=True)
class Finding:
    """One fault: at an event's id, or (SEAL_…, CUT_OFF, REWRITTEN) at a seal's number."""

    fault: Fault
    at: int

    def __str__(self) -> str:
        return WORDS[self.fault] % {"at": self.at}


@dataclass
class Verdict:
    """What was looked at of one chain, and what was found. ``unsealed`` events wait for the next round of sealing.

    ``restored_at``: when the log says that a backup took its place, where that would explain all that was found.
    """

    chain: UUID
    events: int = 0
    seals: int = 0
    unsealed: int = 0
    checkpoints: int = 0
    is_part: bool = False
    restored_at: datetime | None = None
    findings: list[Finding] = field(default_factory=list)

    @property
    def is_intact(self) -> bool:
        """True where nothing was found."""
        return not self.findings


def note(verdicts: Sequence[Verdict]) -> None:
    """Remember what came of looking at the whole log."""
    found = {"at": clock.now(), "is_intact": all(verdict.is_intact for verdict in verdicts)}
    Verification.objects.update_or_create(pk=1, defaults=found)


def verify(
    chain: UUID,
    *,
    checkpoints: Sequence[Checkpoint] = (),
    trusted: Collection[str] | None = None,
    newest: int | None = None,
) -> Verdict:
    """Look at a whole chain, or only at its ``newest`` events. ``trusted``: one of these keys must have signed removals."""
    verdict = Verdict(chain)
    removal = removal_of(chain)
    if removal is not None:
        if signer_of(removal, signing.trusted_keys() if trusted is None else trusted) is None:
            verdict.findings.append(Finding(Fault.REMOVAL_FORGED, removal.number))
        left = chain_of(chain).filter(id__lte=removal.last_event_id).values_list("id", flat=True)[:MOST_NAMED]
        verdict.findings += [Finding(Fault.ADDED, event_id) for event_id in left]
    seals = Seal.objects.filter(chain=chain).order_by("number")
    if newest is not None:
        begins = _behind_which(chain, newest)
        verdict.is_part = begins is not None
        seals = seals.filter(number__gte=begins or 0)
    last, ends_at = _follow(verdict, seals.iterator(chunk_size=50), removal)
    verdict.unsealed = chain_of(chain).filter(id__gt=last).count()
    known = [checkpoint for checkpoint in checkpoints if checkpoint.chain == chain]
    verdict.checkpoints = len(known)
    contradicted = [checkpoint for checkpoint in known if not stands(checkpoint)]
    if contradicted and verdict.is_intact:
        verdict.restored_at = _explained_by_restoring(contradicted)
    verdict.findings += [
        Finding(Fault.CUT_OFF if checkpoint.number > ends_at else Fault.REWRITTEN, checkpoint.number)
        for checkpoint in contradicted
    ]
    return verdict


def _behind_which(chain: UUID, newest: int) -> int | None:
    """Return the number of the seal behind which the newest events lie, None where that is all of them."""
    counted = 0
    sizes = list(Seal.objects.filter(chain=chain).order_by("-number").values_list("number", "count")[:MOST_SEALS])
    for number, count in sizes:
        if counted >= newest:
            return number
        counted += count
    return sizes[-1][0] if len(sizes) == MOST_SEALS else None


def _follow(verdict: Verdict, seals: Iterator[Seal], removal: Removal | None) -> tuple[int, int]:
    """Follow the seals in order; return the last sealed event's id and the last seal's number."""
    number, previous, last = (
        (removal.number, removal.hash, removal.last_event_id) if removal else (0, START, BEFORE_ALL)
    )
    if verdict.is_part:
        # The seal before those asked for only says where they begin.
        before = next(seals)
        number, previous, last = before.number, before.hash, before.last_event_id
    for seal in seals:
        gap = range(number + 1, min(seal.number, number + 1 + MOST_NAMED))
        verdict.findings += [Finding(Fault.SEAL_MISSING, missing) for missing in gap]
        if seal.number == number + 1 and seal.previous != previous:
            verdict.findings.append(Finding(Fault.SEAL_CHANGED, number))
        _look_at(verdict, seal, behind=last if seal.number == number + 1 else seal.first_event_id - 1)
        number, previous, last = seal.number, seal.hash, max(last, seal.last_event_id)
    return last, number


def _look_at(verdict: Verdict, seal: Seal, *, behind: int) -> None:
    """Hash a seal's events again; where that gives another hash, its marks say at which event."""
    rows = list(chain_of(verdict.chain).filter(id__gt=behind, id__lte=seal.last_event_id).values_list(*COLUMNS))
    lines = {row[0]: line_of(row) for row in rows}
    verdict.events += len(rows)
    verdict.seals += 1
    if hash_of(seal.sealing, lines.values()) == seal.hash:
        return
    marks = marks_of(bytes(seal.marks))
    found = [Finding(Fault.MISSING, one) for one in marks if one not in lines]
    for event_id, line in lines.items():
        if event_id not in marks:
            found.append(Finding(Fault.ADDED, event_id))
        elif mark_of(event_id, line) != marks[event_id]:
            found.append(Finding(Fault.CHANGED, event_id))
    verdict.findings += sorted(found, key=lambda one: one.at) or [Finding(Fault.SEAL_CHANGED, seal.number)]


def _explained_by_restoring(contradicted: Sequence[Checkpoint]) -> datetime | None:
    """Return when, by the log's own word, a backup took its place, if that was after all these checkpoints were made."""
    restored_at = last_restored(contradicted[0].chain) or last_restored(NOBODYS)
    return restored_at if restored_at and all(one.at < restored_at for one in contradicted) else None
