"""Merging two changed versions, record by record: nothing a side did is lost, and nothing else happens."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from dsv.model.reading import Reading
from dsv.records.formats import choose
from dsv.records.merged_file import Source, whole_source, write_merged
from dsv.records.present import records_of
from dsv.records.three_way import MergePlan, Party, State, plan_files, plan_records

from .datasets import COMPRESSIONS, Dataset, opened

READING = Reading()
PATHS = ("a.jsonl", "train/b.jsonl", "test/c.jsonl", "d.csv")

Version = Mapping[str, tuple[str, str]]
"""Key -> value and path."""

versions = st.dictionaries(
    st.sampled_from([f"k{number}" for number in range(6)]),
    st.tuples(st.sampled_from("xyz"), st.sampled_from(PATHS[:3])),
)


def files_of(version: Version, *, compression: str = "") -> dict[str, bytes]:
    """Its files of JSON Lines, with lines in an order of their own."""
    texts: dict[str, str] = {}
    for key, (value, path) in version.items():
        texts[path] = texts.get(path, "") + json.dumps({"id": key, "value": value}) + "\n"
    return {path + compression: COMPRESSIONS[compression](text.encode()) for path, text in texts.items()}


def merged(
    base: Mapping[str, bytes], ours: Mapping[str, bytes], theirs: Mapping[str, bytes], favour: Party | None = None
) -> tuple[MergePlan, dict[str, bytes]]:
    """The plan, and the files that come out."""
    with opened(base, key=("id",)) as b, opened(ours, key=("id",)) as o, opened(theirs, key=("id",)) as t:
        states = [
            State({path: str(content) for path, content in files.items()}, side.index)
            for files, side in ((base, b), (ours, o), (theirs, t))
        ]
        plan = plan_records(
            *states,
            readable=lambda path: choose(path, READING) is not None,
            split_of=READING.split_of,
            favour=favour,
        )
        return plan, _written(plan, states, {Party.BASE: b, Party.OURS: o, Party.THEIRS: t})


def _written(plan: MergePlan, states: list[State], datasets: Mapping[Party, Dataset]) -> dict[str, bytes]:
    def source_of(party: Party, number: int) -> Source:
        path = states[party].paths[number]
        return Source(datasets[party].sources[path], path)

    found = {}
    for path, each in plan.files.items():
        own = Source(datasets[each.party].sources[path], path)
        whole = whole_source(each, own, source_of, reading=READING)
        if whole is not None:
            with open(whole.place, "rb") as stream:
                found[path] = stream.read()
            continue
        target = io.BytesIO()
        write_merged(target, each, own, source_of, reading=READING)
        found[path] = target.getvalue()
    return found


def version_of(files: Mapping[str, bytes], tmp_path: Any = None) -> dict[str, tuple[str, str]]:
    """Key -> value and path, as a reader finds them; each key must be there once."""
    found: dict[str, tuple[str, str]] = {}
    with opened(files, key=("id",)) as dataset:
        for path, place in dataset.sources.items():
            for _, record in records_of(place, path=path, reading=READING):
                assert record["id"] not in found
                found[record["id"]] = record["value"], path
    return found


@settings(max_examples=60)
@given(versions, versions)
def test_merging_a_change_with_no_change_gives_the_change(base, changed):
    for ours, theirs in ((base, changed), (changed, base)):
        plan, result = merged(files_of(base), files_of(ours), files_of(theirs))
        assert not plan.record_conflict_count
        assert not plan.file_conflicts
        assert {path: content for path, content in result.items() if content} == files_of(changed)


@settings(max_examples=100)
@given(versions, versions, versions)
def test_either_way_round_a_merge_holds_the_same_records(base, ours, theirs):
    one, first = merged(files_of(base), files_of(ours), files_of(theirs))
    other, second = merged(files_of(base), files_of(theirs), files_of(ours))
    assert one.record_conflict_count == other.record_conflict_count
    if one.record_conflict_count:
        one, first = merged(files_of(base), files_of(ours), files_of(theirs), Party.OURS)
        other, second = merged(files_of(base), files_of(theirs), files_of(ours), Party.THEIRS)
    values = {key: value for key, (value, _) in version_of(first).items()}
    assert values == {key: value for key, (value, _) in version_of(second).items()}


@settings(max_examples=100)
@given(versions, versions, versions)
def test_what_one_side_did_is_in_the_merge_and_what_both_did_is_a_conflict(base, ours, theirs):
    plan, result = merged(files_of(base), files_of(ours), files_of(theirs), Party.OURS)
    found = version_of(result)
    conflicts = 0
    for key in {*base, *ours, *theirs}:
        values = [each[key][0] if key in each else None for each in (base, ours, theirs)]
        splits = [READING.split_of(each[key][1]) if key in each else None for each in (base, ours, theirs)]
        if values[1] == values[2] or values[0] == values[2]:
            expected = values[1]
        elif values[0] == values[1]:
            expected = values[2]
        else:
            conflicts, expected = conflicts + 1, values[1]
        assert (found[key][0] if key in found else None) == expected
        if key in ours and key in theirs and expected is not None and values[1] == values[2]:
            assert READING.split_of(found[key][1]) in splits[1:]
    assert merged(files_of(base), files_of(ours), files_of(theirs))[0].record_conflict_count >= conflicts
    assert not plan.record_conflict_count


@settings(max_examples=30)
@given(versions, versions, st.sampled_from(sorted(COMPRESSIONS)))
def test_edits_of_different_records_are_all_there_in_files_of_any_compression(ours, theirs, compression):
    base = {f"k{number}": ("b", "a.jsonl") for number in range(12)}
    here = {**base, **{key: (value, "a.jsonl") for key, (value, _) in ours.items()}}
    there = {**base, **{f"k{int(key[1:]) + 6}": (value, "a.jsonl") for key, (value, _) in theirs.items()}}
    plan, result = merged(*(files_of(each, compression=compression) for each in (base, here, there)))
    assert not plan.record_conflict_count
    suffixed = {key: (value, path + compression) for key, (value, path) in {**here, **there}.items()}
    expected = {key: suffixed[key] for key in base}
    for key in ours:
        expected[key] = here[key][0], "a.jsonl" + compression
    assert version_of(result) == expected


@settings(max_examples=60)
@given(*([st.dictionaries(st.sampled_from("abc"), st.sampled_from("xyz"))] * 3))
def test_whole_files_merge_by_the_same_rule(base, ours, theirs):
    plan = plan_files(State(base), State(ours), State(theirs))
    decided = {path: (ours if each.party is Party.OURS else theirs)[path] for path, each in plan.files.items()}
    undecided = {each.path for each in plan.file_conflicts}
    for path in {*base, *ours, *theirs}:
        before, here, there = base.get(path), ours.get(path), theirs.get(path)
        if there in (here, before):
            assert decided.get(path) == here
        elif before == here:
            assert decided.get(path) == there
        else:
            assert path in undecided
