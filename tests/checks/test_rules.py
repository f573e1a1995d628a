"""What rules say of data: exactly, from the profile or the records, with the first records that break them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from dsv.checks.rules.check import RuleCheck
from dsv.checks.rules.outcome import Example, Outcome, Result
from dsv.checks.rules.version import Before, CheckedVersion, Elsewhere, Labels, Scores
from dsv.checks.rules.whole import labels
from dsv.model.change import RecordCounts
from dsv.model.executor import LOCAL
from dsv.model.reading import Reading
from dsv.model.rule_text import parse_rule
from dsv.records.index import RecordIndex
from dsv.records.profile import merge
from dsv.repository.contents.gather import gather_from
from dsv.repository.contents.notes import NotesOf

Made = Callable[..., CheckedVersion]


@pytest.fixture
def version(tmp_path: Path) -> Made:
    """The version of some files: records by file name, or the text of a file."""
    made = iter(range(100))

    def make(
        files: Mapping[str, Sequence[Any] | str], *, rules: Iterable[str] = (), key: Sequence[str] = (), **more: Any
    ) -> CheckedVersion:
        place = tmp_path / str(next(made))
        place.mkdir()
        for name, content in files.items():
            text = content if isinstance(content, str) else "".join(json.dumps(each) + "\n" for each in content)
            (place / name).write_text(text)
        checks = [RuleCheck(parse_rule(rule), key=tuple(key)) for rule in rules]
        snapshot = gather_from(
            {name: str(place / name) for name in files},
            dataset="notes",
            path="data/notes",
            reading=Reading(),
            key=tuple(key),
            is_directory=True,
            directory=str(place / "index"),
            inspections=[each for check in checks for each in check.inspections()],
        )
        return CheckedVersion(
            records=snapshot.records,
            noted=NotesOf(snapshot, executor=LOCAL),
            files=len(snapshot.files),
            bytes=snapshot.bytes,
            splits=snapshot.splits,
            key=tuple(key),
            fields=lambda: {each.name: each for each in merge([snapshot.profile]).fields},
            more_fields=lambda: snapshot.profile.more,
            index=lambda: RecordIndex.open(snapshot.index_directory),
            split_of_file=lambda number: snapshot.reading.split_of(sorted(files)[number]),
            **more,
        )

    return make


def told(line: str, version: CheckedVersion, *, key: Sequence[str] = ()) -> Outcome:
    return RuleCheck(parse_rule(line), key=tuple(key)).outcome(version)


def keeps(line: str, version: CheckedVersion) -> bool:
    return told(line, version).result is Result.PASSED


def rows(outcome: Outcome) -> list[tuple[str, int]]:
    return [(each.file, each.row) for each in outcome.first]


def test_records_are_counted_in_all_and_by_split(version: Made) -> None:
    found = version({"train.jsonl": [{"a": n} for n in range(9)], "test.jsonl": [{"a": 10}]})
    assert keeps("records == 10", found)
    assert keeps("records(train) == 90%", found)
    assert keeps("records(test, train) between 10 and 10", found)
    assert keeps("files == 2", found)
    assert not keeps("records(valid) > 0", found)


def test_a_share_is_compared_exactly(version: Made) -> None:
    found = version({"a.jsonl": [{"a": 1}] + [{"a": n, "b": 1} for n in range(2, 301)]})
    assert not keeps("missing(b) <= 0.3333333333%", found)
    assert keeps("missing(b) <= 0.3333333334%", found)
    assert "0.3333%" in told("missing(b) <= 0.1%", found).message


def test_a_value_is_missing_where_there_is_none_or_it_is_null_or_empty(version: Made) -> None:
    found = version({"a.jsonl": [{"x": 1}, {"x": None}, {"x": ""}, {"y": 1}, {"x": " "}, 7, {"x": 0}, {"x": False}]})
    outcome = told("missing(x) == 0", found)
    assert (outcome.count, outcome.value) == (4, "4")
    assert rows(outcome) == [("a.jsonl", 2), ("a.jsonl", 3), ("a.jsonl", 4), ("a.jsonl", 6)]
    assert told("missing(z)", found).count == 8
    many = version({"a.csv": "x,y\n" + "".join(f"{n % 3 and n},1\n" for n in range(300))})
    assert told("missing(x) == 0", many).count == 0
    long = version({"a.jsonl": [{"x": "" if n % 3 == 0 else "t" * n} for n in range(300)]})
    assert told("missing(x) == 0", long).count == 100


def test_values_are_told_apart_as_people_mean_them(version: Made) -> None:
    found = version({"a.jsonl": [{"x": "yes"}, {"x": 10}, {"x": "10"}, {"x": True}, {"x": None}, {}, {"x": 1.0}]})
    assert keeps("values(x) in [yes, 10, true, 1]", found)
    assert rows(told('values(x) in [yes, "10", true, 1]', found)) == [("a.jsonl", 2)]
    assert rows(told("values(x) in [yes, 10, 1]", found)) == [("a.jsonl", 4)]
    assert [each.what for each in told("values(x) not in [yes]", found).first] == ["x is 'yes'"]


@pytest.mark.parametrize("count", [3, 500])
def test_values_are_counted_whether_the_profile_tells_or_the_records(version: Made, count: int) -> None:
    found = version({"a.jsonl": [{"x": f"v{n}"} for n in range(count)] + [{"x": "odd"}]})
    outcome = told(f"values(x) in [{', '.join(f'v{n}' for n in range(count))}]", found)
    assert (outcome.count, rows(outcome)) == (1, [("a.jsonl", count + 1)])


def test_numbers_are_compared_by_the_digits_they_are_written_with(version: Made) -> None:
    rules = ["avg(x) >= 0.7", "values(x) between 0.7 and 1"]
    found = version({"a.jsonl": [{"x": 0.7}] * 10, "b.csv": "x\n0.7\n0.7\n"}, rules=rules)
    assert all(keeps(rule, found) for rule in rules)
    assert not keeps("avg(x) > 0.7", found)
    assert not keeps("values(x) > 0.7", found)


def test_what_is_no_number_stops_a_mean(version: Made) -> None:
    found = version({"a.jsonl": '{"x": 1}\n{"x": NaN}\n{"x": "n/a"}\n{"x": null}\n{"x": 1e999}\n{"x": true}\n'})
    outcome = told("avg(x) >= 0", found)
    assert (outcome.result, outcome.count) == (Result.FAILED, 4)
    assert [row for _, row in rows(outcome)] == [2, 3, 5, 6]
    assert "no record has a number in y" in told("avg(y) >= 0", found).message


def test_a_mean_is_the_same_however_many_values_there_are(version: Made) -> None:
    numbers = [n / 7 for n in range(20_000)]
    found = version({"a.jsonl": [{"x": n} for n in numbers]}, rules=["avg(x) > 0"])
    exact = sum(Fraction(repr(n)) for n in numbers) / len(numbers)
    below, above = (f"{float(exact) * factor:.9f}" for factor in (0.999999, 1.000001))
    assert keeps(f"avg(x) between {below} and {above}", found)
    assert str(told("avg(x) > 0", found).value) == f"{float(exact):.4g}"


def test_lengths_of_texts_and_lists(version: Made) -> None:
    found = version({"a.jsonl": [{"x": "abc"}, {"x": "ab"}, {"x": [1, 2, 3, 4]}, {"x": None}, {}, {"x": "äöü"}]})
    assert keeps("length(x) between 2 and 4", found)
    outcome = told("length(x) >= 3", found)
    assert [each.what for each in outcome.first] == ["x has length 2"]
    assert told("length(x) != 3", found).count == 2
    odd = version({"a.jsonl": [{"x": 5}]})
    assert "has no length" in told("length(x) > 0", odd).first[0].what


def test_duplicates_in_all_in_some_fields_and_in_the_key(version: Made) -> None:
    data = {"a.jsonl": [{"k": n, "x": n % 3} for n in range(6)], "b.jsonl": [{"x": 0, "k": 0}, {"k": 0, "x": None}]}
    found = version(data, rules=["duplicates(x)"], key=["k"])
    assert told("duplicates() == 0", found).first == (Example("b.jsonl", 1, "repeats a.jsonl record 1"),)
    assert told("duplicates(x) == 0", found).count == 4
    assert told("duplicates(k)", found, key=["k"]).count == 2
    assert told("duplicates(x, k)", found).count == 1
    assert keeps("distinct(x) == 3", found)
    assert keeps("distinct(k) between 70% and 80%", found)


def test_splits_that_share_records(version: Made) -> None:
    found = version(
        {
            "train.jsonl": [{"a": 1}, {"a": 2}, {"a": 2}, {"a": 3}],
            "test.jsonl": [{"a": 2}, {"a": 4}],
            "more.jsonl": [{"a": 4}],
        }
    )
    outcome = told("overlap(train, test) == 0", found)
    assert (outcome.count, rows(outcome)) == (2, [("train.jsonl", 2), ("train.jsonl", 3)])
    assert outcome.first[0].what == "is test.jsonl record 1 too"
    assert keeps("overlap(test, train) == 50%", found)
    assert told("overlap(test) == 0", found).count == 3
    assert told("overlap(train, valid)", found).result is Result.VACUOUS


def test_versions_elsewhere_that_share_records(version: Made) -> None:
    others = [version({"e.jsonl": [{"a": n} for n in numbers]}) for numbers in ([1, 2], [2, 5])]
    held = [Elsewhere(f"eval@{number}.0.0", each.opened()) for number, each in enumerate(others, 1)]
    data = {"train.jsonl": [{"a": 5}, {"a": 6}, {"a": 2}], "test.jsonl": [{"a": 1}]}
    found = version(data, elsewhere=lambda text: held if text == "eval@*" else ())
    outcome = told("overlap(eval@*) == 0", found)
    assert outcome.count == 3
    assert outcome.first[0] == Example("test.jsonl", 1, "is in eval@1.0.0")
    assert outcome.first[1] == Example("train.jsonl", 1, "is in eval@2.0.0")
    assert told("overlap(train, eval@*) == 0", found).count == 2
    assert told("overlap(other@*)", found).result is Result.VACUOUS


def labelled(**counts: int) -> Labels:
    records = sum(counts.values())
    return labels(records, present=records, nulls=0, counts=tuple(counts.items()))


def test_change_and_drift_need_a_version_before(version: Made) -> None:
    found = version({"a.jsonl": [{"x": "a"}] * 60 + [{"x": "b"}] * 30 + [{}] * 10})
    assert told("removed <= 5%", found).result is Result.VACUOUS
    assert told("drift(x) <= 5%", found).result is Result.VACUOUS
    where = (Example("a.jsonl", 3, "removed since notes@1.0.0"),)
    before = Before("notes@1.0.0", 100, lambda _: where, {"x": labelled(a=50, b=50), "y": None}.__getitem__)
    change = RecordCounts(removed=6, added=6, unchanged=94)
    found = version(
        {"a.jsonl": [{"x": "a"}] * 60 + [{"x": "b"}] * 30 + [{}] * 10},
        before=before,
        change=change,
        changed_share=Fraction(6, 100),
    )
    assert told("removed <= 5%", found).first == where
    assert keeps("removed <= 6%", found)
    assert keeps("changed <= 6%", found)
    assert keeps("unchanged >= 94", found)
    drift = told("drift(x) <= 10%", found)
    assert drift.value == "20%"
    assert drift.message == 'x has drifted by 20%: "b" 50.0% to 30.0%, "a" 50.0% to 60.0%, no value 0.0% to 10.0%'
    assert "too many to follow" in told("drift(y) <= 10%", found).message


def test_scores_are_asked_by_column_and_scorer(version: Made) -> None:
    scores = {
        "judge-a": Scores(9, {"quality_score": (Fraction(9, 2), 9)}, judged=9, passed=8),
        "judge-b": Scores(1, {"quality_score": (Fraction(1), 1)}, judged=1, passed=1),
    }
    found = version({"a.jsonl": [{"a": n, "quality_score": 0.1} for n in range(10)]}, scores=scores)
    assert keeps("avg(quality_score) == 0.55", found)
    assert keeps("avg(quality_score, scorer=judge-a) == 0.5", found)
    assert keeps("judge_pass_rate == 90%", found)
    assert keeps("judge_pass_rate(judge-b) == 1", found)
    assert keeps("coverage(judge-a) == 90%", found)
    assert keeps("coverage(nobody) == 0", found)
    assert "no record was judged by nobody" in told("judge_pass_rate(nobody) > 0", found).message
