"""`dsv check` counts records anew from record indexes, reads the data with --data, and looks for it with --remote."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.manifest_edits import edit, reseal
from tests.conftest import Scratch, _copied, call, numbered

SECOND = "manifests/notes/2.0.0.yaml"


@pytest.fixture(scope="module")
def _grown(tmp_path_factory: pytest.TempPathFactory, _templates: dict[str, Path]) -> Path:
    top = tmp_path_factory.mktemp("grown")
    repo = _copied(_templates["released"], top / "repo")
    repo.dsv("remote", "add", "store", "../store")
    text = '{"id": "n1", "text": "twice", "text": "said"}\n{"id": "n2", "more": {"a": 1, "a": 2}}\n'
    repo.write("data/notes/more.jsonl", text)
    repo.records("data/notes/train.jsonl", [{**each, "text": "edited"} for each in numbered(80)])
    repo.dsv("bump", "notes", "--no-tag", "-m", "Edited")
    repo.records("data/part.jsonl", numbered(10, start=80))
    repo.dsv("add", "data/part.jsonl", "--key", "id", "--from", "notes:filter", "--no-tag")
    return top


@pytest.fixture
def grown(tmp_path: Path, _grown: Path) -> Scratch:
    """`notes` 1.0.0 and, in the base HEAD~2's future, 2.0.0 with two odd records; `part`, made from it; no remote."""
    return _copied(_grown / "repo", tmp_path / "repo")


def told(scratch: Scratch, *arguments: str, code: int = 1) -> dict[str, Any]:
    """What is not right, or not looked at, by number."""
    results = scratch.json("check", *arguments, code=code)["results"]
    return {each["number"]: each for each in results if each["status"] != "passed"}


def the_file_with(content: bytes, directory: Path) -> Path:
    (found,) = [file for file in directory.rglob("*") if file.is_file() and content in file.read_bytes()]
    return found


def forged(scratch: Scratch, file: str, *replacements: tuple[str, str]) -> None:
    """A manifest with other words and a checksum that fits them, as somebody writes who knows how."""
    edit(scratch, file, *replacements)
    reseal(scratch, file)
    scratch.git("commit", "-qam", "By hand")


@pytest.mark.provokes("C405")
def test_a_level_that_was_declared_too_low_is_found_though_all_the_manifest_fits(grown: Scratch) -> None:
    lowered = [
        (
            "added: 2, removed: 0, modified: 80, moved: 0, unchanged: 20",
            "added: 2, removed: 0, modified: 3, moved: 0, unchanged: 97",
        ),
        ("changed_share: 0.820000", "changed_share: 0.050000"),
        ("inherited: 20, new: 2, modified: 80", "inherited: 97, new: 2, modified: 3"),
        ("level: major\n  computed: major", "level: minor\n  computed: minor"),
        ('version: "2.0.0"', 'version: "1.1.0"'),
    ]
    grown.git("mv", SECOND, "manifests/notes/1.1.0.yaml")
    grown.git("mv", "manifests/notes/2.0.0.dvc", "manifests/notes/1.1.0.dvc")
    forged(grown, "manifests/notes/1.1.0.yaml", *lowered)
    results = grown.json("check", "notes", code=1)["results"]
    wrong = {(each["number"], each["message"]) for each in results if each["status"] == "failed"}
    assert ("C405", "counted anew, the change asks for major") in wrong
    assert ("C405", "counted anew, 2 added, 0 removed, 80 modified, 0 moved, 20 unchanged records") in wrong
    assert not {number for number, _ in wrong} & {"C202", "C401", "C402", "C403"}


@pytest.mark.provokes("C406", "C604")
def test_counts_that_record_indexes_deny_are_found(grown: Scratch) -> None:
    forged(grown, SECOND, ("records: 102", "records: 103"))
    assert told(grown, "notes")["C406"]["message"] == "its record index has 102 records, and the manifest 103"
    forged(grown, "manifests/part/1.0.0.yaml", ("inherited: 10", "inherited: 9"))
    found = told(grown, "part")["C604"]
    assert (found["message"].split(" of ")[1], found["value"][:12]) == ("notes@2.0.0, counted anew", "9 inherited,")


