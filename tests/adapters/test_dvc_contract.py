"""What dsv writes for DVC, byte for byte beside what `dvc add` writes for the same data."""

from __future__ import annotations

import hashlib
import os
import subprocess
import time
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dsv.adapters import dvc
from dsv.adapters.dvc.files import no_progress
from dsv.adapters.dvc.objects import store_directly
from dsv.adapters.dvc.through_dvc import store_through_dvc
from tests.plain_dvc import plain_dvc

if TYPE_CHECKING:
    from collections.abc import Callable

NESTED = {"a.jsonl": b"1\n", "sub/b.jsonl": b"2\n", "sub/deep/er/c": b"3", "sub.x/d": b"4", "sub-x/e": b"5"}
EMPTY = {"empty": b"", "full": b"x", "other/empty": b""}
DUPLICATES = {"one": b"same\n", "two": b"same\n", "sub/three": b"same\n", "four": b"other\n"}
ODD = {
    "a b  c": b"1",
    unicodedata.normalize("NFC", "é.txt"): b"2",
    unicodedata.normalize("NFD", "é.txt"): b"3",
    "new\nline": b"4",
    "back\\slash": b"5",
    "-leading": b"6",
    "'quote\"": b"7",
    "日本/😀": b"8",
    "tab\there\x01": b"9",
    "Z": b"10",
    "z": b"11",
}
MANY = {f"{number % 37:02d}/{number}.json": b'{"n": %d}\n' % (number // 2) for number in range(1000)}
SINGLE = {"": b"alone\n"}


def run(*command: str, cwd: Path) -> str:
    done = subprocess.run(command, cwd=cwd, check=True, capture_output=True, text=True)
    return done.stdout


def run_dvc(*arguments: str, cwd: Path) -> str:
    done = plain_dvc(*arguments, cwd=cwd)
    assert done.returncode == 0, done.stderr
    return done.stdout


def repository(root: Path, files: dict[str, bytes], name: str = "data") -> Path:
    root.mkdir()
    run("git", "init", "-q", ".", cwd=root)
    dvc.initialise(str(root))
    for relative, content in files.items():
        path = root / name / relative if relative else root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return root


def scanned(path: Path) -> list[tuple[str, dvc.FileState]]:
    """What a scan of the data hands to the adapter: paths below the data, digests and stats."""
    files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    found = []
    for file in files:
        seen = file.stat()
        md5 = hashlib.md5(file.read_bytes()).hexdigest()
        state = dvc.FileState(str(file), md5, seen.st_size, seen.st_mtime_ns, seen.st_ino)
        found.append((file.relative_to(path).as_posix() if path.is_dir() else file.name, state))
    return found


def release(root: Path, name: str, *, through: Callable[..., tuple[int, int]]) -> bytes:
    """The data in the cache and the pointer's bytes, as dsv makes them."""
    files = scanned(root / name)
    directory = None
    size = sum(state.size for _, state in files)
    if (root / name).is_dir():
        directory = dvc.directory_object((path, state.md5) for path, state in files)
        pointer = dvc.Pointer(directory.oid, size, name, nfiles=len(files))
    else:
        pointer = dvc.Pointer(files[0][1].md5, size, name)
    keywords = {"settled_before_ns": time.time_ns()} if through is store_directly else {}
    states = [state for _, state in files]
    through(dvc.find_cache(str(root)), states, directory=directory, progress=no_progress, **keywords)
    return dvc.render_pointer(pointer)


def tree(path: Path) -> dict[str, tuple[int, bytes]]:
    return {
        found.relative_to(path).as_posix(): (
            found.stat().st_mode,
            found.read_bytes() if found.is_file() else b"",
        )
        for found in path.rglob("*")
    }


@pytest.mark.parametrize("through", [store_directly, store_through_dvc])
@pytest.mark.parametrize(
    "files",
    [NESTED, EMPTY, DUPLICATES, ODD, MANY, SINGLE],
    ids=["nested", "empty", "duplicates", "odd", "many", "single"],
)
def test_pointer_and_cache_are_what_dvc_add_writes(
    tmp_path: Path, files: dict[str, bytes], through: Callable[..., tuple[int, int]]
) -> None:
    ours, theirs = repository(tmp_path / "ours", files), repository(tmp_path / "theirs", files)

    pointer = release(ours, "data", through=through)
    run_dvc("add", "-q", "data", cwd=theirs)

    assert pointer == (theirs / "data.dvc").read_bytes()
    assert tree(ours / ".dvc" / "cache") == tree(theirs / ".dvc" / "cache")


@pytest.mark.heavy
@pytest.mark.parametrize("name", ["123", "- no", "no", "null", "é ñ", 'it\'s "q"', "1e5", "w " * 50 + "w"])
def test_a_pointer_to_an_odd_name_is_what_dvc_add_writes(tmp_path: Path, name: str) -> None:
    theirs = repository(tmp_path / "theirs", {"": b"x"}, name)
    run_dvc("add", "-q", "--", name, cwd=theirs)

    expected = (theirs / f"{name}.dvc").read_bytes()

    assert dvc.render_pointer(dvc.Pointer(hashlib.md5(b"x").hexdigest(), 1, name)) == expected
    assert dvc.parse_pointer(expected, file=f"{name}.dvc").path == name


def test_an_executable_file_is_marked_as_dvc_add_marks_it(tmp_path: Path) -> None:
    theirs = repository(tmp_path / "theirs", {"": b"x"}, "tool")
    (theirs / "tool").chmod(0o755)
    run_dvc("add", "-q", "tool", cwd=theirs)

    pointer = dvc.Pointer(hashlib.md5(b"x").hexdigest(), 1, "tool", executable=True)

    assert dvc.render_pointer(pointer) == (theirs / "tool.dvc").read_bytes()


@pytest.mark.parametrize("subdirectory", [".", "models/en"])
def test_initialise_writes_what_dvc_init_writes_and_stages_nothing(tmp_path: Path, subdirectory: str) -> None:
    for name in ("ours", "theirs"):
        (tmp_path / name / subdirectory).mkdir(parents=True)
        run("git", "init", "-q", ".", cwd=tmp_path / name)
    ours, theirs = tmp_path / "ours" / subdirectory, tmp_path / "theirs" / subdirectory
    run_dvc("init", "-q", *(["--subdir"] if subdirectory != "." else []), cwd=theirs)
    run_dvc("config", "cache.type", "reflink,copy", cwd=theirs)

    made = dvc.initialise(str(ours))

    assert made == [".dvc/.gitignore", ".dvc/config", ".dvcignore"]
    assert {name: (ours / name).read_bytes() for name in made} == {name: (theirs / name).read_bytes() for name in made}
    assert run("git", "diff", "--cached", "--name-only", cwd=ours) == ""
    assert dvc.initialise(str(ours)) == []
    run_dvc("status", cwd=ours)


def test_plain_dvc_finds_nothing_to_do_after_a_release(tmp_path: Path) -> None:
    root = repository(tmp_path / "ours", NESTED)

    (root / "data.dvc").write_bytes(release(root, "data", through=store_directly))
    dvc.remember(str(root), [state for _, state in scanned(root / "data")])

    assert "up to date" in run_dvc("status", cwd=root)


def test_remembered_files_are_not_hashed_again(tmp_path: Path) -> None:
    root = repository(tmp_path / "ours", NESTED)
    (root / "data.dvc").write_bytes(release(root, "data", through=store_directly))
    states = [state for _, state in scanned(root / "data")]

    dvc.remember(str(root), states)

    # Bytes changed behind an unchanged stat: only a reader of the state calls that up to date.
    for state in states:
        with open(state.path, "r+b") as stream:
            stream.write(b"?" * state.size)
        os.utime(state.path, ns=(state.modified_ns, state.modified_ns))
    assert "up to date" in run_dvc("status", cwd=root)


def test_the_record_index_below_manifests_is_a_dvc_output(tmp_path: Path) -> None:
    root = repository(tmp_path / "ours", {"SHA256SUMS": b"", "pack": b"1"}, "manifests/leases/index/1.0.0")
    files = scanned(root / "manifests/leases/index/1.0.0")
    directory = dvc.directory_object((path, state.md5) for path, state in files)
    dvc.store(
        dvc.find_cache(str(root)),
        [state for _, state in files],
        directory=directory,
        scan_started_ns=time.time_ns(),
    )
    pointer = dvc.Pointer(directory.oid, 1, "index/1.0.0", nfiles=2)
    (root / "manifests/leases/1.0.0.dvc").write_bytes(dvc.render_pointer(pointer))

    assert "up to date" in run_dvc("status", cwd=root)


def test_the_users_words_in_a_pointer_stay_as_dvc_keeps_them(tmp_path: Path) -> None:
    ours, theirs = repository(tmp_path / "ours", NESTED), repository(tmp_path / "theirs", NESTED)
    run_dvc("add", "-q", "data", cwd=theirs)
    written = (theirs / "data.dvc").read_text()
    kept = "# mine\n" + written + "  desc: leases  # of 2024\n  labels:\n  - a\nmeta:\n  owner: ana\n"
    (theirs / "data.dvc").write_text(kept)
    for root in (ours, theirs):
        (root / "data" / "new").write_bytes(b"new")
    run_dvc("add", "-q", "data", cwd=theirs)

    files = scanned(ours / "data")
    directory = dvc.directory_object((path, state.md5) for path, state in files)
    size = sum(state.size for _, state in files)
    pointer = dvc.Pointer(directory.oid, size, "data", nfiles=len(files))

    updated = dvc.updated_pointer(kept.encode(), pointer, file="data.dvc")
    assert updated == (theirs / "data.dvc").read_bytes()
    assert b"# mine" in updated
    assert b"owner: ana" in updated
