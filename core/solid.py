"""The files that several processes count in, without holes.

prometheus_client lays a file out by setting its length and writes into it through memory. On a full disk the first touch of
a page that was never written would end the process with SIGBUS. Here every page is written first, or an OSError says why not.
"""

import errno
import os
from pathlib import Path

from prometheus_client import values
from prometheus_client.mmap_dict import MmapedDict

BEGINNING = 1 << 16  # bytes, as the library begins
AROUND_A_KEY = 64  # bytes a value takes beside its key, and more


class SolidDict(MmapedDict):
    """As the library's, on a file whose every page is there."""

    def __init__(self, filename: str, read_mode: bool = False) -> None:  # noqa: FBT001, FBT002  the library calls it so
        if not read_mode and not Path(filename).exists():
            _append_zeros(filename, BEGINNING)
        super().__init__(filename, read_mode)  # type: ignore[no-untyped-call]

    def _init_value(self, key: str) -> None:
        """Add a value, with room made for it. Raises OSError."""
        while self._used + len(key.encode()) + AROUND_A_KEY > os.fstat(self._f.fileno()).st_size:
            _append_zeros(self._fname, self._capacity)
        super()._init_value(key)  # type: ignore[no-untyped-call]


def use() -> None:
    """Let the library count in such files from now on."""
    values.MmapedDict = SolidDict  # type: ignore[attr-defined]


def _append_zeros(filename: str, size: int) -> None:
    """Make a file longer. Raises OSError, and then it is as it was."""
    path = Path(filename)
    before = path.stat().st_size if path.exists() else 0
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
    try:
        written = os.write(descriptor, bytes(size))
    except OSError:
        written = 0
    if written < size:
        os.ftruncate(descriptor, before)
        if not before:
            path.unlink()
    os.close(descriptor)
    if written < size:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), filename)
