"""Counts of records and files as values that add up."""

from __future__ import annotations

from fractions import Fraction

import pytest

from dsv.model.change import Change, FilesChange, RecordCounts


def test_old_and_new_follow_from_the_classes() -> None:
    counts = RecordCounts(added=1, removed=2, modified=4, moved=8, unchanged=16)
    assert (counts.old, counts.new) == (16 + 8 + 4 + 2, 16 + 8 + 4 + 1)


def test_the_share_is_of_the_old_records_and_may_pass_one() -> None:
    assert RecordCounts(added=30, unchanged=10).share(keyed=True) == 3


def test_the_share_of_no_old_records_is_the_number_of_new_ones() -> None:
    assert RecordCounts(added=7).share(keyed=True) == 7
    assert RecordCounts().share(keyed=True) == 0


def test_without_a_key_the_larger_of_come_and_gone_counts() -> None:
    counts = RecordCounts(added=3, removed=5, moved=1, unchanged=4)
    assert counts.share(keyed=False) == Fraction(6, 10)
    assert counts.share(keyed=True) == Fraction(9, 10)


def test_a_share_is_written_with_six_decimals() -> None:
    change = Change(RecordCounts(modified=1, unchanged=2), keyed=True)
    assert change.records_document() == {
        "added": 0,
        "removed": 0,
        "modified": 1,
        "moved": 0,
        "unchanged": 2,
        "changed_share": 0.333333,
    }


def test_files_without_a_reader_are_counted_as_without_a_key() -> None:
    opaque = RecordCounts(added=2, removed=2, unchanged=2)
    assert Change(RecordCounts(unchanged=9), opaque=opaque, keyed=True).share == Fraction(1, 2)


@pytest.mark.parametrize(
    "change",
    [
        Change(RecordCounts(unchanged=1), FilesChange(added=("a",))),
        Change(RecordCounts(unchanged=1), FilesChange(removed=("a",))),
        Change(RecordCounts(unchanged=1), FilesChange(modified=("a",))),
        Change(RecordCounts(unchanged=1), FilesChange(renamed=(("a", "b"),))),
        Change(RecordCounts(unchanged=1), key_changed=True),
        Change(RecordCounts(unchanged=1), declarations_changed=True),
    ],
)
def test_a_byte_a_path_the_key_or_a_declaration_is_something(change: Change) -> None:
    assert not change.nothing


def test_the_same_files_read_in_the_same_way_are_nothing() -> None:
    assert Change(RecordCounts(unchanged=3), FilesChange(unchanged=1)).nothing


def test_files_are_reported_by_number() -> None:
    files = FilesChange(added=("a",), removed=("b", "c"), modified=(), renamed=(("d", "e"),), unchanged=4)
    assert files.document() == {"added": 1, "removed": 2, "modified": 0, "renamed": 1, "unchanged": 4}
