"""Data packages: a resource for each file, with a schema where its records are rows."""

from __future__ import annotations

import json

from dsv.exports.datapackage import datapackage
from dsv.model.shape import Shape, ValueKind
from tests.exports.versions import INTEGER, TEXT, Documents, Rows, Table, contents, file, listed, record, version


def resources(*tables, **more):
    return {
        each["path"]: each for each in json.loads(datapackage(version(**more), contents(*tables)).text)["resources"]
    }


def test_the_key_is_the_primary_key_where_every_record_has_it():
    some = Shape(TEXT.kinds, optional=True)
    found = resources(
        Table("test", "jsonl", (file("a.jsonl", split="test"),), record(doc_id=TEXT)),
        Table("train", "jsonl", (file("b.jsonl", split="train"),), record(doc_id=some)),
    )
    assert found["data/a.jsonl"]["schema"]["primaryKey"] == ["doc_id"]
    assert "primaryKey" not in found["data/b.jsonl"]["schema"]


def test_rows_tell_how_they_are_spelled_and_an_empty_cell_is_a_text():
    found = resources(Table(None, "csv", (file("a.csv"),), record(id=TEXT), rows=Rows(";", "'", "utf-16")))[
        "data/a.csv"
    ]
    assert found["dialect"] == {"delimiter": ";", "quoteChar": "'"}
    assert found["encoding"] == "utf-16"
    assert found["schema"]["missingValues"] == []


def test_a_list_in_a_column_of_parquet_may_be_anything_for_its_reader():
    found = resources(Table(None, "parquet", (file("a.parquet"),), record(ids=listed(INTEGER), n=INTEGER)))
    assert [each["type"] for each in found["data/a.parquet"]["schema"]["fields"]] == ["any", "integer"]


def test_a_document_that_is_one_record_is_no_table():
    told = datapackage(
        version(), contents(Table(None, "json", (file("a.json"),), record(id=TEXT), documents=Documents()))
    )
    [found] = json.loads(told.text)["resources"]
    assert "schema" not in found
    assert "type" not in found
    assert found["mediatype"] == "application/json"
    assert len(told.notes) == 1


def test_values_of_several_kinds_are_any():
    either = Shape(frozenset({ValueKind.TEXT, ValueKind.INTEGER}))
    found = resources(Table(None, "jsonl", (file("a.jsonl"),), record(x=either)))
    assert found["data/a.jsonl"]["schema"]["fields"] == [{"name": "x", "type": "any"}]


def test_no_two_resources_share_a_name():
    files = (file("A b.txt"), file("a-b.txt"), file("a_é.txt"))
    names = [each["name"] for each in resources(Table(None, "opaque", files)).values()]
    assert sorted(names) == ["a-b.txt", "a-b.txt-2", "a_-.txt"]


def test_an_address_of_one_machine_is_no_email_for_readers():
    document = json.loads(datapackage(version(owners=("Ana <root@localhost>", "bo@example.com")), contents()).text)
    assert [each.get("email") for each in document["contributors"]] == [None, "bo@example.com"]


def test_without_a_licence_none_is_told():
    assert "licenses" not in json.loads(datapackage(version(metadata="{}"), contents()).text)
