"""Where the cache is, and what goes into it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dsv.adapters import dvc
from dsv.adapters.dvc.disk import flush
from dsv.adapters.dvc.opening import opened
from dsv.adapters.dvc.through_dvc import store_through_dvc
from dsv.errors import (
    DiskError,
    DvcError,
    NoRepositoryError,
    UnsupportedFileError,
)
from tests.adapters.conftest import git, made, md5, state, stored
from tests.conftest import Scratch


def asked(root: Path) -> str:
    """Where DVC itself puts objects."""
    with opened(str(root)) as repo:
        return str(repo.cache.local.path)


# Where it is


def test_the_cache_is_where_dvc_says_without_loading_dvc(root: Path) -> None:
    code = (
        f"from dsv.adapters import dvc; import sys; print(dvc.find_cache({str(root)!r}).objects, 'dvc' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=os.getcwd())
    assert done.stdout.split() == [asked(root), "False"]


@pytest.mark.parametrize("level", ["config", "config.local", "global", "system"])
@pytest.mark.parametrize("setting", ["dir = {}", "DIR={}", '  "dir" = "{}"', "[[x]]\n[cache]\ndir = {}"])
def test_a_setting_anywhere_moves_the_cache(root: Path, tmp_path: Path, level: str, setting: str) -> None:
    elsewhere = {"global": tmp_path / "global_config/config", "system": tmp_path / "system_config/config"}
    file = elsewhere.get(level, root / ".dvc" / level)
    file.parent.mkdir(exist_ok=True)
    file.write_text("[cache]\n" + setting.format(tmp_path / "moved").replace("[[x]]\n[cache]\n", "") + "\n")
    assert dvc.find_cache(str(root)).objects == asked(root) == str(tmp_path / "moved/files/md5")


def test_a_relative_setting_is_taken_from_the_file_it_is_in(root: Path, tmp_path: Path) -> None:
    (root / ".dvc/config").write_text("[cache]\n    dir = ../../shared\n")
    cache = dvc.find_cache(str(root))
    assert cache.directory == str(tmp_path / "shared")


def test_settings_that_do_not_move_the_cache_do_not(root: Path) -> None:
    (root / ".dvc/config.local").write_text("['remote \"r\"']\n    url = /x\n# dir\n[cache]\n    type = copy\n")
    assert dvc.find_cache(str(root)).objects == asked(root) == str(root / ".dvc/cache/files/md5")


def test_a_linked_worktree_uses_the_cache_of_the_main_one(root: Path, tmp_path: Path) -> None:
    (root / ".dvc/config.local").write_text(f"[cache]\n    dir = {tmp_path}/big\n")
    git("add", "-A", cwd=root)
    git("commit", "-qm", "x", cwd=root)
    git("worktree", "add", "-q", str(tmp_path / "linked"), cwd=root)
    assert dvc.find_cache(str(tmp_path / "linked")).objects == f"{tmp_path}/big/files/md5"
    (root / ".dvc/config.local").unlink()
    assert dvc.find_cache(str(tmp_path / "linked")).objects == str(root / ".dvc/cache/files/md5")


def test_without_a_dvc_repository_there_is_no_cache(tmp_path: Path) -> None:
    with pytest.raises(NoRepositoryError):
        dvc.find_cache(str(tmp_path))


def test_a_broken_setting_is_dvcs_error_in_one_line(root: Path) -> None:
    (root / ".dvc/config").write_text("[cache\ndir = x\n")
    with pytest.raises(DvcError) as caught:
        dvc.find_cache(str(root))
    assert "\n" not in caught.value.message


# What goes in


def test_the_same_files_again_store_nothing(root: Path) -> None:
    files = [state(root / "data/a", b"1"), state(root / "data/b", b"1"), state(root / "data/c", b"3")]
    assert stored(root, *files) == dvc.Stored(2, 2)
    assert stored(root, *files) == dvc.Stored(0, 0)


def test_an_object_cut_short_or_made_writable_is_written_anew(root: Path) -> None:
    file = state(root / "data/a", b"whole")
    stored(root, file)
    path = Path(dvc.find_cache(str(root)).path_of(file.md5))
    for content, mode in ((b"wh", 0o444), (b"WHOLE", 0o644)):
        path.unlink()
        path.write_bytes(content)
        path.chmod(mode)
        assert stored(root, file).objects == 1
        assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"whole", 0o444)


@pytest.mark.parametrize("size", [5, 3_000_000])
@pytest.mark.parametrize("how", ["longer", "touched", "replaced", "gone", "link", "pipe", "same stat"])
def test_a_file_that_changed_since_the_scan_is_refused(root: Path, how: str, size: int) -> None:
    path = root / "data/a"
    file = state(path, b"x" * size)
    if how == "longer":
        path.write_bytes(b"x" * size + b"y")
    elif how == "touched":
        os.utime(path, ns=(file.modified_ns, file.modified_ns + 1))
    elif how == "same stat":
        with path.open("r+b") as stream:
            stream.write(b"y")
        os.utime(path, ns=(file.modified_ns, file.modified_ns))
    else:
        path.rename(root / "kept")
        if how == "replaced":
            path.write_bytes(b"x" * size)
            os.utime(path, ns=(file.modified_ns, file.modified_ns))
        elif how == "link":
            path.symlink_to(root / "kept")
        elif how == "pipe":
            os.mkfifo(path)
    with pytest.raises(UnsupportedFileError, match="changed while it was released"):
        stored(root, file, scan_started_ns=time.time_ns())
    assert not os.path.exists(dvc.find_cache(str(root)).path_of(file.md5))
    assert [name for name in os.listdir(root / ".dvc/cache/files") if name != "md5"] == []


def test_dvcs_own_store_refuses_a_changed_file_too(root: Path) -> None:
    file = state(root / "data/a", b"12345")
    (root / "data/a").write_bytes(b"54321")
    cache = dvc.find_cache(str(root))
    with pytest.raises(UnsupportedFileError):
        store_through_dvc(cache, [file], directory=None, progress=lambda *_: None)
    assert not os.path.exists(cache.path_of(file.md5))


@pytest.mark.parametrize("size", [0, 7, 1 << 20, (1 << 20) + 1, 9_000_000])
def test_files_of_any_size_arrive_whole(root: Path, size: int) -> None:
    content = os.urandom(size)
    file = state(root / "data/a", content)
    told: list[tuple[int, int]] = []
    cache = dvc.find_cache(str(root))
    for scan_started in (0, 2**62):
        dvc.store(cache, [file], scan_started_ns=scan_started, progress=lambda *step: told.append(step))
        assert Path(cache.path_of(file.md5)).read_bytes() == content
        assert (sum(step[0] for step in told), sum(step[1] for step in told)) == (1, size)
        told.clear()
        os.unlink(cache.path_of(file.md5))


def test_a_cache_shared_by_a_group_gets_the_modes_dvc_gives_it(tmp_path: Path) -> None:
    trees = []
    for name in ("ours", "theirs"):
        root = made(tmp_path / name)
        (root / ".dvc/config").write_text("[cache]\n    shared = group\n")
        file = state(root / "data", b"x")
        if name == "ours":
            stored(root, file)
        else:
            Scratch(root).dvc("add", "-q", "data")
        found = sorted((root / ".dvc/cache").rglob("*"))
        trees.append([(path.relative_to(root).as_posix(), oct(path.stat().st_mode)) for path in found])
    assert trees[0] == trees[1]


def test_a_mask_does_not_hide_objects_from_others(root: Path) -> None:
    file = state(root / "data/a", b"x")
    before = os.umask(0o077)
    try:
        stored(root, file)
    finally:
        os.umask(before)
    assert os.stat(dvc.find_cache(str(root)).path_of(file.md5)).st_mode & 0o777 == 0o444


def test_what_a_killed_release_left_is_swept_after_a_day(root: Path) -> None:
    stored(root, state(root / "data/a", b"x"))
    old, young = (root / ".dvc/cache/files" / name for name in ("dsv-1-old", "dsv-2-young"))
    for directory in (old, young):
        directory.mkdir()
        (directory / "0").write_bytes(b"half")
    os.utime(old, (1, 1))
    stored(root, state(root / "data/b", b"y"))
    assert (old.exists(), young.exists()) == (False, True)


def test_a_disk_that_refuses_names_the_file_and_leaves_nothing(root: Path) -> None:
    import resource

    file = state(root / "data/a", b"x" * 3_000_000)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, limits[1]))
    try:
        with pytest.raises(DiskError) as caught:
            stored(root, file)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert file.path in caught.value.message
    assert caught.value.hint
    assert os.listdir(root / ".dvc/cache/files") == ["md5"]
    assert os.listdir(root / ".dvc/cache/files/md5") == []


def test_a_cache_that_cannot_be_written_is_named(root: Path) -> None:
    (root / ".dvc/cache").write_bytes(b"in the way")
    with pytest.raises(DiskError) as caught:
        stored(root, state(root / "data/a", b"x"))
    assert str(root / ".dvc/cache") in caught.value.message


@pytest.mark.heavy
def test_killed_at_any_moment_no_object_is_less_than_its_name_says(root: Path) -> None:
    for number in range(2_000):
        state(root / "data" / str(number), b"%d" % number * 500)
    code = (
        "import hashlib, os, sys\n"
        "from dsv.adapters import dvc\n"
        "states = []\n"
        "for entry in os.scandir('data'):\n"
        "    seen = entry.stat()\n"
        "    digest = hashlib.md5(open(entry.path, 'rb').read()).hexdigest()\n"
        "    states.append(dvc.FileState(entry.path, digest, seen.st_size, seen.st_mtime_ns, seen.st_ino))\n"
        "made = dvc.directory_object((os.path.basename(s.path), s.md5) for s in states)\n"
        "print('go', flush=True)\n"
        "dvc.store(dvc.find_cache('.'), states, directory=made, scan_started_ns=0)\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.getcwd(), "PYTHONWARNINGS": "ignore"}
    for delay in (0.0, 0.03, 0.06, 0.1, 0.15, 0.2):
        with subprocess.Popen(
            [sys.executable, "-c", code], cwd=root, env=environment, stdout=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(delay)
            process.kill()
        objects = [path for path in (root / ".dvc/cache/files").glob("md5/*/*") if path.is_file()]
        for path in objects:
            assert path.parent.name + path.name.removesuffix(".dir") == md5(path.read_bytes())
        if any(path.suffix == ".dir" for path in objects):
            assert len(objects) == 2_001


def test_flushing_a_directory_that_is_gone_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        flush(str(tmp_path / "gone"))


# What DVC hides


def test_files_that_dvc_ignores_are_found(root: Path) -> None:
    paths = [
        "data/leases/a.jsonl",
        "data/leases/a.tmp",
        "data/leases/sub/b",
        "data/leases/.hg/x",
        "data/leases/keep.tmp",
    ]
    assert dvc.dvcignored(str(root), paths) == ["data/leases/.hg/x"]
    (root / ".dvcignore").write_text("# words\n*.tmp\n!keep.tmp\n")
    (root / "data").mkdir()
    (root / "data/.dvcignore").write_text("sub/\n")
    assert dvc.dvcignored(str(root), paths) == ["data/leases/a.tmp", "data/leases/sub/b", "data/leases/.hg/x"]


def test_dvc_loaded_by_us_says_nothing_and_leaves_the_streams_alone(root: Path) -> None:
    code = (
        "import sys; streams = (sys.stdout, sys.stderr)\n"
        "from dsv.adapters.dvc.opening import opened\n"
        f"with opened({str(root)!r}) as repo: repo.lock\n"
        "import logging; logging.getLogger('dvc').warning('words')\n"
        "assert (sys.stdout, sys.stderr) == streams"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("", "")
