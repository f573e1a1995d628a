from __future__ import annotations

import hashlib
import json
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsv.model.change import FilesChange, RecordCounts
from dsv.model.reading import Reading
from dsv.records.compare import (
    Example,
    Kind,
    compare,
    compare_files,
    compare_opaque,
    compare_with_examples,
)
from dsv.records.index import IndexedFile, Place, RecordIndex, build_index
from dsv.records.runs import KEYED_ROW, ROW, SortedRuns

SPLITS = (None, "test", "train")


def split_of(index):
    return lambda number: Reading().split_of(index.files[number][0])


def difference(old, new, *, keyed=False, limit=0):
    return compare_with_examples(old, new, old_split=split_of(old), new_split=split_of(new), keyed=keyed, limit=limit)


def lines(*records) -> bytes:
    return "".join(json.dumps(record) + "\n" for record in records).encode()


def test_an_edited_record_is_modified_with_a_key_and_comes_and_goes_without(build):
    old, new = lines({"id": 1, "a": 1}, {"id": 2}), lines({"id": 2}, {"id": 1, "a": 2})
    first, second = build({"a.jsonl": old}, key=["id"])[0], build({"a.jsonl": new}, key=["id"])[0]
    assert difference(first, second, keyed=True).counts == RecordCounts(modified=1, unchanged=1)
    assert difference(first, second).counts == RecordCounts(added=1, removed=1, unchanged=1)
    keyless = build({"a.jsonl": new})[0]
    assert difference(first, keyless, keyed=True).counts == RecordCounts(added=1, removed=1, unchanged=1)


def test_sharding_and_renaming_change_no_record(build):
    records = [{"id": number} for number in range(50)]
    old = build({"all.jsonl": lines(*records)})[0]
    new = build({"part-1.jsonl": lines(*records[30:]), "part-2.jsonl": lines(*records[:30][::-1])})[0]
    assert difference(old, new, limit=5).counts == RecordCounts(unchanged=50)
    assert difference(old, new, limit=5).examples == ()


def test_a_record_that_goes_from_split_to_split_is_moved(build):
    old = build({"train.jsonl": lines(1, 2, 3), "test.jsonl": lines(4)})[0]
    new = build({"train.jsonl": lines(1, 2), "test.jsonl": lines(4, 3)})[0]
    found = difference(old, new, limit=5)
    assert found.counts == RecordCounts(moved=1, unchanged=3)
    assert found.examples == (Example(Kind.MOVED, Place(1, 3), Place(0, 2)),)


def test_leaving_or_entering_the_unnamed_rest_is_no_move(build):
    old = build({"pool.jsonl": lines(1, 2, 3)})[0]
    new = build({"train.jsonl": lines(1, 2), "test.jsonl": lines(3)})[0]
    assert difference(old, new).counts == difference(new, old).counts == RecordCounts(unchanged=3)


def test_equal_contents_pair_inside_their_split_first(build):
    old = build({"train.jsonl": lines(1), "test.jsonl": lines(1)})[0]
    new = build({"train.jsonl": lines(1, 1), "test.jsonl": lines(2)})[0]
    assert difference(old, new).counts == RecordCounts(moved=1, unchanged=1, added=1)


def test_modified_wins_over_moved(build):
    old = build({"train.jsonl": lines({"id": 1, "a": 1})}, key=["id"])[0]
    new = build({"test.jsonl": lines({"id": 1, "a": 2})}, key=["id"])[0]
    assert difference(old, new, keyed=True).counts == RecordCounts(modified=1)


def test_one_copy_more_is_one_record_added(build):
    old, new = build({"a.jsonl": lines(1, 2)})[0], build({"a.jsonl": lines(1, 2, 1, 1)})[0]
    assert difference(old, new).counts == RecordCounts(added=2, unchanged=2)
    assert difference(new, old, limit=9).examples == (
        Example(Kind.REMOVED, Place(0, 3), None),
        Example(Kind.REMOVED, Place(0, 4), None),
    )


def test_equal_keys_pair_in_file_order(build):
    old = build({"a.jsonl": lines({"id": 1, "a": 1}, {"id": 1, "a": 2})}, key=["id"])[0]
    records = [{"id": 1, "a": number} for number in (7, 8, 9)]
    new = build({"a.jsonl": lines(*records[:1]), "b.jsonl": lines(*records[1:])}, key=["id"])[0]
    found = difference(old, new, keyed=True, limit=9)
    assert found.counts == RecordCounts(modified=2, added=1)
    assert found.examples == (
        Example(Kind.MODIFIED, Place(0, 1), Place(0, 1)),
        Example(Kind.MODIFIED, Place(0, 2), Place(1, 1)),
        Example(Kind.ADDED, None, Place(1, 2)),
    )


def test_examples_are_the_first_of_each_kind(build):
    old = build({"a.jsonl": lines(*range(1000))})[0]
    new = build({"a.jsonl": lines(*range(500, 2000))})[0]
    found = difference(old, new, limit=3)
    assert found.counts == RecordCounts(added=1000, removed=500, unchanged=500)
    assert found.examples == (
        *(Example(Kind.ADDED, None, Place(0, row)) for row in (501, 502, 503)),
        *(Example(Kind.REMOVED, Place(0, row), None) for row in (1, 2, 3)),
    )


def test_opaque_files_beside_records_are_compared_by_themselves(build):
    old = build({"labels.jsonl": lines(1), "train/a.png": b"a", "train/b.png": b"b", "c.png": b"c"})[0]
    new = build({"labels.jsonl": lines(1), "test/a.png": b"a", "b.png": b"b", "c.png": b"d"})[0]
    counts = compare_opaque(old, new, old_split=split_of(old), new_split=split_of(new))
    assert counts == RecordCounts(moved=1, unchanged=1, added=1, removed=1)
    assert difference(old, new).counts == RecordCounts(unchanged=1)


