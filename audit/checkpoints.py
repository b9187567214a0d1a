"""Checkpoints: a chain's newest seal, signed. One that lies elsewhere is what betrays a log cut off at its end."""

import json
import logging
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings

from audit import signing
from audit.chain import FORMAT, canonical, moment
from audit.models import Removal, Seal
from core import clock
from core.errors import Invalid

log = logging.getLogger("gatepass.audit")
FOLDER = "audit-checkpoints"


@dataclass(frozen=True)
class Checkpoint:
    """What a chain was at some time, by its own word and signature."""

    chain: UUID
    number: int
    last: int
    hash: str
    at: datetime


def checkpoints(chain: UUID | None = None) -> Iterator[dict[str, Any]]:
    """Yield the checkpoint of every chain, or of one, as it is exported. Raises NoSigningKey."""
    for one in chains() if chain is None else [chain]:
        newest = newest_of(one)
        if newest is not None:
            yield signed(
                {
                    "type": "checkpoint",
                    "format": FORMAT,
                    "chain": str(one),
                    "number": newest.number,
                    "last": newest.last_event_id,
                    "hash": newest.hash,
                    "at": moment(clock.now()),
                }
            )


def read(line: str, *, trusted: Collection[str]) -> Checkpoint:
    """Read one line of an exported file. Raises Invalid for what none of the keys ``trusted`` has signed."""
    try:
        found = json.loads(line)
        if not is_signed(found, trusted) or found["type"] != "checkpoint":
            raise Invalid("not_signed", "A checkpoint is not signed with this installation's key.")
        at = datetime.fromisoformat(found["at"])
        return Checkpoint(UUID(found["chain"]), int(found["number"]), int(found["last"]), str(found["hash"]), at)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Invalid("not_a_checkpoint", "A line of the file is not a checkpoint.") from error


def signed(value: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``value`` with the key and signature that stand for it. Raises NoSigningKey."""
    whole = {**value, "key": signing.public_key()}
    return whole | {"signature": signing.sign(canonical(whole))}


def is_signed(value: Mapping[str, Any], trusted: Collection[str]) -> bool:
    """True where the key that ``value`` names has signed it and is ``trusted``; that it is named proves nothing."""
    rest = {name: one for name, one in value.items() if name != "signature"}
    key = value.get("key")
    return key in trusted and signing.is_signed(canonical(rest), str(value.get("signature")), by=str(key))


def signer_of(removal: Removal, trusted: Collection[str]) -> str | None:
    """Return which of the keys ``trusted`` has signed a removal; None: no one of them."""
    value = public_removal(removal) | {"signature": removal.signature}
    return next((key for key in trusted if is_signed(value | {"key": key}, trusted)), None)


def public_removal(removal: Removal) -> dict[str, Any]:
    """Return what a removal signs, without the signature."""
    return {
        "type": "removal",
        "format": FORMAT,
        "chain": str(removal.chain),
        "number": removal.number,
        "last": removal.last_event_id,
        "hash": removal.hash,
        "count": removal.count,
        "at": moment(removal.removed_at),
    }


def removal_of(chain: UUID) -> Removal | None:
    """Return the newest removal of a chain: what its oldest seal continues."""
    return Removal.objects.filter(chain=chain).order_by("-number").first()


def newest_of(chain: UUID) -> Seal | Removal | None:
    """Return where a chain ends: its newest seal, or what is left where retention took the last one."""
    newest = Seal.objects.filter(chain=chain).order_by("-number").defer("marks").first()
    return newest or removal_of(chain)


def chains() -> list[UUID]:
    """Return every chain there is."""
    sealed = Seal.objects.order_by("chain").values_list("chain", flat=True).distinct()
    return sorted({*sealed, *Removal.objects.values_list("chain", flat=True)})


def keep() -> int:
    """Write each chain's checkpoint to DATA_DIR and to the log, and return how many were new.

    An earlier one that the chain contradicts is never written over: it is the proof.
    """
    folder = Path(settings.DATA_DIR) / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    kept, new = {one.chain: one for one in kept_ones()}, 0
    for checkpoint in checkpoints():
        chain, number = UUID(checkpoint["chain"]), checkpoint["number"]
        earlier = kept.get(chain)
        if earlier is not None and not stands(earlier):
            log.error("the audit log of %s contradicts its checkpoint: run manage.py audit_verify", chain)
        elif earlier is None or earlier.number < number:
            line = canonical(checkpoint).decode()
            draft = folder / f".{chain}"
            draft.write_text(f"{line}\n", encoding="utf-8")
            draft.replace(folder / f"{chain}.json")
            log.info("checkpoint %s", line)
            new += 1
    return new


def kept_ones() -> list[Checkpoint]:
    """Return the checkpoints kept in DATA_DIR; those that somebody else signed do not count."""
    folder = Path(settings.DATA_DIR) / FOLDER
    trusted = signing.trusted_keys()
    if not trusted or not folder.is_dir():
        return []
    found = []
    for path in sorted(folder.glob("*.json")):
        try:
            found.append(read(path.read_text(encoding="utf-8"), trusted=trusted))
        except (OSError, UnicodeDecodeError, Invalid):
            log.warning("%s is no checkpoint of this installation", path)
    return found


def stands(checkpoint: Checkpoint) -> bool:
    """True where the chain still holds the seal that a checkpoint names, or retention has removed it since."""
    newest = newest_of(checkpoint.chain)
    if newest is None or newest.number < checkpoint.number:
        return False
    there = Seal.objects.filter(chain=checkpoint.chain, number=checkpoint.number).values_list("hash", flat=True).first()
    removal = Removal.objects.filter(chain=checkpoint.chain, number__gte=checkpoint.number).order_by("number").first()
    if there is None and removal is not None and removal.number == checkpoint.number:
        there = removal.hash
    return there == checkpoint.hash if there is not None else removal is not None
