"""Reading scores: conditions, order, and files for other programs."""

from __future__ import annotations

import csv
import json

import pytest

from dsv.errors import NothingChangedError, UsageError
from dsv.model.score_expression import parse_expression
from dsv.model.scores import Kind
from tests.scores.conftest import opened

KINDS = {"q": Kind.NUMBER, "ok": Kind.BOOLEAN, "who": Kind.TEXT, "odd name": Kind.TEXT}


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("q >= 0.5", [2]),
        ("q < .5", [1]),
        ("q = 5e-1 or q = 0.25", [1, 2]),
        ("q between 0.2 and 0.3", [1]),
        ("not q >= 0.5", [1]),
        ("q is null", [3]),
        ("q is not null and not ok", [1]),
        ("ok", [2]),
        ("ok = false", [1]),
        ("ok != true or q > 1", [1]),
        ("who in ('Ana', \"Bo\")", [1, 2]),
        ("who not in ('Ana')", [2]),
        ("who contains 'AN'", [1]),
        ("who not contains 'an'", [2]),
        ("who = 'it''s' or `odd name` = 'x'", [3]),
        ("NOT (who = 'Ana' AND q < 1) AND NOT NOT ok", [2]),
        ("q <> 0.25", [2]),
    ],
)
def test_a_condition_keeps_the_rows_that_it_is_true_of(text, kept):
    rows = [
        {"q": 0.25, "ok": False, "who": "Ana", "odd name": None},
        {"q": 0.5, "ok": True, "who": "Bo", "odd name": "y"},
        {"q": None, "ok": None, "who": None, "odd name": "x"},
    ]
    test = parse_expression(text, kinds=KINDS)
    assert [number for number, row in enumerate(rows, 1) if test(row)] == kept


@pytest.mark.parametrize(
    ("text", "column", "said"),
    [
        ("q >", 4, "expected a number, as q is number, found the end"),
        ("q > 'a'", 5, "expected a number"),
        ("q > 1 and", 10, "expected a column, not or ("),
        ("q > 1 q < 2", 7, "expected and, or, or the end"),
        ("x > 1", 1, "there is no column 'x'"),
        ("(q > 1", 7, "expected )"),
        ("q", 2, "expected a comparison"),
        ("ok > true", 1, "has no order"),
        ("q contains 'a'", 1, "holds no texts"),
        ("who = 'a", 7, "a text that does not end"),
        ("q ; drop", 3, "';' means nothing here"),
        ("who = Ana", 7, "expected a text in quotes"),
        ("(" * 60 + "q > 1" + ")" * 60, 51, "levels"),
        ("__import__('os')", 1, "there is no column"),
    ],
)
def test_what_does_not_read_is_refused_with_its_place(text, column, said):
    with pytest.raises(UsageError) as refused:
        parse_expression(text, kinds=KINDS)
    assert said in refused.value.message
    assert refused.value.details["column"] == column


def test_thousands_of_conditions_take_no_stack():
    test = parse_expression(" or ".join(["q = 1"] * 2_000) + " and " + "not " * 2_000 + "ok", kinds=KINDS)
    assert test({"q": 1.0, "ok": True, "who": None, "odd name": None})


def test_a_query_is_sorted_and_limited_and_tells_how_many_there_are(scored):
    found = scored.json(
        *("quality", "query", "notes", "--where", "not judge_passed and split = 'train'"),
        *("--sort", "quality_score", "--desc", "--limit", "3"),
    )
    assert found["total"] == 27
    assert [(row["row"], row["quality_score"]) for row in found["rows"]] == [(10, 0.9), (40, 0.9), (70, 0.9)]
    said = scored.dsv("quality", "query", "notes", "--where", "quality_score > 0.8 and split = 'test'").stdout
    assert "test.jsonl   10  test   judge-a            0.9  yes" in said
    assert said.splitlines()[-1] == "1 row"
    scored.refused("quality", "query", "notes", "--where", "qualty_score > 1", code=2, kind="usage")
    scored.refused("quality", "query", "notes", "--sort", "colour", code=2, kind="usage")


def test_rows_are_written_for_other_programs_and_no_cell_runs_in_a_spreadsheet(scored):
    import pyarrow.parquet as pq

    quality = opened(scored).quality
    rows = [
        {"id": "r0", "judge_feedback": "=HYPERLINK(1)", "reward_score": -0.5},
        {"id": "r1", "judge_feedback": "@SUM(1)", "+note": "-1"},
        {"id": "r2", "judge_feedback": "fine, as it is", "reward_score": 2},
    ]
    quality.import_("notes", rows, scorer="judge-b")
    found = quality.query("notes", "scorer = 'judge-b'", with_records=True)
    for suffix in ("jsonl", "csv", "parquet"):
        found.write(str(scored.root / f"../rows.{suffix}"))
    lines = list(csv.DictReader(scored.read("../rows.csv").splitlines()))
    assert [line["judge_feedback"] for line in lines] == ["'=HYPERLINK(1)", "'@SUM(1)", "fine, as it is"]
    assert [line["reward_score"] for line in lines] == ["-0.5", "", "2.0"]
    assert [line["'+note"] for line in lines] == ["", "'-1", ""]
    plain = [json.loads(line) for line in scored.read("../rows.jsonl").splitlines()]
    assert [line["judge_feedback"] for line in plain] == ["=HYPERLINK(1)", "@SUM(1)", "fine, as it is"]
    assert plain[2]["record"] == {"id": "r2", "text": "text of 2"}
    table = pq.read_table(str(scored.root / "../rows.parquet"))
    assert table.column("reward_score").to_pylist() == [-0.5, None, 2.0]
    assert found.to_arrow().equals(table)
    with pytest.raises(UsageError):
        found.write(str(scored.root / "../rows.xlsx"))
    with pytest.raises(NothingChangedError):  # it reads back as what it was
        quality.import_("notes", str(scored.root / "../rows.jsonl"), scorer="judge-b", by="record")


def test_show_is_a_table_with_coverage_beside_each_mean(scored):
    lines = scored.dsv("quality", "show", "notes").stdout.splitlines()
    assert lines[0] == "notes@1.0.0: 100 records"
    assert lines[2].split() == [
        "judge-a",
        "all",
        "quality_score",
        "90",
        "90.0",
        "%",
        "0.45",
        *["0", "0", "0.4", "0.9", "0.9"],
    ]
    document = scored.json("quality", "show", "notes")
    assert document["scorers"][0].keys() >= {
        *("scorer", "n", "coverage", "mean", "min", "max", "quantiles", "pass_rate", "columns")
    }


def test_a_version_without_scores_says_how_to_bring_some(released):
    assert (
        released.dsv("quality", "show", "notes").stdout == "notes@1.0.0 has no scores; dsv quality import brings them\n"
    )
    assert released.json("quality", "query", "notes")["rows"] == []


def test_scores_of_single_records_can_be_asked_for_in_sql(scored):
    assert scored.json("index", "examples", "notes") == {"ref": "notes@1.0.0", "scorers": {"judge-a": 90}}
    query = "select file, row, quality_score, agent_type from dataset_quality_examples where judge_passed = 0"
    rows = scored.json("sql", f"{query} order by file desc, row limit 2")["rows"]
    assert rows == [["train.jsonl", 1, 0.0, "a"], ["train.jsonl", 4, 0.3, "b"]]
