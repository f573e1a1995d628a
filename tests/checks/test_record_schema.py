"""Records against a JSON Schema: what is said of them, and that nothing is fetched."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from dsv.checks.record_schema import RecordSchema
from dsv.checks.schema_effort import questions
from dsv.errors import BadManifestError
from dsv.records.canonical import decode
from dsv.records.inspection import Batch, Noted

LEASE = {
    "type": "object",
    "required": ["doc_id", "rent"],
    "properties": {
        "doc_id": {"type": "string", "pattern": "^L-[0-9]+$"},
        "rent": {"type": "number", "minimum": 0},
        "start": {"type": "string", "format": "date"},
        "clauses": {"type": "array", "items": {"$ref": "#/$defs/clause"}},
    },
    "$defs": {"clause": {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}},
}


def nested(depth: int) -> Any:
    """A schema that denies one that denies another."""
    schema: Any = {}
    for _ in range(depth):
        schema = {"not": schema}
    return schema


def noted(schema: Any, *records: Any) -> Noted:
    inspector = pickle.loads(pickle.dumps(RecordSchema.of(schema, where="schema.json"))).begin()  # noqa: S301
    inspector.take(Batch(records, first=1))
    return inspector.finish()


def said(schema: Any, record: Any) -> str:
    """What is said of the record, empty for a right one."""
    return "".join(words for _, words in noted(schema, record).first)


def test_a_record_that_does_not_fit_is_named_by_row_place_and_reason() -> None:
    found = noted(
        LEASE, {"doc_id": "L-1", "rent": 1, "clauses": [{"id": 1}, {"id": "x"}]}, {"doc_id": "L-2", "rent": 2}
    )
    assert found.count == 1
    assert found.first == ((1, '$.clauses[1].id: "x" is not of type "integer"'),)


def test_all_wrong_records_are_counted_and_the_first_ten_named() -> None:
    found = noted(LEASE, *({"doc_id": f"L-{number}"} for number in range(25)))
    assert (found.count, len(found.first)) == (25, 10)
    assert found.first[9] == (10, '$: "rent" is a required property')


def test_of_several_things_wrong_with_a_record_one_is_told_and_the_others_counted() -> None:
    assert said(LEASE, {"rent": -1, "start": "2026-02-31"}) == '$: "doc_id" is a required property (and 2 more)'


def test_dates_are_days_that_there_are() -> None:
    assert said(LEASE, {"doc_id": "L-1", "rent": 1, "start": "2026-02-31"}) == '$.start: "2026-02-31" is not a "date"'


def test_cells_of_csv_are_text() -> None:
    row = {"doc_id": "L-1", "rent": "100"}
    assert said(LEASE, row) == '$.rent: "100" is not of type "number"'
    assert said({"properties": {"rent": {"pattern": "^[0-9]+$"}}}, row) == ""


def test_a_long_or_hostile_value_is_cut_short_and_escaped() -> None:
    words = said(LEASE, {"doc_id": "\x1b[31m" + "y" * 500, "rent": 1})
    assert words.startswith('$.doc_id: "\\u001b[31myyy')
    assert len(words) < 200
    assert words.isprintable()


@pytest.mark.parametrize("text", [b"1e400", b"-1e400", b"9" * 5000], ids=["beyond", "below", "long"])
def test_a_number_beyond_the_doubles_is_a_number(text: bytes) -> None:
    record = decode(b'{"n":' + text + b"}")
    assert said({"properties": {"n": {"type": "number"}}}, record) == ""
    assert said({"properties": {"n": {"type": "string"}}}, record).startswith("$.n: ")


def test_what_json_cannot_hold_is_told_of_and_stops_nothing() -> None:
    nan = decode(b'{"n":NaN}')
    assert said({"properties": {"n": {"type": "number"}}}, nan) == '$.n: "NaN" is not of type "number"'
    assert said({"properties": {"a": {"maxLength": 3}}}, {"a": "\ud800ab"}) == ""
    assert said({"properties": {"a": {"maxLength": 2}}}, {"a": "\ud800ab"}) == '$.a: "?ab" is longer than 2 characters'
    deep = decode(b'{"a":' + b"[" * 900 + b"]" * 900 + b"}")
    assert said({"properties": {"b": {"$ref": "#"}}}, deep) in (
        "",
        "$: is nested too deeply to be held against the schema",
    )


@pytest.mark.parametrize("reference", ["https://example.com/lease.json", "file:///etc/passwd", "other.json"])
def test_a_reference_that_leads_out_of_the_schema_is_refused_by_name(reference: str) -> None:
    with pytest.raises(BadManifestError, match="nothing is fetched") as refused:
        RecordSchema.of({"properties": {"a": {"items": {"$ref": reference}}}}, where="schema.json")
    assert f"the reference {reference} leads out of it" in refused.value.message
    assert refused.value.message.startswith("schema.json is no JSON Schema that can be used")


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        ({"properties": {"a": {"type": "text"}}}, '$.properties.a.type: "text" is not valid'),
        ({"properties": {"a": {"pattern": "("}}}, '$.properties.a.pattern: "(" is not a "regex"'),
        ({"$ref": "#/$defs/none"}, "Pointer '/$defs/none' does not exist"),
        ({"$schema": "https://example.com/meta"}, "Unknown meta-schema"),
        ([1], "[1] is not of types"),
        (nested(300), "ecursion"),
        (nested(990), "ecursion"),
    ],
)
def test_a_broken_schema_is_refused_in_one_line(schema: Any, reason: str) -> None:
    with pytest.raises(BadManifestError) as refused:
        RecordSchema.of(schema, where="schema.json")
    assert reason in refused.value.message
    assert "\n" not in refused.value.message


def doubling(steps: int, *, keyword: str = "allOf", name: str = "#/$defs/a{}") -> dict[str, Any]:
    """A schema of a few lines that asks the last step 2 ** steps times."""
    definitions: dict[str, Any] = {
        f"a{step}": {"$anchor": f"n{step}", keyword: [{"$ref": name.format(step + 1)}] * 2} for step in range(steps)
    }
    definitions[f"a{steps}"] = {"$anchor": f"n{steps}", "type": "object"}
    return {"$ref": name.format(0), "$defs": definitions}


@pytest.mark.parametrize("keyword", ["allOf", "anyOf"])
@pytest.mark.parametrize("name", ["#/$defs/a{}", "#n{}"])
def test_a_schema_that_would_ask_the_same_a_billion_times_is_refused(keyword: str, name: str) -> None:
    with pytest.raises(BadManifestError, match="ask more than 10,000 things of a single value"):
        RecordSchema.of(doubling(40, keyword=keyword, name=name), where="schema.json")
    assert said(doubling(5, keyword=keyword, name=name), {}) == ""


def test_a_schema_that_asks_much_of_many_fields_or_of_itself_is_taken() -> None:
    address = {"type": "object", "properties": {f"line{number}": {"type": "string"} for number in range(50)}}
    wide = {"$defs": {"a": address}, "properties": {f"p{number}": {"$ref": "#/$defs/a"} for number in range(500)}}
    assert questions(wide) < 10
    tree = {"properties": {"left": {"$ref": "#"}, "right": {"$ref": "#"}, "value": {"type": "integer"}}}
    assert said(tree, {"left": {"right": {"value": "x"}}}).startswith("$.left.right.value: ")


def test_an_older_draft_counts_where_the_schema_says_so() -> None:
    older = {"$schema": "http://json-schema.org/draft-07/schema#", "definitions": {"n": {"type": "integer"}}}
    assert said({**older, "properties": {"a": {"$ref": "#/definitions/n"}}}, {"a": "x"}) != ""


def test_another_schema_is_another_inspection() -> None:
    one, same = (RecordSchema.of(each, where="x") for each in ({"a": 1, "type": "object"}, {"type": "object", "a": 1}))
    assert one.identity == same.identity
    assert one.identity != RecordSchema.of({"type": "array"}, where="x").identity
