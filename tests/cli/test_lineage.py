"""`dsv lineage`: up, down, drawn, counted, and what is affected."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import dsv
from tests.cli.manifest_edits import edit, reseal
from tests.conftest import Scratch, numbered

NODE = {"ref", "dataset", "version", "repository", "records", "status", "stages", "created_at", "known"}
EDGE = {"child", "parent", "relation", "inherited", "new", "modified", "removed", "produced_by"}


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory, _templates: dict[str, Path]) -> Scratch:
    """`notes` twice, `gold` made from both, `exam` split off; `notes` is called `memos` today, and 1.0.0 is yanked."""
    root = tmp_path_factory.mktemp("lineage") / "repo"
    shutil.copytree(_templates["released"], root, symlinks=True)
    repo = Scratch(root)
    repo.records("data/gold.jsonl", numbered(50))
    repo.dsv("add", "data/gold.jsonl", "--key", "id", "--from", "notes:filter", "--produced-by", "backtest:t1")
    repo.records("data/notes/more.jsonl", numbered(20, start=100))
    repo.dsv("bump", "notes")
    repo.records("data/gold.jsonl", [*numbered(50), *numbered(5, start=100), {"id": "r99", "text": "corrected"}])
    repo.dsv("bump", "gold", "--from", "notes@1.1.0:filter")
    repo.records("data/exam.jsonl", numbered(5))
    repo.dsv("add", "data/exam.jsonl", "--key", "id", "--from", "gold:split")
    repo.dsv("yank", "notes@1.0.0", "--reason", "bad dates")
    repo.dsv("promote", "gold@1.1.0", "prod")
    repo.dsv("rename", "notes", "memos")
    return repo


@pytest.fixture
def family(made_once: Scratch, tmp_path: Path) -> Scratch:
    """A copy of it, to be changed."""
    shutil.copytree(made_once.root, tmp_path / "repo", symlinks=True)
    return Scratch(tmp_path / "repo")


def relations(document) -> set[tuple[str, str, str]]:
    """The edges as (child, relation, parent)."""
    return {(each["child"], each["relation"], each["parent"]) for each in document["edges"]}


def test_up_and_down_with_counts_and_under_todays_names(made_once: Scratch) -> None:
    document = made_once.json("lineage", "gold")
    assert (document["ref"], document["circles"], document["cut"]) == ("gold@1.1.0", [], [])
    assert relations(document) == {
        ("gold@1.0.0", "filter", "memos@1.0.0"),
        ("gold@1.1.0", "previous", "gold@1.0.0"),
        ("gold@1.1.0", "filter", "memos@1.1.0"),
        ("memos@1.1.0", "previous", "memos@1.0.0"),
        ("exam@1.0.0", "split", "gold@1.1.0"),
    }
    assert all(set(each) == NODE for each in document["nodes"])
    assert all(set(each) == EDGE for each in document["edges"])
    [edge] = [each for each in document["edges"] if each["parent"] == "memos@1.1.0"]
    assert [edge[each] for each in ("inherited", "new", "modified", "removed")] == [55, 0, 1, 64]
    statuses = {each["ref"]: each["status"] for each in document["nodes"]}
    assert statuses == {
        "exam@1.0.0": "active",
        "gold@1.0.0": "active",
        "gold@1.1.0": "active",
        "memos@1.0.0": "yanked",
        "memos@1.1.0": "active",
    }
    [run] = [each["produced_by"] for each in document["edges"] if each["produced_by"]]
    assert run == "backtest:t1"


def test_one_direction_and_so_many_steps(made_once: Scratch) -> None:
    repo = dsv.open(str(made_once.root))
    assert set(repo.lineage("memos@1.0.0", up=True).lineage.nodes) == {"memos@1.0.0"}
    near = repo.lineage("notes@1.0.0", down=True, depth=1)
    assert set(near.lineage.nodes) == {"memos@1.0.0", "memos@1.1.0", "gold@1.0.0"}
    assert near.lineage.cut == {"memos@1.1.0", "gold@1.0.0"}
    assert set(repo.lineage("gold@prod").lineage.nodes) == set(repo.lineage("gold@1.1.0").lineage.nodes)
    with pytest.raises(dsv.DsvError) as refusal:
        repo.lineage("gold@7.0.0")
    assert refusal.value.code == 10


def test_the_tree_that_people_see(made_once: Scratch) -> None:
    assert made_once.dsv("lineage", "gold").stdout.splitlines() == [
        "gold@1.1.0 (prod)  56 records",
        "",
        "made from",
        "├── filter  memos@1.1.0  120 records: 55 inherited, 1 modified, 64 removed",
        "│   └── previous  memos@1.0.0 [yanked]  100 records: 100 inherited, 20 new",
        "└── previous  gold@1.0.0  50 records: 50 inherited, 6 new",
        "    └── filter  memos@1.0.0 [yanked]  100 records: 50 inherited, 50 removed",
        "",
        "made into",
        "└── split  exam@1.0.0  5 records: 5 inherited, 51 removed",
    ]
    assert made_once.dsv("lineage", "memos@1.0.0", "--up").stdout.splitlines()[2:] == [
        "made from nothing that is known"
    ]


def test_numbers_and_drawings(made_once: Scratch) -> None:
    numbers = made_once.json("lineage", "exam", "--stats")
    assert numbers == {
        "total_versions": 5,
        "root_versions": 1,
        "leaf_versions": 1,
        "max_depth": 3,
        "relations": {"filter": 2, "previous": 2, "split": 1},
        "inherited": 50 + 55 + 50 + 100 + 5,
        "new": 26,
        "modified": 1,
        "removed": 50 + 64 + 51,
        "uncounted": 0,
    }
    assert "filter 2, previous 2, split 1" in made_once.dsv("lineage", "exam", "--stats").stdout
    assert made_once.dsv("lineage", "exam", "--as", "mermaid").stdout.startswith("flowchart LR\n")
    assert '"gold@1.1.0" -> "exam@1.0.0" [label="split"];' in made_once.dsv("lineage", "exam", "--as", "dot").stdout
    made_once.refused("lineage", "exam", "--as", "svg", code=2, kind="usage")
    made_once.refused("lineage", "exam", "--as", "dot", "--stats", code=2, kind="usage")
    made_once.refused("lineage", "exam@work", code=2, kind="usage")


def test_what_is_affected_by_a_version_and_who_used_it(family: Scratch) -> None:
    family.write(
        "manifests/gold/events/20261122T073000Z-run-1a2b3c4d.yaml",
        'schema: 1\nevent: run\ndataset: gold\nversion: "1.1.0"\nat: "2026-11-22T07:30:00Z"\n'
        "by: Ana Lima <ana@example.com>\nreason: ''\ndata: {id: train-7}\n",
    )
    family.git("add", "-A")
    family.git("commit", "-qm", "A run")
    document = family.json("lineage", "memos@1.0.0", "--impact")
    assert [(each["ref"], each["depth"]) for each in document["versions"]] == [
        ("gold@1.0.0", 1),
        ("memos@1.1.0", 1),
        ("gold@1.1.0", 2),
        ("exam@1.0.0", 3),
    ]
    assert document["versions"][2]["stages"] == ["prod"]
    assert [(each["id"], each["dataset"], each["version"]) for each in document["runs"]] == [
        ("train-7", "gold", "1.1.0")
    ]
    said = family.dsv("lineage", "memos@1.0.0", "--impact").stdout
    assert said.startswith("memos@1.0.0 is in 4 versions of 3 datasets; 1 run used it or one of these\n")
    assert "next of gold@1.0.0, filter of memos@1.1.0" in said


def test_a_parent_that_is_gone_is_marked_and_can_be_asked_for(family: Scratch) -> None:
    family.git("rm", "-rq", "manifests/memos", "manifests/notes")
    family.git("tag", "-d", *family.git("tag").split())
    family.git("commit", "-qm", "As nobody should")
    family.git("reset", "-q", "--soft", family.git("rev-list", "--max-parents=0", "HEAD").strip())
    family.git("commit", "-qm", "Without a past")
    statuses = {each["ref"]: each["status"] for each in family.json("lineage", "gold@1.0.0", "--up")["nodes"]}
    assert statuses == {"gold@1.0.0": "active", "notes@1.0.0": "missing"}
    assert "notes@1.0.0 [missing]" in family.dsv("lineage", "gold@1.0.0", "--up").stdout
    down = family.json("lineage", "notes@1.0.0", "--down")
    assert ("gold@1.0.0", "filter", "notes@1.0.0") in relations(down)


def test_a_circle_that_somebody_wrote_is_told_and_never_released(family: Scratch) -> None:
    file = "manifests/gold/1.0.0.yaml"
    edit(family, file, ("ref: notes@1.0.0", "ref: exam@1.1.0"))
    reseal(family, file)
    family.git("tag", "-d", "gold@v1.0.0")
    family.git("commit", "-qam", "As nobody should")
    family.records("data/exam.jsonl", numbered(6))
    error = family.refused("bump", "exam", "--from", "gold:split", "--version", "1.1.0", code=20, kind="conflict")
    assert "exam@1.1.0 cannot be made from gold@1.1.0" in error["message"]
    assert "gold@1.1.0 <- gold@1.0.0 <- exam@1.1.0" in error["message"]
    edit(family, file, ("ref: exam@1.1.0", "ref: exam@1.0.0"))
    reseal(family, file)
    family.git("commit", "-qam", "Nor this")
    done = family.dsv("lineage", "gold@1.0.0")
    assert "descends from itself: exam@1.0.0 <- gold@1.1.0 <- gold@1.0.0 <- exam@1.0.0" in done.stderr
    assert len(family.json("lineage", "gold@1.0.0")["circles"]) == 1
    assert family.json("lineage", "gold", "--stats")["total_versions"] == 5
