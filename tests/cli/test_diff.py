"""`dsv diff`: what changed between two versions, or since one, record by record."""

from __future__ import annotations

import json
import os
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.cli.repository_state import state_of
from tests.conftest import Scratch, numbered

if TYPE_CHECKING:
    from pathlib import Path

KEYS = {
    "old",
    "new",
    "files",
    "records",
    "schema",
    "sample_difference",
    "file_difference",
    "size_difference_bytes",
    "level",
    "reasons",
    "by_split",
    "by_file",
}


@pytest.fixture
def grown(released: Scratch) -> Scratch:
    """`notes` 1.1.0: of 100 records 2 edited, 1 removed, 10 added in a new file with a new field, 1 moved."""
    train = [{"id": "r1", "text": "edited"}, {"id": "r2", "text": "edited"}, *numbered(76, start=3)]
    released.records("data/notes/train.jsonl", train)
    released.records("data/notes/test.jsonl", numbered(21, start=79))
    released.records("data/notes/train-retail.jsonl", numbered(10, start=200, kind="retail"))
    assert released.json("bump", "notes")["version"] == "1.1.0"
    return released


def test_the_whole_difference_of_two_versions(grown: Scratch) -> None:
    document = grown.json("diff", "notes@1.0.0", "notes@1.1.0")
    sizes = [each["bytes"] for each in grown.json("log", "notes")["versions"]]
    assert set(document) == KEYS
    assert document == {
        "old": "notes@1.0.0",
        "new": "notes@1.1.0",
        "files": {
            "added": 1,
            "removed": 0,
            "modified": 2,
            "renamed": 0,
            "unchanged": 0,
            "paths": {
                "added": ["train-retail.jsonl"],
                "removed": [],
                "modified": ["test.jsonl", "train.jsonl"],
                "renamed": [],
            },
        },
        "records": {
            "old": 100,
            "new": 109,
            "added": 10,
            "removed": 1,
            "modified": 2,
            "moved": 1,
            "unchanged": 96,
            "changed_share": 0.14,
        },
        "schema": {"added": ["kind"], "removed": [], "changed": []},
        "sample_difference": 9,
        "file_difference": 1,
        "size_difference_bytes": sizes[0] - sizes[1],
        "level": "minor",
        "reasons": ["field kind added", "changed share 14.0 % is between 10 % and 50 %"],
        "by_split": [
            {
                "split": "test",
                "old": 20,
                "new": 21,
                "added": 0,
                "removed": 0,
                "modified": 0,
                "moved": 1,
                "unchanged": 20,
            },
            {
                "split": "train",
                "old": 80,
                "new": 88,
                "added": 10,
                "removed": 1,
                "modified": 2,
                "moved": 1,
                "unchanged": 76,
            },
        ],
        "by_file": [
            {"file": "train-retail.jsonl", "added": 10, "removed": 0, "modified": 0, "moved": 0},
            {"file": "train.jsonl", "added": 0, "removed": 1, "modified": 2, "moved": 1},
            {"file": "test.jsonl", "added": 0, "removed": 0, "modified": 0, "moved": 1},
        ],
    }


def test_the_way_back_is_the_inverse(grown: Scratch) -> None:
    document = grown.json("diff", "notes@1.1.0", "notes@1.0.0")
    counts = document["records"]
    assert (counts["added"], counts["removed"], counts["modified"], counts["moved"]) == (1, 10, 2, 1)
    assert document["files"]["paths"]["removed"] == ["train-retail.jsonl"]
    assert (document["sample_difference"], document["file_difference"]) == (-9, -1)
    assert document["schema"]["removed"] == ["kind"]
    assert (document["level"], document["reasons"]) == ("major", ["field kind removed"])


def test_the_second_name_may_be_left_out(grown: Scratch) -> None:
    full = grown.json("diff", "notes@1.0.0", "notes@1.1.0")
    assert grown.json("diff", "notes@1.0.0", "1.1.0") == full
    assert grown.json("diff", "notes@1.0.0", "latest") == full
    assert grown.json("diff", "notes@1.0.0", "notes") == full
    assert grown.json("diff", "notes@v1.0.0", "notes@1.x") == full


def test_one_reference_is_compared_with_the_working_tree(grown: Scratch) -> None:
    document = grown.json("diff", "notes")
    assert (document["old"], document["new"], document["level"]) == ("notes@1.1.0", "notes@work", None)
    grown.records("data/notes/test.jsonl", numbered(20, start=79))
    document = grown.json("diff", "notes")
    assert (document["old"], document["new"], document["records"]["removed"]) == ("notes@1.1.0", "notes@work", 1)
    document = grown.json("diff", "notes@1.0.0")
    assert (document["new"], document["records"]["removed"]) == ("notes@work", 2)
    assert grown.json("diff", "notes@work", "notes@1.1.0")["records"]["added"] == 1


