"""Counting on a full disk: the process lives, and what is counted goes on."""

import os
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.test import Client
from prometheus_client.mmap_dict import MmapedDict

from core import metrics
from core.middleware import REQUESTS
from core.solid import BEGINNING, SolidDict

NAMES = [f"a key of some length, number {number}" for number in range(3000)]


def hole_of(path: Path) -> int:
    """Where the first page is that was never written; the end of the file where there is none."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return os.lseek(descriptor, 0, os.SEEK_HOLE)
    finally:
        os.close(descriptor)


def fill(one: MmapedDict) -> None:
    for name in NAMES:
        one.write_value(name, 1.0, 0.0)  # type: ignore[no-untyped-call]


def test_a_file_has_no_holes_and_reads_as_the_librarys(tmp_path: Path) -> None:
    """The library's own has: touching one on a full disk ends the process."""
    ours, theirs = SolidDict(str(tmp_path / "ours")), MmapedDict(str(tmp_path / "theirs"))  # type: ignore[no-untyped-call]
    for at, name in enumerate(NAMES):
        for one in (ours, theirs):
            one.write_value(name, float(at), 0.0)  # type: ignore[no-untyped-call]
        assert hole_of(tmp_path / "ours") == (tmp_path / "ours").stat().st_size > ours._used
    ours.close()  # type: ignore[no-untyped-call]
    theirs.close()  # type: ignore[no-untyped-call]
    read = [list(MmapedDict.read_all_values_from_file(tmp_path / name)) for name in ("ours", "theirs")]  # type: ignore[no-untyped-call]
    assert read[0] == read[1]
    assert len(read[0]) == len(NAMES)


def test_on_a_full_disk_it_is_an_error_that_can_be_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = SolidDict(str(tmp_path / "kept"))
    real = os.write
    monkeypatch.setattr("core.solid.os.write", lambda to, some: real(to, some[: len(some) // 2]))
    with pytest.raises(OSError, match="No space left"):
        SolidDict(str(tmp_path / "new"))
    with pytest.raises(OSError, match="No space left"):
        fill(kept)
    kept.close()  # type: ignore[no-untyped-call]
    assert [(one.name, one.stat().st_size) for one in tmp_path.iterdir()] == [("kept", BEGINNING)]


def test_a_process_that_cannot_count_answers_all_the_same_and_says_so_once(
    db: None, settings: LazySettings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: str) -> None:
        raise OSError(28, "No space left on device")

    settings.METRICS_TOKEN = "0123456789abcdefghijklmnopqrstuvwxyzABCDEF"
    monkeypatch.setattr(REQUESTS, "_of", full)
    try:
        answers = [Client().get("/signin/").status_code for _ in range(3)]
    finally:
        metrics.GIVEN_UP.clear()
    assert answers == [200, 200, 200]
    assert [one.levelname for one in caplog.records if one.name == "gatepass.metrics"] == ["ERROR"]
