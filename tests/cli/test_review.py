"""`dsv check --base REV --as markdown|html`: what a pull request does to datasets, as its reviewers read it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

import dsv
from dsv.errors import NoVersionError
from dsv.exports.review import Kind, Verdict
from tests.conftest import Scratch, call, numbered
from tests.plain_dvc import plain_dvc


@pytest.fixture(scope="module")
def _proposed(tmp_path_factory: pytest.TempPathFactory, _templates: dict[str, Path]) -> Path:
    """`notes` on a branch: 1.1.0 and 1.1.1 released, more data without a release, and 1.0.0 yanked."""
    root = tmp_path_factory.mktemp("review") / "repo"
    shutil.copytree(_templates["released"], root, symlinks=True)
    made = Scratch(root)
    made.git("checkout", "-q", "-b", "change")
    made.write("manifests/notes/dataset.yaml", made.read("manifests/notes/dataset.yaml") + "label_fields: [kind]\n")
    made.git("commit", "-qam", "Count kinds")
    train = [*numbered(20, kind="question"), *numbered(60, start=20)]
    train[7]["text"] = "words of 7"
    made.records("data/notes/train.jsonl", train[5:])
    made.dsv("bump", "notes", "-m", "Questions are marked, five duplicates are gone.")
    made.git("branch", "one-version")
    train[8]["text"] = "another text"
    made.records("data/notes/train.jsonl", train[5:])
    made.dsv("bump", "notes", "-m", "One text")
    made.dsv("yank", "notes@1.0.0", "--reason", "No kinds")
    made.records("data/notes/train.jsonl", train)
    assert plain_dvc("add", "data/notes", cwd=root).returncode == 0
    made.git("commit", "-qam", "Five more")
    return root


@pytest.fixture
def proposed(tmp_path: Path, _proposed: Path) -> Scratch:
    """A copy of it."""
    shutil.copytree(_proposed, tmp_path / "repo", symlinks=True)
    return Scratch(tmp_path / "repo")


def test_a_review_tells_each_version_and_data_that_has_none(proposed: Scratch) -> None:
    found = dsv.open(proposed.root).review(base="main")
    assert found.verdict is Verdict.UNRELEASED
    (notes,) = found.datasets
    assert [(each.kind, each.old, each.new, each.follows) for each in notes.changes] == [
        (Kind.UNRELEASED, "notes@1.1.1", "notes@work", "1.1.2"),
        (Kind.RELEASE, "notes@1.1.0", "notes@1.1.1", ""),
        (Kind.RELEASE, "notes@1.0.0", "notes@1.1.0", ""),
    ]
    assert [(event.event, str(event.version)) for event in notes.events] == [("yank", "1.0.0")]
    assert list(notes.settings) == ["label_fields"]
    data, second, first = notes.changes
    assert [each.kind for each in data.examples] == ["added"] * 5
    assert [(each.kind, each.key) for each in second.examples] == [("modified", ["r8"])]
    assert [each.kind for each in first.examples] == ["modified"] * 5 + ["removed"] * 5
    assert first.changed == 20
    assert [(each.split, each.counts.removed) for each in first.breakdown.splits] == [("test", 0), ("train", 5)]
    assert not any(change.lacks for change in notes.changes)
    document = found.document()
    assert document["datasets"][0]["changes"][1]["records"]["modified"] == 1
    assert document["checks"]["ok"] is True


def test_a_comment_and_a_page_are_written(proposed: Scratch) -> None:
    said = proposed.dsv("check", "--base", "main", "--as", "markdown").stdout
    assert said.splitlines()[1].endswith("Data changed without a release: `notes` (1.1.2 would follow)")
    assert "`dsv bump notes` releases it." in said
    assert "+ text: {+another+} text" in said or "+ text: {+another text+}" in said
    page = proposed.dsv("check", "--base", "main", "--as", "html").stdout
    assert page.startswith("<!DOCTYPE html>")
    assert "question" in page


def test_the_example_of_the_documentation_is_what_is_written(proposed: Scratch) -> None:
    proposed.git("checkout", "-q", "-f", "one-version")
    said = proposed.dsv("check", "--base", "main", "--as", "markdown").stdout
    page = Path("docs/reviewing.md").read_text(encoding="utf-8")
    example = re.search(r"^````markdown\n(.*?)^````$", page, re.MULTILINE | re.DOTALL)
    assert example is not None
    places = [said.index(part) for part in example[1].split("…\n")]  # which stands for lines that are left out there
    assert places == sorted(places)


def test_without_content_no_data_is_read_or_told(proposed: Scratch) -> None:
    shutil.rmtree(proposed.root / "data")
    for form in ("markdown", "html"):
        said = proposed.dsv("check", "--base", "main", "--as", form, "--no-content").stdout
        assert not re.search("question|r[0-9]|jsonl|another", said)
        assert "Data is withheld" in said
        assert "value 1" in said


def test_a_checkout_without_data_says_what_is_not_shown_and_what_brings_it(proposed: Scratch, tmp_path: Path) -> None:
    call("git", "clone", "-q", str(proposed.root), str(tmp_path / "clone"), cwd=tmp_path)
    clone = Scratch(tmp_path / "clone")
    said = clone.dsv("check", "--base", "origin/main", "--as", "markdown").stdout
    assert "| `notes` | `1.0.0` → **`1.1.0`** | minor | 100 → 95 | 5 removed, 15 modified |" in said
    lacks = said[said.index("Not shown, as it is not in this checkout:") : said.index("####")].splitlines()[2:5]
    data = "what changed, and which version would follow; `dvc pull data/notes && dsv fetch notes@1.1.1` brings it"
    records = "what became of the records of each split, changed records"
    assert lacks == [
        f"- `notes@work`: {data}",
        f"- `notes@1.1.1`: {records}; `dsv fetch notes@1.1.0 notes@1.1.1` brings it",
        f"- `notes@1.1.0`: {records}; `dsv fetch notes@1.0.0 notes@1.1.0` brings it",
    ]
    assert "| `question` | 15 |" in said
    bare = clone.dsv("check", "--base", "origin/main", "--as", "markdown", "--no-content").stdout
    assert "`dsv fetch --index notes@1.0.0 notes@1.1.0` brings it" in bare


def test_a_new_dataset_shows_its_first_records(released: Scratch) -> None:
    released.git("checkout", "-q", "-b", "change")
    released.records("data/pets.jsonl", numbered(4))
    released.dsv("add", "data/pets.jsonl", "-m", "Pets")
    (pets,) = dsv.open(released.root).review(base="main").datasets
    (change,) = pets.changes
    assert (change.kind, change.old, change.new, change.remark) == (Kind.FIRST, "", "pets@1.0.0", "new")
    assert [each.new["id"] for each in change.examples] == ["r0", "r1", "r2"]
    said = released.dsv("check", "--base", "main", "--as", "markdown").stdout
    assert "| `pets` | **`1.0.0`** | new | 4 |  |" in said
    assert "The first 3 records" in said


def test_data_that_was_never_released_would_be_the_first_version(repo: Scratch) -> None:
    repo.git("branch", "base")
    repo.records("data/pets.jsonl", numbered(4))
    repo.write("manifests/pets/dataset.yaml", "schema: 1\nname: pets\npath: data/pets.jsonl\n")
    assert plain_dvc("add", "data/pets.jsonl", cwd=repo.root).returncode == 0
    repo.git("add", "-A")
    repo.git("commit", "-qm", "Pets, not yet released")
    (change,) = dsv.open(repo.root).review(base="base").changes
    assert (change.kind, change.old, change.follows, change.changed) == (Kind.UNRELEASED, "", "1.0.0", 4)


def test_commits_that_touch_no_dataset_are_reviewed_in_a_line(released: Scratch) -> None:
    released.git("checkout", "-q", "-b", "change")
    released.write("README.md", "A word\n")
    released.write("dsv.yaml", "schema: 1\npolicy: strict\n")
    released.git("add", "-A")
    released.git("commit", "-qm", "A word")
    said = released.dsv("check", "--base", "main", "--as", "markdown").stdout
    assert said.splitlines()[1].endswith("Nothing here changes a dataset")
    assert "- `policy` in dsv.yaml changed" in said
    assert [line for line in said.splitlines() if line.startswith("####")] == [
        "#### Events and settings",
        "#### Checks",
    ]


def test_what_the_base_got_meanwhile_is_not_told_of_the_branch(released: Scratch) -> None:
    released.git("checkout", "-q", "-b", "change")
    released.git("commit", "-q", "--allow-empty", "-m", "Nothing")
    released.git("checkout", "-q", "main")
    released.records("data/notes/train.jsonl", numbered(70))
    released.dsv("bump", "notes")
    released.git("checkout", "-q", "change")
    assert dsv.open(released.root).review(base="main").datasets == []


def test_a_manifest_that_cannot_be_read_fails_and_hides_nothing_else(proposed: Scratch) -> None:
    file = proposed.root / "manifests/notes/1.1.1.yaml"
    file.write_text(file.read_text().replace("records: 95", "records: 94"))
    proposed.git("tag", "-d", "notes@v1.1.1")
    proposed.git("commit", "-qam", "Nobody looks")
    said = proposed.dsv("check", "--base", "main", "--as", "markdown", code=1).stdout
    assert "check fails" in said.splitlines()[1] or "checks fail" in said.splitlines()[1]
    assert "its manifest cannot be read" in said
    assert "`notes@1.0.0` → `notes@1.1.0`" in said


def test_a_report_needs_a_base_that_git_knows(released: Scratch) -> None:
    said = released.dsv("check", "--as", "markdown", code=2).stderr
    assert said.startswith("error: --as markdown tells what commits did since a base")
    assert "--base origin/main" in said
    released.dsv("check", "--as", "html", "--base", "main", "--staged", code=2)
    with pytest.raises(NoVersionError):
        dsv.open(released.root).review(base="nowhere")
