"""`dsv run record` and `dsv run list`: which training used which version, told by git."""

from __future__ import annotations

import hashlib

import pytest

import dsv
from dsv.errors import ExistsError, MismatchError, NoDatasetError, NoPathError
from tests.conftest import Scratch, call


@pytest.fixture
def model(released: Scratch) -> Scratch:
    """`notes` 1.0.0, and a model that git does not track."""
    released.write("models/lease/weights.bin", b"weights")
    released.write("models/lease/config/config.json", b"{}")
    released.write(".git/info/exclude", "models/\n")
    return released


def test_a_run_is_an_event_that_every_question_about_the_version_tells(model):
    model.dsv(
        *("run", "record", "--id", "lease-1", "--dataset", "notes", "--model", "models/lease", "--metric", "f1=0.93"),
        *("--param", "lr=0.001", "--param", "api_key=s3cret", "--started", "2026-11-22T07:30:00Z"),
    )
    assert model.git("log", "-1", "--format=%s%n%b").split("\n")[:3] == [
        "Run lease-1 used notes@1.0.0",
        "Dsv-Event: run notes@1.0.0",
        "",
    ]
    assert model.git("status", "--porcelain") == ""
    [run] = model.json("run", "list", "--dataset", "notes@1.0.0")["runs"]
    assert (run["id"], run["status"], run["metrics"]) == ("lease-1", "finished", {"f1": 0.93})
    assert run["params"] == {"lr": 0.001, "api_key": "(not recorded)"}
    assert run["code"]["commit"] == model.git("rev-parse", "HEAD~1").strip()
    command = "find . -type f -printf '%P\\0' | LC_ALL=C sort -z | xargs -0 -r sha256sum"
    listed = call("sh", "-c", command, cwd=model.root / "models/lease").encode()
    assert run["model"] == {
        "path": "models/lease",
        "sha256": f"sha256:{hashlib.sha256(listed).hexdigest()}",
        "files": 2,
        "bytes": 9,
    }
    assert model.json("list", "--runs")["datasets"][0]["runs"] == ["lease-1"]
    assert [each["id"] for each in model.json("lineage", "notes", "--impact")["runs"]] == ["lease-1"]
    assert [each["id"] for each in model.json("which", "--id", "r1")["runs"]] == ["lease-1"]
    said = model.dsv("run", "list").stdout
    assert "lease-1  2026-11-22 07:30:00  finished  notes@1.0.0  models/lease (" in said
    assert "s3cret" not in model.git("log", "-p")


def test_code_that_differs_from_its_commit_is_dirty_and_files_beside_it_are_not(released):
    repo = dsv.open(released.root)
    released.write("new.py", "print()")
    assert not repo.runs.record("one", "notes", code=released.root).run.code.dirty
    released.write("dsv.yaml", released.read("dsv.yaml") + "# mine\n")
    assert repo.runs.record("two", "notes", code=released.root).run.code.dirty


def test_a_run_is_recorded_once_and_its_id_may_begin_again_later(released):
    repo = dsv.open(released.root)
    repo.runs.record("nightly", "notes", started="2026-11-22T01:00:00Z")
    with pytest.raises(ExistsError, match=r"nightly of notes@1\.0\.0 is recorded already"):
        repo.runs.record("nightly", "notes", started="2026-11-22T01:00:00Z")
    repo.runs.record("nightly", "notes", started="2026-11-23T01:00:00Z")
    assert [each.moment[:10] for each in repo.runs.list("notes").runs] == ["2026-11-23", "2026-11-22"]
    assert repo.runs.list(limit=1).total == 2


def test_what_is_wrong_is_said_and_nothing_is_recorded(released):
    repo, head = dsv.open(released.root), released.git("rev-parse", "HEAD")
    with pytest.raises(NoPathError, match="there is no model at"):
        repo.runs.record("one", "notes", model=released.root / "nowhere")
    with pytest.raises(NoDatasetError):
        repo.runs.record("one", "nots")
    released.refused("run", "record", "--id", "a/b", "--dataset", "notes", code=2, kind="usage")
    released.refused("run", "record", "--id", "one", code=2, kind="usage")
    released.refused("run", "record", "--id", "one", "--dataset", "notes@work", code=2, kind="usage")
    released.refused("run", "record", "--id", "x", "--dataset", "notes", "--metric", "f1=high", code=2, kind="usage")
    released.refused("run", "record", "--id", "x", "--dataset", "notes", "--started", "today", code=30, kind="manifest")
    assert released.git("rev-parse", "HEAD") == head


def test_a_run_elsewhere_is_a_file_that_is_brought_to_the_datasets(released, tmp_path):
    consumer = Scratch(tmp_path / "consumer")
    consumer.root.mkdir()
    call("git", "init", "-q", cwd=consumer.root)
    bare = tmp_path / "bare.git"
    call("git", "clone", "-q", "--bare", str(released.root), str(bare), cwd=tmp_path)
    there = ("--repo", f"file://{bare}")
    consumer.dsv(*there, "run", "record", "--id", "lease-9", "--dataset", "notes@1.x", "--metric", "f1=0.5")
    assert "lease-9" in consumer.dsv("run", "list").stdout
    record = consumer.root / "dsv-runs/lease-9.yaml"
    repo = dsv.open(released.root)
    repo.runs.bring(record)
    [run] = repo.runs.list().runs
    assert (run.told.id, run.told.reference, run.file) == ("lease-9", "notes@1.0.0", None)
    with pytest.raises(ExistsError, match="recorded already"):
        repo.runs.bring(record)
    text = record.read_text()
    tree = released.json("show", "notes")["digests"]["tree"]
    record.write_text(text.replace(tree, f"sha256:{'0' * 64}").replace("lease-9", "lease-10"))
    with pytest.raises(MismatchError, match="has the tree digest"):
        repo.runs.bring(record)
    record.write_text(text.replace("name: notes", "name: others"))
    with pytest.raises(NoDatasetError, match="none of that is here"):
        repo.runs.bring(record)
