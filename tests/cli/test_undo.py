"""`dsv undo`: the last release taken back, as long as nobody else can have it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.conftest import call, numbered


@pytest.fixture
def two(released):
    """The dataset `notes` at 1.0.0 and 1.0.1, which has a record more."""
    released.records("data/notes/train.jsonl", [*numbered(80), *numbered(1, start=100)])
    released.dsv("bump", "notes", "-m", "One more")
    return released


def is_as_before(repo, head):
    """Whether nothing came of it."""
    return repo.git("rev-parse", "HEAD") == head and repo.git("status", "--porcelain") == ""


def test_the_version_is_gone_and_its_data_unreleased(two):
    before = two.git("rev-parse", "HEAD~1").strip()
    data = two.tree("data/notes")
    document = two.json("undo", "notes@1.0.1")
    assert (document["version"], document["git_tag"], document["commit"]) == ("1.0.1", "notes@v1.0.1", before)
    assert two.git("rev-parse", "HEAD").strip() == before
    assert two.git("status", "--porcelain") == ""
    assert two.git("tag").split() == ["notes@v1.0.0"]
    assert two.tree("data/notes") == data
    status = two.json("status", "notes")["datasets"][0]
    assert (status["state"], status["base"], status["suggested"]["version"]) == ("changed", "1.0.0", "1.0.1")
    assert [each["version"] for each in two.json("log", "notes")["versions"]] == ["1.0.0"]
    assert two.json("check")["ok"]
    assert "modified" in two.dvc("status")
    assert two.json("bump", "notes")["version"] == "1.0.1"


def test_a_first_version_leaves_its_declaration(released):
    head = released.git("rev-parse", "HEAD~1")
    released.dsv("undo", "notes")
    assert released.git("rev-parse", "HEAD") == head
    assert "key: [id]" in released.read("manifests/notes/dataset.yaml")
    assert (released.root / "data/notes/train.jsonl").exists()
    assert not (released.root / "data/notes.dvc").exists()
    assert released.json("status", "notes")["datasets"][0]["state"] == "new"
    assert released.json("add", "data/notes")["manifest"]["key"] == ["id"]


def test_what_git_forgot_for_the_release_it_has_again(repo):
    repo.records("data/notes/a.jsonl", numbered(3))
    repo.git("add", "-A")
    repo.git("commit", "-qm", "In git")
    repo.dsv("add", "data/notes", "--untrack")
    repo.dsv("undo", "notes")
    assert repo.git("ls-files", "data").split() == ["data/notes/a.jsonl"]
    assert repo.git("status", "--porcelain") == "?? manifests/notes/\n"


def test_the_user_s_own_work_stays(two):
    two.write("mine.txt", "staged\n")
    two.git("add", "mine.txt")
    two.write("dsv.yaml", two.read("dsv.yaml") + "# mine\n")
    two.dsv("undo", "notes")
    assert two.git("status", "--porcelain") == " M dsv.yaml\nA  mine.txt\n"


def test_changes_in_its_own_files_are_not_overwritten(two):
    two.write("dvc.yaml", two.read("dvc.yaml") + "# mine\n")
    two.write("manifests/notes/1.0.1.dvc", two.read("manifests/notes/1.0.1.dvc") + "# mine\n")
    head = two.git("rev-parse", "HEAD")
    two.refused("undo", "notes", code=20, kind="conflict")
    assert two.git("rev-parse", "HEAD") == head


@pytest.mark.parametrize("known", ["branch", "asked"])
def test_what_a_remote_has_is_not_undone(two, tmp_path, known):
    call("git", "init", "-q", "--bare", str(tmp_path / "there.git"), cwd=tmp_path)
    two.git("remote", "add", "origin", str(tmp_path / "there.git"))
    two.git("push", "-q", "origin", "main" if known == "branch" else "notes@v1.0.1")
    head = two.git("rev-parse", "HEAD")
    error = two.refused("undo", "notes@1.0.1", code=20, kind="published")
    assert "dsv yank notes@1.0.1" in error["hint"]
    assert is_as_before(two, head)


def test_a_remote_that_does_not_answer_is_told_of(two, tmp_path):
    two.git("remote", "add", "origin", str(tmp_path / "nowhere.git"))
    said = two.dsv("undo", "notes@1.0.1")
    assert "what is known of it here decides" in said.stderr


def test_only_the_last_commit_is_taken_back(two):
    head = two.git("rev-parse", "HEAD")
    two.refused("undo", "notes@1.0.0", code=20, kind="conflict")
    assert is_as_before(two, head)
    two.git("branch", "other")
    two.refused("undo", "notes@1.0.1", code=20, kind="conflict")
    two.git("branch", "-D", "other")
    two.git("commit", "-q", "--allow-empty", "-m", "Later")
    two.refused("undo", "notes@1.0.1", code=20, kind="conflict")
    two.refused("undo", "notes@9.0.0", code=10, kind="no_version")


def test_a_version_without_a_tag_is_undone_too(two):
    two.records("data/notes/test.jsonl", [*numbered(20, start=80), *numbered(1, start=300)])
    two.dsv("bump", "notes", "--no-tag")
    assert two.json("undo", "notes@1.0.2")["git_tag"] is None
    assert two.json("status", "notes")["datasets"][0]["state"] == "changed"


def test_the_index_that_grew_is_one_made_anew(two):
    two.json("list")
    two.dsv("undo", "notes")
    grown = (two.json("list", "--all"), two.json("log"))
    two.dsv("index", "rebuild")
    assert (two.json("list", "--all"), two.json("log")) == grown


@pytest.mark.parametrize("step", [0, 2, 5, 8, 11, 13, 14, 15, 16, 18])
def test_killed_anywhere_it_is_done_or_not_done(two, step):
    """From the writing of the journal on."""
    program = (
        "import os, sys\n"
        "seen = None\n"
        "def look(event, arguments):\n"
        "    global seen\n"
        "    path = arguments[0] if arguments else ''\n"
        "    if seen is None and 'journal.json' in str(path) and event == 'os.rename': seen = -1\n"
        "    writes = event == 'open' and isinstance(path, str) and arguments[2] & (os.O_WRONLY | os.O_RDWR)\n"
        "    if seen is not None and (writes or event in ('os.rename', 'os.remove', 'os.link', 'subprocess.Popen')):\n"
        "        seen += 1\n"
        f"        if seen == {step}: os._exit(9)\n"
        "from dsv.cli.app import run\n"
        "import dsv.operations.undo, dsv.repository.writing.taking_back\n"
        "sys.addaudithook(look)\n"
        "sys.exit(run(['undo', 'notes']))\n"
    )
    head = two.git("rev-parse", "HEAD")
    done = subprocess.run([sys.executable, "-c", program], cwd=two.root, capture_output=True, check=False)
    assert done.returncode == 9, done.stderr
    versions = [each["version"] for each in two.json("log", "notes")["versions"]]
    undone = versions == ["1.0.0"]
    assert undone == (two.git("rev-parse", "HEAD") != head)
    assert undone == ("notes@v1.0.1" not in two.git("tag"))
    assert two.git("status", "--porcelain") == ""
    assert two.json("status", "notes")["datasets"][0]["state"] == ("changed" if undone else "clean")
    assert two.json("check")["ok"]
