"""A team whose main branch nobody pushes to: pull requests, squash merges, and a pipeline that tags afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import Scratch, call, numbered

HOOK = """#!/bin/sh
while read old new ref; do
    if [ "$ref" = refs/heads/main ]; then
        echo "main is protected: open a pull request" >&2
        exit 1
    fi
done
"""


@dataclass(frozen=True)
class Team:
    """A server that refuses pushes to main, Ana's clone of it, and the storage for data."""

    hub: Path
    ana: Scratch
    storage: Path

    def clone(self, name: str, *options: str) -> Scratch:
        """Somebody's new clone, over git's own protocol so that a depth counts."""
        target = self.hub.parent / name
        call("git", "clone", "-q", *options, f"file://{self.hub}", str(target), cwd=self.hub.parent)
        return Scratch(target)

    def merge(self, branch: str, *, squash: bool) -> None:
        """What the server's button does."""
        server = self.clone(f"server-{branch}")
        how = ["--squash"] if squash else ["--no-ff", "--no-commit"]
        server.git("merge", "-q", *how, f"origin/{branch}")
        server.git("commit", "-q", "-m", f"Merge of {branch}")
        self.open_main()
        server.git("push", "-q", "origin", "main")
        self.protect_main()

    def protect_main(self) -> None:
        hook = self.hub / "hooks/pre-receive"
        hook.write_text(HOOK)
        hook.chmod(0o755)

    def open_main(self) -> None:
        (self.hub / "hooks/pre-receive").unlink(missing_ok=True)

    def tags(self) -> list[str]:
        return call("git", "tag", "--list", cwd=self.hub).split()


@pytest.fixture
def team(tmp_path: Path) -> Team:
    """`notes` at 1.0.0, published before main was protected."""
    hub = tmp_path / "hub.git"
    call("git", "init", "-q", "--bare", "-b", "main", str(hub), cwd=tmp_path)
    ana = Scratch(tmp_path / "ana")
    ana.root.mkdir()
    ana.dsv("init", "--git")
    ana.git("remote", "add", "origin", f"file://{hub}")
    ana.dsv("remote", "add", "storage", str(tmp_path / "storage"))
    ana.records("data/notes/train.jsonl", numbered(80))
    ana.records("data/notes/test.jsonl", numbered(20, start=80))
    ana.dsv("add", "data/notes", "--key", "id")
    ana.dsv("push")
    team = Team(hub, ana, tmp_path / "storage")
    team.protect_main()
    return team


def test_a_release_goes_through_a_pull_request_a_squash_merge_and_a_pipeline(team: Team, tmp_path: Path) -> None:
    ana = team.ana
    # Ana releases on a branch of her own, without a tag, and pushes it: the data goes first.
    ana.git("switch", "-q", "-c", "more-notes")
    ana.records("data/notes/more.jsonl", numbered(20, start=100))
    assert ana.json("bump", "notes", "--no-tag")["version"] == "1.1.0"
    pushed = ana.json("push")
    assert (pushed["branch"], pushed["tags"], pushed["remote"]) == ("more-notes", [], "storage")
    assert pushed["objects"] > 0
    # The server makes one commit of it. The pipeline on main has a clone of one commit, and no data.
    team.merge("more-notes", squash=True)
    pipeline = team.clone("pipeline", "--depth", "1", "--branch", "main")
    assert pipeline.json("tag", "--missing")["tags"] == ["notes@v1.0.0", "notes@v1.1.0"]
    assert pipeline.json("push", "--tags-only")["tags"] == ["notes@v1.1.0"]
    assert team.tags() == ["notes@v1.0.0", "notes@v1.1.0"]
    # Whoever comes later has the version, whatever their clone leaves out.
    wanted = ana.tree("data/notes")
    for name, options in (
        ("everything", ()),
        ("one-branch", ("--single-branch", "--branch", "main")),
        ("one-commit", ("--depth", "1", "--branch", "main")),
    ):
        clone = team.clone(name, *options)
        assert [each["version"] for each in clone.json("log", "notes")["versions"]] == ["1.1.0", "1.0.0"]
        pulled = clone.json("pull")
        assert [(each["ref"], each["files"]) for each in pulled["datasets"]] == [("notes@1.1.0", 3)]
        assert clone.tree("data/notes") == wanted
        assert clone.dvc("status") == "Data and pipelines are up to date.\n"
        assert clone.git("status", "--porcelain") == ""
        clone.dsv("fetch", "notes@1.0.0")
        clone.dsv("checkout", "notes@1.0.0")
        assert "more.jsonl" not in clone.tree("data/notes")
    plain = team.clone("plain", "--single-branch")
    plain.dvc("pull", "-q")
    assert plain.tree("data/notes") == wanted
    plain.dvc("get", str(team.hub), "data/notes", "--rev", "notes@v1.1.0", "-o", str(tmp_path / "got"))
    assert Scratch(tmp_path).tree("got") == wanted


