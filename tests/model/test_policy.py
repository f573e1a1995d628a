"""The policy `balanced`: from what changed to the level of the next version, row by row of its table."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsv.model.change import Change, FilesChange, RecordCounts
from dsv.model.fields import Fields, FieldsChange, FieldType
from dsv.model.policy import Policy, compare_fields, percent, rare
from dsv.model.policy_rules import decide
from dsv.model.version import Level

BALANCED = Policy()
EDITED = FilesChange(modified=("data.jsonl",))
MAJOR, MINOR, PATCH = Level.MAJOR, Level.MINOR, Level.PATCH


def counts(old: int = 1000, **changed: int) -> RecordCounts:
    """Counts that add up to `old` records before."""
    gone = sum(changed.get(kind, 0) for kind in ("removed", "modified", "moved"))
    return RecordCounts(unchanged=old - gone, **changed)


def level(change: Change, policy: Policy = BALANCED) -> Level | None:
    return decide(change, policy=policy).level


def keyed(old: int = 1000, **changed: int) -> Change:
    return Change(counts(old, **changed), EDITED, keyed=True)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"modified": 501}, MAJOR),
        ({"modified": 500}, MINOR),
        ({"modified": 100}, MINOR),
        ({"modified": 99}, PATCH),
        ({"modified": 1}, PATCH),
        ({"added": 501}, MAJOR),
        ({"added": 500}, MINOR),
        ({"added": 100}, MINOR),
        ({"added": 99}, PATCH),
        ({"removed": 501}, MAJOR),
        ({"removed": 100}, MINOR),
        ({"removed": 99}, PATCH),
        ({"moved": 501}, MAJOR),
        ({"moved": 100}, MINOR),
        ({"moved": 99}, PATCH),
        ({"added": 25, "removed": 25, "modified": 25, "moved": 24}, PATCH),
        ({"added": 25, "removed": 25, "modified": 25, "moved": 25}, MINOR),
        ({"added": 200, "removed": 100, "modified": 100, "moved": 100}, MINOR),
        ({"added": 200, "removed": 101, "modified": 100, "moved": 100}, MAJOR),
    ],
)
def test_the_changed_share_of_the_old_records_makes_the_level(changed: dict[str, int], expected: Level) -> None:
    assert level(keyed(**changed)) is expected


def test_thresholds_are_exact_where_floats_are_not() -> None:
    tenth = keyed(old=10**17, modified=10**16)
    a_record_less = keyed(old=10**17, modified=10**16 - 1)
    half = keyed(old=10**17, modified=5 * 10**16)
    a_record_more = keyed(old=10**17, modified=5 * 10**16 + 1)
    assert [level(each) for each in (a_record_less, tenth, half, a_record_more)] == [PATCH, MINOR, MINOR, MAJOR]


@given(records=st.builds(RecordCounts, *[st.integers(0, 50)] * 5), has_key=st.booleans())
def test_the_level_follows_the_rule_in_whole_numbers(*, records: RecordCounts, has_key: bool) -> None:
    come_and_gone = records.added + records.removed if has_key else max(records.added, records.removed)
    changed, old = come_and_gone + records.modified + records.moved, max(records.old, 1)
    expected = MAJOR if 2 * changed > old else MINOR if 10 * changed >= old and changed else PATCH
    assert level(Change(records, EDITED, keyed=has_key)) is expected


def test_without_a_key_an_edited_record_counts_once_though_it_came_and_went() -> None:
    records = counts(added=500, removed=500)
    assert level(Change(records, EDITED, keyed=False)) is MINOR
    assert level(Change(records, EDITED, keyed=True)) is MAJOR
    assert records.share(keyed=False) == Fraction(1, 2)


def test_of_an_empty_dataset_one_new_record_is_everything() -> None:
    assert level(keyed(old=0, added=1)) is MAJOR


def test_nothing_changed_is_no_version() -> None:
    verdict = decide(Change(counts(), keyed=True), policy=BALANCED)
    assert verdict.level is None


@pytest.mark.parametrize(
    "files",
    [
        FilesChange(modified=("a.jsonl",)),
        FilesChange(renamed=(("a.jsonl", "b.jsonl"),)),
        FilesChange(added=("b.jsonl",), removed=("a.jsonl",)),
    ],
)
def test_other_bytes_order_or_sharding_of_the_same_records_is_a_patch(files: FilesChange) -> None:
    verdict = decide(Change(counts(), files, keyed=True), policy=BALANCED)
    assert (verdict.level, verdict.reasons) == (PATCH, ("files changed, but no record did",))


def test_other_declarations_alone_are_a_patch() -> None:
    verdict = decide(Change(counts(), declarations_changed=True), policy=BALANCED)
    assert (verdict.level, verdict.reasons) == (PATCH, ("only the declarations of format or splits changed",))


def test_another_key_is_a_major_though_no_byte_changed() -> None:
    verdict = decide(Change(counts(), key_changed=True), policy=BALANCED)
    assert (verdict.level, verdict.reasons) == (MAJOR, ("the key changed",))


@pytest.mark.parametrize(
    ("fields", "expected", "reasons"),
    [
        (FieldsChange(removed=("rent",)), MAJOR, ["field rent removed"]),
        (FieldsChange(added=("fee",), removed=("rent",)), MAJOR, ["field rent removed"]),
        (
            FieldsChange(changed=(FieldType("rent", ("number",), ("string",)),)),
            MAJOR,
            ["field rent changed from number to string"],
        ),
        (
            FieldsChange(changed=(FieldType("rent", ("number",), ("string", "number")),)),
            MAJOR,
            ["field rent changed from number to string or number"],
        ),
        (FieldsChange(added=("fee",)), MINOR, ["field fee added"]),
    ],
)
def test_a_change_of_fields_outweighs_a_small_share(fields: FieldsChange, expected: Level, reasons: list[str]) -> None:
    verdict = decide(Change(counts(modified=1), EDITED, fields, keyed=True), policy=BALANCED)
    assert (verdict.level, list(verdict.reasons)) == (expected, reasons)


def test_a_field_added_does_not_lower_a_major() -> None:
    fields = FieldsChange(added=("fee",))
    assert level(Change(counts(modified=501), EDITED, fields, keyed=True)) is MAJOR


def test_every_reason_of_the_level_is_told_and_none_of_a_lower_one() -> None:
    fields = FieldsChange(added=("fee",), removed=("rent",))
    verdict = decide(Change(counts(modified=600), EDITED, fields, keyed=True, key_changed=True), policy=BALANCED)
    assert verdict.reasons == ("the key changed", "field rent removed", "changed share 60.0 % is above 50 %")


def test_a_field_or_type_that_few_records_carried_may_go_with_a_minor() -> None:
    gone = FieldsChange(removed=("typo",))
    other = FieldsChange(changed=(FieldType("rent", ("string", "number"), ("number",)),))
    both = {"typo", ("rent", "string")}
    assert level(Change(counts(modified=1), EDITED, gone, keyed=True, rare=frozenset(both))) is MINOR
    assert level(Change(counts(modified=1), EDITED, other, keyed=True, rare=frozenset(both))) is MINOR
    assert level(Change(counts(modified=1), EDITED, other, keyed=True, rare=frozenset({"typo"}))) is MAJOR


def test_a_rare_type_that_goes_does_not_excuse_one_that_comes() -> None:
    fields = FieldsChange(changed=(FieldType("rent", ("string", "number"), ("number", "array")),))
    rare_string = frozenset({("rent", "string")})
    assert level(Change(counts(modified=1), EDITED, fields, keyed=True, rare=rare_string)) is MAJOR


def test_rare_is_fewer_than_one_in_a_hundred() -> None:
    fields = Fields.of(
        {
            "nine": {"string": 9},
            "ten": {"string": 10},
            "mixed": {"string": 9, "number": 991},
            "often": {"string": 5, "number": 5},
        }
    )
    found = rare(fields, records=1000, policy=BALANCED)
    assert found == {"nine", ("nine", "string"), ("mixed", "string"), ("often", "string"), ("often", "number")}


def test_gaining_or_losing_null_is_no_retyping() -> None:
    plain = Fields.of({"rent": {"number": 10}})
    with_null = Fields.of({"rent": {"number": 9, "null": 1}})
    assert compare_fields(plain, with_null) == FieldsChange()
    assert compare_fields(with_null, plain) == FieldsChange()


def test_a_field_that_was_always_null_may_get_values_with_a_minor() -> None:
    fields = compare_fields(Fields.of({"rent": {"null": 10}}), Fields.of({"rent": {"number": 10}}))
    assert level(Change(counts(modified=1), EDITED, fields, keyed=True)) is MINOR


def test_a_field_that_loses_all_its_values_is_retyped() -> None:
    fields = compare_fields(Fields.of({"rent": {"number": 10}}), Fields.of({"rent": {"null": 10}}))
    assert level(Change(counts(modified=1), EDITED, fields, keyed=True)) is MAJOR


def test_fields_are_compared_by_name_and_type() -> None:
    old = Fields.of({"a": {"string": 1}, "b": {"string": 1}, "c": {"number": 1}})
    new = Fields.of({"b": {"string": 1}, "c": {"string": 1}, "d": {"array": 1}})
    assert compare_fields(old, new) == FieldsChange(("d",), ("a",), (FieldType("c", ("number",), ("string",)),))


def test_beside_records_the_larger_share_counts_of_records_and_of_files_without_a_reader() -> None:
    few_labels = counts(modified=1)
    half_the_images = RecordCounts(added=51, removed=51, unchanged=49)
    verdict = decide(Change(few_labels, EDITED, opaque=half_the_images, keyed=True), policy=BALANCED)
    assert verdict.level is MAJOR
    assert verdict.reasons == ("changed share of the files without a reader 51.0 % is above 50 %",)
    many_labels = Change(counts(modified=501), EDITED, opaque=RecordCounts(unchanged=100), keyed=True)
    assert level(many_labels) is MAJOR
    assert many_labels.share == Fraction(501, 1000)


def test_a_project_may_draw_its_own_lines() -> None:
    change = keyed(modified=50)
    assert level(change, Policy(major=0.5, minor=0.05)) is MINOR
    assert level(change, Policy(major=0.049, minor=0.01)) is MAJOR
    fields = Fields.of({"typo": {"string": 40}})
    assert rare(fields, records=1000, policy=Policy(rare_fields=0.05)) == {"typo", ("typo", "string")}


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (Fraction(41, 100), "41.0 %"),
        (Fraction(1, 3), "33.3 %"),
        (Fraction(999, 10000), "9.99 %"),
        (Fraction(50001, 100000), "50.001 %"),
        (Fraction(1, 10**5), "0.001 %"),
        (Fraction(1, 2), "50.0 %"),
    ],
)
def test_a_share_near_a_threshold_is_shown_apart_from_it(share: Fraction, text: str) -> None:
    assert percent(share, apart_from=(Fraction(1, 2), Fraction(1, 10))) == text