def test_two_bare_names_are_two_latest_versions(grown: Scratch) -> None:
    grown.records("data/copy.jsonl", numbered(100))
    grown.dsv("add", "data/copy.jsonl", "--key", "id")
    document = grown.json("diff", "copy", "notes")
    assert (document["old"], document["new"]) == ("copy@1.0.0", "notes@1.1.0")
    assert document["records"]["modified"] == 2


def test_a_version_does_not_differ_from_itself(grown: Scratch) -> None:
    document = grown.json("diff", "notes@1.1.0", "notes@1.1.0", "--exit-code")
    assert (document["level"], document["reasons"]) == (None, ["nothing changed"])
    assert document["records"]["unchanged"] == document["records"]["old"] == document["records"]["new"] == 109
    assert document["records"]["changed_share"] == 0
    assert "no difference" in grown.dsv("diff", "notes").stdout


def test_a_difference_is_an_answer_and_one_only_when_asked(grown: Scratch) -> None:
    grown.json("diff", "notes@1.0.0", "1.1.0", code=0)
    assert grown.json("diff", "notes@1.0.0", "1.1.0", "--exit-code", code=1)["level"] == "minor"


def test_renamed_files_are_neither_added_nor_removed(released: Scratch) -> None:
    (released.root / "data/notes/test.jsonl").rename(released.root / "data/notes/test-0.jsonl")
    files = released.json("diff", "notes")["files"]
    assert files == {
        "added": 0,
        "removed": 0,
        "modified": 0,
        "renamed": 1,
        "unchanged": 1,
        "paths": {"added": [], "removed": [], "modified": [], "renamed": [["test.jsonl", "test-0.jsonl"]]},
    }


def test_examples_show_each_kind_with_its_place(grown: Scratch) -> None:
    document = grown.json("diff", "notes@1.0.0", "1.1.0", "--records", "1")
    assert set(document) == {*KEYS, "examples"}
    assert document["examples"] == [
        {
            "kind": "modified",
            "key": ["r1"],
            "old": {"id": "r1", "text": "text of 1"},
            "new": {"id": "r1", "text": "edited"},
            "file": "train.jsonl",
            "row": 1,
            "old_file": "train.jsonl",
            "old_row": 2,
            "changes": [{"path": "text", "kind": "changed", "old": "text of 1", "new": "edited"}],
        },
        {
            "kind": "added",
            "key": ["r200"],
            "old": None,
            "new": {"id": "r200", "text": "text of 200", "kind": "retail"},
            "file": "train-retail.jsonl",
            "row": 1,
            "old_file": None,
            "old_row": None,
            "changes": [],
        },
        {
            "kind": "removed",
            "key": ["r0"],
            "old": {"id": "r0", "text": "text of 0"},
            "new": None,
            "file": "train.jsonl",
            "row": 1,
            "old_file": "train.jsonl",
            "old_row": 1,
            "changes": [],
        },
        {
            "kind": "moved",
            "key": ["r79"],
            "old": {"id": "r79", "text": "text of 79"},
            "new": {"id": "r79", "text": "text of 79"},
            "file": "test.jsonl",
            "row": 1,
            "old_file": "train.jsonl",
            "old_row": 80,
            "changes": [],
        },
    ]
    many = grown.json("diff", "notes@1.0.0", "1.1.0", "--records", "50")["examples"]
    assert Counter(each["kind"] for each in many) == {"modified": 2, "added": 10, "removed": 1, "moved": 1}


def test_without_a_number_five_of_each_kind_are_shown(grown: Scratch) -> None:
    five = grown.json("diff", "notes@1.0.0", "1.1.0", "--records", "5")
    assert Counter(each["kind"] for each in five["examples"])["added"] == 5
    assert grown.json("diff", "notes@1.0.0", "1.1.0", "--records") == five
    assert grown.json("diff", "--records", "notes@1.0.0", "1.1.0") == five
    assert grown.json("diff", "notes@1.0.0", "--records", "--exit-code", "1.1.0", code=1) == five
    grown.refused("diff", "notes", "--records", "-1", code=2, kind="usage")


def test_examples_of_the_working_tree_are_read_from_it(released: Scratch) -> None:
    released.records("data/notes/test.jsonl", [*numbered(19, start=80), {"id": "r99", "text": "edited here"}])
    (example,) = released.json("diff", "notes", "--records", "3")["examples"]
    assert (example["new"]["text"], example["old"]["text"], example["row"]) == ("edited here", "text of 99", 20)
    said = released.dsv("diff", "notes", "--records", "3").stdout
    assert "~ text: [-text of 99-]{+edited here+}" in said


def test_without_a_key_examples_come_and_go(repo: Scratch) -> None:
    repo.write("data/t.csv", "a,b\n1,x\n2,y\n")
    repo.dsv("add", "data/t.csv")
    repo.write("data/t.csv", "a,b\n1,x\n2,z\n")
    examples = repo.json("diff", "t", "--records", "5")["examples"]
    assert [(each["kind"], each["key"], each["old"], each["new"], each["row"]) for each in examples] == [
        ("added", None, None, {"a": "2", "b": "z"}, 2),
        ("removed", None, {"a": "2", "b": "y"}, None, 2),
    ]


