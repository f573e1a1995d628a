"""What a manifest says of fields' values is short, reads back as it was, and compares."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsv.errors import BadManifestError
from dsv.model.field_profile import FieldProfile, FieldsProfile, compared, few_digits
from dsv.model.manifest import dump_manifest, load_manifest
from tests.model.test_manifest_file import EXAMPLE, release

PROFILE = FieldsProfile(
    10,
    (
        FieldProfile("id", 10, distinct=10, characters=(2, 2, 3, 3, 3, 4, 4)),
        FieldProfile(
            "note",
            9,
            nulls=4,
            distinct=3,
            values=(-1, 0.5, 1, 1.25, 2, 2, 9),
            elements=(0, 0, 1, 1, 1, 2, 2),
            labels=(("1", 3), ("no", 1), (1, 2), (True, 1)),
        ),
        FieldProfile("rare", 1, distinct=980_000, estimated=True, values=(1, 1, 1, 1, 1, 1, 1)),
    ),
)


def test_a_manifest_has_one_line_a_profiled_field():
    text = dump_manifest(release(profile=PROFILE)).decode()
    assert (
        """\
profile:
  - {name: id, present: 10, distinct: 10, characters: [2, 2, 3, 3, 3, 4, 4]}
  - {name: note, present: 9, nulls: 4, distinct: 3, values: [-1, 0.5, 1, 1.25, 2, 2, 9], \
elements: [0, 0, 1, 1, 1, 2, 2], labels: [{value: "1", count: 3}, {value: "no", count: 1}, \
{value: 1, count: 2}, {value: true, count: 1}]}
  - {name: rare, present: 1, distinct: 980000, estimated: true, values: [1, 1, 1, 1, 1, 1, 1]}
key: [id]
"""
        in text
    )


def test_a_profile_reads_back_as_it_was():
    manifest = release(profile=PROFILE)
    loaded = load_manifest(dump_manifest(manifest), file="m.yaml")
    assert loaded.warnings == ()
    assert loaded.value == manifest
    assert loaded.value.profiled == PROFILE


def test_an_older_manifest_says_nothing_of_values():
    loaded = load_manifest(EXAMPLE.encode(), file="m.yaml").value
    assert loaded.profile is None
    assert loaded.profiled is None
    assert b"profile" not in dump_manifest(loaded)


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ("{name: a, present: 1, values: [1, 2]}", "must hold 7 numbers"),
        ("{name: a, present: 1, values: [1, 2, 3, 4, 5, 7, 6]}", "must ascend"),
        ("{name: a, present: 1, values: [1, 2, 3, 4, 5, 6, .inf]}", "must be a finite number"),
        ("{name: a, present: 1, estimated: true}", "estimated needs distinct"),
        ("{name: a, present: 1, labels: [{value: 1.5, count: 1}]}", "must be text, a whole number, true or false"),
        ("{name: a, present: 1}, {name: a, present: 1}", "the names of fields must differ"),
    ],
)
def test_a_profile_that_means_nothing_is_refused(entry, problem):
    text = EXAMPLE.replace("key: [doc_id]", f"profile: [{entry}]\nkey: [doc_id]")
    with pytest.raises(BadManifestError, match=problem):
        load_manifest(text.encode(), file="m.yaml")


@given(
    numbers=st.lists(
        st.one_of(st.integers(-(2**63), 2**63), st.floats(allow_nan=False, allow_infinity=False)),
        min_size=7,
        max_size=7,
    ).map(sorted)
)
def test_few_digits_keep_the_order_and_stay_near(numbers):
    found = few_digits(numbers)
    assert list(found) == sorted(found)
    for one, other in zip(numbers, found, strict=True):
        assert abs(one - other) <= 0.001 * abs(one)
    assert few_digits(found) == found


def test_fields_that_differ_come_first():
    newer = FieldsProfile(10, (PROFILE.fields[0], FieldProfile("note", 10, nulls=5), FieldProfile("z", 1)))
    found = compared(PROFILE, newer)
    assert [(each.field, each.same) for each in found] == [("note", False), ("rare", False), ("z", False), ("id", True)]
    assert [each.same for each in compared(PROFILE, PROFILE)] == [True, True, True]
    assert not any(each.same for each in compared(PROFILE, FieldsProfile(11, PROFILE.fields)))
