"""Commands that begin at the same moment: writers one after the other, readers beside them, clean refusals."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.conftest import Scratch, call, numbered
from tests.races.crowd import Outcome, at_once

NAMES = ("alpha", "beta", "gamma")


@pytest.fixture(scope="module")
def _several(tmp_path_factory: pytest.TempPathFactory, _templates: dict[str, Path]) -> Path:
    top = tmp_path_factory.mktemp("several")
    call("git", "init", "-q", "--bare", "-b", "main", "hub.git", cwd=top)
    shutil.copytree(_templates["repo"], top / "repo", symlinks=True)
    made = Scratch(top / "repo")
    made.git("remote", "add", "origin", "../hub.git")
    for number, name in enumerate(NAMES):
        made.records(f"data/{name}.jsonl", numbered(40, start=1000 * number))
    made.dsv("add", *(f"data/{name}.jsonl" for name in NAMES), "--key", "id")
    made.dsv("remote", "add", "storage", "../storage")
    made.dsv("push")
    return top


@pytest.fixture
def several(tmp_path: Path, _several: Path) -> Scratch:
    """The datasets alpha, beta and gamma, published, each with one record more in the working tree."""
    for each in _several.iterdir():
        shutil.copytree(each, tmp_path / each.name, symlinks=True)
    repo = Scratch(tmp_path / "repo")
    repo.git("update-index", "-q", "--refresh")
    for name in NAMES:
        change(repo, name, 1)
    return repo


def change(repo: Scratch, name: str, number: int) -> None:
    """One record more."""
    with (repo.root / f"data/{name}.jsonl").open("a") as stream:
        stream.write(json.dumps({"id": f"{name} {number}", "text": "more"}) + "\n")


def run(repo: Scratch, *commands: str) -> list[Outcome]:
    return at_once(*((repo.root, command.split()) for command in commands))


def is_in_order(repo: Scratch) -> None:
    """What must be so after any race."""
    assert repo.git("status", "--porcelain") == ""
    repo.git("fsck", "--strict")
    diagnosis = repo.dsv("doctor", "--json", code=None)
    assert diagnosis.json["ok"], diagnosis.stdout
    assert repo.json("verify", "--all")["ok"]
    assert repo.json("check")["ok"]
    versions = {f"{each['dataset']}@v{each['version']}" for each in repo.json("log", "-n", "999")["versions"]}
    assert versions == set(repo.git("tag", "--list", "*@v*").split())


def test_of_eight_that_bump_one_dataset_one_wins_a_round_and_the_others_are_refused(several: Scratch) -> None:
    done = run(several, *["bump alpha --json"] * 8)
    assert sorted(each.code for each in done) == [0] + [20] * 7
    [winner] = (each for each in done if each.code == 0)
    assert winner.json["version"] == "1.0.1"
    assert {each.kind for each in done} == {"", "nothing_changed"}
    waited = [line for each in done for line in each.stderr.splitlines()]
    assert all(line.startswith("dsv: waiting for another dsv (") for line in waited)
    change(several, "alpha", 2)
    assert several.json("bump", "alpha")["version"] == "1.0.2"
    is_in_order(several)


def test_writers_of_different_datasets_take_turns_and_readers_do_not_care(several: Scratch) -> None:
    reading = ["list", "log", "log alpha", "show beta", "status --json", "search record", "which --id r1001", "verify"]
    reading += ["diff alpha@1.0.0 beta@1.0.0 --stat", "check", "index status", "list --all --json"]
    writing = [f"bump {name}" for name in NAMES]
    done = run(several, *writing, *reading, "index rebuild", "index rebuild")
    assert [(each.words, each.code, each.stderr) for each in done if each.code and each.words[0] != "verify"] == []
    assert not any(each.crashed for each in done)
    waited = [line for each in done[: len(writing)] for line in each.stderr.splitlines()]
    assert waited
    assert all(line.startswith("dsv: waiting for another dsv (") for line in waited)
    assert {each["latest"] for each in several.json("list")["datasets"]} == {"1.0.1"}
    is_in_order(several)


@pytest.mark.heavy
def test_pushes_and_pulls_beside_bumps_publish_whole_versions(several: Scratch) -> None:
    several.dsv("bump", "alpha")
    done = run(several, "push", "push", "bump beta", "pull alpha", "checkout gamma@1.0.0 --force", "push --json")
    assert not any(each.crashed for each in done)
    assert [each.code for each in done if each.words[0] != "push"] == [0, 0, 0]
    assert {each.code for each in done if each.words[0] == "push"} <= {0, 20}
    assert any(each.code == 0 for each in done if each.words[0] == "push")
    several.dsv("push")
    is_in_order(several)
    call("git", "clone", "-q", "hub.git", "clone", cwd=several.root.parent)
    clone = Scratch(several.root.parent / "clone")
    clone.dsv("pull")
    assert clone.json("verify", "alpha", "beta")["ok"]


def test_two_that_make_a_repository_ready_at_once_make_it_once(scratch: Scratch) -> None:
    done = run(scratch, *["init --json"] * 3)
    assert [each.code for each in done] == [0, 0, 0]
    assert sorted(each.json["commit"] is None for each in done) == [False, True, True]
    assert scratch.git("rev-list", "--count", "HEAD").strip() == "1"
    assert scratch.git("status", "--porcelain") == ""
    assert scratch.json("doctor")["ok"]
