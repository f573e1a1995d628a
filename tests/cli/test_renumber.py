"""`dsv bump --renumber`: two clones released one number; the second gets the next one, and keeps what it is."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

import dsv
from tests.conftest import Scratch, call, numbered
from tests.repository.test_journal import killed_before


@dataclass(frozen=True)
class Two:
    """Two clones of one repository, in which `notes` 1.0.0 is published, and the git repository that both push to."""

    ana: Scratch
    ben: Scratch
    hub: Path

    def published(self) -> list[str]:
        """The branches and tags of the git remote."""
        return call("git", "for-each-ref", "--format=%(refname:short)", cwd=self.hub).split()


@pytest.fixture(scope="module")
def _pair(tmp_path_factory: pytest.TempPathFactory, _templates: dict[str, Path]) -> Path:
    top = tmp_path_factory.mktemp("pair")
    call("git", "init", "-q", "--bare", "-b", "main", "hub.git", cwd=top)
    shutil.copytree(_templates["released"], top / "ana", symlinks=True)
    ana = Scratch(top / "ana")
    ana.git("remote", "add", "origin", "../hub.git")
    ana.dsv("remote", "add", "storage", "../storage")
    ana.dsv("push")
    call("git", "clone", "-q", "hub.git", "ben", cwd=top)
    call("git", "remote", "set-url", "origin", "../hub.git", cwd=top / "ben")
    Scratch(top / "ben").dsv("pull")
    return top


@pytest.fixture(scope="module")
def _collision(tmp_path_factory: pytest.TempPathFactory, _pair: Path) -> Path:
    both = _copied(_pair, tmp_path_factory.mktemp("collision"))
    assert release(both.ana, more=12, start=200, words=("-m", "Ana's")) == "1.1.0"
    both.ana.dsv("push")
    assert release(both.ben, more=25, start=500, words=("-m", "Ben's", "--tag", "good", "--meta", "kind=a")) == "1.1.0"
    return both.hub.parent


@pytest.fixture
def two(tmp_path: Path, _pair: Path) -> Two:
    """Ana and Ben have `notes` 1.0.0."""
    return _copied(_pair, tmp_path)


@pytest.fixture
def collided(tmp_path: Path, _collision: Path) -> Two:
    """Both have released a 1.1.0, Ana with 12 more records, Ben with 25; Ana has pushed hers."""
    return _copied(_collision, tmp_path)


def _copied(template: Path, target: Path) -> Two:
    for each in template.iterdir():
        shutil.copytree(each, target / each.name, symlinks=True)
    for name in ("ana", "ben"):
        call("git", "update-index", "-q", "--refresh", cwd=target / name)
    return Two(Scratch(target / "ana"), Scratch(target / "ben"), target / "hub.git")


def release(clone: Scratch, *, more: int, start: int, words: tuple[str, ...] = ()) -> str:
    """The number of a release with more records than before, whose ids begin at a number."""
    file = clone.root / "data/notes/train.jsonl"
    before = file.read_bytes()
    clone.records("data/notes/train.jsonl", numbered(more, start=start))
    file.write_bytes(before + file.read_bytes())
    return str(clone.json("bump", "notes", *words)["version"])


def everything(clone: Scratch) -> tuple[str, ...]:
    """What a person sees of the repository: commits and tags, changes, files."""
    data = str(sorted(clone.tree("data").items()) + sorted(clone.tree("manifests").items()))
    return clone.git("show-ref", "--head"), clone.git("status", "--porcelain"), data


def test_the_second_of_two_that_gave_one_number_is_refused_and_becomes_the_next_version(collided: Two) -> None:
    two = collided
    mine = two.ben.json("show", "notes@1.1.0")
    before = two.published()
    error = two.ben.refused("push", code=20, kind="published")
    assert error["hint"] == "dsv bump notes --renumber makes yours the next version"
    assert two.published() == before

    would = two.ben.json("bump", "notes", "--renumber", "--dry-run")
    assert (would["version"], would["was"], would["commit"]) == ("1.2.0", "1.1.0", None)
    assert two.ben.git("status", "--porcelain", "--branch").startswith("## main...origin/main [ahead 1, behind 1]")
    done = two.ben.dsv("bump", "notes", "--renumber")
    assert done.stdout.splitlines()[0] == "notes 1.2.0 released, minor, was 1.1.0"
    loss, both = done.stderr.splitlines()[-2:]
    assert loss.startswith("dsv: notes@1.2.0 has the data that notes@1.1.0 had here, without what origin/main released")
    assert loss.endswith("meanwhile: notes@1.1.0 (12 added)")
    assert both == "dsv: to have both: dsv merge notes@1.1.0, then dsv bump notes"
    assert two.ben.git("status", "--porcelain") == ""
    assert two.ben.json("status", "notes")["datasets"][0]["state"] == "clean"

    again = two.ben.json("show", "notes@1.2.0")
    kept = ("data", "splits", "digests", "summary", "tags", "metadata", "fields", "key")
    assert {name: again[name] for name in kept} == {name: mine[name] for name in kept}
    assert again["change"]["previous"] == "1.1.0"
    assert (again["change"]["records"]["added"], again["change"]["records"]["removed"]) == (25, 12)
    assert [each["ref"] for each in again["lineage"]] == ["notes@1.1.0"]
    assert two.ben.json("show", "notes@1.1.0")["summary"] == "Ana's"
    assert two.ben.json("check", "--base", "origin/main")["ok"]
    assert two.ben.json("doctor")["ok"]
    assert two.ben.json("push")["tags"] == ["notes@v1.2.0"]

    merged = two.ben.json("merge", "notes@1.1.0")["datasets"]
    assert merged[0]["from_theirs"] == {"added": 12, "removed": 0, "modified": 0, "moved": 0}
    assert two.ben.json("diff", "notes")["records"]["added"] == 12
    assert two.ben.json("bump", "notes")["manifest"]["data"]["records"] == 137
    assert two.ben.json("push")["tags"] == ["notes@v1.2.1"]

    two.ana.git("pull", "-q", "origin", "main")
    assert two.ana.json("pull")["datasets"][0]["ref"] == "notes@1.2.1"
    assert two.ana.tree("data/notes") == two.ben.tree("data/notes")
    assert two.ana.json("verify", "notes")["ok"]


def test_what_else_was_committed_comes_along_and_refers_to_the_new_numbers(two: Two) -> None:
    release(two.ana, more=12, start=200)
    two.ana.write("theirs.py", "theirs\n")
    two.ana.git("add", "theirs.py")
    two.ana.git("commit", "-qm", "Their code")
    two.ana.dsv("push")
    ben = two.ben
    release(ben, more=15, start=500)
    ben.write("ours.py", "ours\n").chmod(0o755)
    ben.git("add", "ours.py")
    ben.git("commit", "-qm", "Our code", "--author", "Cem <cem@example.com>", "--date", "2026-01-02T03:04:05Z")
    release(ben, more=15, start=600)
    ben.dsv("promote", "notes@1.1.0", "prod", "--reason", "notes 1.1.0 is good")
    ben.records("data/words.jsonl", numbered(3))
    ben.dsv("add", "data/words.jsonl", "--from", "notes@1.2.0:derive")
    ben.git("tag", "mine", "HEAD~1")
    ben.write("README", "not committed\n")
    ben.write("dvc.yaml", "# not committed\n" + ben.read("dvc.yaml"))
    index = ben.root / "manifests/notes/index"
    ben.git("stash", "-q", "--include-untracked")
    done = ben.dsv("bump", "notes", "--renumber")
    ben.git("stash", "pop", "-q")
    assert "3 other commits upon origin/main as well" in done.stdout
    assert "the tag mine still names" in done.stderr
    log = ben.git("log", "--reverse", "--format=%s|%an|%aI", "origin/main..").splitlines()
    assert [line.split(":")[0] for line in log[:1]] == ["notes 1.2.0"]
    assert log[1] == "Our code|Cem|2026-01-02T03:04:05+00:00"
    assert [line.split("|")[0] for line in log[2:]] == [
        "notes 1.3.0: 15 added of 115",
        "Promote notes 1.2.0 to prod: notes 1.2.0 is good",
        "words 1.0.0: 3 records in 1 file",
    ]
    assert [each["ref"] for each in ben.json("show", "words")["lineage"]] == ["notes@1.3.0"]
    assert ben.json("show", "notes@prod")["version"] == "1.2.0"
    tags = ben.git("for-each-ref", "--format=%(refname:short) %(*objectname)", "refs/tags").splitlines()
    named = dict(line.split(" ") for line in tags if not line.startswith("mine"))
    assert named["notes@v1.2.0"] == named["notes#prod#1"] == ben.git("rev-parse", "HEAD~4").strip()
    assert named["words@v1.0.0"] == ben.git("rev-parse", "HEAD").strip()
    assert (ben.root / "ours.py").stat().st_mode & 0o111
    assert ben.read("theirs.py") == "theirs\n"
    assert sorted(path.name for path in index.iterdir()) == ["1.0.0", "1.3.0"]
    assert ben.git("status", "--porcelain") == " M dvc.yaml\n?? README\n"
    ben.git("checkout", "-q", "dvc.yaml")
    assert ben.json("check", "--base", "origin/main")["ok"]
    assert ben.json("push")["tags"] == ["notes@v1.2.0", "notes@v1.3.0", "notes#prod#1", "words@v1.0.0"]


def test_a_number_that_only_a_tag_there_has_is_taken_all_the_same(two: Two) -> None:
    two.ana.git("switch", "-q", "-c", "side")
    release(two.ana, more=12, start=200)
    two.ana.dsv("push")
    release(two.ben, more=15, start=500)
    two.ben.refused("push", code=20, kind="published")
    again = two.ben.json("bump", "notes", "--renumber")
    assert (again["version"], again["manifest"]["change"]["previous"]) == ("1.2.0", "1.0.0")
    assert two.ben.json("push")["tags"] == ["notes@v1.2.0"]


def test_versions_without_tags_are_renumbered_too(two: Two) -> None:
    release(two.ana, more=12, start=200, words=("--no-tag",))
    two.ana.dsv("push")
    release(two.ben, more=25, start=500, words=("--no-tag",))
    error = two.ben.refused("push", code=20, kind="published")
    assert error["message"] == "origin/main has another notes@1.1.0"
    again = two.ben.json("bump", "notes", "--renumber")
    assert (again["version"], again["git_tag"]) == ("1.2.0", None)
    assert two.ben.json("push")["moved"]


def test_the_same_data_released_by_both_is_one_version(two: Two) -> None:
    release(two.ana, more=12, start=200)
    two.ana.dsv("push")
    release(two.ben, more=12, start=200, words=("-m", "Ben's"))
    said = two.ben.json("bump", "notes", "--renumber")
    assert (said["releases"], said["same"]) == ([], {"notes@1.1.0": "notes@1.1.0"})
    assert two.ben.git("rev-parse", "HEAD", "notes@v1.1.0") == two.ana.git("rev-parse", "HEAD", "notes@v1.1.0")
    assert two.ben.git("status", "--porcelain") == ""
    assert two.ben.json("verify", "--all")["ok"]


@pytest.mark.parametrize("command", ["merge", pytest.param("rebase", marks=pytest.mark.heavy)])
def test_who_pulled_first_is_told_how_to_get_out_of_the_conflict(collided: Two, command: str) -> None:
    two = collided
    two.ben.git("fetch", "-q")
    two.ben.git(command, "origin/main", check=False)
    error = two.ben.refused("bump", "notes", "--renumber", code=20, kind="in_progress")
    assert error["hint"] == f"git {command} --abort, then dsv bump notes --renumber: the data stays"
    two.ben.git(command, "--abort")
    assert two.ben.json("bump", "notes", "--renumber")["version"] == "1.2.0"


def test_what_cannot_be_carried_over_is_refused_with_nothing_changed(collided: Two) -> None:
    two = collided
    for clone in (two.ana, two.ben):
        clone.write("train.py", f"for = '{clone.root.name}'\n")
        clone.git("add", "train.py")
        clone.git("commit", "-qm", "Code")
    two.ana.git("push", "-q", "origin", "main")
    two.ben.git("fetch", "-q", "--no-tags")
    before = everything(two.ben)
    error = two.ben.refused("bump", "notes", "--renumber", code=20, kind="conflict")
    assert "(Code) and origin/main both changed train.py" in error["message"]
    assert everything(two.ben) == before


@pytest.mark.heavy
def test_changes_that_no_commit_holds_are_not_overwritten(collided: Two) -> None:
    two = collided
    two.ana.write("new.py", "theirs\n")
    two.ana.write(".dvcignore", "*.tmp\n")
    two.ana.git("add", "new.py", ".dvcignore")
    two.ana.git("commit", "-qm", "New")
    two.ana.git("push", "-q", "origin", "main")
    two.ben.git("fetch", "-q", "--no-tags")
    for path, what in (("new.py", "in the way"), (".dvcignore", "not committed")):
        two.ben.write(path, "mine\n")
        before = everything(two.ben)
        assert what in two.ben.refused("bump", "notes", "--renumber", code=20, kind="conflict")["message"]
        assert everything(two.ben) == before
        two.ben.git("clean", "-qf", path)
        two.ben.git("checkout", "-q", "--", ".")
    two.ben.write("scratch.py", "mine\n")
    two.ben.records("data/notes/later.jsonl", numbered(2, start=900))
    two.ben.dsv("bump", "notes", "--renumber")
    assert two.ben.git("status", "--porcelain") == "?? scratch.py\n"
    assert two.ben.json("status", "notes")["datasets"][0]["state"] == "changed"
    assert two.ben.read("new.py") == "theirs\n"


def test_where_no_number_is_taken_or_the_version_is_published_nothing_happens(two: Two) -> None:
    two.ben.refused("bump", "notes", "--renumber", code=20, kind="nothing_changed")
    release(two.ben, more=25, start=500)
    error = two.ben.refused("bump", "notes", "--renumber", code=20, kind="nothing_changed")
    assert error["message"] == "notes@1.1.0 has no number that origin/main has given to another"
    two.ben.refused("bump", "notes", "--renumber", "-m", "Other words", code=2, kind="usage")
    two.ben.git("push", "-q", "origin", "HEAD:side")
    release(two.ana, more=12, start=200)
    two.ana.dsv("push")
    error = two.ben.refused("bump", "notes", "--renumber", code=20, kind="published")
    assert "origin/side holds it" in error["message"]


def test_killed_before_the_refs_move_it_is_undone(collided: Two) -> None:
    ben = collided.ben
    ben.git("fetch", "-q", "--no-tags")
    before = everything(ben)
    killed_before("update-ref", ben, "bump", "notes", "--renumber")
    assert (ben.root / ".git/dsv/journal.json").exists()
    assert ben.dsv("list").stderr == "dsv: undid the renumbering of notes 1.1.0 that was interrupted\n"
    assert everything(ben) == before
    assert ben.json("bump", "notes", "--renumber")["version"] == "1.2.0"


def test_without_the_remote_what_is_known_of_it_decides(collided: Two) -> None:
    two = collided
    two.ben.git("fetch", "-q")
    two.hub.rename(two.hub.with_name("gone"))
    repo = dsv.open(two.ben.root)
    assert [str(each.version) for each in repo.renumber("notes").releases] == ["1.2.0"]
