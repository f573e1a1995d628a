"""Records inside a JSON object: a list or a map, where dataset.yaml says it is."""

from __future__ import annotations

import io
import json

import pytest

from dsv.model.reading import Reading
from dsv.records.canonical import Number
from dsv.records.formats import CannotReadError, choose, contents_of


def read(document, member, *, name="a.json"):
    content = document if isinstance(document, bytes) else json.dumps(document).encode()
    stream = io.BufferedReader(io.BytesIO(content))
    chosen = choose(name, Reading(records=(("*.json", member),)))
    return [value for _, value in contents_of(chosen, stream, path=name).records]


def test_the_list_under_a_member_is_the_records():
    assert read({"version": 1, "Incidents": [{"id": 1}, "x", None]}, "Incidents") == [{"id": 1}, "x", None]


def test_dots_lead_into_nested_members_and_a_whole_name_comes_first():
    assert read({"data": {"items": [1, 2]}}, "data.items") == [1, 2]
    assert read({"data.items": [3], "data": {"items": [1]}}, "data.items") == [3]
    assert read({"a": {"b.c": [4]}}, "a.b.c") == [4]


def test_a_map_is_a_record_a_member():
    wanted = [{"_key": "a", "_value": {"x": 1}}, {"_key": "b", "_value": [2]}]
    assert read({"a": {"x": 1}, "b": [2]}, "{}") == wanted
    assert read({"users": {"a": {"x": 1}, "b": [2]}}, "users.{}") == wanted


def test_the_first_glob_that_fits_counts():
    reading = Reading(records=(("deep/*.json", "a"), ("*.json", "b")))
    assert reading.member_of("deep/x.json") == "a"
    assert reading.member_of("x.json") == "b"
    assert reading.member_of("x.jsonl") is None


def test_an_array_may_hold_a_file_where_the_member_is_the_document():
    assert read(b'\xef\xbb\xbf\n{"Incidents":\r\n[ ]}', "Incidents") == []
    assert read(b"", "Incidents") == []


def test_numbers_and_texts_that_need_care_are_read_as_everywhere():
    document = b'{"n": NaN, "I": [1e400, NaN, "\\ud800", 123456789012345678901234567890, -0.0]}'
    wanted = [Number("1e400"), Number("NaN"), "\ud800", 123456789012345678901234567890, -0.0]
    assert read(document, "I") == wanted


@pytest.mark.parametrize(
    ("document", "member", "reason"),
    [
        ({"incidents": []}, "Incidents", "no member 'Incidents'"),
        ({"a": {"c": []}}, "a.b", "no member 'a.b'"),
        ({"a": [1]}, "a.b", "no member 'a.b': a list lies on its path"),
        ({"a": {"x": 1}}, "a", "the member 'a' is an object, not a list"),
        ({"a": None}, "a", "the member 'a' is null, not a list"),
        ({"a": 7}, "a", "the member 'a' is a number, not a list"),
        ({"a": []}, "a.{}", "the member 'a' is a list, not an object"),
        ([1, 2], "Incidents", "no member 'Incidents': a list lies on its path"),
        ([1, 2], "{}", "the document is a list, not an object"),
        (b'{"a":[1]}\n{"a":[2]}\n', "a", "not JSON: extra data .* in line 2"),
        (b'{"a":[1,\n2', "a", "not JSON: .* in line 2"),
        (b'{"a":[1,\n"\xff"]}', "a", "invalid UTF-8"),
        (b"<html>", "a", "not JSON"),
    ],
)
def test_a_document_without_such_records_is_refused_and_says_why(document, member, reason):
    with pytest.raises(CannotReadError, match=f"^{reason}"):
        read(document, member)


def test_a_declaration_concerns_json_documents_only(scan):
    reading = Reading(records=(("*", "Incidents"),))
    assert choose("a.csv", reading).name == "csv"
    assert choose("a.jsonl", reading).name == "jsonl"
    assert choose("a.png", reading) is None


def test_what_is_declared_belongs_to_the_reading():
    assert Reading(records=(("*.json", "a"),)) != Reading(records=(("*.json", "b"),)) != Reading()