def test_where_the_project_tags_on_merge_nobody_types_no_tag(team: Team) -> None:
    ana = team.ana
    ana.git("switch", "-q", "-c", "settings")
    ana.write("dsv.yaml", "schema: 1\nrelease: {tag: on-merge}\n")
    ana.git("commit", "-qam", "Tags are made after the merge")
    ana.records("data/words.jsonl", numbered(3))
    assert ana.json("add", "data/words.jsonl")["git_tag"] is None
    assert ana.json("push")["tags"] == []
    team.merge("settings", squash=False)
    pipeline = team.clone("pipeline", "--depth", "1", "--branch", "main")
    pipeline.dsv("tag", "--missing")
    assert pipeline.json("push", "--tags-only")["tags"] == ["words@v1.0.0"]
    # Run again, and by two pipelines at once, it has nothing to do.
    assert pipeline.json("push", "--tags-only")["tags"] == []
    again = team.clone("again", "--depth", "1", "--no-tags", "--branch", "main")
    again.git("commit", "-q", "--allow-empty", "-m", "Later")
    again.dsv("tag", "--missing")
    assert again.json("push", "--tags-only")["tags"] == []


def test_a_push_to_the_protected_branch_passes_the_servers_words_on(team: Team) -> None:
    ana = team.ana
    ana.records("data/notes/more.jsonl", numbered(20, start=100))
    ana.dsv("bump", "notes")
    error = ana.refused("push", code=50, kind="git")
    assert "origin refuses main: main is protected: open a pull request" in error["message"]
    assert "--no-tag" in error["hint"]
    assert "dsv push --tags-only" in error["hint"]
    assert team.tags() == ["notes@v1.0.0"]


def test_a_tag_on_a_commit_that_main_does_not_hold_is_left_out(team: Team) -> None:
    ana = team.ana
    ana.git("switch", "-q", "-c", "tagged")
    ana.records("data/notes/more.jsonl", numbered(20, start=100))
    ana.dsv("bump", "notes")
    left = ana.json("push", "--tags-only", "--branch", "main")
    assert (left["tags"], left["left_out"]) == ([], ["notes@v1.1.0"])
    assert (
        "notes@v1.1.0, whose commit is on no branch there" in ana.dsv("push", "--tags-only", "--branch", "main").stdout
    )
    assert team.tags() == ["notes@v1.0.0"]


def test_a_pipeline_behind_main_still_tags_what_it_has(team: Team) -> None:
    ana = team.ana
    ana.git("switch", "-q", "-c", "first")
    ana.records("data/notes/more.jsonl", numbered(20, start=100))
    ana.dsv("bump", "notes", "--no-tag")
    ana.dsv("push")
    team.merge("first", squash=True)
    pipeline = team.clone("pipeline", "--depth", "1", "--branch", "main")
    ana.git("switch", "-q", "-c", "second", "main")
    ana.write("README", "later\n")
    ana.git("add", "README")
    ana.git("commit", "-qm", "Later")
    ana.dsv("push")
    team.merge("second", squash=True)
    pipeline.dsv("tag", "--missing")
    assert pipeline.json("push", "--tags-only")["tags"] == ["notes@v1.1.0"]


def test_no_tag_is_published_whose_data_nobody_pushed(team: Team) -> None:
    ana = team.ana
    ana.git("switch", "-q", "-c", "hasty")
    ana.records("data/notes/more.jsonl", numbered(20, start=100))
    ana.dsv("bump", "notes", "--no-tag")
    ana.git("push", "-q", "origin", "hasty")
    team.merge("hasty", squash=True)
    pipeline = team.clone("pipeline", "--depth", "1", "--branch", "main")
    pipeline.dsv("tag", "--missing")
    error = pipeline.refused("push", "--tags-only", code=40, kind="missing_data")
    assert error["details"]["refs"] == ["notes@1.1.0"]
    assert team.tags() == ["notes@v1.0.0"]
    ana.dsv("push")
    assert pipeline.json("push", "--tags-only")["tags"] == ["notes@v1.1.0"]


def test_a_detached_head_names_the_branch(team: Team, clone_of: Callable[..., Scratch]) -> None:
    pipeline = team.clone("pipeline")
    pipeline.git("checkout", "-q", "--detach")
    assert pipeline.json("push", "--tags-only")["tags"] == []
    pipeline.refused("push", "--tags-only", "--branch", "nowhere", code=10, kind="no_remote")
    pipeline.refused("push", code=2, kind="usage")
    pipeline.refused("push", "--branch", "+main:x", code=2, kind="usage")
    assert pipeline.json("push", "--branch", "from-the-pipeline")["branch"] == "from-the-pipeline"