def test_without_record_indexes_it_says_what_it_needs(grown: Scratch, clone_of: Callable[..., Scratch]) -> None:
    found = told(clone_of(grown), "notes", "--base", "HEAD~2", code=0)["C405"]
    assert (found["status"], found["message"]) == ("skipped", "the record index of notes@2.0.0 is not here")
    assert found["fix"] == "dsv fetch --index notes@2.0.0 brings it"


@pytest.mark.provokes("C907")
def test_data_that_is_right_is_read_and_members_named_twice_are_told(grown: Scratch) -> None:
    found = told(grown, "--data", "--base", "HEAD~2", code=0)
    assert found["C907"]["status"] == "warning"
    assert found["C907"]["content"] == ["more.jsonl line 1: 'text' twice", "more.jsonl line 2: 'a' twice"]
    assert {"C902", "C904", "C906"} <= {
        each["number"] for each in grown.said[-1]["results"] if each["status"] == "passed"
    }
    assert "text" not in grown.dsv("check", "--data", "--no-content").stdout


@pytest.mark.provokes("C902", "C903", "C904")
def test_data_that_is_damaged_forged_or_not_here_is_found(grown: Scratch) -> None:
    (damaged,) = [
        file
        for file in (grown.root / ".dvc/cache/files/md5").rglob("*")
        if file.is_file() and b"twice" in file.read_bytes()
    ]
    damaged.chmod(0o644)
    damaged.write_bytes(damaged.read_bytes().replace(b"twice", b"Twice"))
    found = told(grown, "notes", "--data")
    assert found["C902"]["content"] == ["more.jsonl"]
    assert "tree digest" in found["C904"]["message"]
    shutil.rmtree(grown.root / ".dvc/cache/files")
    assert told(grown, "notes", "--data", code=0).keys() == {"C503", "C907"}  # the working tree has it
    shutil.rmtree(grown.root / "data/notes")
    assert told(grown, "notes", "--data")["C903"]["message"] == "its data is not here"


@pytest.mark.provokes("C905", "C906")
def test_rules_that_came_later_are_held_against_what_was_released(grown: Scratch) -> None:
    file = "manifests/notes/dataset.yaml"
    text = grown.read(file).replace("key:\n- id", "key:\n- text").replace("key: [id]", "key: [text]")
    grown.write(file, f"{text}checks: [missing(text) == 0, records >= 10, overlap(nowhere@*) == 0]\n")
    grown.git("commit", "-qam", "Rules")
    results = grown.json("check", "notes", "--data", code=1)["results"]
    rules = [(each["status"], each["message"]) for each in results if each["number"] == "C905"]
    assert ("failed", "missing(text) == 0: 1 where == 0 is asked for") in rules
    assert ("passed", "records >= 10: is kept") in rules
    assert [status for status, message in rules if "nowhere" in message] == ["skipped"]
    (failed,) = [each for each in results if each["number"] == "C905" and each["status"] == "failed"]
    assert failed["content"] == ["1 of 102 records lack text", "more.jsonl record 2"]
    assert [each["value"] for each in results if each["number"] == "C906"] == [80]


@pytest.mark.provokes("C901")
def test_what_is_not_on_the_remote_is_missed_also_where_no_data_is_here(
    grown: Scratch, clone_of: Callable[..., Scratch]
) -> None:
    found = told(grown, "notes", "--remote")
    assert (found["C901"]["value"], found["C901"]["limit"]) == (0, 7)
    assert found["C901"]["fix"] == "dsv push notes where it was released"
    call("git", "init", "-q", "--bare", "-b", "main", "origin.git", cwd=grown.root.parent)
    grown.git("remote", "add", "origin", "../origin.git")
    grown.dsv("push")
    fork = clone_of(grown)
    document = fork.json("check", "--remote", "store")
    assert [each["status"] for each in document["results"] if each["number"] == "C901"] == ["passed"] * 3
    (lost,) = [
        file for file in (grown.root.parent / "store").rglob("*") if file.is_file() and b"twice" in file.read_bytes()
    ]
    lost.unlink()
    found = told(fork, "notes", "--remote", "--base", "HEAD~2")["C901"]
    assert (found["version"], found["message"]) == ("2.0.0", "1 of 7 objects is not there")
    assert found["content"] == ["data/notes/more.jsonl"]


def test_what_is_staged_has_no_data(grown: Scratch) -> None:
    grown.refused("check", "--staged", "--data", code=2, kind="usage")
