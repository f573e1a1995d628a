"""`import dsv`: the commands' names and results, as values."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

import dsv
from dsv.errors import LevelTooLowError, NoDatasetError, NoRepositoryError, NothingChangedError, NoVersionError
from tests.conftest import Scratch, numbered

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(autouse=True)
def fixed_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """One second for all, so that two repositories can be equal to the last commit."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1800000000")
    monkeypatch.setenv("GIT_AUTHOR_DATE", "1800000000 +0000")
    monkeypatch.setenv("GIT_COMMITTER_DATE", "1800000000 +0000")


def as_printed(result: Any) -> Any:
    """The result as `--json` would print it."""
    return json.loads(json.dumps(result.document()))


def grow(scratch: Scratch) -> None:
    scratch.records("data/notes/more.jsonl", numbered(10, start=100))


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Scratch, Scratch]:
    """Two directories with the same data, one for each way to work."""
    both = Scratch(tmp_path / "typed"), Scratch(tmp_path / "coded")
    for each in both:
        each.root.mkdir()
        each.records("data/notes/train.jsonl", numbered(80))
        each.records("data/notes/test.jsonl", numbered(20, start=80))
    return both


def test_the_whole_job_gives_the_same_results_both_ways(
    pair: tuple[Scratch, Scratch], monkeypatch: pytest.MonkeyPatch
) -> None:
    typed, coded = pair
    monkeypatch.chdir(coded.root)
    made = typed.json("init", "--git", "--ci", "github")
    assert as_printed(dsv.init(git=True, ci="github")) == {**made, "root": str(coded.root)}
    repo = dsv.open()
    assert repo.root == str(coded.root)
    assert as_printed(
        repo.add(
            "data/notes",
            key=["id"],
            type="chat",
            description="Ours",
            owners=["ana@example.com"],
            splits={"train": "train*", "test": "test*"},
            summary="First",
            tags=["gold"],
            metadata={"source": "EDGAR"},
            produced_by="job:1",
        )
    ) == typed.json(
        *("add", "data/notes", "--key", "id", "--type", "chat", "--description", "Ours", "--owner", "ana@example.com"),
        *("--split", "train=train*", "--split", "test=test*", "-m", "First", "--tag", "gold", "--meta", "source=EDGAR"),
        *("--produced-by", "job:1"),
    )
    for each in pair:
        grow(each)
    assert as_printed(repo.status("notes")) == typed.json("status", "notes")
    assert as_printed(repo.diff("notes", examples=2)) == typed.json("diff", "notes", "--records", "2")
    dry = typed.json("bump", "notes", "--dry-run")
    assert as_printed(repo.bump("notes", dry_run=True)) == dry
    assert as_printed(repo.bump("notes", pre="rc")) == typed.json("bump", "notes", "--pre", "rc")
    assert as_printed(repo.bump("notes", level="major", summary="More", tags=["big"])) == typed.json(
        "bump", "notes", "--level", "major", "-m", "More", "--tag", "big"
    )
    assert as_printed(repo.rollback("notes", "1.0.0", summary="Back")) == typed.json(
        "rollback", "notes", "1.0.0", "-m", "Back"
    )
    assert as_printed(repo.checkout("notes@2.0.0")) == typed.json("checkout", "notes@2.0.0")
    assert as_printed(repo.checkout("notes@1.0.0", to="out")) == typed.json("checkout", "notes@1.0.0", "--to", "out")
    assert typed.tree("out") == coded.tree("out")
    assert typed.git("rev-parse", "HEAD") == coded.git("rev-parse", "HEAD")
    assert typed.git("for-each-ref") == coded.git("for-each-ref")
    assert typed.tree("data") == coded.tree("data")
    for result, command in (
        (repo.log("notes"), ("log", "notes")),
        (repo.log(limit=1), ("log", "-n", "1")),
        (repo.list(sort="records", descending=True), ("list", "--sort", "records", "--desc")),
        (repo.list(type="none"), ("list", "--type", "none")),
        (repo.show("notes@1.x"), ("show", "notes@1.x")),
        (repo.diff("notes@1.0.0", "2.0.0"), ("diff", "notes@1.0.0", "2.0.0")),
        (repo.check(), ("check",)),
        (repo.check("notes", base="HEAD~1"), ("check", "notes", "--base", "HEAD~1")),
        (repo.search("MORE", limit=1), ("search", "MORE", "--limit", "1")),
    ):
        assert as_printed(result) == typed.json(*command)
    for result, command in ((repo.index_rebuild(), "rebuild"), (repo.index_status(), "status")):
        ours, theirs = as_printed(result), typed.json("index", command)
        assert {**ours, "path": "", "refreshed_at": ""} == {**theirs, "path": "", "refreshed_at": ""}


