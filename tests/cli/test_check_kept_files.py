"""`dsv check` finds what was added to git and should not have been: data, large files, secrets."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Scratch

KEY = "AKIA" + "ABCDEFGHIJKLMNOP"


def told(scratch: Scratch, *arguments: str, code: int = 1) -> dict[str, Any]:
    """What is wrong, by number."""
    results = scratch.json("check", *arguments, code=code)["results"]
    return {each["number"]: each for each in results if each["status"] in ("failed", "warning")}


def commit(scratch: Scratch, *paths: str) -> None:
    scratch.git("add", "-f", *paths)
    scratch.git("commit", "-qm", "By hand")


@pytest.fixture
def small(released: Scratch) -> Scratch:
    """A project that wants no file above 1,000 bytes in git."""
    released.write("dsv.yaml", "schema: 1\nlargest_in_git: 1000\n")
    commit(released, "dsv.yaml")
    released.git("branch", "base")
    return released


@pytest.mark.provokes("C801")
def test_a_large_file_is_found_also_where_it_was_taken_out_again(small: Scratch) -> None:
    small.write("model.bin", b"\0" * 1001)
    commit(small, "model.bin")
    found = told(small, "--base", "base")["C801"]
    assert (found["file"], found["value"], found["limit"]) == ("model.bin", 1001, 1000)
    assert found["message"] == "has 1,001 bytes"
    small.git("rm", "-q", "model.bin")
    small.git("commit", "-qm", "Out again")
    assert told(small, "--base", "base")["C801"]["message"].startswith("has 1,001 bytes in commit ")
    assert "C801" not in told(small, "--base", "HEAD", code=0)


@pytest.mark.provokes("C802")
def test_data_in_git_is_found_with_a_base_without_one_and_before_the_commit(small: Scratch) -> None:
    small.git("add", "-f", "data/notes/test.jsonl", "manifests/notes/index")
    staged = small.json("check", "--staged", code=1)["results"]
    assert {each["message"] for each in staged if each["number"] == "C802"} == {
        "is data of data/notes, which DVC keeps",
        "is a record index, which DVC keeps",
    }
    small.git("commit", "-qm", "By hand")
    assert told(small, "--base", "base")["C802"]["status"] == "failed"
    assert told(small, code=0)["C802"]["status"] == "warning"
    assert told(small, "notes", code=0)["C802"]["message"] == "is data of data/notes, which DVC keeps"


@pytest.mark.provokes("C803", "C804")
def test_a_secret_is_found_and_never_told(small: Scratch) -> None:
    small.write("deploy/notes.txt", f"nothing\nkey: {KEY}\n")
    small.write("params.yaml", "url: https://ana:hunter2@example.com/data\n")
    small.write("example.md", "see https://ana:hunter2@example.com  <!-- pragma: allowlist secret -->\n")
    small.write("picture.bin", b"\0" + KEY.encode())
    small.write(".dvc/config.local", "[core]\n")
    commit(small, ".")
    results = small.json("check", "--base", "base", code=1)["results"]
    found = [(each["file"], each["line"], each["message"]) for each in results if each["number"] == "C803"]
    assert found == [
        ("deploy/notes.txt", 2, "holds an access key"),
        ("params.yaml", 1, "holds a password in an address"),
    ]
    assert [each["file"] for each in results if each["number"] == "C804"] == [".dvc/config.local"]
    said = small.dsv("check", "--base", "base", code=1).stdout
    assert KEY not in said
    assert "hunter2" not in said
    without = small.json("check")[
        "results"
    ]  # where nothing says what is new, only what dsv and DVC read is looked into
    assert [each["file"] for each in without if each["number"] == "C803"] == ["params.yaml"]


def test_what_is_staged_is_looked_into_though_no_dataset_changes(small: Scratch) -> None:
    small.write("id_rsa", "-----BEGIN OPENSSH PRIVATE KEY-----\n")
    small.git("add", "id_rsa")
    (found,) = told(small, "--staged").values()
    assert (found["number"], found["message"]) == ("C803", "holds a private key")
    assert small.json("check", "notes", "--staged")["results"] == []
