"""The backup file: whatever is not what was written is noticed before anything is touched."""

import json
import zipfile
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
import pyzipper

from config.backups import files
from config.backups.files import About, BackupProblem

ABOUT = About(
    format=1, product="0.1.0", kind="sqlite", server=40, made_at="2026-11-24T10:00:00+00:00", migrations={}, peppers={}
)


def packed(tmp_path: Path, content: bytes, **changes: Any) -> Path:
    """Write a backup file of our own making."""
    database = tmp_path / "content"
    database.write_bytes(content)
    about = replace(ABOUT, digest=files.digest_of(database), size=len(content), **changes)
    files.write(about, database, to=tmp_path / "made.zip", draft=tmp_path / "draft")
    return tmp_path / "made.zip"


def test_a_file_under_a_password_is_no_backup(tmp_path: Path) -> None:
    """Such as the passes of a batch, or a backup that somebody packed once more."""
    path = tmp_path / "packed.zip"
    with pyzipper.AESZipFile(path, "w", encryption=pyzipper.WZ_AES) as packed:
        packed.setpassword(b"a password")
        packed.writestr("about.json", "{}")
    with pytest.raises(BackupProblem, match="no backup"):
        files.read_about(path)


@pytest.mark.parametrize("where", [0, 60, 200, -30, -200])
def test_a_damaged_file_is_no_backup(tmp_path: Path, where: int) -> None:
    path = packed(tmp_path, b"rows" * 1000, kind="postgresql")
    whole = bytearray(path.read_bytes())
    whole[where] ^= 255
    path.write_bytes(whole)
    with pytest.raises(BackupProblem):
        files.unpack(path, files.read_about(path), to=tmp_path / "out")


@pytest.mark.parametrize("kept", [0, 1, 100, 600, -1, -25])
def test_nor_is_one_cut_short(tmp_path: Path, kept: int) -> None:
    path = packed(tmp_path, b"rows" * 1000, kind="postgresql")
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(BackupProblem):
        files.unpack(path, files.read_about(path), to=tmp_path / "out")


@pytest.mark.parametrize(
    "strange",
    [
        {"server": "15"},
        {"size": None},
        {"migrations": ["tap"]},
        {"migrations": {"tap": None}},
        {"peppers": "k1"},
        {"made_at": 7},
    ],
    ids=str,
)
def test_one_that_says_strange_things_of_itself_is_none(tmp_path: Path, strange: dict[str, Any]) -> None:
    with zipfile.ZipFile(packed(tmp_path, b"rows"), "w") as forged:
        forged.writestr(files.ABOUT, json.dumps(asdict(ABOUT) | strange))
    with pytest.raises(BackupProblem, match="no backup"):
        files.read_about(tmp_path / "made.zip")


def test_content_that_was_exchanged_is_noticed(tmp_path: Path) -> None:
    path = packed(tmp_path, b"rows")
    with zipfile.ZipFile(path) as opened:
        about = json.loads(opened.read(files.ABOUT))
    with zipfile.ZipFile(path, "w") as forged:
        forged.writestr(files.ABOUT, json.dumps(about))
        forged.writestr(files.DATABASE, b"ruse")
    with pytest.raises(BackupProblem, match="damaged"):
        files.unpack(path, files.read_about(path), to=tmp_path / "out")
