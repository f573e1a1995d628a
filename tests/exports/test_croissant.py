"""Croissant: what of records it has words for, and what it says where it has none."""

from __future__ import annotations

import json

from dsv.exports.croissant import croissant
from dsv.model.shape import Shape, ValueKind
from tests.exports.versions import (
    INTEGER,
    NUMBER,
    TEXT,
    Documents,
    Rows,
    Table,
    contents,
    file,
    listed,
    record,
    version,
)

MIXED = Shape(frozenset({ValueKind.TEXT, ValueKind.LIST}), items=TEXT)


def exported(*tables, **more):
    return croissant(version(**more), contents(*tables))


def fields(*tables, name="records", **more):
    """The fields of the record set by name."""
    sets = json.loads(exported(*tables, **more).text)["recordSet"]
    [found] = [each for each in sets if each["name"] == name]
    return {each["name"]: each for each in found["field"]}


def jsonl(shape):
    return Table(None, "jsonl", (file("a.jsonl"),), shape)


def test_a_field_of_several_kinds_is_left_out_by_name_and_the_others_load():
    document = json.loads(exported(jsonl(record(id=TEXT, odd=MIXED))).text)
    [found] = document["recordSet"]
    assert found["description"] == "Fields of several kinds, left out: odd"
    assert [each["name"] for each in found["field"]] == ["id"]


def test_scalars_of_several_kinds_are_text():
    either = Shape(frozenset({ValueKind.TEXT, ValueKind.BOOLEAN}))
    assert fields(jsonl(record(answer=either)))["answer"]["dataType"] == "sc:Text"


def test_a_number_is_an_integer_only_where_all_are():
    found = fields(jsonl(record(pages=INTEGER, rent=NUMBER)))
    assert (found["pages"]["dataType"], found["rent"]["dataType"]) == ("sc:Integer", "sc:Float")


def test_label_fields_are_labels():
    found = fields(jsonl(record(kind=TEXT)), label_fields=frozenset({"kind"}))
    assert found["kind"]["dataType"] == ["sc:Text", "cr:Label"]


def test_the_records_of_a_list_are_found_by_a_path_and_an_optional_field_is_not():
    shape = record(id=TEXT, note=Shape(TEXT.kinds, optional=True))
    listed_records = Table(None, "json", (file("a.json"),), shape, documents=Documents("Incidents", is_list=True))
    found = fields(listed_records)
    assert found["id"]["source"]["extract"] == {"jsonPath": "$.Incidents[*].id"}
    assert "note" not in found  # a path finds the values that there are, and nobody knows whose


def test_a_document_that_is_a_record_is_read_as_a_whole():
    found = fields(Table(None, "json", (file("a.json"), file("b.json")), record(id=TEXT), documents=Documents()))
    assert found["id"]["source"] == {
        "fileSet": {"@id": "records-files"},
        "extract": {"fileProperty": "content"},
        "transform": {"jsonPath": "id"},
    }


def test_a_name_that_is_no_plain_word_is_quoted_in_a_path():
    inside = record(**{"a b": TEXT, "where": TEXT, 'q"': TEXT})
    found = fields(jsonl(record(about=inside)))["about"]["subField"]
    assert [each["source"]["transform"]["jsonPath"] for each in found] == ['["a b"]', '["where"]']


def test_rows_in_another_spelling_are_files_only_and_a_person_is_told_why():
    rows = Table(None, "csv", (file("a.csv"),), record(id=TEXT), rows=Rows(";"))
    told = exported(rows)
    assert "recordSet" not in json.loads(told.text)
    assert told.notes[-1] == (
        "a.csv: described as files only, because Croissant has no words for their delimiter or encoding"
    )


def test_many_files_are_a_set_by_a_glob_where_it_fits_no_other_file():
    shards = tuple(file(f"train/{number}.jsonl", split="train") for number in range(3))
    document = json.loads(exported(Table("train", "jsonl", shards, record(id=TEXT))).text)
    assert document["distribution"][-1]["includes"] == ["data/train/*.jsonl"]


def test_many_files_are_named_where_a_glob_would_fit_others_and_no_name_is_a_pattern():
    ours = (file("a[1].jsonl", split="train"), file("b.jsonl", split="train"))
    theirs = (file("c.jsonl", split="test"),)
    document = json.loads(
        exported(Table("test", "jsonl", theirs, record(id=TEXT)), Table("train", "jsonl", ours, record(id=TEXT))).text
    )
    assert document["distribution"][-1]["includes"] == ["data/a[[]1].jsonl", "data/b.jsonl"]


def test_pictures_are_records_with_a_path():
    pictures = (file("x.jpg"), file("y.png"))
    found = fields(Table(None, "opaque", pictures))
    assert found["image"]["dataType"] == "sc:ImageObject"
    assert found["path"]["source"]["extract"] == {"fileProperty": "fullpath"}


def test_files_of_no_records_are_listed_with_their_digests():
    document = json.loads(exported(Table(None, "opaque", (file("fonts/a b.otf"),))).text)
    assert "recordSet" not in document
    [found] = document["distribution"]
    assert (found["@id"], found["contentUrl"], found["encodingFormat"]) == (
        "data/fonts/a%20b.otf",
        "data/fonts/a b.otf",
        "font/otf",
    )


def test_what_is_required_and_not_known_is_left_out_and_told():
    told = exported(metadata="{}", address="", description="", owners=())
    document = json.loads(told.text)
    assert not {"license", "url"} & document.keys()
    assert document["description"] == "leases@1.1.0: Added 2 retail leases."
    assert document["creator"] == [{"@type": "sc:Person", "name": "Ana Lima", "email": "ana@example.com"}]
    assert [note.partition(":")[0] for note in told.notes] == ["Croissant wants a license", "Croissant wants a url"]


def test_an_unknown_licence_is_told_by_its_name():
    document = json.loads(exported(metadata="{license: Our house rules}").text)
    assert document["license"] == {"@type": "sc:CreativeWork", "name": "Our house rules"}


def test_lists_of_numbers_are_arrays():
    found = fields(jsonl(record(vector=listed(NUMBER))))["vector"]
    assert (found["dataType"], found["isArray"], found["arrayShape"]) == ("sc:Float", True, "-1")


def test_a_version_without_files_is_described_all_the_same():
    from dsv.exports.described import Contents

    document = json.loads(croissant(version(), Contents((), ())).text)
    assert document["distribution"] == []
