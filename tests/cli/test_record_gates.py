"""Records against the schema that a dataset declares, and facts that it requires, at add and bump."""

from __future__ import annotations

import json
from typing import Any

import pytest

import dsv
from dsv.errors import BadManifestError, GateError
from tests.conftest import Scratch, let_the_clock_tick

DECLARATION = """\
schema: 1
name: leases
path: data/leases
key: [id]
record_schema: {schema}
"""
SCHEMA = {"required": ["rent"], "properties": {"rent": {"type": "number", "minimum": 0}}}
FILE = "manifests/leases/schema.json"


@pytest.fixture
def declared(repo: Scratch) -> Scratch:
    """A dataset with three records and a JSON Schema in a file beside its declaration."""
    repo.records("data/leases/a.jsonl", [{"id": number, "rent": number} for number in range(3)])
    repo.write("manifests/leases/dataset.yaml", DECLARATION.format(schema="schema.json"))
    repo.write(FILE, json.dumps(SCHEMA))
    return repo


def twin(scratch: Scratch) -> Any:
    return dsv.open(scratch.root)


def test_a_record_that_does_not_fit_stops_the_release_and_nothing_is_written(declared: Scratch) -> None:
    declared.records("data/leases/b.jsonl", [{"id": 10, "rent": 5}, {"id": 11, "rent": -5}, {"id": 12}])
    before = declared.git("rev-parse", "HEAD")
    refused = declared.refused("add", "data/leases", code=1, kind="gate")
    [finding] = refused["details"]["findings"]
    assert (finding["check"], finding["count"]) == ("record_schema", 2)
    assert finding["message"] == "2 of 6 records do not fit schema.json"
    assert finding["first"] == [
        {"file": "b.jsonl", "row": 2, "what": "$.rent: -5 is less than the minimum of 0"},
        {"file": "b.jsonl", "row": 3, "what": '$: "rent" is a required property'},
    ]
    assert declared.git("rev-parse", "HEAD") == before
    assert not list((declared.root / "manifests/leases").glob("1*"))
    said = declared.dsv("add", "data/leases", code=1).stderr
    assert "data/leases/b.jsonl record 2: $.rent: -5 is less than the minimum of 0" in said


def test_a_waived_schema_stands_in_the_manifest_with_what_it_found(declared: Scratch) -> None:
    declared.records("data/leases/b.jsonl", [{"id": 11, "rent": -5}])
    made = declared.json("add", "data/leases", "--waive", "record_schema=rebates are negative")["manifest"]
    assert made["validation"]["status"] == "waived"
    assert made["validation"]["waived"] == [{"check": "record_schema", "reason": "rebates are negative"}]
    [finding] = made["validation"]["findings"]
    assert finding["count"] == 1
    assert finding["first"][0]["what"] == "$.rent: -5 is less than the minimum of 0"


def test_the_schema_is_committed_with_the_version_that_keeps_it(declared: Scratch) -> None:
    repo = twin(declared)
    repo.add(str(declared.root / "data/leases"))
    assert json.loads(declared.git("show", f"leases@v1.0.0:{FILE}")) == SCHEMA
    assert declared.git("status", "--short", "manifests") == ""
    declared.dsv("undo", "leases@1.0.0")  # it takes no file of anybody's with it
    assert json.loads(declared.read(FILE)) == SCHEMA


def test_another_schema_looks_at_unchanged_records_again(declared: Scratch) -> None:
    repo = twin(declared)
    repo.add(str(declared.root / "data/leases"))
    let_the_clock_tick()
    declared.records("data/leases/b.jsonl", [{"id": 10, "rent": 5}])
    declared.write(FILE, json.dumps({**SCHEMA, "properties": {"rent": {"minimum": 1}}}))
    with pytest.raises(GateError) as refused:
        repo.bump("leases")
    assert "data/leases/a.jsonl record 1: $.rent: 0 is less than the minimum of 1" in "\n".join(refused.value.places)
    declared.write(FILE, json.dumps(SCHEMA))
    assert str(repo.bump("leases").version) == "1.1.0"


def test_rows_of_csv_are_held_against_it_as_text(declared: Scratch) -> None:
    declared.write("data/leases/b.csv", "id,rent\n20,100\n21,x\n")
    schema = {"properties": {"rent": {"anyOf": [{"type": "number"}, {"type": "string", "pattern": "^[0-9]+$"}]}}}
    declared.write(FILE, json.dumps(schema))
    with pytest.raises(GateError) as refused:
        twin(declared).add(str(declared.root / "data/leases"))
    assert 'data/leases/b.csv record 2: $.rent: "x" is not valid' in "\n".join(refused.value.places)


@pytest.mark.parametrize(
    ("schema", "content", "words"),
    [
        ("schema.json", '{"$ref": "https://example.com/x.json"}', "the reference https://example.com/x.json leads out"),
        ("schema.json", '{"type": "text"}', f"{FILE} is no JSON Schema that can be used"),
        ("schema.json", '{"type":\n "object"', f"{FILE}:2: not JSON"),
        ("other.json", "{}", "record_schema names manifests/leases/other.json, which is not there"),
        ("{type: text}", "{}", "manifests/leases/dataset.yaml: record_schema is no JSON Schema that can be used"),
        ("[1]", "{}", "record_schema: must be a JSON Schema, or the path of a file that holds one"),
        ("../schema.json", "{}", "record_schema: must not hold .."),
    ],
)
def test_a_broken_schema_is_refused_in_one_line(declared: Scratch, schema: str, content: str, words: str) -> None:
    declared.write("manifests/leases/dataset.yaml", DECLARATION.format(schema=schema))
    declared.write(FILE, content)
    with pytest.raises(BadManifestError) as refused:
        twin(declared).add(str(declared.root / "data/leases"))
    assert words in refused.value.message
    assert "\n" not in refused.value.message


def test_required_facts_are_asked_for_and_may_stand_in_dataset_yaml(repo: Scratch) -> None:
    repo.records("data/leases/a.jsonl", [{"id": 1}])
    required = "metadata_required: [source, annotators]\nmetadata: {source: SEC filings, tool: x}\n"
    repo.write("manifests/leases/dataset.yaml", f"name: leases\npath: data/leases\n{required}")
    refused = repo.refused("add", "data/leases", code=1, kind="gate")
    assert "metadata_required: annotators is not stated (--meta annotators=...)" in refused["message"]
    twin(repo).add(str(repo.root / "data/leases"), metadata={"annotators": 2, "tool": "y"})
    stated = {"source": "SEC filings", "tool": "y", "annotators": 2}
    assert twin(repo).show("leases").manifest.metadata == stated
    repo.records("data/leases/a.jsonl", [{"id": 2}])
    made = repo.json("bump", "leases", "--waive", "metadata_required=counted next week")["manifest"]
    assert made["metadata"] == {"source": "SEC filings", "tool": "x"}
    assert made["validation"]["waived"] == [{"check": "metadata_required", "reason": "counted next week"}]
    back = repo.json("rollback", "leases", "1.0.0")["manifest"]  # what was said of the data holds of it
    assert (back["metadata"], back["validation"]["status"]) == (stated, "passed")
