"""`dsv status`: what changed since the base, and the version that would follow."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from tests.cli.repository_state import state_of
from tests.conftest import numbered

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Scratch

KEYS = {"dataset", "path", "base", "at", "state", "files", "records", "suggested", "problems"}


def test_as_released_it_is_clean(released: Scratch) -> None:
    (entry,) = released.json("status")["datasets"]
    assert set(entry) == KEYS
    assert (entry["dataset"], entry["path"]) == ("notes", "data/notes")
    assert (entry["state"], entry["base"], entry["at"], entry["suggested"]) == ("clean", "1.0.0", "1.0.0", None)
    assert entry["files"] == {"added": 0, "removed": 0, "modified": 0, "renamed": 0, "unchanged": 2}
    assert entry["records"]["unchanged"] == 100
    assert entry["problems"] == []
    released.dsv("status", "--exit-code")


def test_changed_data_names_the_version_that_would_follow(released: Scratch) -> None:
    released.records("data/notes/more.jsonl", numbered(10, start=100))
    (entry,) = released.json("status", "--exit-code", code=1)["datasets"]
    assert (entry["state"], entry["base"], entry["at"]) == ("changed", "1.0.0", None)
    assert entry["files"] == {"added": 1, "removed": 0, "modified": 0, "renamed": 0, "unchanged": 2}
    assert entry["records"] == {
        "added": 10,
        "removed": 0,
        "modified": 0,
        "moved": 0,
        "unchanged": 100,
        "changed_share": 0.1,
    }
    reasons = ["changed share 10.0 % is between 10 % and 50 %"]
    assert entry["suggested"] == {"level": "minor", "version": "1.1.0", "reasons": reasons}
    released.dsv("status", code=0)
    release = released.json("bump", "notes")
    assert (release["version"], release["level"], release["reasons"]) == ("1.1.0", "minor", reasons)


def test_data_that_was_put_back_is_told_by_its_version(released: Scratch) -> None:
    released.records("data/notes/more.jsonl", numbered(60, start=100))
    released.dsv("bump", "notes")
    released.dsv("checkout", "notes@1.0.0")
    (entry,) = released.json("status")["datasets"]
    assert (entry["state"], entry["base"], entry["at"]) == ("changed", "2.0.0", "1.0.0")


def test_declared_data_is_new_until_it_is_released(repo: Scratch) -> None:
    repo.records("data/notes.jsonl", numbered(3))
    repo.dsv("add", "data/notes.jsonl", "--no-release")
    (entry,) = repo.json("status", "--exit-code", code=1)["datasets"]
    assert (entry["state"], entry["base"], entry["at"]) == ("new", None, None)
    assert entry["suggested"] == {"level": "major", "version": "1.0.0", "reasons": ["first version"]}


def test_data_that_is_not_there_is_missing(released: Scratch, clone_of: Callable[[Scratch], Scratch]) -> None:
    clone = clone_of(released)
    (entry,) = clone.json("status", "--exit-code", code=1)["datasets"]
    assert (entry["state"], entry["base"], entry["files"], entry["suggested"]) == ("missing", "1.0.0", None, None)
    assert "dsv pull notes@1.0.0" in clone.dsv("status").stdout


def test_where_neither_index_nor_data_of_the_base_is_here_it_is_incomplete(
    released: Scratch, clone_of: Callable[[Scratch], Scratch]
) -> None:
    clone = clone_of(released)
    clone.records("data/notes/train.jsonl", numbered(80))
    (entry,) = clone.json("status")["datasets"]
    assert (entry["state"], entry["at"]) == ("incomplete", None)
    assert "notes@1.0.0" in entry["problems"][0]
    shutil.rmtree(released.root / ".git/dsv")
    shutil.rmtree(released.root / "manifests/notes/index")
    assert released.json("status")["datasets"][0]["state"] == "clean"


def test_what_would_stop_a_release_is_a_problem(released: Scratch) -> None:
    released.write("data/notes/more.jsonl", '{"id": "r1", "text": "again"}\n{"id": \n')
    (entry,) = released.json("status")["datasets"]
    assert entry["state"] == "changed"
    assert [problem.split(":")[0] for problem in entry["problems"]] == [
        "1 record does not parse",
        "1 record shares the key id with another",
    ]
    assert "data/notes/more.jsonl:2" in entry["problems"][0]


def test_all_datasets_are_shown_by_name_or_those_asked_for(released: Scratch) -> None:
    released.records("data/apples.jsonl", numbered(3))
    released.dsv("add", "data/apples.jsonl")
    assert [each["dataset"] for each in released.json("status")["datasets"]] == ["apples", "notes"]
    assert [each["dataset"] for each in released.json("status", "notes")["datasets"]] == ["notes"]
    error = released.refused("status", "notse", code=10, kind="no_dataset")
    assert error["hint"] == "did you mean notes?"


def test_without_datasets_there_is_nothing_to_say(repo: Scratch) -> None:
    assert repo.json("status", "--exit-code") == {"datasets": []}


def test_looking_changes_nothing(released: Scratch) -> None:
    released.records("data/notes/more.jsonl", numbered(10, start=100))
    before = state_of(released)
    released.dsv("status")
    assert state_of(released) == before


def test_a_pre_release_is_no_base(released: Scratch) -> None:
    released.records("data/notes/more.jsonl", numbered(10, start=100))
    released.dsv("bump", "notes", "--pre", "rc")
    (entry,) = released.json("status")["datasets"]
    assert (entry["state"], entry["base"], entry["at"]) == ("changed", "1.0.0", "1.1.0-rc.1")
    assert entry["suggested"]["version"] == "1.1.0"


def test_a_declaration_that_cannot_be_read_hides_no_other_dataset(released: Scratch) -> None:
    released.records("data/others/a.jsonl", numbered(3))
    released.dsv("add", "data/others")
    released.write("manifests/notes/dataset.yaml", "<<<<<<< HEAD\nname: notes\n=======\nname: note\n>>>>>>> other\n")
    notes, others = released.json("status")["datasets"]
    assert (notes["dataset"], notes["state"], others["state"]) == ("notes", "incomplete", "clean")
    assert "manifests/notes/dataset.yaml" in notes["problems"][0]
    said = released.dsv("status").stdout
    assert "notes  incomplete" in said
    assert "others  clean" in said
    released.refused("status", "notes", code=30, kind="manifest")
    released.dsv("status", "--exit-code", code=1)


def test_a_number_that_a_withdrawn_version_has_is_told_to_be_taken(released: Scratch) -> None:
    released.records("data/notes/more.jsonl", numbered(30, start=500))
    released.dsv("bump", "notes")
    released.dsv("yank", "notes@1.1.0", "--reason", "wrong labels")
    status = released.json("status")["datasets"][0]
    assert (status["base"], status["at"], status["suggested"]["version"]) == ("1.0.0", "1.1.0", "1.1.0")
    error = released.refused("bump", "notes", code=20, kind="exists")
    assert status["problems"] == [f"{error['message']}; {error['hint']}"]
