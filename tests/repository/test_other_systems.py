"""What dsv writes can be checked out on other systems; what cannot is refused, or told of."""

from __future__ import annotations

from dsv.model.portability import portability_warnings
from tests.conftest import Scratch, numbered


def test_no_file_that_dsv_writes_has_a_name_that_windows_cannot_hold(released: Scratch) -> None:
    released.records("data/notes/more.jsonl", numbered(30, start=500))
    released.dsv("bump", "notes", "--pre", "rc")
    released.dsv("bump", "notes")
    released.dsv("index", "rebuild")
    own = [path for path in released.tree(".") if path.startswith((".dvc/", ".git/dsv/", "manifests/"))]
    assert len(own) > 30
    in_git = released.git("ls-files").splitlines()
    assert list(portability_warnings(sorted({*own, *in_git}))) == []
    assert not [path for path in (*own, *in_git) if ":" in path or "\\" in path]


def test_files_name_paths_with_slashes(released: Scratch) -> None:
    released.records("data/deep/er/a.jsonl", numbered(3))
    released.dsv("add", "data/deep/er", "--name", "deep")
    for file in ("manifests/deep/1.0.0.yaml", "manifests/deep/dataset.yaml", "dvc.yaml"):
        assert "path: data/deep/er" in released.read(file)
        assert "\\" not in released.read(file)


def test_a_data_path_with_a_colon_is_refused(repo: Scratch) -> None:
    repo.records("data/a:b/a.jsonl", numbered(3))
    error = repo.refused("add", "data/a:b", "--name", "ab", code=30, kind="unsupported_file")
    assert "colon" in error["message"]


def test_a_data_path_that_windows_cannot_hold_is_told_of(repo: Scratch) -> None:
    repo.records("data/aux/a.jsonl", numbered(3))
    said = repo.dsv("add", "data/aux", "--name", "auxiliary").stderr
    assert "Windows cannot hold 'data/aux'" in said


def test_versions_that_differ_only_in_case_do_not_stand_side_by_side(released: Scratch) -> None:
    released.records("data/notes/more.jsonl", numbered(30, start=500))
    released.dsv("bump", "notes", "--version", "1.1.0-rc.1")
    released.records("data/notes/more.jsonl", numbered(40, start=500))
    error = released.refused("bump", "notes", "--version", "1.1.0-RC.1", code=20, kind="exists")
    assert "1.1.0-rc.1" in error["message"]
