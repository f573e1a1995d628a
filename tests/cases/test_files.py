"""Links, devices, modes: refused by name before anything is read, or kept as what they are."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conftest import numbered

if TYPE_CHECKING:
    from tests.conftest import Scratch


def test_many_things_that_cannot_be_versioned_are_counted(repo: Scratch) -> None:
    repo.records("data/notes/a.jsonl", numbered(3))
    for number in range(25):
        (repo.root / f"data/notes/link{number:02}").symlink_to("a.jsonl")
    error = repo.refused("add", "data/notes", code=30, kind="unsupported_file")
    assert (error["details"]["count"], len(error["details"]["problems"])) == (25, 10)
    assert "and 24 more" in error["message"]


@pytest.mark.skipif(os.geteuid() != 0, reason="making a device takes root")
def test_a_device_is_refused_unread(repo: Scratch) -> None:
    (repo.root / "data/notes").mkdir(parents=True)
    try:
        os.mknod(repo.root / "data/notes/zero", 0o20600, os.makedev(1, 5))
    except PermissionError:
        pytest.skip("devices cannot be made here")
    repo.refused("add", "data/notes", code=30, kind="unsupported_file")


def test_a_link_that_took_the_place_of_the_data_is_not_followed(released: Scratch, tmp_path: Path) -> None:
    (released.root / "data/notes").rename(tmp_path / "outside")
    (released.root / "data/notes").symlink_to(tmp_path / "outside")
    (status,) = released.json("status")["datasets"]
    assert status["state"] == "changed"
    assert "is a symbolic link" in " ".join(status["problems"])
    released.refused("bump", "notes", code=30, kind="unsupported_file")
    released.refused("checkout", "notes@1.0.0", code=30, kind="unsupported_file")


def test_hard_links_are_files_of_their_own(repo: Scratch) -> None:
    one = repo.records("data/notes/one.jsonl", numbered(3))
    other = repo.root / "data/notes/other.jsonl"
    os.link(one, other)
    data = repo.json("add", "data/notes")["manifest"]["data"]
    assert (data["files"], data["records"]) == (2, 6)
    one.unlink()
    other.unlink()
    repo.dsv("checkout", "notes")
    with one.open("a") as stream:
        stream.write('{"id":"mine"}\n')
    assert other.read_text() != one.read_text()
    difference = repo.json("diff", "notes")
    assert (difference["files"]["modified"], difference["records"]["added"]) == (1, 1)
    repo.dsv("checkout", "notes", "--to", "again")
    assert repo.tree("again")["one.jsonl"] == repo.tree("again")["other.jsonl"] == other.read_bytes()


def test_two_directories_of_the_same_content_have_the_same_digests(repo: Scratch) -> None:
    names = [f"part{number}/file{number}.jsonl" for number in range(20)]
    for dataset, order in (("one", names), ("other", names[::-1])):
        for name in order:
            path = repo.records(f"data/{dataset}/{name}", [{"id": name}])
            if dataset == "other":
                os.utime(path, (86400, 86400))
                path.chmod(0o600)
    one, other = (repo.json("add", f"data/{each}")["manifest"]["digests"] for each in ("one", "other"))
    assert one == other


_WITHOUT_ROOTS_RIGHTS = """
import ctypes, os, sys
for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
    ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP
os.execv(sys.executable, [sys.executable, "-m", "dsv", *sys.argv[1:]])
"""


def _bound_by_modes(repo: Scratch, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run dsv as somebody whom the modes of files bind, which root is not."""
    command = [sys.executable, "-c", _WITHOUT_ROOTS_RIGHTS, *arguments]
    return subprocess.run(command, cwd=repo.root, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("path", ["data/notes/deep/secret.jsonl", "data/notes/deep"])
def test_what_may_not_be_read_is_named_and_nothing_is_half_done(repo: Scratch, path: str) -> None:
    repo.records("data/notes/a.jsonl", numbered(3))
    repo.records("data/notes/deep/secret.jsonl", numbered(3))
    head = repo.git("rev-parse", "HEAD")
    mode = (repo.root / path).stat().st_mode
    (repo.root / path).chmod(0)
    done = _bound_by_modes(repo, "add", "data/notes")
    (repo.root / path).chmod(mode)
    assert done.returncode == 50, done.stderr
    assert path.removeprefix("data/notes/") in done.stderr
    assert "Permission denied" in done.stderr
    assert "Traceback" not in done.stderr
    assert repo.git("rev-parse", "HEAD") == head
    assert repo.git("status", "--porcelain", "--", "manifests") == ""
    repo.dsv("add", "data/notes")
