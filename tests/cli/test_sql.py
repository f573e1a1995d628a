"""`dsv sql`: the index asked in SQL, on a terminal, by programs, and by people who make mistakes."""

from __future__ import annotations

import csv
import json
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import dsv

if TYPE_CHECKING:
    import pytest

    from tests.conftest import Scratch

ENDLESS = "with recursive n(i) as (select 1 union all select i + 1 from n) select {} from n"


def test_the_answer_is_a_table_that_fits_the_terminal(released: Scratch, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = "select dataset, version, records, null as absent, summary from v_latest_datasets"
    assert released.dsv("sql", asked).stdout.splitlines() == [
        "dataset  version  records  absent  summary",
        "notes    1.0.0        100  NULL    First notes",
    ]
    monkeypatch.setenv("COLUMNS", "40")
    long = "select 'a' as a, printf('%060d', 7) as b, 'c' as c"
    lines = released.dsv("sql", long).stdout.splitlines()
    assert [line.split()[0::2] for line in lines] == [["a", "c"], ["a", "c"]]
    assert max(map(len, lines)) == 40
    lines = released.dsv("sql", "select * from dataset_versions").stdout.splitlines()
    assert any(line.split() == ["dataset", "notes"] for line in lines)


def test_programs_get_one_document_or_rows_as_csv(released: Scratch) -> None:
    asked = "select dataset, records, 1.5 as half, x'00ff' as raw, null as absent, 9e999 as most from v_latest_datasets"
    document = {
        "columns": ["dataset", "records", "half", "raw", "absent", "most"],
        "rows": [["notes", 100, 1.5, "00ff", None, "Infinity"]],
        "truncated": False,
    }
    assert released.json("sql", asked) == document
    assert json.loads(released.dsv("sql", asked, "--as", "json").stdout) == document
    assert dsv.open(str(released.root)).sql(asked).document() == document
    table = list(csv.reader(released.dsv("sql", asked, "--as", "csv").stdout.splitlines()))
    assert table == [document["columns"], ["notes", "100", "1.5", "00ff", "", "inf"]]
    assert released.dsv("sql", "select 1 as a, 'b c' as b", "--as", "tsv").stdout == "a\tb\n1\tb c\n"
    released.refused("sql", asked, "--as", "xml", code=2, kind="usage")


def test_huge_answers_are_cut_with_a_word_and_streamed_as_csv(released: Scratch) -> None:
    cut = released.dsv("sql", ENDLESS.format("i"), "--limit", "3")
    assert cut.stdout.split() == ["i", "1", "2", "3"]
    assert "more than these 3 rows" in cut.stderr
    assert len(released.json("sql", ENDLESS.format("i"))["rows"]) == 1000
    assert released.json("sql", ENDLESS.format("i"))["truncated"] is True
    as_csv = released.dsv("sql", ENDLESS.format("i"), "--as", "csv", "--limit", "5000")
    assert len(as_csv.stdout.splitlines()) == 5001
    assert "more than these 5,000 rows" in as_csv.stderr


def test_mistakes_and_writing_are_refused_in_one_line(released: Scratch) -> None:
    for statement in ("select price", "delete from datasets", "attach 'x' as y", "select 1; select 2"):
        assert "\n" not in released.refused("sql", statement, code=2, kind="usage")["message"]
    released.refused("sql", ENDLESS.format("count(*)"), "--time-limit", "0.1", code=50, kind="timeout")


def test_what_was_released_a_moment_ago_is_there(released: Scratch) -> None:
    assert released.json("sql", "select count(*) from dataset_versions")["rows"] == [[1]]
    released.write("data/apples.csv", "kind,sold\nboskoop,1\n")
    released.dsv("add", "data/apples.csv")
    assert released.json("sql", "select count(*) from dataset_versions")["rows"] == [[2]]


def test_a_statement_is_read_from_standard_input_and_an_endless_one_ends_with_ctrl_c(released: Scratch) -> None:
    program = [sys.executable, "-m", "dsv", "sql", "-"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    process = subprocess.Popen(program, cwd=released.root, **pipes)
    process.stdin.write(f"-- rows\n{ENDLESS.format('count(*)')}")
    process.stdin.flush()
    process.stdin.close()
    process.stdin = None
    time.sleep(1.5)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (130, "")
    assert err.startswith("error: interrupted")
