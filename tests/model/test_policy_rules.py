"""The policies strict and frictionless, row by row, and what all policies say of very many fields."""

from __future__ import annotations

import pytest

from dsv.model.change import Change, FilesChange, RecordCounts
from dsv.model.fields import FieldsChange, FieldType
from dsv.model.policy import Cause, Policy
from dsv.model.policy_rules import decide
from dsv.model.version import Level

STRICT, FRICTIONLESS = Policy("strict"), Policy("frictionless")
EDITED = FilesChange(modified=("data.jsonl",))
MAJOR, MINOR, PATCH = Level.MAJOR, Level.MINOR, Level.PATCH


def keyed(**changed: int) -> Change:
    return Change(RecordCounts(unchanged=1000, **changed), EDITED, keyed=True)


def keyless(**changed: int) -> Change:
    return Change(RecordCounts(unchanged=1000, **changed), EDITED)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (keyed(modified=1), MAJOR),
        (keyed(removed=1), MAJOR),
        (keyed(moved=1), MAJOR),
        (keyed(added=1), MINOR),
        (keyed(added=100_000), MINOR),
        (keyless(added=1, removed=1), MAJOR),
        (keyless(added=5), MINOR),
        (keyless(), PATCH),
        (Change(RecordCounts(unchanged=9), FilesChange(renamed=(("a", "b"),))), PATCH),
        (Change(RecordCounts(unchanged=9), declarations_changed=True), PATCH),
        (Change(RecordCounts(unchanged=9), key_changed=True), MAJOR),
        (Change(RecordCounts(unchanged=9), EDITED, opaque=RecordCounts(added=1, removed=1)), MAJOR),
        (Change(RecordCounts(unchanged=9), EDITED, opaque=RecordCounts(added=1)), MINOR),
        (Change(RecordCounts(unchanged=9, added=1), EDITED, FieldsChange(added=("note",))), MINOR),
    ],
)
def test_strict_lets_old_records_only_stand(change: Change, expected: Level) -> None:
    assert decide(change, policy=STRICT).level is expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (keyed(modified=900), PATCH),
        (keyed(added=1), MINOR),
        (keyed(removed=1), MAJOR),
        (keyed(moved=1), MAJOR),
        (keyless(added=40, removed=40), PATCH),
        (keyless(added=41, removed=40), MINOR),
        (keyless(added=40, removed=41), MAJOR),
        (keyless(), PATCH),
        (Change(RecordCounts(unchanged=9, modified=1), EDITED, FieldsChange(added=("note",)), keyed=True), MAJOR),
        (Change(RecordCounts(unchanged=9, modified=1), EDITED, FieldsChange(removed=("note",)), keyed=True), MAJOR),
        (
            Change(RecordCounts(modified=9), EDITED, FieldsChange(changed=(FieldType("a", ("string",), ("number",)),))),
            MAJOR,
        ),
        (Change(RecordCounts(unchanged=9), key_changed=True), MAJOR),
    ],
)
def test_frictionless_takes_corrections_for_a_patch_and_fields_for_the_contract(
    change: Change, expected: Level
) -> None:
    assert decide(change, policy=FRICTIONLESS).level is expected


def test_corrections_do_not_read_as_if_no_record_had_changed() -> None:
    assert decide(keyed(modified=3), policy=FRICTIONLESS).reasons == ("3 records corrected",)


@pytest.mark.parametrize("name", ["balanced", "frictionless"])
def test_twenty_thousand_fields_are_counted_not_listed(name: str) -> None:
    fields = FieldsChange(removed=tuple(f"f{number:05}" for number in range(20_000)))
    verdict = decide(Change(RecordCounts(modified=9), EDITED, fields, keyed=True), policy=Policy(name))
    assert len(verdict.reasons) < 20
    assert "19,990 more fields removed" in verdict.reasons


def test_a_reason_knows_what_it_looks_at() -> None:
    change = Change(RecordCounts(unchanged=9, modified=1), EDITED, FieldsChange(removed=("note",)), keyed=True)
    (reason,) = decide(change, policy=Policy()).causes
    assert (reason.cause, reason.fields) == (Cause.FIELD_REMOVED, ("note",))
