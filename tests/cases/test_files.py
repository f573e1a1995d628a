"""Links, special files, repositories inside: refused by name before anything is read, or kept as what they are."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conftest import call, numbered

if TYPE_CHECKING:
    from tests.conftest import Scratch

Make = Callable[[Path], object]


def _socket(directory: Path) -> None:
    before = os.getcwd()
    os.chdir(directory)  # the path of a socket must be short
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind("bad")
    finally:
        os.chdir(before)


def _inner_repository(directory: Path) -> None:
    call("git", "init", "-q", ".", cwd=directory)
    with (directory / ".git/config").open("a") as config:
        config.write(f'[core]\n\tfsmonitor = "touch {directory}/executed; false"\n')


def _inner_dvc(directory: Path) -> None:
    (directory / ".dvc").mkdir()
    (directory / ".dvc/config").write_text(f"[cache]\n    dir = {directory}/executed\n")


UNSUPPORTED: dict[str, tuple[Make, str]] = {
    "loop": (lambda at: (at / "bad").symlink_to("."), "is a symbolic link"),
    "link to itself": (lambda at: (at / "bad").symlink_to("bad"), "is a symbolic link"),
    "link outside": (lambda at: (at / "bad").symlink_to("/etc/passwd"), "is a symbolic link"),
    "link to a directory outside": (lambda at: (at / "bad").symlink_to("/etc"), "is a symbolic link"),
    "dangling link": (lambda at: (at / "bad").symlink_to("nowhere"), "is a symbolic link"),
    "link inside": (lambda at: (at / "bad").symlink_to("a.jsonl"), "is a symbolic link"),
    "pipe": (lambda at: os.mkfifo(at / "bad"), "is no regular file"),
    "socket": (_socket, "is no regular file"),
    "repository": (_inner_repository, "is a repository of its own"),
    "file that points to a repository": (lambda at: (at / ".git").write_text("gitdir: /etc\n"), "is a repository"),
    "DVC repository": (_inner_dvc, "is a repository of its own"),
    ".dvcignore": (lambda at: (at / ".dvcignore").write_text("*\n"), "would hide files from DVC"),
}


@pytest.mark.parametrize(("make", "what"), UNSUPPORTED.values(), ids=list(UNSUPPORTED))
def test_what_cannot_be_versioned_is_refused_by_its_name(repo: Scratch, make: Make, what: str) -> None:
    repo.records("data/notes/a.jsonl", numbered(3))
    inner = repo.root / "data/notes/deep"
    inner.mkdir()
    make(inner)
    error = repo.refused("add", "data/notes", code=30, kind="unsupported_file")
    assert error["details"]["count"] == 1
    assert error["details"]["problems"][0].startswith("'deep/")
    assert what in error["details"]["problems"][0]
    assert not (repo.root / "manifests/notes").exists()
    assert not (inner / "executed").exists()


@pytest.mark.parametrize("make", [UNSUPPORTED["link outside"][0], UNSUPPORTED["pipe"][0], _inner_repository])
def test_what_came_into_a_released_dataset_is_a_problem_of_its_status_and_stops_a_bump(
    released: Scratch, make: Make
) -> None:
    make(released.root / "data/notes")
    (status,) = released.json("status")["datasets"]
    assert status["state"] == "changed"
    released.dsv("status", "--exit-code", code=1)
    released.refused("bump", "notes", code=30, kind="unsupported_file")
    assert not (released.root / "data/notes/executed").exists()


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


def test_a_dataset_may_not_be_a_link_or_lie_behind_one(repo: Scratch, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/a.jsonl").write_text('{"id":1}\n')
    (repo.root / "data").symlink_to(tmp_path / "outside")
    repo.refused("add", "data", code=30, kind="outside")
    repo.refused("add", "data/a.jsonl", code=30, kind="outside")
    repo.refused("add", str(tmp_path / "outside"), code=30, kind="outside")


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


def test_modes_and_times_are_no_part_of_the_data(released: Scratch) -> None:
    train, test = released.root / "data/notes/train.jsonl", released.root / "data/notes/test.jsonl"
    train.chmod(0o755)
    os.utime(train, (0, 0))
    os.utime(test, (4102444800, 4102444800))
    (status,) = released.json("status")["datasets"]
    assert (status["state"], status["at"]) == ("clean", "1.0.0")
    released.refused("bump", "notes", code=20, kind="nothing_changed")
    released.dsv("bump", "notes", "--if-changed")


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


def test_files_that_git_would_obey_are_data(repo: Scratch, clone_of: Callable[[Scratch], Scratch]) -> None:
    repo.write("data/notes/.gitignore", "*\n")
    repo.write("data/notes/.gitattributes", "* filter=lfs text eol=crlf\n")
    repo.write("data/notes/deep/.gitmodules", '[submodule "x"]\n\tpath = x\n\turl = ext::sh -c touch% executed\n')
    repo.write("data/notes/deep/.gitkeep", "")
    repo.records("data/notes/deep/a.jsonl", numbered(3))
    assert repo.json("add", "data/notes")["manifest"]["data"]["files"] == 5
    before = repo.tree("data/notes")
    assert repo.git("status", "--porcelain") == ""
    clone = clone_of(repo)
    clone.dvc("config", "--local", "cache.dir", str(repo.root / ".dvc/cache"))
    clone.dsv("checkout", "notes")
    assert clone.tree("data/notes") == before


def test_pointers_and_pipelines_of_dvc_inside_are_data(repo: Scratch) -> None:
    repo.write("data/notes/a.dvc", "outs:\n- md5: 0123\n  path: ../../../evil\n")
    repo.write("data/notes/dvc.yaml", "stages: {evil: {cmd: touch executed}}\n")
    repo.write("data/notes/dvc.lock", "[broken\n")
    repo.records("data/notes/a.jsonl", numbered(3))
    assert repo.json("add", "data/notes")["manifest"]["data"]["files"] == 4
    assert "up to date" in repo.dvc("status")
    repo.dsv("checkout", "notes", "--to", "again")
    assert repo.tree("again") == repo.tree("data/notes")
    assert not list(repo.root.rglob("executed"))


def test_a_file_that_a_rule_for_dvc_hides_is_never_left_out_silently(repo: Scratch) -> None:
    repo.write(".dvcignore", "*.tmp\n")
    repo.records("data/notes/a.jsonl", numbered(3))
    repo.write("data/notes/b.tmp", "x")
    error = repo.refused("add", "data/notes", code=30, kind="unsupported_file")
    assert error["details"]["files"] == ["data/notes/b.tmp"]


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
