"""Scores follow the example: into later versions, through clones and renames, and never to another example."""

from __future__ import annotations

import pytest

import dsv
from dsv.errors import MissingDataError
from tests.conftest import numbered
from tests.scores.conftest import edit, opened, scores_of


def test_unchanged_records_keep_their_scores_and_changed_ones_lose_them(scored):
    edit(scored, "data/notes/train.jsonl", 'text of 5"', 'text of five"')
    scored.records("data/notes/more.jsonl", numbered(20, start=100))
    opened(scored).bump("notes", summary="More")
    summary = opened(scored).quality.show("notes").scorers[0]
    assert (summary.whole.records, summary.whole.n) == (120, 89)
    assert summary.whole.coverage == pytest.approx(89 / 120, abs=1e-6)
    assert {split: part.n for split, part in summary.splits.items()} == {"test": 10, "train": 79}
    assert opened(scored).quality.show("notes@1.0.0").scorers[0].whole.n == 90


def test_shuffled_and_resharded_records_keep_theirs(scored):
    records = numbered(100)
    scored.records("data/notes/train.jsonl", records[99:20:-1])
    scored.records("data/notes/test.jsonl", records[:21])
    found = opened(scored).quality.query("notes@work").document()["rows"]
    assert len(found) == 90
    by_place = {(row["file"], row["row"]): row["quality_score"] for row in found}
    assert by_place["train.jsonl", 21] == 0.9  # r79


def test_a_release_tells_what_its_records_scores_come_to(scored):
    assert scored.json("show", "notes@1.0.0")["quality"] == {"score": None, "source": None, "scorers": []}
    scored.records("data/notes/more.jsonl", numbered(100, start=100))
    manifest = opened(scored).bump("notes", summary="Twice as many").manifest
    quality = scored.json("show", "notes")["quality"]
    assert (quality["score"], quality["source"], quality["coverage"]) == (0.45, "records", 0.45)
    [told] = quality["scorers"]
    assert (told["scorer"], told["n"], told["coverage"], told["mean"], told["pass_rate"]) == (
        *("judge-a", 90, 0.45, 0.45, 0.666667),
    )
    assert told["quantiles"]["p50"] == 0.4
    assert told["histogram"] == {"from": 0.0, "to": 1.0, "counts": [9] * 10}
    assert told == opened(scored).quality.show("notes").document()["scorers"][0]
    assert manifest.quality.scorers[0] == told
    assert scored.json("verify", "notes")["ok"]


def test_facets_that_the_rows_lack_are_those_of_the_records(repo):
    kinds = ["office", "retail", None, {"a": 1}]
    rows = [{"id": f"r{at}", "kind": kinds[at % 4], "floor": at % 2, "note": "x" * 500} for at in range(40)]
    repo.records("data/leases/train.jsonl", rows)
    dsv.open(str(repo.root)).add("data/leases", key=["id"])
    file = "manifests/leases/dataset.yaml"
    repo.write(file, repo.read(file) + "label_fields: [kind]\nfacets: [floor, note, nowhere]\n")
    quality = opened(repo).quality
    quality.import_("leases@1.0.0", scores_of(range(20)), scorer="judge-a")
    [summary] = quality.show("leases@1.0.0").scorers
    assert {value: part.n for value, part in summary.facets["kind"].items()} == {"office": 5, "retail": 5}
    assert summary.facets["kind"]["office"].numbers["quality_score"].mean == pytest.approx(0.4)
    assert {value: part.n for value, part in summary.facets["floor"].items()} == {"0": 10, "1": 10}
    assert [(len(value), part.n) for value, part in summary.facets["note"].items()] == [(100, 20)]
    found = quality.query("leases@1.0.0", where='kind == "retail" and floor == "1"', sort="row").document()["rows"]
    assert [row["row"] for row in found] == [2, 6, 10, 14, 18]
    quality.import_("leases@1.0.0", scores_of(range(2), kind="mine"), scorer="judge-b")
    [_, other] = quality.show("leases@1.0.0").scorers
    assert {value: part.n for value, part in other.facets["kind"].items()} == {"mine": 2}


