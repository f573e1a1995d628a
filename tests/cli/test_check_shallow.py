"""`dsv check` in a clone that has not all of the history, as pipelines make them, and without any data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import Scratch, numbered


@pytest.fixture
def origin(released: Scratch) -> Scratch:
    """`notes` 1.0.0 on main, and on the branch `more` 1.1.0 in the last of three commits."""
    released.git("switch", "-qc", "more")
    for text in ("one", "two"):
        released.write("README", text)
        released.git("add", "README")
        released.git("commit", "-qm", text)
    released.records("data/notes/more.jsonl", numbered(20, start=100))
    released.dsv("bump", "notes", "--no-tag", "-m", "More")
    return released


def statuses(scratch: Scratch, *arguments: str) -> dict[str, Any]:
    results = scratch.json("check", *arguments)["results"]
    return {each["number"]: each["status"] for each in results if each["status"] != "passed"}


@pytest.mark.provokes("C507")
def test_depth_one_without_tags_is_enough_for_most(origin: Scratch, clone_of: Callable[..., Scratch]) -> None:
    fork = clone_of(origin, "--depth", "1", "--no-tags", "--no-local")
    assert statuses(fork) == {"C405": "skipped", "C507": "skipped"}
    assert fork.said[-1]["versions"] == 2
    assert "2 not looked at" in fork.dsv("check").stdout
    assert "fetch --tags" in fork.dsv("check", "-v").stdout


def test_a_base_that_is_not_here_is_asked_for(origin: Scratch, clone_of: Callable[..., Scratch]) -> None:
    fork = clone_of(origin, "--depth", "1", "--no-local")
    error = fork.refused("check", "--base", "origin/main", code=10, kind="no_version")
    assert error["hint"].startswith("git fetch --depth=1 origin main:refs/remotes/origin/main brings it")
    error = fork.refused("check", "--base", "HEAD~1", code=10, kind="no_version")
    assert "git fetch --unshallow" in error["hint"]


@pytest.mark.provokes("C204")
def test_with_base_and_head_alone_what_lies_between_is_told_to_be_unseen(
    origin: Scratch, clone_of: Callable[..., Scratch]
) -> None:
    fork = clone_of(origin, "--depth", "1", "--no-local")
    fork.git("fetch", "-q", "--depth=1", "origin", "main:refs/remotes/origin/main")
    assert statuses(fork, "--base", "origin/main")["C204"] == "warning"
    assert fork.said[-1]["new"] == ["notes@1.1.0"]
    fork.git("fetch", "-q", "--unshallow")
    assert "C204" not in statuses(fork, "--base", "origin/main")
    assert fork.said[-1]["new"] == ["notes@1.1.0"]
