"""What data were before dsv knew them become versions, each under a tag whose tree has its manifest and its pointer."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.repository_state import leaves_no_trace, state_of
from tests.conftest import Scratch, call, numbered

POINTER = "data/notes.dvc"
PAST = [
    (40, "First notes", "2024-01-05T10:00:00+0200", "Ben Ode"),
    (50, "Ten more", "2024-02-01T00:30:00+0100", "Zoë 王"),
    (40, "Back again", "2024-03-01T12:00:00+0000", "Ben Ode"),
]
PIPELINE = """\
stages:
  old:
    cmd: cp raw.jsonl notes.jsonl
    deps: [raw.jsonl]
    outs: [notes.jsonl]
  other:
    cmd: echo 1 > other.txt
    outs: [other.txt]
"""


def commit(repo: Scratch, message: str, date: str = "2024-06-01T00:00:00Z", author: str = "Ana Lima") -> str:
    """Everything committed at that time by that author; the commit's id."""
    repo.git("add", "-A")
    environment = {**os.environ, "GIT_AUTHOR_DATE": date, "GIT_AUTHOR_NAME": author}
    subprocess.run(["git", "commit", "-qm", message], cwd=repo.root, env=environment, check=True)
    return repo.git("rev-parse", "HEAD").strip()


@pytest.fixture(scope="module")
def past_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository in which DVC tracked data/notes through three states, with other commits between them."""
    root = tmp_path_factory.mktemp("past") / "repo"
    root.mkdir()
    call("git", "init", "-q", "-b", "main", cwd=root)
    repo = Scratch(root)
    repo.dvc("init", "-q")
    for count, message, date, author in PAST:
        repo.records("data/notes/notes.jsonl", numbered(count))
        repo.dvc("add", "-q", "data/notes")
        commit(repo, message, date, author)
        repo.write("README", message)
        commit(repo, "Not about data")
    with (root / "data/notes.dvc").open("a") as stream:
        stream.write("  desc: ours\n")
    commit(repo, "A description")
    repo.dsv("init")
    return root


@pytest.fixture
def past(past_template: Path, tmp_path: Path) -> Scratch:
    """A copy of that repository."""
    call("cp", "-r", str(past_template), str(tmp_path / "repo"), cwd=tmp_path)
    return Scratch(tmp_path / "repo")


def test_a_dry_run_shows_the_versions_that_the_past_becomes(past: Scratch) -> None:
    first, second, third = past.git(
        "log", "-3", "--skip=1", "--reverse", "--format=%h", "--abbrev=7", "--", POINTER
    ).split()
    said = leaves_no_trace_of(past, "add", "data/notes", "--key", "id", "--history", "--dry-run").splitlines()
    assert said[0] == "notes 3 versions would be released; nothing was written"
    assert [" ".join(line.split()) for line in said[1:]] == [
        "VERSION COMMIT DATE AUTHOR RECORDS MESSAGE BECAUSE",
        f"1.0.0 {first} 2024-01-05 Ben Ode 40 First notes first version",
        f"1.1.0 {second} 2024-01-31 Zoë 王 50 Ten more minor: changed share 25.0 % is between 10 % and 50 %",
        f"1.2.0 {third} 2024-03-01 Ben Ode 40 Back again minor: changed share 20.0 % is between 10 % and 50 %",
    ]


def leaves_no_trace_of(repo: Scratch, *arguments: str) -> str:
    """What a command says that changes no reference, no file and nothing in the cache."""
    before = state_of(repo)
    said = repo.dsv(*arguments).stdout
    assert state_of(repo) == before
    return said


def test_each_version_has_the_author_the_time_and_the_words_of_its_commit(past: Scratch) -> None:
    document = past.json("add", "data/notes", "--key", "id", "--history", "--meta", "source=hand")
    found = [
        (each["version"], each["manifest"]["created_at"], each["manifest"]["created_by"], each["manifest"]["summary"])
        for each in document["releases"]
    ]
    assert found == [
        ("1.0.0", "2024-01-05T08:00:00Z", "Ben Ode <ana@example.com>", "First notes"),
        ("1.1.0", "2024-01-31T23:30:00Z", "Zoë 王 <ana@example.com>", "Ten more"),
        ("1.2.0", "2024-03-01T12:00:00Z", "Ben Ode <ana@example.com>", "Back again"),
    ]
    assert [each["manifest"]["change"]["previous"] for each in document["releases"]] == [None, "1.0.0", "1.1.0"]
    assert {each["manifest"]["metadata"]["source"] for each in document["releases"]} == {"hand"}
    commits = past.git("log", "-3", "--reverse", "--format=%H").split()
    assert [each["commit"] for each in document["releases"]] == commits
    assert past.git("log", "-3", "--reverse", "--format=%an|%aI|%cn").splitlines() == [
        "Ben Ode|2024-01-05T10:00:00+02:00|Ana Lima",
        "Zoë 王|2024-02-01T00:30:00+01:00|Ana Lima",
        "Ben Ode|2024-03-01T12:00:00+00:00|Ana Lima",
    ]


@pytest.mark.heavy
def test_the_tree_of_each_tag_has_its_manifest_and_its_data_for_dvc_too(past: Scratch, tmp_path: Path) -> None:
    past.dsv("add", "data/notes", "--key", "id", "--history")
    assert past.git("status", "--porcelain") == ""
    assert past.dvc("status") == "Data and pipelines are up to date.\n"
    assert past.read("data/notes.dvc").endswith("  desc: ours\n")
    assert past.json("check")["ok"]
    past.dvc("gc", "-q", "-f", "-T")
    for version, count in (("1.0.0", 40), ("1.1.0", 50), ("1.2.0", 40)):
        assert past.git("ls-tree", "--name-only", f"notes@v{version}", f"manifests/notes/{version}.dvc")
        target = tmp_path / version
        past.dvc("get", "-q", ".", "data/notes", "--rev", f"notes@v{version}", "-o", str(target))
        assert len((target / "notes.jsonl").read_text().splitlines()) == count
    assert past.json("diff", "notes@1.0.0", "1.1.0")["records"]["added"] == 10
    assert past.json("status")["datasets"][0]["state"] == "clean"
    past.records("data/notes/notes.jsonl", numbered(41))
    assert past.json("bump", "notes")["version"] == "1.2.1"


def test_missing_objects_are_named_with_their_commits_and_nothing_is_done(past: Scratch) -> None:
    past.dvc("gc", "-q", "-f", "-w")
    error = leaves_no_trace(past, "add", "data/notes", "--history", code=40, kind="missing_data")
    second = past.git("log", "--format=%h", "--abbrev=10", "--grep=Ten more").strip()
    assert f"at 1 of 3 commits: {second} of 2024-02-01" in error["message"]
    assert "dvc fetch --all-commits" in error["hint"]


def test_data_that_differ_from_their_pointer_have_no_past_yet(past: Scratch) -> None:
    past.records("data/notes/notes.jsonl", numbered(60))
    error = leaves_no_trace(past, "add", "data/notes", "--history", code=20, kind="conflict")
    assert "is not what its pointer names" in error["message"]
    past.dvc("add", "-q", "data/notes")
    error = leaves_no_trace(past, "add", "data/notes", "--history", code=20, kind="conflict")
    assert error["message"] == "data/notes.dvc has changes that are not committed"


def test_a_clone_without_the_data_can_release_the_past_from_its_cache(
    past: Scratch, clone_of: Callable[..., Scratch]
) -> None:
    clone = clone_of(past)
    clone.refused("add", "data/notes", "--history", code=40, kind="missing_data")
    clone.dvc("cache", "dir", "--local", str(past.root / ".dvc/cache"))
    assert len(clone.json("add", "data/notes", "--history")["releases"]) == 3
    assert clone.git("status", "--porcelain") == ""


def test_records_that_break_a_promise_are_refused_with_their_commit(past: Scratch) -> None:
    error = leaves_no_trace(past, "add", "data/notes", "--history", "--key", "nothing", code=30, kind="key")
    first = past.git("log", "--format=%h", "--abbrev=10", "--grep=First notes").strip()
    assert error["message"].startswith(f"commit {first}: 40 records lack the key nothing")


def test_words_that_commits_say_are_not_given_and_data_without_a_past_is_told(past: Scratch) -> None:
    past.refused("add", "data/notes", "--history", "-m", "x", code=2, kind="usage")
    past.records("data/new.jsonl", numbered(3))
    error = past.refused("add", "data/new.jsonl", "--history", code=10, kind="no_path")
    assert "data/new.jsonl.dvc" in error["message"]


def test_numbers_start_where_they_are_told_to_or_above_tags_that_are_there(past: Scratch) -> None:
    past.git("tag", "-a", "-m", "x", "notes@v1.4.0")
    assert [each["version"] for each in past.json("add", "data/notes", "--history", "--dry-run")["releases"]] == [
        "2.0.0", "2.1.0", "2.2.0"
    ]  # fmt: skip
    document = past.json("add", "data/notes", "--history", "--dry-run", "--version", "0.1.0")
    assert [each["version"] for each in document["releases"]] == ["0.1.0", "0.2.0", "0.3.0"]


@pytest.mark.heavy
def test_a_killed_history_leaves_nothing_or_all_of_it(past: Scratch) -> None:
    dying = Path(__file__).parents[1] / "repository/dying.py"
    for command in ("commit-tree", "update-ref"):
        before = past.git("rev-parse", "HEAD")
        done = subprocess.run(
            [sys.executable, str(dying), command, "add", "data/notes", "--history"], cwd=past.root, check=False
        )
        assert done.returncode == -signal.SIGKILL
        past.dsv("status", code=0)
        past.dsv("tag", "--missing")
        assert past.git("rev-parse", "HEAD") == before
        assert past.git("status", "--porcelain") == ""
        assert past.git("tag").split() == []
    assert len(past.json("add", "data/notes", "--history")["releases"]) == 3


@pytest.mark.heavy
def test_the_past_of_what_a_stage_makes_is_that_of_dvc_lock(repo: Scratch, tmp_path: Path) -> None:
    repo.write("dvc.yaml", PIPELINE)
    repo.records("raw.jsonl", numbered(40))
    repo.dvc("repro", "-q")
    commit(repo, "Forty")
    repo.write("dvc.yaml", repo.read("dvc.yaml").replace("old:", "make:"))
    repo.dvc("repro", "-q")
    commit(repo, "Another name")
    repo.records("raw.jsonl", numbered(50))
    repo.dvc("repro", "-q")
    commit(repo, "Fifty")
    lock = repo.read("dvc.lock")
    released = repo.json("add", "notes.jsonl", "--history")["releases"]
    assert [(each["version"], each["manifest"]["summary"]) for each in released] == [
        ("1.0.0", "Forty"),
        ("1.1.0", "Fifty"),
    ]
    assert repo.read("dvc.lock") == lock
    assert repo.git("status", "--porcelain") == ""
    assert repo.dvc("status") == "Data and pipelines are up to date.\n"
    for version, count in (("1.0.0", 40), ("1.1.0", 50)):
        repo.dvc("get", "-q", ".", "notes.jsonl", "--rev", f"notes@v{version}", "-o", str(tmp_path / version))
        assert len((tmp_path / version).read_text().splitlines()) == count


# Several at once


@pytest.fixture
def several(repo: Scratch) -> Scratch:
    """A repository with data in three places, one of them tracked by DVC, one by git."""
    repo.records("data/one/a.jsonl", numbered(3))
    repo.records("data/two.jsonl", numbered(4))
    repo.records("data/three/a.jsonl", numbered(5))
    repo.write("data/README.md", "What is here")
    repo.dvc("add", "-q", "data/three")
    repo.git("add", "data/three.dvc", "data/.gitignore", "data/README.md")
    repo.git("commit", "-qm", "Three")
    return repo


def test_several_paths_become_a_dataset_each(several: Scratch) -> None:
    document = several.json("add", "data/one", "data/two.jsonl", "data/three", "-m", "First")
    assert [(each["dataset"], each["version"]) for each in document["releases"]] == [
        ("one", "1.0.0"), ("two", "1.0.0"), ("three", "1.0.0")
    ]  # fmt: skip
    assert several.git("status", "--porcelain") == ""
    assert several.dvc("status") == "Data and pipelines are up to date.\n"


def test_each_takes_what_lies_in_a_directory_and_goes_on_where_it_stopped(several: Scratch) -> None:
    several.dsv("add", "data/one")
    done = several.dsv("add", "--each", "data", "--json")
    assert [each["dataset"] for each in done.json["releases"]] == ["three", "two"]
    assert "data/README.md is left out: git tracks it" in done.stderr
    assert "data/one is the dataset one already" in done.stderr
    assert several.dsv("add", "--each", "data", "--json", code=10).error["kind"] == "no_path"


def test_one_that_is_bad_stops_them_all_before_the_first_and_is_named(several: Scratch) -> None:
    several.write("data/two.jsonl", "{not json\n")
    before = state_of(several)
    error = several.dsv("add", "--each", "data", "--json", code=30).error
    assert (error["kind"], "data/two.jsonl" in error["message"]) == ("record", True)
    assert state_of(several) == before
    several.records("data/zwei.jsonl", [{"id": 1}])
    error = leaves_no_trace(several, "add", "data/zwei.jsonl", "data/three", "--key", "text", code=30, kind="key")
    assert error["message"] == "1 record lacks the key text: data/zwei.jsonl record 1"


def test_two_that_cannot_both_be_are_refused(several: Scratch) -> None:
    several.records("other/one/a.jsonl", numbered(3))
    message = leaves_no_trace(several, "add", "data/one", "other/one", code=20, kind="exists")["message"]
    assert message == "other/one and data/one would both be named one"
    leaves_no_trace(several, "add", "data/one", "data", code=20, kind="overlap")
    several.refused("add", "data/one", "data/three", "--name", "x", code=2, kind="usage")
    several.refused("add", code=2, kind="usage")


def test_the_past_of_several(several: Scratch) -> None:
    several.records("data/three/a.jsonl", numbered(6))
    several.dvc("add", "-q", "data/three")
    several.dvc("add", "-q", "data/one")
    commit(several, "More")
    document = several.json("add", "data/one", "data/three", "--history")
    assert [(each["dataset"], each["version"]) for each in document["releases"]] == [
        ("one", "1.0.0"), ("three", "1.0.0"), ("three", "1.1.0")
    ]  # fmt: skip