def test_declared_facets_are_summed_up_too(scored):
    file = "manifests/notes/dataset.yaml"
    scored.write(file, scored.read(file) + "facets: [agent_type]\n")
    [summary] = opened(scored).quality.show("notes").scorers
    facet = summary.facets["agent_type"]
    assert {value: part.n for value, part in facet.items()} == {"a": 45, "b": 45}
    assert {value: part.numbers["quality_score"].mean for value, part in facet.items()} == {"a": 0.4, "b": 0.5}


def test_todo_writes_exactly_the_records_that_are_left(scored):
    edit(scored, "data/notes/train.jsonl", 'text of 5"', 'text of five"')
    left = [{"id": "r5", "text": "text of five"}, *numbered(10, start=90)]
    assert scored.json("quality", "todo", "notes@work", "--scorer", "judge-a") == {
        "ref": "notes@work",
        "scorer": "judge-a",
        "records": 100,
        "todo": 11,
    }
    todo = opened(scored).quality.todo("notes@work", scorer="judge-a")
    assert todo.count == 11
    assert sorted(todo.records(), key=str) == sorted(left, key=str)
    scored.dsv("quality", "todo", "notes@work", "--scorer", "judge-a", "--to", "../todo.jsonl")
    scores = [{"record": record, "quality_score": 1} for record in todo.records()]
    opened(scored).quality.import_("notes@work", scores, scorer="judge-a", by="record")
    assert opened(scored).quality.todo("notes@work", scorer="judge-a").count == 0
    assert scored.dsv("which", "--file", "../todo.jsonl", "notes").code == 0
    assert opened(scored).quality.todo("notes", scorer="nobody").count == 100


def test_a_renamed_dataset_keeps_its_scores(scored):
    scored.dsv("rename", "notes", "remarks")
    assert opened(scored).quality.show("remarks").scorers[0].whole.n == 90
    opened(scored).quality.import_("remarks", scores_of(range(90, 100)), scorer="judge-a")
    assert opened(scored).quality.show("notes@1.0.0").scorers[0].whole.n == 100


def test_scores_go_along_with_push_and_pull_of_dsv_and_of_dvc(scored, clone_of, tmp_path):
    scored.dsv("remote", "add", "store", str(tmp_path / "store"), "--default")
    scored.git("init", "-q", "--bare", str(tmp_path / "origin.git"))
    scored.git("remote", "add", "origin", str(tmp_path / "origin.git"))
    opened(scored).quality.import_("notes", scores_of(range(90, 100)), scorer="judge-b")
    scored.dsv("push")
    mine = clone_of(scored)
    with pytest.raises(MissingDataError):
        opened(mine).quality.show("notes")
    mine.dsv("pull")
    assert [each.whole.n for each in opened(mine).quality.show("notes").scorers] == [90, 10]
    assert mine.dvc("status").strip() == "Data and pipelines are up to date."
    assert mine.json("verify", "--remote")["ok"]
    theirs = clone_of(scored)
    theirs.dvc("pull")
    theirs.dvc("gc", "--all-tags", "--force")
    assert [each.whole.n for each in opened(theirs).quality.show("notes").scorers] == [90, 10]


def test_a_release_without_the_scores_at_hand_is_refused(scored):
    [pointer] = (scored.root / "manifests/notes/scores").glob("*.dvc")
    md5 = pointer.read_text().partition("md5: ")[2][:32]
    (scored.root / ".dvc/cache/files/md5" / md5[:2] / md5[2:]).unlink()
    assert opened(scored).quality.show("notes").scorers[0].whole.n == 90  # from the work tree
    pointer.with_suffix("").unlink()
    scored.records("data/notes/more.jsonl", numbered(5, start=100))
    scored.refused("bump", "notes", code=40, kind="missing_data")
    assert scored.json("log", "notes")["versions"][0]["version"] == "1.0.0"


