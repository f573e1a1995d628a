"""`dsv checkout`: the bytes of a version back, and never over data that no version holds."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.cli.repository_state import state_of
from tests.conftest import numbered

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Scratch


@pytest.fixture
def two(released: Scratch) -> Scratch:
    """`notes` 1.0.0, and 2.0.0 with other files, one of them in another place."""
    released.write("data/notes/deep/er/more.jsonl", '{"id": "x", "text": "\\r"}\r\n')
    (released.root / "data/notes/test.jsonl").unlink()
    released.records("data/notes/train.jsonl", numbered(30))
    assert released.json("bump", "notes")["version"] == "2.0.0"
    return released


def first_data() -> dict[str, int]:
    return {"train.jsonl": 80, "test.jsonl": 20}


def lines(scratch: Scratch) -> dict[str, int]:
    return {name: content.count(b"\n") for name, content in scratch.tree("data/notes").items()}


def test_an_old_version_comes_back_byte_for_byte(released: Scratch) -> None:
    before = released.tree("data/notes")
    released.write("data/notes/scan.bin", bytes(range(256)))
    released.records("data/notes/train.jsonl", numbered(30))
    released.dsv("bump", "notes")
    after = released.tree("data/notes")
    document = released.json("checkout", "notes@1.0.0")
    assert document == {
        "datasets": [
            {
                "ref": "notes@1.0.0",
                "path": "data/notes",
                "files": 2,
                "bytes": sum(len(content) for content in before.values()),
            }
        ]
    }
    assert released.tree("data/notes") == before
    released.dsv("checkout", "notes")
    assert released.tree("data/notes") == after
    assert released.git("status", "--porcelain") == ""


def test_the_pointer_follows_so_that_plain_dvc_sees_the_version(two: Scratch) -> None:
    two.dsv("checkout", "notes@1.0.0")
    pointer = yaml.safe_load(two.read("data/notes.dvc"))["outs"][0]
    assert f"md5:{pointer['md5']}" == two.json("show", "notes@1.0.0")["digests"]["dvc"]
    assert two.git("status", "--porcelain") == " M data/notes.dvc\n"
    assert "up to date" in two.dvc("status", "data/notes.dvc")


def test_files_that_are_right_already_are_not_touched(two: Scratch) -> None:
    two.write("data/notes/same.jsonl", '{"id": "s", "text": ""}\n')
    two.dsv("bump", "notes")
    kept = two.root / "data/notes/same.jsonl"
    before = kept.stat()
    two.write("data/notes/other.jsonl", '{"id": "o", "text": ""}\n')
    two.dsv("bump", "notes")
    two.dsv("checkout", "notes@2.0.1")
    after = kept.stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_directories_that_become_empty_go(two: Scratch) -> None:
    two.dsv("checkout", "notes@1.0.0")
    assert lines(two) == first_data()
    assert sorted(path.name for path in (two.root / "data/notes").iterdir()) == ["test.jsonl", "train.jsonl"]


@pytest.mark.parametrize("where", ["train.jsonl", "deep/er/more.jsonl", "new.jsonl"])
def test_what_no_version_holds_is_not_overwritten(two: Scratch, where: str) -> None:
    two.write(f"data/notes/{where}", '{"id": "mine", "text": "unsaved"}\n')
    before = state_of(two)
    error = two.refused("checkout", "notes@1.0.0", code=20, kind="conflict")
    assert state_of(two) == before
    assert error["details"] == {"count": 1, "files": [where]}
    assert "dsv bump notes" in error["hint"]
    assert "--force" in error["hint"]


def test_with_force_it_is(two: Scratch) -> None:
    two.write("data/notes/train.jsonl", '{"id": "mine", "text": "unsaved"}\n')
    two.write("data/notes/new.jsonl", '{"id": "more", "text": "unsaved"}\n')
    two.dsv("checkout", "notes@1.0.0", "--force")
    assert lines(two) == first_data()


def test_what_some_version_holds_may_go(two: Scratch) -> None:
    two.records("data/notes/renamed.jsonl", numbered(80))
    two.dsv("checkout", "notes@2.0.0")
    assert "renamed.jsonl" not in lines(two)


def test_what_only_a_pre_release_holds_may_go_too(two: Scratch) -> None:
    two.records("data/notes/train.jsonl", numbered(31))
    assert two.json("bump", "notes", "--pre", "rc")["version"] == "2.0.1-rc.1"
    two.dsv("checkout", "notes@2.0.0")
    assert lines(two)["train.jsonl"] == 30
    two.dsv("checkout", "notes@2.0.1-rc.1")
    assert lines(two)["train.jsonl"] == 31


def test_bytes_that_a_version_lists_but_the_cache_has_lost_are_not_overwritten(two: Scratch) -> None:
    shutil.rmtree(two.root / ".dvc/cache/files/md5")
    before = state_of(two)
    two.dsv("checkout", "notes@1.0.0", code=40)
    assert state_of(two) == before


def test_data_that_is_gone_comes_back(two: Scratch) -> None:
    before = two.tree("data/notes")
    shutil.rmtree(two.root / "data/notes")
    two.dsv("checkout", "notes")
    assert two.tree("data/notes") == before
    assert two.json("status")["datasets"][0]["state"] == "clean"


def test_a_dataset_of_one_file_comes_back(repo: Scratch) -> None:
    repo.write("data/notes.jsonl", b'{"id": 1}\r\n')
    repo.dsv("add", "data/notes.jsonl")
    repo.write("data/notes.jsonl", b'{"id": 2}\n{"id": 3}\n')
    repo.dsv("bump", "notes")
    assert repo.json("checkout", "notes@1.0.0")["datasets"][0]["files"] == 1
    assert (repo.root / "data/notes.jsonl").read_bytes() == b'{"id": 1}\r\n'
    repo.write("data/notes.jsonl", b"mine\n")
    repo.refused("checkout", "notes", code=20, kind="conflict")
    (repo.root / "data/notes.jsonl").unlink()
    repo.dsv("checkout", "notes")
    assert (repo.root / "data/notes.jsonl").read_bytes() == b'{"id": 2}\n{"id": 3}\n'


def test_other_datasets_stay_as_they_are(two: Scratch) -> None:
    two.records("data/apples.jsonl", numbered(3))
    two.dsv("add", "data/apples.jsonl")
    two.records("data/apples.jsonl", numbered(4))
    two.dsv("checkout", "notes@1.0.0")
    assert two.read("data/apples.jsonl").count("\n") == 4


# into a directory


def test_the_data_of_a_version_goes_into_a_directory(two: Scratch) -> None:
    before = state_of(two)
    document = two.json("checkout", "notes@1.0.0", "--to", "../copies/first")
    target = two.root.parent / "copies/first"
    assert document["datasets"][0]["path"] == "../copies/first"
    assert sorted(path.name for path in target.iterdir()) == ["test.jsonl", "train.jsonl"]
    assert target.joinpath("train.jsonl").read_text().count("\n") == 80
    assert state_of(two) == before
    target.joinpath("train.jsonl").write_text("mine")
    two.dsv("checkout", "notes@1.0.0", "--to", "../copies/second")
    assert (two.root.parent / "copies/second/train.jsonl").read_text().count("\n") == 80


def test_a_directory_counts_from_where_one_is(two: Scratch, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    two.dsv("--repo", str(two.root), "checkout", "notes@1.0.0", "--to", "out", cwd=tmp_path / "elsewhere")
    assert (tmp_path / "elsewhere/out/test.jsonl").is_file()


def test_a_directory_with_something_in_it_is_left_alone(two: Scratch, tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.mkdir()
    (target / "train.jsonl").write_text("mine")
    two.refused("checkout", "notes@1.0.0", "--to", str(target), code=20, kind="exists")
    assert [(path.name, path.read_text()) for path in target.iterdir()] == [("train.jsonl", "mine")]
    two.dsv("checkout", "notes@1.0.0", "--to", str(target), "--force")
    assert (target / "train.jsonl").read_text().count("\n") == 80
    two.refused("checkout", "notes@1.0.0", "--to", str(target / "train.jsonl"), code=20, kind="exists")


def test_one_file_lies_directly_in_the_directory(repo: Scratch, tmp_path: Path) -> None:
    repo.write("data/notes.jsonl", b'{"id": 1}\n')
    repo.dsv("add", "data/notes.jsonl")
    repo.dsv("checkout", "notes", "--to", str(tmp_path / "out"))
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["notes.jsonl"]


# what is not there


def test_data_that_is_not_here_asks_for_a_pull(released: Scratch, clone_of: Callable[[Scratch], Scratch]) -> None:
    clone = clone_of(released)
    for arguments in (("checkout", "notes"), ("checkout", "notes", "--to", "../out"), ("rollback", "notes", "1.0.0")):
        error = clone.refused(*arguments, code=40, kind="missing_data")
        assert "dsv fetch" in error["hint"]
    assert not (clone.root / "data/notes").exists()
    assert not (clone.root.parent / "out").exists()


def test_a_damaged_object_is_found_before_anything_is_changed(two: Scratch) -> None:
    oid = next(
        file
        for file in (two.root / ".dvc/cache/files/md5").rglob("*")
        if file.is_file() and file.read_bytes().count(b"\n") == 80 and file.suffix != ".dir"
    )
    content = oid.read_bytes()
    oid.chmod(0o644)
    oid.write_bytes(content.replace(b"text of 7", b"text of 8", 1))
    oid.chmod(0o444)
    before = two.tree("data/notes")
    two.refused("checkout", "notes@1.0.0", code=40, kind="mismatch")
    assert two.tree("data/notes") == before


def test_what_is_no_version_is_refused(released: Scratch) -> None:
    released.refused("checkout", "notes@3.0.0", code=10, kind="no_version")
    released.refused("checkout", "nots", code=10, kind="no_dataset")
    released.refused("checkout", "notes@work", code=2, kind="usage")
    released.refused("checkout", "notes@!", code=2, kind="usage")


def test_a_version_of_another_branch_comes_by_its_tag(two: Scratch) -> None:
    two.git("checkout", "-q", "-b", "old", "notes@v1.0.0")
    assert lines(two) != first_data()
    two.dsv("checkout", "notes@1.0.0")
    assert lines(two) == first_data()
    two.dsv("checkout", "notes@2.0.0")
    assert lines(two)["train.jsonl"] == 30
