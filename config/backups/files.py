"""The backup file: a zip of ``about.json``, which says what it is, and the database. It is there whole or not at all."""

import errno
import hashlib
import json
import os
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import BinaryIO

FORMAT = 1
ABOUT, DATABASE = "about.json", "database"
LONGEST_ABOUT = 1_000_000  # bytes
PIECE = 1 << 20  # bytes read at a time
OWNER_ONLY = 0o600
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class BackupProblem(Exception):
    """Why there is no backup, or why one is not restored, in one line for the operator."""


@dataclass(frozen=True)
class About:
    """What a backup says of itself. ``peppers``: the fingerprint of each key of PEPPER_KEYS, from which no key follows.

    ``server`` is the version of the database that held it, ``digest`` the SHA-256 of what the file holds of it.
    """

    format: int
    product: str
    kind: str
    server: int
    made_at: str
    migrations: dict[str, list[str]]
    peppers: dict[str, str]
    digest: str = ""
    size: int = 0


@contextmanager
def workplace(beside: Path, name: str) -> Iterator[Path]:
    """Yield a folder on the disk of ``beside`` that only we can read; it goes with all that is in it, however this ends."""
    try:
        place = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=beside))
    except OSError as error:
        raise BackupProblem(f"{beside} cannot be written to: {error.strerror}.") from None
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def write(about: About, database: Path, *, to: Path, draft: Path) -> None:
    """Pack both under another name on the same disk, see that it is on the disk, and only then give it its name."""
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_RDWR, OWNER_ONLY), "w+b") as target:
        with zipfile.ZipFile(target, "w") as packed:
            # A dump of PostgreSQL is compressed already.
            how = zipfile.ZIP_DEFLATED if about.kind == "sqlite" else zipfile.ZIP_STORED
            packed.writestr(ABOUT, json.dumps(asdict(about), indent=1))
            packed.write(database, DATABASE, compress_type=how, compresslevel=3)
        target.flush()
        os.fsync(target.fileno())
    draft.replace(to)
    sync_folder(to.parent)


def read_about(path: Path) -> About:
    """Return what a backup says of itself. Raises BackupProblem for a file that is none, or is not whole."""
    with _opened(path) as packed:
        found = packed.getinfo(ABOUT)
        if found.file_size > LONGEST_ABOUT:
            raise BackupProblem(f"{path} is no backup of Gatepass.")
        said = json.loads(packed.read(found))
        if said["format"] != FORMAT:
            raise BackupProblem(
                f"{path} was made by a newer Gatepass ({said['product']}); restore it with that one. Nothing was changed."
            )
        about = About(**{one.name: said[one.name] for one in fields(About)})
        if not _is_sound(about):
            raise TypeError
        return about


def unpack(path: Path, about: About, *, to: Path) -> None:
    """Write the database that a backup holds to a file, if it is what it was when it was made. Raises BackupProblem."""
    found = hashlib.sha256()
    with _opened(path) as packed, packed.open(DATABASE) as source, private(to) as target:
        size = 0
        while piece := source.read(PIECE):
            size += len(piece)
            if size > about.size:
                break
            found.update(piece)
            target.write(piece)
    if size != about.size or found.hexdigest() != about.digest:
        raise BackupProblem(f"{path} is damaged: its content is not what was put in. Nothing was changed.")


def private(path: Path) -> BinaryIO:
    """Open a new file that only its owner can read, for writing."""
    return os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, OWNER_ONLY), "w+b")


def sync_folder(folder: Path) -> None:
    """See that a name given in a folder is on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def why(error: OSError) -> str:
    """Return what a system error means to whoever has to mend it."""
    return "the disk is full" if error.errno in FULL else error.strerror or str(error)


def _is_sound(about: About) -> bool:
    """Whether everything is of the kind that we write."""
    return (
        all(isinstance(word, str) for word in (about.product, about.kind, about.made_at, about.digest))
        and all(isinstance(number, int) for number in (about.server, about.size))
        and all(isinstance(words, dict) for words in (about.migrations, about.peppers))
        and all(isinstance(names, list) for names in about.migrations.values())
    )


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as packed:
            yield packed
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, TypeError, ValueError, RuntimeError):
        raise BackupProblem(f"{path} is no backup of Gatepass, or not a whole one. Nothing was changed.") from None