def brute_force(old, new, *, keyed):
    """Each rule over all pairs, in its turn; records are (split, key, content)."""
    counts = Counter()
    rules = [
        ("unchanged", lambda a, b: a[1:] == b[1:] and a[0] == b[0]),
        ("unchanged", lambda a, b: a[1:] == b[1:] and None in (a[0], b[0])),
        ("moved", lambda a, b: a[1:] == b[1:]),
    ]
    if keyed:
        rules.append(("modified", lambda a, b: a[1] is not None and a[1] == b[1]))
    old, new = list(old), list(new)
    for word, rule in rules:
        for a in list(old):
            partner = next((b for b in new if rule(a, b)), None)
            if partner is not None:
                old.remove(a)
                new.remove(partner)
                counts[word] += 1
    return RecordCounts(added=len(new), removed=len(old), **counts)


def index_of(directory, records, *, keyed, in_memory):
    """The index of records whose split is their file; a record without key is known by its content."""
    files = [IndexedFile(f"{split}.jsonl", "0" * 64, "jsonl") for split in SPLITS]
    rows, seen = [], Counter()
    for split, key, content in records:
        fingerprint = hashlib.md5(repr((key, content)).encode()).digest()
        by_key = fingerprint if key is None else hashlib.md5(repr(key).encode()).digest()
        seen[split] += 1
        place = SPLITS.index(split), seen[split]
        rows.append(KEYED_ROW.pack(fingerprint, by_key, *place) if keyed else ROW.pack(fingerprint, *place))
    with SortedRuns(KEYED_ROW.size if keyed else ROW.size, in_memory=in_memory) as runs:
        runs.add_one_by_one(rows)
        build_index(str(directory), files=files, rows=runs.blocks(), keyed=keyed, largest_pack=200)
    return RecordIndex.open(directory)


some_records = st.lists(
    st.tuples(st.sampled_from(SPLITS), st.sampled_from([None, 1, 2, 3]), st.integers(0, 2)), max_size=14
)


@settings(deadline=None, max_examples=150)
@given(some_records, some_records, st.booleans(), st.integers(1, 20))
def test_the_comparison_is_what_the_rules_say_pair_by_pair(old, new, keyed, in_memory):
    def split(number):
        return SPLITS[number]

    with TemporaryDirectory() as directory:
        place = Path(directory)
        a = index_of(place / "a", old, keyed=keyed, in_memory=in_memory)
        b = index_of(place / "b", new, keyed=keyed, in_memory=in_memory)
        found = compare_with_examples(a, b, old_split=split, new_split=split, keyed=True, limit=100)
        back = compare(b, a, old_split=split, new_split=split, keyed=True)
        itself = compare(a, a, old_split=split, new_split=split, keyed=True)
    counts = found.counts
    assert counts == brute_force(old, new, keyed=keyed)
    assert (counts.old, counts.new) == (len(old), len(new))
    assert back == RecordCounts(
        added=counts.removed,
        removed=counts.added,
        modified=counts.modified,
        moved=counts.moved,
        unchanged=counts.unchanged,
    )
    assert itself == RecordCounts(unchanged=len(old))
    kinds = Counter(example.kind.word for example in found.examples)
    assert kinds == +Counter({kind.word: getattr(counts, kind.word) for kind in Kind})
    for side in ("old", "new"):
        places = [getattr(each, side) for each in found.examples if getattr(each, side)]
        assert len(set(places)) == len(places)


def test_files_with_the_same_bytes_elsewhere_are_renamed():
    old = [("a", "1"), ("b", "1"), ("c", "2"), ("d", "3"), ("e", "4"), ("x", "9")]
    new = [("a2", "1"), ("b2", "1"), ("b3", "1"), ("c", "2"), ("d", "33"), ("e2", "3"), ("y", "8")]
    assert compare_files(old, new) == FilesChange(
        added=("b3", "e2", "y"),
        removed=("e", "x"),
        modified=("d",),
        renamed=(("a", "a2"), ("b", "b2")),
        unchanged=1,
    )
    assert compare_files(old, old) == FilesChange(unchanged=6)
    assert not compare_files([], []).any


def test_two_files_that_swap_their_bytes_are_modified():
    assert compare_files([("a", "1"), ("b", "2")], [("a", "2"), ("b", "1")]).modified == ("a", "b")


LISTS = [[], [("a", "1"), ("b", "2")], [("c", "1"), ("b", "3")]]


@pytest.mark.parametrize("old", LISTS)
@pytest.mark.parametrize("new", LISTS)
def test_the_way_back_is_the_inverse(old, new):
    there, back = compare_files(old, new), compare_files(new, old)
    assert (there.added, there.removed, there.modified) == (back.removed, back.added, back.modified)
    assert sorted(there.renamed) == sorted((new, old) for old, new in back.renamed)


def test_many_splits_are_counted_like_few(build):
    old = build({f"{number}.jsonl": lines(number, -number - 1) for number in range(120)})[0]
    new = build({f"{number}.jsonl": lines(number, -((number + 1) % 120) - 1) for number in range(120)})[0]
    found = compare_with_examples(
        old, new, old_split=lambda number: f"s{number}", new_split=lambda number: f"s{number}", keyed=False, limit=0
    )
    assert found.counts == RecordCounts(unchanged=120, moved=120)
    assert len(found.breakdown.splits) == 120
    assert all((each.counts.unchanged, each.counts.moved) == (1, 2) for each in found.breakdown.splits)