def test_verify_names_a_damaged_file_of_scores_and_mends_it_from_the_work_tree(scored):
    [pointer] = (scored.root / "manifests/notes/scores").glob("*.dvc")
    md5 = pointer.read_text().partition("md5: ")[2][:32]
    kept = scored.root / ".dvc/cache/files/md5" / md5[:2] / md5[2:]
    content = kept.read_bytes()
    kept.chmod(0o644)
    kept.write_bytes(content[:-1] + b"?")
    [result] = scored.json("verify", code=40)["results"]
    assert [(each["place"], each["kind"], each["object"]) for each in result["problems"]] == [
        ("scores", "mismatch", md5)
    ]
    assert scored.json("verify", "--repair")["ok"]
    assert kept.read_bytes() == content


def test_a_collection_keeps_every_revision(scored):
    opened(scored).quality.import_("notes", scores_of(range(100)), scorer="judge-a")
    scored.dsv("gc", "--apply")
    found = list((scored.root / ".dvc/cache/files/md5").rglob("*"))
    text = scored.git("log", "-p", "--", "manifests/notes/scores")
    md5s = {line.rpartition(" ")[2] for line in text.splitlines() if "- md5:" in line}
    assert len(md5s) == 2
    assert md5s <= {each.parent.name + each.name for each in found}


def test_gates_look_at_the_scores_that_a_version_would_bring_along(scored):
    file = "manifests/notes/dataset.yaml"
    rules = ["coverage(judge-a) >= 80%", "avg(quality_score) >= 0.45", "judge_pass_rate >= 60%"]
    scored.write(file, scored.read(file) + "checks:\n" + "".join(f'  - "{rule}"\n' for rule in rules))
    scored.records("data/notes/more.jsonl", numbered(10, start=100))
    assert opened(scored).bump("notes", summary="Ten more").manifest.validation.checks >= 3
    scored.records("data/notes/more.jsonl", numbered(20, start=100))
    error = scored.refused("bump", "notes", code=1, kind="gate")
    assert "judge-a has scored 90 of 120 records" in error["message"]


def test_diff_sets_the_scores_of_two_versions_side_by_side(scored):
    scored.records("data/notes/more.jsonl", numbered(100, start=100))
    said = scored.dsv("diff", "notes").stdout
    assert "  quality  judge-a quality_score: 0.45, of 90.0% -> 45.0% of the records" in said.splitlines()
    [quality, passed] = scored.json("diff", "notes")["quality"]
    assert quality == {
        "scorer": "judge-a",
        "column": "quality_score",
        "old": {"n": 90, "coverage": 0.9, "mean": 0.45},
        "new": {"n": 90, "coverage": 0.45, "mean": 0.45},
    }
    assert passed["column"] == "judge_passed"
    assert (
        "| `judge-a` | `quality_score` | 0.45 | 90.0% -> 45.0% |"
        in scored.dsv("diff", "notes", "--as", "markdown").stdout
    )
    assert "<td>90.0% -&gt; 45.0%</td>" in scored.dsv("diff", "notes", "--as", "html").stdout


def test_the_index_knows_what_a_later_import_says_of_a_version(scored):
    query = (
        "select scorer, n, coverage, mean from dataset_quality_metrics where metric = 'quality_score' and facet = ''"
    )
    assert scored.json("sql", query)["rows"] == [["judge-a", 90, 0.9, 0.45]]
    opened(scored).quality.import_("notes", scores_of(range(90, 100)), scorer="judge-b")
    assert scored.json("sql", query + " order by 1")["rows"][1] == ["judge-b", 10, 0.1, 0.45]
    assert scored.json("list", "--min-quality", "0.4")["total"] == 1
