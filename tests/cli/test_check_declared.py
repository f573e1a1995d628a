"""What `dsv check` says of names, places, and of what a project asks of its versions."""

from __future__ import annotations

import shutil
from typing import Any

import pytest

from tests.conftest import Scratch, numbered


def told(scratch: Scratch, *arguments: str, code: int = 0) -> dict[str, Any]:
    """What is not right, by number."""
    results = scratch.json("check", *arguments, code=code)["results"]
    return {each["number"]: each for each in results if each["status"] in ("failed", "warning")}


def commit(scratch: Scratch) -> None:
    scratch.git("add", "-A")
    scratch.git("commit", "-qm", "By hand")


@pytest.mark.provokes("C104", "C105", "C106", "C107")
def test_what_two_branches_and_hands_do_to_names_is_found(released: Scratch) -> None:
    text = released.read("manifests/notes/dataset.yaml")
    for name in ("Notes", "my notes"):
        released.write(f"manifests/{name}/dataset.yaml", text.replace("name: notes", f"name: {name}"))
    released.write("manifests/parts/dataset.yaml", "schema: 1\nname: parts\npath: data/notes/parts\n")
    released.write("manifests/notes/1.0.yaml", "a copy\n")
    commit(released)
    found = told(released, code=1)
    assert found["C104"]["file"] == "manifests/my notes/dataset.yaml"
    assert found["C104"]["message"] == "dataset name 'my notes' is not a valid name"
    assert (found["C105"]["dataset"], found["C105"]["message"]) == (
        "notes",
        "differs from the dataset Notes in case alone",
    )
    assert found["C107"]["file"] == "manifests/notes/1.0.yaml"
    paths = [each["message"] for each in released.said[-1]["results"] if each["number"] == "C106"]
    assert paths == [
        "its data at data/notes is also that of Notes",
        "its data at data/notes/parts is also that of Notes",
    ]
    assert told(released, "notes", code=1).keys() == {"C104", "C105", "C107"}


def test_a_rule_that_nobody_knows_is_found_at_its_line(released: Scratch) -> None:
    text = released.read("manifests/notes/dataset.yaml")
    released.write("manifests/notes/dataset.yaml", f"{text}checks: [records >= 1, rent(x) > 100]\n")
    found = told(released, "--data", code=1)["C102"]
    assert found["message"].startswith("checks[1]: there is no check 'rent'")
    assert found["line"] == len(text.splitlines()) + 1


def test_an_archived_dataset_claims_no_place(released: Scratch) -> None:
    released.dsv("archive", "notes", "--reason", "old")
    released.write("manifests/memos/dataset.yaml", "schema: 1\nname: memos\npath: data/notes\n")
    commit(released)
    assert "C106" not in told(released)


@pytest.fixture
def strict(released: Scratch) -> Scratch:
    """`notes` 1.0.0 on main, on a branch 1.1.0 without a summary, and a project that asks for one since then."""
    released.git("switch", "-qc", "more")
    released.records("data/notes/more.jsonl", numbered(20, start=100))
    released.dsv("bump", "notes", "--tag", "prod", "--no-tag")
    released.git("switch", "-q", "main")
    released.write(
        "dsv.yaml",
        "schema: 1\nrelease: {require_summary: true}\nvocabulary: {type: [text], tags: [production], stages: [live]}\n",
    )
    text = released.read("manifests/notes/dataset.yaml")
    released.write("manifests/notes/dataset.yaml", f"{text}metadata_required: [source, quality_score]\n")
    commit(released)
    released.git("switch", "-q", "more")
    released.git("rebase", "-q", "main")
    return released


@pytest.mark.provokes("C304", "C305", "C306")
def test_a_new_version_does_what_the_project_asks_for(strict: Scratch) -> None:
    found = told(strict, "--base", "main", code=1)
    assert {"C304", "C305", "C306"} <= found.keys()
    assert {found[number]["version"] for number in ("C304", "C305", "C306")} == {"1.1.0"}
    assert found["C305"]["message"] == "source, quality_score are not stated (--meta source=...)"
    words = [each["value"] for each in strict.said[-1]["results"] if each["number"] == "C306"]
    assert words == ["", "prod"]
    assert all(each["status"] == "warning" for each in told(strict).values())


def test_what_is_in_the_base_is_not_asked_any_more(strict: Scratch) -> None:
    assert not {"C304", "C305", "C306"} & told(strict, "--base", "HEAD").keys()


def test_facts_that_were_waived_are_not_missed(released: Scratch) -> None:
    text = released.read("manifests/notes/dataset.yaml")
    released.write("manifests/notes/dataset.yaml", f"{text}metadata_required: [source]\n")
    commit(released)
    released.records("data/notes/more.jsonl", numbered(20, start=100))
    released.dsv("bump", "notes", "--waive", "metadata_required=nobody knows")
    assert told(released, "--base", "HEAD~1") == {}


@pytest.mark.provokes("C706")
def test_a_stage_outside_the_vocabulary_is_found_where_it_is_new(released: Scratch) -> None:
    released.dsv("promote", "notes", "staging")
    released.write("dsv.yaml", "schema: 1\nvocabulary: {stages: [live]}\n")
    commit(released)
    assert told(released)["C706"]["status"] == "warning"
    assert told(released, "--base", "HEAD~2", code=1)["C706"]["status"] == "failed"
    assert "C706" not in told(released, "--base", "HEAD~1")


@pytest.mark.provokes("C707")
def test_a_stage_that_points_to_what_was_withdrawn_is_told(released: Scratch) -> None:
    released.dsv("promote", "notes", "prod")
    released.dsv("yank", "notes@1.0.0", "--reason", "wrong")
    assert told(released)["C707"]["message"] == "prod points to notes@1.0.0, which is yanked"


@pytest.mark.provokes("C506")
def test_data_that_was_committed_and_not_released_is_told(released: Scratch) -> None:
    pointer = released.read("data/notes.dvc")
    released.write("data/notes.dvc", pointer.replace("md5: ", "md5: 0", 1).replace(".dir", "dir", 1)[: len(pointer)])
    digits = released.json("show", "notes")["digests"]["dvc"].removeprefix("md5:").removesuffix(".dir")
    released.write("data/notes.dvc", pointer.replace(digits, "0" * 32))
    commit(released)
    found = told(released)["C506"]
    assert (found["dataset"], found["status"]) == ("notes", "warning")
    shutil.rmtree(released.root / "data/notes")
    assert told(released)["C506"]["message"] == "data/notes.dvc names data that is no version"
