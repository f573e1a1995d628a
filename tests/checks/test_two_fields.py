"""References between records, and values that come one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from dsv.checks.rules.check import RuleCheck
from dsv.checks.rules.outcome import Example, Outcome, Result
from dsv.checks.rules.version import CheckedVersion, Found, Placed
from dsv.model.rule_text import RuleError, parse_rule
from dsv.records.inspection import ROW, Batch, Inspection


def outcome(line: str, *files: Sequence[Any]) -> Outcome:
    """How the rule comes out for a version of these files, whose names are their numbers."""

    def noted(inspection: Inspection) -> Found:
        count, first, rows = 0, [], []
        for number, records in enumerate(files):
            inspector = inspection.begin()
            for start in range(0, len(records), 3):  # in batches
                inspector.take(Batch(records[start : start + 3], first=start + 1))
            found = inspector.finish()
            count += found.count
            first += [Example(str(number), *each) for each in found.first]
            rows += [(value, number, row) for value, row in ROW.iter_unpack(found.rows)]

        def ascending() -> Iterator[Placed]:
            yield from sorted(rows)

        return Found(count, tuple(first[:10]), rows=ascending)

    return RuleCheck(parse_rule(line)).outcome(CheckedVersion(sum(map(len, files)), noted))


def test_every_reference_finds_its_record_in_whichever_file() -> None:
    owed = [{"id": "OB-1"}, {"id": "OB-2"}, {"id": 3}]
    found = outcome(
        "dangling(on, id)", owed, [{"on": "OB-2"}, {"on": None}, {}, {"on": ["OB-1", 3, "OB-1"]}, {"on": ""}]
    )
    assert (found.result, found.message) == (Result.PASSED, "0 of 4 references in on name no id that is there")


def test_a_reference_to_nothing_is_named_with_its_value() -> None:
    owed = [{"id": "OB-1"}, {"id": 3}]
    edges = [{"on": "OB-1"}, {"on": "OB-9"}, {"on": [3, "3", None]}, "no object", {"on": "OB-9"}]
    found = outcome("dangling(on, id) == 0", owed, edges)
    assert found.result is Result.FAILED
    assert (found.value, found.count) == ("3", 3)
    assert [each.document() for each in found.first] == [
        {"file": "1", "row": 2, "what": "on names 'OB-9', which is no id that is there"},
        {"file": "1", "row": 3, "what": "on names '3', which is no id that is there"},
        {"file": "1", "row": 5, "what": "on names 'OB-9', which is no id that is there"},
    ]


def test_some_references_to_nothing_may_be_allowed() -> None:
    files = [{"id": 1}], [{"on": number} for number in (1, 1, 1, 2)]
    assert outcome("dangling(on, id) <= 25%", *files).result is Result.PASSED
    assert outcome("dangling(on, id) < 25%", *files).result is Result.FAILED
    assert outcome("dangling(on, id)", [{"id": 1}]).result is Result.PASSED


@pytest.mark.parametrize(
    ("start", "end"),
    [("2026-01-31", "2026-01-31"), ("2025-12-31", "2026-01-01"), (9, 10), ("9", "10"), (9, "10"), (None, 1), ("a", "")],
)
def test_what_is_in_order_is_not_spoken_of(start: Any, end: Any) -> None:
    assert outcome("out_of_order(start, end)", [{"start": start, "end": end}, {"start": 1}, 7]).result is Result.PASSED


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        ("2026-02-01", "2026-01-31", "end '2026-01-31' is before start '2026-02-01'"),
        (10, "9", "end '9' is before start 10"),
        (10, "soon", "start 10 and end 'soon' cannot be compared"),
        ([1], [2], "start a list and end a list cannot be compared"),
    ],
)
def test_what_is_out_of_order_is_named(start: Any, end: Any, words: str) -> None:
    found = outcome("out_of_order(start, end)", [{"start": 1, "end": 1}, {"start": start, "end": end}])
    assert (found.result, found.first) == (Result.FAILED, (Example("0", 2, words),))


def test_conversations_are_judged_by_a_rule() -> None:
    good = {"instruction": "Sum up.", "output": "Done."}
    found = outcome("chat()", [good, {"text": "x"}], [good])
    assert (found.result, found.count) == (Result.FAILED, 1)
    assert found.message == "1 of 3 records are no sound conversation"
    assert outcome("chat(alpaca) <= 40%", [good, {"text": "x"}], [good]).result is Result.PASSED
    assert outcome("chat(chatml)", [good]).result is Result.FAILED


def test_a_spelling_that_nobody_knows_is_refused_where_it_stands() -> None:
    with pytest.raises(
        RuleError, match=r"expected one of auto, chatml, sharegpt, alpaca, got 'chatlm'.*chatml\?"
    ) as refused:
        parse_rule("chat(chatlm) == 0")
    assert refused.value.offset == len("chat(")
    with pytest.raises(RuleError, match="dangling"):
        parse_rule("dangling(on)")
