"""Rows of scores: what they may be joined by, what is kept of them, and what is refused."""

from __future__ import annotations

import json
import math

import pytest

from dsv.errors import BadRecordError, NoPathError, NothingChangedError, UnreadableError, UsageError
from dsv.records.canonical import fingerprint
from tests.conftest import Scratch, numbered
from tests.scores.conftest import opened, scores_of


def rows_by_row(scratch: Scratch, reference: str = "notes", **options) -> dict:
    """What a query finds, by file and row."""
    found = opened(scratch).quality.query(reference, **options)
    return {(row["file"], row["row"]): row for row in found.document()["rows"]}


def test_a_file_of_scores_becomes_data_in_dvc_and_an_event_in_git(released):
    released.records("../scores.jsonl", scores_of(range(100), judge_feedback="secret remarks"))
    manifest = released.read("manifests/notes/1.0.0.yaml")
    said = released.json(
        *("quality", "import", "notes@1.0.0", "../scores.jsonl", "--scorer", "judge-a", "--model", "gpt-4o"),
        *("--prompt-sha256", "ab" * 32),
    )
    assert (said["ref"], said["rows"], said["records"], said["by"]) == ("notes@1.0.0", 100, 100, "key")
    assert said["columns"] == {"quality_score": "number", "judge_passed": "boolean", "judge_feedback": "text"}
    assert released.git("status", "--porcelain") == ""
    assert released.git("show", "--name-only", "--format=").split() == [said["event"], f"{said['file']}.dvc"]
    assert "secret" not in released.git("show", "HEAD")
    event = released.read(said["event"])
    assert all(word in event for word in ("event: score", "judge-a", "gpt-4o", "ab" * 32, 'version: "1.0.0"'))
    assert released.read("manifests/notes/1.0.0.yaml") == manifest
    assert released.dvc("status").strip() == "Data and pipelines are up to date."
    assert released.json("check")["ok"]


def test_the_file_of_scores_is_parquet_that_anything_reads(scored):
    import pyarrow.parquet as pq

    [file] = (scored.root / "manifests/notes/scores").glob("*.parquet")
    table = pq.read_table(file).to_pydict()
    assert list(table) == [
        *("fingerprint", "scored_at", "model", "prompt_sha256", "quality_score", "judge_passed", "agent_type")
    ]
    assert table["fingerprint"] == sorted(fingerprint({"id": f"r{at}", "text": f"text of {at}"}) for at in range(90))
    assert set(table["model"]) == {"m-1"}


def test_csv_and_parquet_give_the_same_scores_as_jsonl(released):
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = [{**row, "effort": 3, "lang": "007", "judge_feedback": 'a, "b"\nc'} for row in scores_of(range(5))]
    released.records("../scores.jsonl", rows)
    header = list(rows[0])
    cells = [[json.dumps(row[name]) if name != "judge_feedback" else row[name] for name in header] for row in rows]
    lines = [
        header,
        *(
            [cell.strip('"') if "\n" not in cell else f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in row]
            for row in cells
        ),
    ]
    released.write("../scores.csv", "".join(f"{','.join(line)}\n" for line in lines))
    pq.write_table(pa.Table.from_pylist(rows), str(released.root / "../scores.parquet"))
    repo = opened(released)
    found = []
    for suffix in ("jsonl", "csv", "parquet"):
        repo.quality.import_("notes", str(released.root / f"../scores.{suffix}"), scorer=suffix)
        result = repo.quality.query("notes", f"scorer = '{suffix}'")
        names = [*header[1:]]
        found.append([[row[list(result.kinds).index(name)] for name in names] for row in result.rows])
    assert found[0] == found[1] == found[2]
    assert found[0][4] == [0.4, True, 3.0, "007", 'a, "b"\nc']


def test_rows_may_name_records_by_their_place(released):
    opened(released).quality.import_(
        "notes",
        [
            {"file": "test.jsonl", "example_index": 0, "reward_score": 1},
            {"file": "train.jsonl", "row": 80, "reward_score": 2.5},
        ],
        scorer="a",
        by="index",
    )
    found = rows_by_row(released)
    assert {place: row["reward_score"] for place, row in found.items()} == {
        ("test.jsonl", 1): 1,
        ("train.jsonl", 80): 2.5,
    }