def test_results_are_values(released: Scratch) -> None:
    grow(released)
    repo = dsv.open(str(released.root))
    (entry,) = repo.status().datasets
    assert entry.suggested is not None
    assert (str(entry.suggested.version), entry.suggested.level.word) == ("1.1.0", "minor")
    release = repo.bump("notes", summary="More")
    assert (str(release.version), release.manifest.data.records, release.change.records.added) == ("1.1.0", 110, 10)
    assert repo.show("notes").manifest == release.manifest
    assert [str(each.version) for each in repo.log("notes").versions] == ["1.1.0", "1.0.0"]
    assert repo.check().ok
    assert repo.diff("notes@1.0.0", "1.1.0").change.share * 10 == 1


def test_nothing_to_release_is_an_error_or_none(released: Scratch) -> None:
    repo = dsv.open(str(released.root))
    with pytest.raises(NothingChangedError):
        repo.bump("notes")
    assert repo.bump_if_changed("notes", summary="More") is None
    grow(released)
    release = repo.bump_if_changed("notes", summary="More")
    assert release is not None
    assert release.manifest.summary == "More"


def test_errors_are_those_of_the_command(released: Scratch, tmp_path: Path) -> None:
    repo = dsv.open(str(released.root))
    with pytest.raises(NoDatasetError) as unknown:
        repo.show("nots")
    assert unknown.value.document() == released.json("show", "nots", code=10)
    with pytest.raises(NoVersionError):
        repo.rollback("notes", "v3.0.0")
    released.records("data/notes/train.jsonl", numbered(8))
    with pytest.raises(LevelTooLowError) as low:
        repo.bump("notes", level="patch")
    assert (low.value.code, low.value.kind, low.value.details["computed"]) == (20, "level_too_low", "major")
    assert isinstance(low.value, dsv.DsvError)
    with pytest.raises(NoRepositoryError):
        dsv.open(str(tmp_path))


def test_from_outside_a_path_counts_from_the_repository(
    repo: Scratch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.records("data/one.jsonl", numbered(1))
    repo.records("data/two.jsonl", numbered(2))
    repo.records("data/three.jsonl", numbered(3))
    monkeypatch.chdir(tmp_path)
    opened = dsv.open(str(repo.root))
    assert opened.add("data/one.jsonl").manifest.data.path == "data/one.jsonl"
    assert opened.add(str(repo.root / "data/two.jsonl")).manifest.data.path == "data/two.jsonl"
    assert opened.add(f"{repo.root.name}/data/three.jsonl").manifest.data.path == "data/three.jsonl"


def test_what_happens_on_the_way_is_told(
    released: Scratch, clone_of: Callable[[Scratch], Scratch], tmp_path: Path
) -> None:
    clone = clone_of(released)
    declaration = clone.read("manifests/notes/dataset.yaml")
    clone.write("manifests/notes/dataset.yaml", declaration + "colour: blue\n")
    clone.records("data/notes/train.jsonl", numbered(80))
    told: list[str] = []
    seen: list[tuple[str, int, int, int]] = []

    def progress(what: str, done: int, total: int, records: int = 0) -> None:
        seen.append((what, done, total, records))

    repo = dsv.open(str(clone.root), tell=told.append, progress=progress)
    repo.status("notes")
    assert ["colour" in line for line in told] == [True]
    assert seen[-1][1:] == (seen[-1][2], seen[-1][2], 80)


HEAVY = ("click", "dvc", "dvc_data", "git", "numpy", "pandas", "pyarrow", "pydantic", "rich", "sqlite_utils", "typer")


@pytest.mark.parametrize("statement", ["import dsv", "import dsv; dsv.open(ROOT)"])
def test_importing_and_opening_load_nothing_heavy(released: Scratch, statement: str) -> None:
    code = f"import sys; ROOT = {str(released.root)!r}; {statement}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()).intersection(HEAVY) == set()


def test_every_public_name_is_there() -> None:
    assert {name for name in dsv.__all__ if hasattr(dsv, name)} == set(dsv.__all__)
    assert not hasattr(dsv, "close")
