"""A version's files out of the cache: whole, checked, and nowhere else than where they belong."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dsv.adapters import dvc
from dsv.errors import (
    ConflictError,
    MismatchError,
    MissingDataError,
)
from tests.adapters.conftest import md5, state, stored


def version(root: Path, files: dict[str, bytes]) -> list[dvc.Entry]:
    """The files in the cache, as entries of a version."""
    states = {
        path: state(root / "source" / str(number), content) for number, (path, content) in enumerate(files.items())
    }
    stored(root, *states.values())
    return [(path, each.md5) for path, each in states.items()]


def written(directory: Path) -> dict[str, bytes]:
    return {
        path.relative_to(directory).as_posix(): path.read_bytes() for path in directory.rglob("*") if path.is_file()
    }


def test_a_version_comes_back_byte_for_byte(root: Path) -> None:
    files = {"a": b"1", "sub/deep/b": b"", "odd \n\\name": b"3", "é": b"4", "big": os.urandom(2_500_000)}
    cache = dvc.find_cache(str(root))
    entries = version(root, files)
    made = dvc.directory_object(entries)
    dvc.store(cache, [], directory=made, scan_started_ns=0)

    states = dvc.materialise(cache, dvc.read_directory_object(cache, made.oid), base=str(root), directory="data/leases")

    assert written(root / "data/leases") == files
    assert {each.path: each.md5 for each in states} == {str(root / "data/leases" / path): oid for path, oid in entries}
    for each in states:
        seen = os.lstat(each.path)
        assert each.is_that_of(seen)
        assert (seen.st_nlink, seen.st_mode & 0o777) == (1, 0o666 & ~umask())


def umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_one_version_is_turned_into_another(root: Path) -> None:
    cache = dvc.find_cache(str(root))
    old = version(root, {"same": b"0", "changed": b"1", "gone/deep/x": b"2", "file": b"3", "dir/a": b"4"})
    new = version(root, {"same": b"0", "changed": b"5", "new/y": b"6", "file/now/dir": b"7", "dir": b"8"})
    dvc.materialise(cache, old, base=str(root), directory="data")
    untouched = (root / "data/same").stat()

    write = [(path, md5) for path, md5 in new if path != "same"]
    dvc.materialise(cache, write, base=str(root), directory="data", delete=["dir/a", "file", "gone/deep/x"])

    assert written(root / "data") == {"same": b"0", "changed": b"5", "new/y": b"6", "file/now/dir": b"7", "dir": b"8"}
    assert not (root / "data/gone").exists()
    assert (root / "data/same").stat() == untouched


def test_a_single_file_and_a_directory_elsewhere(root: Path, tmp_path: Path) -> None:
    cache = dvc.find_cache(str(root))
    entries = version(root, {"x.jsonl": b"{}"})
    dvc.materialise(cache, entries, base=str(root), directory="data")
    dvc.materialise(cache, entries, base=str(tmp_path), directory="")
    assert (root / "data/x.jsonl").read_bytes() == (tmp_path / "x.jsonl").read_bytes() == b"{}"


def test_deleting_the_last_file_leaves_the_directory_itself(root: Path) -> None:
    cache = dvc.find_cache(str(root))
    dvc.materialise(cache, version(root, {"a/b": b"1"}), base=str(root), directory="data/leases")
    dvc.materialise(cache, [], base=str(root), directory="data/leases", delete=["a/b", "never/there"])
    assert os.listdir(root / "data/leases") == []


def test_missing_objects_are_named_before_anything_is_touched(root: Path) -> None:
    cache = dvc.find_cache(str(root))
    kept = version(root, {"kept": b"1"})
    absent = [(f"file{number:02d}", md5(b"absent %d" % number)) for number in range(12)]
    (root / "data").mkdir()
    (root / "data/mine").write_bytes(b"mine")
    with pytest.raises(MissingDataError) as caught:
        dvc.materialise(cache, [*kept, *absent], base=str(root), directory="data", delete=["mine"])
    assert caught.value.details["missing"] == 12
    assert caught.value.details["paths"] == [path for path, _ in absent[:10]]
    assert "and 2 more" in caught.value.message
    assert written(root / "data") == {"mine": b"mine"}


def test_a_flipped_byte_is_found_before_anything_is_touched(root: Path) -> None:
    cache = dvc.find_cache(str(root))
    entries = version(root, {"a": b"good", "b": b"flip"})
    path = Path(cache.path_of(md5(b"flip")))
    path.chmod(0o644)
    path.write_bytes(b"flop")
    path.chmod(0o444)
    (root / "data").mkdir()
    (root / "data/a").write_bytes(b"mine")
    with pytest.raises(MismatchError) as caught:
        dvc.materialise(cache, entries, base=str(root), directory="data")
    assert caught.value.details == {
        "object": md5(b"flip"),
        "path": "b",
        "expected": md5(b"flip"),
        "actual": md5(b"flop"),
    }
    assert written(root / "data") == {"a": b"mine"}
    assert os.listdir(root / "data") == ["a"]


@pytest.mark.parametrize("link", ["data", "data/leases", "data/leases/sub"])
def test_no_link_on_the_way_is_followed(root: Path, tmp_path: Path, link: str) -> None:
    cache = dvc.find_cache(str(root))
    entries = version(root, {"sub/a": b"1"})
    outside = tmp_path / "outside"
    (outside / "leases/sub").mkdir(parents=True)
    (outside / "sub").mkdir()
    (root / link).parent.mkdir(parents=True, exist_ok=True)
    (root / link).symlink_to(outside)
    with pytest.raises(ConflictError) as caught:
        dvc.materialise(cache, entries, base=str(root), directory="data/leases")
    assert caught.value.details == {"path": link}
    assert written(outside) == {}


def test_a_link_in_a_files_place_is_replaced_and_its_target_kept(root: Path, tmp_path: Path) -> None:
    cache = dvc.find_cache(str(root))
    (tmp_path / "secret").write_bytes(b"secret")
    (root / "data").mkdir()
    (root / "data/a").symlink_to(tmp_path / "secret")
    dvc.materialise(cache, version(root, {"a": b"1"}), base=str(root), directory="data")
    assert (tmp_path / "secret").read_bytes() == b"secret"
    assert not (root / "data/a").is_symlink()


def test_a_directory_in_a_files_place_is_refused(root: Path) -> None:
    cache = dvc.find_cache(str(root))
    (root / "data/a").mkdir(parents=True)
    with pytest.raises(ConflictError, match="is a directory"):
        dvc.materialise(cache, version(root, {"a": b"1"}), base=str(root), directory="data")


def test_staging_elsewhere_leaves_the_dataset_alone_and_sweeps_what_is_dead(root: Path) -> None:
    cache = dvc.find_cache(str(root))
    staging = root / ".git" / "dsv"
    (staging / ".dsv-4194304-0123456789ab").mkdir(parents=True)
    (staging / ".dsv-4194304-0123456789ab/0").write_bytes(b"half")
    (staging / "journal").write_bytes(b"kept")
    entries = version(root, {"a": b"1"})
    dvc.materialise(cache, entries, base=str(root), directory="data", staging=str(staging))
    assert os.listdir(staging) == ["journal"]
    assert written(root / "data") == {"a": b"1"}


def test_few_descriptors_are_enough(root: Path) -> None:
    import resource

    cache = dvc.find_cache(str(root))
    entries = version(root, {f"{number}/x/y/{number}": b"%d" % number for number in range(100)})
    before = len(os.listdir("/proc/self/fd"))
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(int(name) for name in os.listdir("/proc/self/fd")) + 12, limits[1]))
    try:
        dvc.materialise(cache, entries, base=str(root), directory="data")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    assert len(written(root / "data")) == 100
    assert len(os.listdir("/proc/self/fd")) == before