def test_rows_may_hold_the_record_itself_or_its_fingerprint(released):
    other = fingerprint({"id": "r7", "text": "text of 7"}).hex()
    opened(released).quality.import_(
        "notes",
        [
            {"record": {"text": "text of 3", "id": "r3"}, "judge_score": 4},
            {"fingerprint": other, "judge_score": 5},
        ],
        scorer="a",
        by="record",
    )
    assert {row: each["judge_score"] for (_, row), each in rows_by_row(released).items()} == {4: 4, 8: 5}


def test_a_trajectory_s_score_is_that_of_all_its_examples(repo):
    repo.records("data/steps.jsonl", [{"step": at, "trajectory_id": at // 3} for at in range(9)])
    opened(repo).add("data/steps.jsonl", summary="First")
    opened(repo).quality.import_(
        "steps", [{"trajectory_id": 1, "reward_score": 0.5}, {"trajectory_id": "2", "reward_score": -1}], scorer="a",
        by="trajectory_id",
    )  # fmt: skip
    found = {row: each["reward_score"] for (_, row), each in rows_by_row(repo, "steps").items()}
    assert found == {4: 0.5, 5: 0.5, 6: 0.5, 7: -1, 8: -1, 9: -1}


def test_what_is_wrong_with_rows_is_counted_and_nothing_is_taken(released):
    released.write(
        "../bad.csv",
        "id,quality_score\nr1,0.5\nr1,0.6\nr777,0.1\nr5,nan\nr6,good\nr7,\n"
        + "".join(f"x{at},1\n" for at in range(20)),
    )
    head = released.git("rev-parse", "HEAD")
    error = released.refused("quality", "import", "notes", "../bad.csv", "--scorer", "a", code=30, kind="record")
    details = error["details"]
    assert {name: details[name] for name in ("rows", "bad", "unmatched", "duplicate")} == {
        "rows": 26,
        "bad": 3,
        "unmatched": 21,
        "duplicate": 1,
    }
    assert [each["row"] for each in details["first"]] == [2, 3, 4, 5, 6, 7, 8, 9, 10, 11][:10]
    assert [(each["kind"], each["reason"]) for each in details["first"][:5]] == [
        ("duplicate", "an earlier row is of the same record"),
        ("unmatched", "no record has this key"),
        ("bad", "quality_score is nan"),
        ("bad", "quality_score is no number"),
        ("bad", "has no score"),
    ]
    assert "and 15 more" in error["message"]
    assert (released.git("rev-parse", "HEAD"), released.git("status", "--porcelain")) == (head, "")
    assert not (released.root / "manifests/notes/scores").exists()


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"id": "r1", "quality_score": math.nan}, "quality_score is NaN"),
        ({"id": "r1", "effort": math.inf}, "effort is inf"),
        ({"id": "r1", "judge_passed": "maybe"}, "judge_passed is neither true nor false"),
        ({"id": "r1", "judge_passed": 2}, "judge_passed is neither true nor false"),
        ({"id": "r1", "quality_score": [1]}, "quality_score is no number"),
        ({"quality_score": 1}, "has no id"),
        ({"id": "r1", "symbol": "ACME"}, "has no score"),
        ({"id": "r1", "quality_score": 1, "scorer": "b"}, "is of the scorer 'b'"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_a_row_that_is_no_score_is_refused_with_the_reason(released, row, reason):
    with pytest.raises(BadRecordError) as refused:
        opened(released).quality.import_("notes", [row], scorer="a")
    assert refused.value.details["first"] == [{"row": 1, "kind": "bad", "reason": reason}]


def test_equal_records_share_a_score_and_two_different_ones_are_refused(repo):
    repo.records("data/notes.jsonl", [{"text": "same"}, {"text": "other"}, {"text": "same"}])
    quality = opened(repo).quality
    opened(repo).add("data/notes.jsonl", summary="First")
    rows = [{"example_index": at, "judge_score": score} for at, score in enumerate((3, 1, 3))]
    assert quality.import_("notes", rows, scorer="a", by="index").records == 2
    assert len(quality.query("notes").rows) == 3
    with pytest.raises(BadRecordError, match="row 1 scores an equal record otherwise"):
        quality.import_("notes", [*rows[:2], {"example_index": 2, "judge_score": 5}], scorer="b", by="index")


def test_keys_are_found_whether_files_spell_them_as_texts_or_numbers(repo):
    repo.records("data/notes.jsonl", [{"id": at, "text": "x"} for at in range(12)])
    repo.write("../scores.csv", "id,quality_score\n1,0.5\n10,0.25\n")
    repo.dsv("add", "data/notes.jsonl", "--key", "id", "-m", "First")
    repo.dsv("quality", "import", "notes", "../scores.csv", "--scorer", "a")
    assert {row: each["quality_score"] for (_, row), each in rows_by_row(repo).items()} == {2: 0.5, 11: 0.25}


def test_what_is_no_file_of_scores_is_refused(released):
    quality = opened(released).quality
    with pytest.raises(NoPathError):
        quality.import_("notes", "nowhere.jsonl", scorer="a")
    released.write("../scores.png", b"\x89PNG")
    with pytest.raises(UnreadableError):
        quality.import_("notes", str(released.root / "../scores.png"), scorer="a")
    released.write("../empty.jsonl", "")
    with pytest.raises(UsageError, match="holds no rows"):
        quality.import_("notes", str(released.root / "../empty.jsonl"), scorer="a")
    with pytest.raises(UsageError, match="no id of a scorer"):
        quality.import_("notes", [], scorer="../judge")
    with pytest.raises(UsageError, match="no SHA-256 of a prompt"):
        quality.import_("notes", [], scorer="a", prompt_sha256="abc")


def test_a_later_row_of_a_scorer_takes_the_place_of_the_earlier_one(scored):
    quality = opened(scored).quality
    before = quality.show("notes").scorers[0].whole
    done = quality.import_("notes", [{"id": "r0", "quality_score": 1}], scorer="judge-a", model="m-2")
    assert len(done.replaces) == 0 or done.records == 1
    after = quality.show("notes").scorers[0]
    assert after.whole.n == before.n
    assert after.whole.numbers["quality_score"].high == 1
    assert after.models == ("m-1", "m-2")
    [row] = quality.query("notes", "quality_score = 1").document()["rows"]
    assert (row["file"], row["row"], row["model"], row["judge_passed"]) == ("train.jsonl", 1, "m-2", None)


def test_many_small_imports_leave_few_files_and_every_revision_in_git(scored):
    quality = opened(scored).quality
    for number in range(4):
        quality.import_("notes", [{"id": f"r{number}", "quality_score": number / 100}], scorer="judge-a")
    pointers = list((scored.root / "manifests/notes/scores").glob("*.dvc"))
    assert len(pointers) < 4
    assert {each.name.removesuffix(".dvc") for each in pointers} == {
        each.name for each in (scored.root / "manifests/notes/scores").glob("*.parquet")
    }
    spread = quality.show("notes").scorers[0].whole.numbers["quality_score"]
    assert (spread.n, quality.query("notes", "quality_score = 0.03").total) == (90, 1)
    assert len(list((scored.root / "manifests/notes/events").glob("*-score-*"))) == 5


def test_branches_that_import_scores_of_the_same_scorer_merge_without_a_conflict(scored):
    scored.git("checkout", "-q", "-b", "other")
    opened(scored).quality.import_("notes", scores_of(range(40)), scorer="judge-a")
    scored.git("checkout", "-q", "main")
    opened(scored).quality.import_("notes", scores_of(range(30, 100)), scorer="judge-a")
    scored.git("merge", "-q", "--no-edit", "other")
    summary = opened(scored).quality.show("notes").scorers[0]
    assert (summary.whole.n, summary.whole.coverage) == (100, 1.0)


def test_importing_for_the_work_tree_needs_no_release(scored):
    scored.records("data/notes/more.jsonl", numbered(10, start=100))
    done = opened(scored).quality.import_("notes@work", scores_of(range(100, 110)), scorer="judge-a")
    assert done.reference == "notes@work"
    assert opened(scored).quality.show("notes@work").scorers[0].whole.n == 100
    assert opened(scored).quality.show("notes").scorers[0].whole.n == 90
    assert scored.json("check")["ok"]


def test_the_same_scores_again_are_not_another_import(scored):
    rows = [{**row, "agent_type": "ab"[at % 2]} for at, row in enumerate(scores_of(range(90)))]
    quality = opened(scored).quality
    with pytest.raises(NothingChangedError, match="judge-a has given all 20 scores of the rows already"):
        quality.import_("notes", rows[:20], scorer="judge-a", model="m-1")
    quality.import_("notes", rows[:20], scorer="judge-a", model="m-2")
    quality.import_("notes", rows[:20], scorer="judge-a", model="m-1")
    assert quality.show("notes").scorers[0].models == ("m-1",)