def test_retyped_fields_are_named_with_both_types(repo: Scratch) -> None:
    repo.write("data/t.jsonl", '{"a": 1, "b": 1}\n')
    repo.dsv("add", "data/t.jsonl")
    repo.write("data/t.jsonl", '{"a": "1", "c": [1]}\n')
    assert repo.json("diff", "t")["schema"] == {
        "added": ["c"],
        "removed": ["b"],
        "changed": [{"field": "a", "old": ["number"], "new": ["string"]}],
    }


def test_what_is_not_there_is_not_found(released: Scratch) -> None:
    assert released.refused("diff", "notse", code=10, kind="no_dataset")["hint"] == "did you mean notes?"
    released.refused("diff", "notes@1.0.0", "1.1.0", code=10, kind="no_version")
    released.refused("diff", "notes@!", code=2, kind="usage")


def test_comparing_changes_nothing(grown: Scratch) -> None:
    before = state_of(grown)
    grown.dsv("diff", "notes@1.0.0", "1.1.0", "--records", "3")
    grown.dsv("diff", "notes")
    assert state_of(grown) == before


# Held against a count by hand, on random datasets.

VALUES = st.sampled_from([None, True, 0, 0.0, 1, 1.0, "1", "", [], [1], [1, 1.0], {}, {"a": 1}, {"a": 1.0}, "é"])
FILES = ("train.jsonl", "train-1.jsonl", "test.jsonl", "rest.jsonl", "more.jsonl")
Dataset = dict[str, list[dict[str, Any]]]


def datasets(*, keyed: bool) -> st.SearchStrategy[Dataset]:
    """Records in files of two named splits and of the rest; with a key, each key stands once."""
    record = st.fixed_dictionaries({"v": VALUES}, optional={"w": VALUES})
    if not keyed:
        return st.dictionaries(st.sampled_from(FILES), st.lists(record, max_size=6), min_size=1)
    rows = st.dictionaries(st.integers(0, 12), st.tuples(st.sampled_from(FILES), record), min_size=1, max_size=12)

    def spread(found: dict[int, tuple[str, dict[str, Any]]]) -> Dataset:
        files: Dataset = {}
        for key, (file, values) in found.items():
            files.setdefault(file, []).append({"id": key, **values})
        return files

    return rows.map(spread)


def by_hand(old: Dataset, new: Dataset, *, keyed: bool) -> dict[str, int]:
    """The classes of records, counted from the definition: equal contents pair first inside their split."""

    def rows(dataset: Dataset) -> list[tuple[str, str, str]]:
        return [
            (json.dumps(record, sort_keys=True), split_of(file), json.dumps(record.get("id")))
            for file, records in dataset.items()
            for record in records
        ]

    def split_of(file: str) -> str:
        return {"train": "train", "test": "test"}.get(file.removesuffix(".jsonl").split("-")[0], "")

    before, after = rows(old), rows(new)
    count = {"unchanged": 0, "moved": 0, "modified": 0}
    for same, into in (
        (lambda a, b: a[:2] == b[:2], "unchanged"),
        (lambda a, b: a[0] == b[0] and "" in (a[1], b[1]), "unchanged"),
        (lambda a, b: a[0] == b[0], "moved"),
        (lambda a, b: keyed and a[2] == b[2], "modified"),
    ):
        for row in list(before):
            partner = next((each for each in after if same(row, each)), None)
            if partner is not None:
                before.remove(row)
                after.remove(partner)
                count[into] += 1
    return {**count, "removed": len(before), "added": len(after)}


def lay_out(scratch: Scratch, dataset: Dataset) -> None:
    for name in FILES:
        path = scratch.root / "data/any" / name
        if name in dataset:
            scratch.records(f"data/any/{name}", dataset[name])
        elif path.exists():
            path.unlink()


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("diff")


@pytest.mark.parametrize("keyed", [True, False])
@settings(
    max_examples=4,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # each step of shrinking would take a second
    suppress_health_check=[HealthCheck.too_slow],
)
@given(data=st.data())
def test_the_counts_are_those_of_a_count_by_hand(workshop: Path, keyed: bool, data: st.DataObject) -> None:  # noqa: FBT001 - pytest's form
    scratch = Scratch(workshop / f"repo{len(os.listdir(workshop))}")
    scratch.root.mkdir()
    scratch.dsv("init", "--git")
    old = data.draw(datasets(keyed=keyed))
    lay_out(scratch, old)
    scratch.dsv("add", "data/any", *(("--key", "id") if keyed else ()))
    for new in data.draw(st.lists(datasets(keyed=keyed), min_size=4, max_size=4)):
        lay_out(scratch, new)
        records = scratch.json("diff", "any")["records"]
        assert {kind: records[kind] for kind in ("unchanged", "moved", "modified", "removed", "added")} == by_hand(
            old, new, keyed=keyed
        )
        kept = records["unchanged"] + records["moved"] + records["modified"]
        assert records["old"] == kept + records["removed"] == sum(map(len, old.values()))
        assert records["new"] == kept + records["added"] == sum(map(len, new.values()))
