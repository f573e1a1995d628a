"""`dsv move`: the data at another path, and everything that names it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.conftest import numbered


@pytest.fixture
def two(released):
    """The dataset `notes` at 1.0.0 and 1.0.1, which has a record more."""
    released.records("data/notes/train.jsonl", [*numbered(80), *numbered(1, start=100)])
    released.dsv("bump", "notes", "-m", "One more")
    return released


def test_everything_follows_in_one_commit(two):
    before = two.git("rev-parse", "HEAD").strip()
    data = two.tree("data/notes")
    document = two.json("move", "notes", "corpora/letters")
    assert (document["event"], document["path"]) == ("move", "corpora/letters")
    assert document["data"] == {"from": "data/notes", "to": "corpora/letters"}
    assert two.git("rev-parse", "HEAD~1").strip() == before
    assert two.git("status", "--porcelain") == ""
    assert two.tree("corpora/letters") == data
    assert not (two.root / "data").exists()
    assert two.read("corpora/.gitignore") == "/letters\n"
    assert "path: corpora/letters" in two.read("dvc.yaml")
    assert "path: corpora/letters" in two.read("manifests/notes/dataset.yaml")
    assert two.json("status", "notes")["datasets"][0]["state"] == "clean"
    assert "Data and pipelines are up to date" in two.dvc("status")
    assert two.json("check")["ok"]
    two.refused("move", "notes", "corpora/letters", code=20, kind="nothing_changed")


def test_versions_from_before_are_checked_out_where_the_data_lies_now(two):
    two.dsv("move", "notes", "letters")
    assert two.json("checkout", "notes@1.0.0")["datasets"][0]["path"] == "letters"
    assert len(two.read("letters/train.jsonl").splitlines()) == 80
    assert two.json("status", "notes")["datasets"][0]["at"] == "1.0.0"
    assert not (two.root / "data/notes").exists()
    assert two.json("diff", "notes@1.0.0", "1.0.1")["records"]["added"] == 1
    two.dsv("checkout", "notes")
    two.records("letters/test.jsonl", [*numbered(20, start=80), *numbered(1, start=200)])
    done = two.json("bump", "notes")
    assert (done["version"], done["manifest"]["data"]["path"]) == ("1.0.2", "letters")
    assert two.json("rollback", "notes", "1.0.0")["version"] == "1.0.3"
    assert two.git("status", "--porcelain") == ""


def test_unreleased_data_moves_as_it_is(two):
    two.records("data/notes/test.jsonl", numbered(3))
    data = two.tree("data/notes")
    two.dsv("move", "notes", "letters")
    assert two.tree("letters") == data
    assert two.json("status", "notes")["datasets"][0]["state"] == "changed"


def test_what_people_wrote_stays(two):
    declaration = two.read("manifests/notes/dataset.yaml").replace("name: notes", "name: notes  # ours")
    two.write("manifests/notes/dataset.yaml", declaration)
    two.write("data/notes.dvc", two.read("data/notes.dvc") + "desc: our notes\n")
    two.write("data/.gitignore", two.read("data/.gitignore") + "*.tmp\n")
    two.git("commit", "-qam", "By hand")
    two.write("data/.gitignore", two.read("data/.gitignore") + "*.bak\n")
    two.dsv("move", "notes", "letters")
    assert "name: notes  # ours" in two.read("manifests/notes/dataset.yaml")
    assert "desc: our notes" in two.read("letters.dvc")
    assert two.read("data/.gitignore") == "*.tmp\n*.bak\n"
    assert two.git("show", "HEAD:data/.gitignore") == "*.tmp\n"
    assert two.git("status", "--porcelain") == " M data/.gitignore\n"


def test_the_merge_driver_follows_the_pointer(two):
    two.dsv("init", "--merge-driver")
    before = two.read(".gitattributes")
    pointers = [line.split()[0] for line in before.splitlines()]
    two.dsv("move", "notes", "store/notes")
    assert (
        two.read(".gitattributes").split()
        == "".join(
            f"{each} merge=dsv\n" for each in sorted({*pointers, "store/notes.dvc"} - {"data/notes.dvc"})
        ).split()
    )
    assert two.git("status", "--porcelain") == ""
    assert two.git("show", "HEAD:.gitattributes") == two.read(".gitattributes")


def test_a_single_file_keeps_its_records_under_another_name(repo):
    repo.records("data/notes.jsonl", numbered(5))
    repo.dsv("add", "data/notes.jsonl")
    said = repo.dsv("move", "notes", "data/letters.jsonl")
    assert "the name of a single file is part of its version" in said.stderr
    status = repo.json("status", "notes")["datasets"][0]
    assert (status["state"], status["files"]["renamed"]) == ("changed", 1)
    repo.dsv("checkout", "notes@1.0.0")
    assert len(repo.read("data/letters.jsonl").splitlines()) == 5
    assert not (repo.root / "data/notes.jsonl").exists()
    assert repo.json("bump", "notes")["level"] == "patch"


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("path", "code", "kind"),
    [
        ("../elsewhere", 30, "outside"),
        ("data/notes/inner", 20, "overlap"),
        ("data", 20, "overlap"),
        ("data/papers", 20, "exists"),
        ("data/papers/inner", 20, "overlap"),
        ("manifests/data", 20, "overlap"),
        ("src", 20, "exists"),
        (".dvc/x", 30, "unsupported_file"),
        ("hidden/notes", 30, "unsupported_file"),
    ],
)
def test_a_place_that_is_not_free_is_refused_with_nothing_moved(two, path, code, kind):
    two.records("data/papers/a.jsonl", numbered(2))
    two.dsv("add", "data/papers")
    two.write("src/main.py", "")
    two.write(".gitignore", "/hidden\n")
    two.git("add", "-A")
    two.git("commit", "-qm", "More")
    before = two.git("rev-parse", "HEAD")
    two.refused("move", "notes", path, code=code, kind=kind)
    assert two.git("rev-parse", "HEAD") == before
    assert two.git("status", "--porcelain") == ""
    assert (two.root / "data/notes/train.jsonl").exists()


def test_a_pointer_with_changes_is_left_alone(two):
    two.dsv("checkout", "notes@1.0.0")
    two.refused("move", "notes", "letters", code=20, kind="conflict")
    assert (two.root / "data/notes").exists()


def test_a_dataset_whose_data_is_not_here_moves_too(two, clone_of):
    clone = clone_of(two)
    clone.dsv("move", "notes", "letters")
    assert clone.git("status", "--porcelain") == ""
    assert clone.json("status", "notes")["datasets"][0]["path"] == "letters"


@pytest.mark.parametrize("when", ["update-ref", "rename"])
def test_killed_at_the_worst_moment_the_next_command_finishes_or_undoes_it(two, when):
    """Before the refs move, and between that and the data."""
    program = (
        "import os, sys\n"
        "def look(event, arguments):\n"
        "    refs = event == 'subprocess.Popen' and 'update-ref' in arguments[1]\n"
        "    data = event == 'os.rename' and str(arguments[0]).endswith('data/notes')\n"
        f"    if {'refs' if when == 'update-ref' else 'data'}: os._exit(9)\n"
        "sys.addaudithook(look)\n"
        "from dsv.cli.app import run\n"
        "sys.exit(run(['move', 'notes', 'letters']))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=two.root, capture_output=True, check=False)
    assert done.returncode == 9
    said = two.dsv("status", "notes")
    moved = when == "rename"
    assert ("finished the move of notes" if moved else "undid the move of notes") in said.stderr
    assert (two.root / ("letters" if moved else "data/notes") / "train.jsonl").exists()
    assert two.json("status", "notes")["datasets"][0]["state"] == "clean"
    assert two.git("status", "--porcelain") == ""
