"""`dsv diff` as a reviewer reads it: counts by split and file, changed words, turns of a conversation, a part alone."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

import dsv
from tests.conftest import Scratch, numbered

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def edited(released: Scratch) -> Scratch:
    """`notes`, of whose records in train one is edited, one is gone, two are new, and one moved to test."""
    train = numbered(80)
    train[4]["text"] = "text of number 4"
    del train[7]
    moved = train.pop(20)
    released.records("data/notes/train.jsonl", train)
    released.records("data/notes/test.jsonl", [*numbered(20, start=80), moved])
    released.records("data/notes/train-more.jsonl", numbered(2, start=200))
    return released


def test_a_table_by_split_and_file_stands_above_the_records(edited: Scratch) -> None:
    said = edited.dsv("diff", "notes", "--records").stdout.splitlines()
    tables = said[said.index("") + 1 :][:11]
    assert tables == [
        "  split  old  new  added  removed  modified  moved",
        "  test    20   21                                1",
        "  train   80   80      2        1         1      1",
        "  all    100  101      2        1         1      1",
        "",
        "     file              added  removed  modified  moved",
        "  ~  train.jsonl                    1         1      1",
        "  +  train-more.jsonl      2",
        "  ~  test.jsonl                                      1",
        "",
        'modified "r4"  train.jsonl:5',
    ]


def test_the_words_that_differ_are_marked(edited: Scratch) -> None:
    plain = edited.dsv("diff", "notes", "--records").stdout
    assert "  ~ text: text of {+number +}4\n" in plain
    coloured = edited.dsv("--color", "always", "diff", "notes", "--records").stdout
    assert "text of \x1b[32mnumber\x1b[0m" in coloured
    assert "{+" not in coloured


def test_many_files_are_cut_and_counted(released: Scratch) -> None:
    for number in range(14):
        released.records(f"data/notes/part-{number:02}.jsonl", numbered(1, start=300 + number))
    said = released.dsv("diff", "notes", "--records", "1").stdout
    assert said.count("  +  part-") == 10
    assert "and 4 more files" in said
    assert len(released.json("diff", "notes", "--records", "1")["by_file"]) == 14


def test_a_conversation_is_compared_turn_by_turn(repo: Scratch) -> None:
    turns = [("system", "Be brief."), ("user", "How do I renew?"), ("assistant", "Write a letter."), ("user", "Thanks")]
    chat: dict[str, Any] = {"id": 1, "messages": [{"role": role, "content": said} for role, said in turns]}
    repo.records("data/chat.jsonl", [chat])
    repo.dsv("add", "data/chat.jsonl", "--key", "id")
    chat["messages"][2]["content"] = "Write a short letter."
    chat["messages"].append({"role": "assistant", "content": "You are welcome."})
    repo.records("data/chat.jsonl", [chat])
    lines = repo.dsv("diff", "chat", "--records").stdout.splitlines()
    assert lines[lines.index("modified 1  chat.jsonl:1") + 1 :] == [
        "  ~ messages",
        "      turns 1-2 unchanged",
        "      ~ turn 3 assistant: Write a {+short +}letter.",
        "      turn 4 unchanged",
        "      + turn 5 assistant: You are welcome.",
    ]
    (example,) = repo.json("diff", "chat", "--records")["examples"]
    assert [change["path"] for change in example["changes"]] == ["messages[2].content", "messages[4]"]
    assert example["changes"][1]["kind"] == "added"


def test_without_a_key_an_edited_record_is_shown_as_one_and_counted_as_two(repo: Scratch) -> None:
    rows = [{"q": f"What is the capital of country {number}?", "a": f"City {number}"} for number in range(9)]
    repo.records("data/qa.jsonl", rows)
    repo.dsv("add", "data/qa.jsonl")
    rows[3]["a"] = "City 3, since 1990"
    rows[8] = {"q": "Who wrote Emma?", "a": "Jane Austen"}
    repo.records("data/qa.jsonl", rows)
    said = repo.dsv("diff", "qa", "--records").stdout
    assert "removed and added, similar  qa.jsonl:4\n  ~ a: City 3{+, since 1990+}\n" in said
    assert 'added  qa.jsonl:9\n  + q: "Who wrote Emma?"  a: "Jane Austen"\n' in said
    kinds = [each["kind"] for each in repo.json("diff", "qa", "--records")["examples"]]
    assert kinds == ["added", "added", "removed", "removed"]


def test_long_records_fit_the_terminal(repo: Scratch, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.records("data/t.jsonl", [{"id": 1, "text": "long words " * 500, "more": list(range(400))}])
    repo.dsv("add", "data/t.jsonl", "--key", "id")
    edited = {"id": 1, "text": "long words " * 200 + "other " * 300, "more": "東京" * 200}
    repo.records("data/t.jsonl", [edited, {"id": 2, **{f"field {number}": "x" * 90 for number in range(30)}}])
    for columns in (40, 80, 120):
        monkeypatch.setenv("COLUMNS", str(columns))
        said = repo.dsv("diff", "t", "--records").stdout
        assert max(map(len, said.split("modified 1")[1].splitlines())) <= columns
        assert said.count("\n") < 50


def test_nothing_in_a_record_acts_on_the_terminal(repo: Scratch) -> None:
    hostile = "\x1b[31mred \x1b]8;;http://x\x07 \u202egnp \x00 \ud800\n"
    repo.records("data/t.jsonl", [{"id": "a", "v": "plain"}])
    repo.dsv("add", "data/t.jsonl", "--key", "id")
    repo.records("data/t.jsonl", [{"id": "a", "v": hostile, hostile: [hostile]}, {"id": hostile, "v": hostile}])
    for form in ("text", "markdown", "html"):
        said = repo.dsv("diff", "t", "--records", "--as", form).stdout
        assert not {"\x1b", "\x00", "\x07", "\u202e"}.intersection(said)
        assert r"\x1b[31mred" in said
        assert r"\ud800" in said


def test_a_split_alone_has_its_own_counts_and_the_level_of_the_whole(edited: Scratch) -> None:
    whole = edited.json("diff", "notes", "--records", "9")
    assert "where" not in whole
    test = edited.json("diff", "notes", "--records", "9", "--where", "split=test")
    assert test["where"] == {"split": "test"}
    assert test["records"] == {
        "old": 20,
        "new": 21,
        "added": 0,
        "removed": 0,
        "modified": 0,
        "moved": 1,
        "unchanged": 20,
        "changed_share": 0.05,
    }
    assert [each["kind"] for each in test["examples"]] == ["moved"]
    assert test["sample_difference"] == 1
    assert (test["level"], test["reasons"], test["files"]) == (whole["level"], whole["reasons"], whole["files"])
    said = edited.dsv("diff", "notes", "--where", "split=test").stdout
    assert "  split=test: 20 -> 21 records, 1 moved\n" in said
    assert "train" not in said.split("split=test:")[1]


def test_a_moved_record_counts_in_the_split_it_left_and_in_the_one_it_entered(edited: Scratch) -> None:
    parts = [edited.json("diff", "notes", "--where", f"split={split}")["records"] for split in ("train", "test")]
    assert [part["moved"] for part in parts] == [1, 1]
    assert [(part["old"], part["new"]) for part in parts] == [(80, 80), (20, 21)]
    assert edited.json("diff", "notes")["records"]["moved"] == 1
    said = edited.dsv("diff", "notes", "--records").stdout
    assert 'moved "r21"  train.jsonl:22 -> test.jsonl:21 (train to test)\n' in said


def test_files_alone_are_named_by_a_glob(edited: Scratch) -> None:
    found = edited.json("diff", "notes", "--records", "9", "--where", "file=*more*")
    assert found["where"] == {"file": "*more*"}
    assert (found["records"]["old"], found["records"]["added"]) == (0, 2)
    assert {each["file"] for each in found["examples"]} == {"train-more.jsonl"}
    both = edited.json("diff", "notes", "--where", "split=train", "--where", "file=train.jsonl")
    assert both["where"] == {"split": "train", "file": "train.jsonl"}
    assert (both["records"]["added"], both["records"]["removed"]) == (0, 1)


def test_a_part_that_is_not_there_is_not_found(edited: Scratch) -> None:
    error = edited.refused("diff", "notes", "--where", "split=valid", code=10, kind="no_record")
    assert error["hint"] == "its splits are test, train"
    edited.refused("diff", "notes", "--where", "file=*.csv", code=10, kind="no_path")
    for text in ("split", "split=", "row=3", "=x", "split=a b", "file=" + "**/" * 9):
        edited.refused("diff", "notes", "--where", text, code=2, kind="usage")
    edited.refused("diff", "notes", "--where", "split=test", "--where", "split=train", code=2, kind="usage")


def test_each_form_is_asked_for_by_its_name(edited: Scratch) -> None:
    arguments = ("diff", "notes", "--records", "2")
    assert json.loads(edited.dsv(*arguments, "--as", "json").stdout) == edited.json(*arguments)
    assert edited.dsv(*arguments, "--as", "text").stdout == edited.dsv(*arguments).stdout
    markdown = edited.dsv(*arguments, "--as", "markdown").stdout
    assert markdown.startswith("### `notes@1.0.0` → `notes@work`\n\n**patch change, 1.0.1 would follow**\n")
    assert "- text: text of 4\n+ text: text of {+number +}4\n" in markdown
    page = edited.dsv(*arguments, "--as", "html").stdout
    assert page.startswith("<!DOCTYPE html>")
    assert "text of <ins>number </ins>4" in page
    edited.refused(*arguments, "--as", "xml", code=2, kind="usage")
    assert edited.json(*arguments, "--as", "html", code=2)["error"]["kind"] == "usage"
    assert edited.dsv(*arguments, "--as", "html", "--exit-code", code=1).stdout == page


def test_the_python_twin_gives_the_same_reports(edited: Scratch) -> None:
    found = dsv.open(str(edited.root)).diff("notes", examples=2, where=["split=train"])
    arguments = ("diff", "notes", "--records", "2", "--where", "split=train")
    assert found.document() == edited.json(*arguments)
    assert found.markdown() == edited.dsv(*arguments, "--as", "markdown").stdout
    assert found.html() == edited.dsv(*arguments, "--as", "html").stdout


def test_only_files_with_a_shown_record_are_read(edited: Scratch) -> None:
    edited.dsv("bump", "notes")
    shown = edited.json("diff", "notes@1.0.0", "1.0.1", "--records", "1", "--where", "file=train-more.jsonl")
    kept = _object_of(edited.root / "data/notes/train-more.jsonl", edited)
    for content in (edited.root / ".dvc/cache/files/md5").rglob("*"):
        if content.is_file() and content.suffix != ".dir" and content != kept:
            content.unlink()
    shutil.rmtree(edited.root / "data/notes")
    arguments = ("diff", "notes@1.0.0", "1.0.1", "--records", "1")
    assert edited.json(*arguments, "--where", "file=train-more.jsonl") == shown
    edited.refused(*arguments, code=40, kind="missing_data")


def _object_of(file: Path, scratch: Scratch) -> Path:
    """The object of DVC's cache that holds the same bytes."""
    objects = (scratch.root / ".dvc/cache/files/md5").rglob("*")
    return next(each for each in objects if each.is_file() and each.read_bytes() == file.read_bytes())
