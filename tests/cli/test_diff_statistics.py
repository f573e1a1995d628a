"""`dsv diff --stat`: what is known of the fields' values, before and after."""

from __future__ import annotations

import re
import shutil

import pytest

import dsv
from tests.cli.manifest_edits import reseal
from tests.conftest import Scratch


@pytest.fixture
def labelled(scratch: Scratch) -> Scratch:
    """`mail` 1.0.0 with 300 records and the label field `kind`, and 30 more in the work tree."""
    scratch.dsv("init")
    records = [
        {"id": f"m{at}", "kind": "spam" if at % 3 else "ham", "rent": at * 1000, "tags": ["a"] * (at % 4), "left": 1.5}
        for at in range(300)
    ]
    scratch.records("data/mail/train.jsonl", records)
    scratch.write("manifests/mail/dataset.yaml", "schema: 1\nname: mail\npath: data/mail\nlabel_fields: [kind]\n")
    scratch.dsv("add", "data/mail", "--key", "id")
    records = [{**each, "left": 2.5} if each["id"] == "m7" else each for each in records]
    added = [{"id": f"n{at}", "kind": "\x1b[31mnew", "rent": None, "tags": []} for at in range(30)]
    scratch.records("data/mail/train.jsonl", [*records, *added])
    return scratch


def test_statistics_stand_side_by_side(labelled: Scratch) -> None:
    found = {each["field"]: each for each in labelled.json("diff", "mail", "--stat")["statistics"]}

    assert list(found) == ["id", "kind", "left", "rent", "tags"]
    assert found["rent"]["old"] == {
        "present": 300,
        "missing": 0,
        "nulls": 0,
        "distinct": 300,
        "estimated": False,
        "values": {"min": 0, "p5": 13950, "p25": 73730, "p50": 148500, "p75": 223200, "p95": 282600, "max": 299000},
    }
    assert found["rent"]["new"] == {**found["rent"]["old"], "present": 330, "nulls": 30}
    assert found["left"]["new"]["missing"] == 30
    assert found["tags"]["new"]["elements"] == {"min": 0, "p5": 0, "p25": 0, "p50": 1, "p75": 2, "p95": 3, "max": 3}
    assert found["kind"]["new"]["labels"] == [
        {"value": "\x1b[31mnew", "count": 30, "share": 0.0909},
        {"value": "ham", "count": 100, "share": 0.303},
        {"value": "spam", "count": 200, "share": 0.6061},
    ]


def test_the_table_reads_before_and_after(labelled: Scratch) -> None:
    shown = labelled.dsv("diff", "mail@1.0.0", "mail@work", "--stat").stdout
    lines = [re.sub(r"  +", " | ", line.strip()) for line in shown.splitlines()]

    assert "field | missing | nulls | distinct | of | min | 5 % | 25 % | 50 % | 75 % | 95 % | max" in lines
    assert "left | old | 0 | 0 | 1 | values | 1.5 | 1.5 | 1.5 | 1.5 | 1.5 | 1.5 | 1.5" in lines
    assert "new | 30 | 0 | 2 | values | 1.5 | 1.5 | 1.5 | 1.5 | 1.5 | 1.5 | 2.5" in lines
    assert "kind | old | new" in lines
    assert "\x1b" not in shown
    assert any(line.startswith("\\x1b[31mnew") for line in lines)


def test_reports_carry_statistics_and_no_markup_of_the_data(labelled: Scratch) -> None:
    labelled.records("data/mail/train.jsonl", [{"id": "m1", "kind": "<b>|*x*", "rent": 1}])

    markdown = labelled.dsv("diff", "mail", "--stat", "--as", "markdown").stdout
    html = labelled.dsv("diff", "mail", "--stat", "--as", "html").stdout

    assert "#### Statistics" in markdown
    assert "| `<b>\\x7c*x*` |" in markdown
    assert "<h2>Statistics</h2>" in html
    assert "&lt;b&gt;|*x*" in html
    assert "<b>" not in html


def test_fields_with_the_same_statistics_are_only_named(labelled: Scratch) -> None:
    labelled.dsv("bump", "mail")
    text = (labelled.root / "data/mail/train.jsonl").read_text().splitlines()
    text[0] = text[0].replace('"left": 1.5', '"left": 7.25')
    (labelled.root / "data/mail/train.jsonl").write_text("\n".join(text) + "\n")

    shown = labelled.dsv("diff", "mail", "--stat").stdout

    assert "statistics the same: id, kind, rent, tags" in shown
    assert labelled.dsv("diff", "mail@latest", "mail@latest", "--stat").stdout.splitlines()[-1] == (
        "  statistics the same: id, kind, left, rent, tags"
    )


def test_without_stat_there_are_no_statistics(labelled: Scratch) -> None:
    assert "statistics" not in labelled.json("diff", "mail")
    assert "statistics" not in labelled.dsv("diff", "mail").stdout


def test_an_older_version_whose_data_is_away_says_what_to_do(labelled: Scratch) -> None:
    expected = labelled.json("diff", "mail", "--stat")["statistics"]
    manifest = "manifests/mail/1.0.0.yaml"
    labelled.write(manifest, re.sub(r"^profile:\n(  - .*\n)+", "", labelled.read(manifest), flags=re.MULTILINE))
    reseal(labelled, manifest)
    labelled.git("commit", "-qam", "as an older dsv wrote it")
    labelled.git("tag", "-d", "mail@v1.0.0")
    assert labelled.json("diff", "mail", "--stat")["statistics"] == expected
    shutil.rmtree(labelled.root / ".dvc/cache")

    result = labelled.dsv("--json", "diff", "mail", "--stat", code=40)

    assert result.error["kind"] == "missing_data"
    assert "mail@1.0.0" in result.error["message"]
    assert "dsv fetch mail@1.0.0" in result.error["hint"]


def test_released_versions_need_no_data_for_their_statistics(labelled: Scratch) -> None:
    labelled.dsv("bump", "mail")
    expected = labelled.json("diff", "mail@1.0.0", "1.1.0", "--stat")["statistics"]
    assert [each["field"] for each in expected if not each["same"]] == ["id", "kind", "left", "rent", "tags"]
    shutil.rmtree(labelled.root / ".dvc/cache")

    assert labelled.json("diff", "mail@1.0.0", "1.1.0", "--stat")["statistics"] == expected


def test_the_python_api_gives_the_same(labelled: Scratch) -> None:
    result = dsv.open(labelled.root).diff("mail", statistics=True)
    assert result.document() == labelled.json("diff", "mail", "--stat")


def test_files_without_fields_have_no_statistics(scratch: Scratch) -> None:
    scratch.dsv("init")
    scratch.write("data/pictures/a.png", b"\x89PNG one")
    scratch.dsv("add", "data/pictures")
    scratch.write("data/pictures/a.png", b"\x89PNG two")

    assert scratch.json("diff", "pictures", "--stat")["statistics"] == []
    assert "no fields, so no statistics" in scratch.dsv("diff", "pictures", "--stat").stdout
