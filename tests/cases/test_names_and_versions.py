"""Names and versions as somebody may type them: refused by the rule they break, or taken whole."""

from __future__ import annotations

import pytest

from tests.conftest import Scratch, numbered

NAMES = [
    "",
    ".",
    "..",
    "a/b",
    "../x",
    "a b",
    "$(touch executed)",
    "a;b",
    "a\nb",
    "a\x1b[31m",
    "a@b",
    "a#b",
    "a~1",
    "a^",
]
NAMES += ["a:b", "a.lock", "ä", "\u202ea", "a\u200b", "x" * 300, "CON", "nul", "Lpt1", "latest", "work", "1a", "a-"]
VERSIONS = [
    "1.0",
    "v1.2.3",
    "01.2.3",
    "1.2.3.4",
    "1.2.3-",
    "1.2.3-01",
    "1.2.3\n",
    "\uff11.2.3",
    "1.2.3 ",
    "x",
    "9" * 300,
]


@pytest.fixture
def ready(repo: Scratch) -> Scratch:
    """A repository with data that is no dataset yet."""
    repo.records("data/notes/a.jsonl", numbered(3))
    return repo


def test_what_is_no_name_is_refused_and_nothing_is_written(ready: Scratch) -> None:
    for name in NAMES:
        error = ready.dsv("add", "data/notes", f"--name={name}", "--json", code=30).error
        assert (error["kind"], error["details"]["name"]) == ("name", name)
        assert error["message"].isascii()
        assert len(error["message"]) < 200
    assert ready.git("status", "--porcelain") == "?? data/\n"


@pytest.mark.parametrize("name", ["-a", "--help"])
def test_a_name_that_looks_like_an_option_is_a_name_and_refused_as_one(ready: Scratch, name: str) -> None:
    assert ready.dsv("add", "data/notes", f"--name={name}", "--json", code=30).error["kind"] == "name"


def test_names_that_differ_only_in_case_are_not_two_datasets(ready: Scratch) -> None:
    ready.dsv("add", "data/notes")
    ready.records("data/other/a.jsonl", numbered(3))
    error = ready.refused("add", "data/other", "--name", "Notes", code=20, kind="exists")
    assert "notes" in error["message"]
    ready.refused("show", "Notes", code=10, kind="no_dataset")


def test_what_is_no_version_is_refused_and_nothing_is_written(ready: Scratch) -> None:
    for version in [*VERSIONS, "-1.0.0"]:
        error = ready.dsv("add", "data/notes", f"--version={version}", "--json", code=30).error
        assert error["kind"] == "version"
        assert error["message"].isprintable()
        assert len(error["message"]) < 400
    assert ready.git("status", "--porcelain") == "?? data/\n"


def test_a_version_with_build_metadata_is_refused_saying_so(ready: Scratch) -> None:
    error = ready.refused("add", "data/notes", "--version", "1.2.3+build.5", code=30, kind="version")
    assert "build metadata" in error["message"]


@pytest.mark.parametrize(
    "version", ["99999999999999999999999.999999999999999999.99999999999999999", "1.0.0-0A.is.legal"]
)
def test_a_version_of_any_size_is_released_found_and_followed(ready: Scratch, version: str) -> None:
    assert ready.json("add", "data/notes", "--version", version)["git_tag"] == f"notes@v{version}"
    assert ready.json("show", f"notes@{version}")["version"] == version
    assert [each["version"] for each in ready.json("log", "notes")["versions"]] == [version]
    ready.records("data/notes/b.jsonl", numbered(1, start=9))
    assert ready.json("bump", "notes")["version"] != version
    assert ready.json("check")["ok"]


@pytest.mark.parametrize(
    "reference", ["notes@", "@1.0.0", "notes@1.0.0.0", "notes@\uff11.0.0", "notes@-rf", "notes@1.0.0\n"]
)
def test_a_reference_that_is_none_is_wrong_usage_or_not_found(ready: Scratch, reference: str) -> None:
    ready.dsv("add", "data/notes")
    said = ready.dsv("show", reference, "--json", code=None)
    assert (said.code, said.error["kind"]) in {(2, "usage"), (10, "no_version")}
