"""What a version was made from: sources named at a release, and what is computed of them."""

from __future__ import annotations

import shutil

from tests.cli.repository_state import state_of
from tests.conftest import Scratch, numbered


def edges(document):
    """The lineage entries of a release, each as (ref, relation)."""
    return [(each["ref"], each["relation"]) for each in document["manifest"]["lineage"]]


def test_several_parents_each_in_its_relation_and_with_its_note(released: Scratch) -> None:
    released.records("data/apples.jsonl", numbered(10, start=200))
    released.dsv("add", "data/apples.jsonl", "--key", "id")
    released.records("data/both.jsonl", [*numbered(50), *numbered(10, start=200), *numbered(5, start=900)])
    arguments = ("add", "data/both.jsonl", "--key", "id", "--from", "notes:judge_filter", "--from", "apples:mix")
    document = released.json(*arguments, "--note", "judged above 0.7", "--note", "all of them", "--dry-run")
    assert edges(document) == [("notes@1.0.0", "judge_filter"), ("apples@1.0.0", "mix")]
    notes, apples = document["manifest"]["lineage"]
    assert (notes["inherited"], notes["new"], notes["removed"], notes["note"]) == (50, 15, 50, "judged above 0.7")
    assert (apples["inherited"], apples["new"], apples["removed"], apples["note"]) == (10, 55, 0, "all of them")
    same = released.json(*arguments, "--note", "by hand", "--dry-run")
    assert [each["note"] for each in same["manifest"]["lineage"]] == ["by hand", "by hand"]
    error = released.refused(*arguments, *("--note", "a") * 3, code=2, kind="usage")
    assert "3 notes" in error["message"]


def test_a_run_is_named_also_where_nothing_else_is(repo: Scratch) -> None:
    repo.records("data/notes.jsonl", numbered(3))
    document = repo.json("add", "data/notes.jsonl", "--produced-by", "backtest:test_001")
    assert document["manifest"]["lineage"] == []
    assert document["manifest"]["produced_by"] == "backtest:test_001"
    assert repo.json("show", "notes")["produced_by"] == "backtest:test_001"


def test_what_cannot_be_a_source_is_refused_before_anything_is_read(released: Scratch) -> None:
    released.write("data/gold.jsonl", '{"this is": "no JSON\n')
    before = state_of(released)
    add = ("add", "data/gold.jsonl")
    released.refused(*add, "--from", "nothing@1.0.0:filter", code=10, kind="no_dataset")
    released.refused(*add, "--from", "notes@9.0.0:filter", code=10, kind="no_version")
    released.refused(*add, "--from", "gold@1.0.0:filter", code=10, kind="no_dataset")
    released.refused("bump", "notes", "--from", "notes@1.0.1:filter", "--version", "1.0.1", code=10, kind="no_version")
    released.refused(*add, "--from", "notes:Filter", code=2, kind="usage")
    error = released.refused(*add, "--from", "notes:filter", "--from", "notes@1.0.0:filter", code=2, kind="usage")
    assert "named twice" in error["message"]
    released.refused(*add, "--note", "of what?", code=2, kind="usage")
    assert state_of(released) == before


def test_counts_that_cannot_be_had_are_unknown_and_that_is_said(released: Scratch) -> None:
    index = released.root / "manifests/notes/index"
    shutil.rmtree(index)
    shutil.rmtree(released.root / ".dvc/cache")
    released.records("data/gold.jsonl", numbered(5))
    said = released.dsv("add", "data/gold.jsonl", "--key", "id", "--from", "notes:filter")
    assert "how many records came from notes@1.0.0 stays unknown" in said.stderr
    (edge,) = released.json("show", "gold")["lineage"]
    assert [edge[each] for each in ("inherited", "new", "modified", "removed")] == [None] * 4
    assert edge["digest"] == released.json("show", "notes")["digests"]["tree"]
    released.dsv("log")
    released.dsv("check")
