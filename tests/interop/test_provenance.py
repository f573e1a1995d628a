"""PROV-JSON is read by prov, and OpenLineage events keep OpenLineage's own schemas."""

from __future__ import annotations

import json
import os
import urllib.request
from pathlib import Path

import pytest

from tests.conftest import numbered

pytestmark = [pytest.mark.interop, pytest.mark.filterwarnings("ignore")]
_SPEC = "https://openlineage.io/spec/"


@pytest.fixture
def descended(released):
    """`notes@1.1.0`, which follows 1.0.0, and `answers@1.0.0`, which a run filtered out of that."""
    released.records("data/notes/more.jsonl", numbered(30, start=100))
    released.dsv("bump", "notes", "-m", "More")
    released.records("data/answers/all.jsonl", numbered(20))
    made = ["--from", "notes@1.1.0:filter", "--produced-by", "backtest:test_001"]
    released.dsv("add", "data/answers", *made, "--owner", "ana@example.com", "--tag", "t", "--description", "Answers")
    return released


def test_prov_reads_the_document_and_writes_the_same(descended):
    model = pytest.importorskip("prov.model")
    text = descended.dsv("-q", "export", "answers", "--as", "prov").stdout
    document = model.ProvDocument.deserialize(content=text)
    assert document == model.ProvDocument.deserialize(content=document.serialize())
    derived = [
        (str(each.formal_attributes[0][1]), str(each.formal_attributes[1][1]))
        for each in document.get_records(model.ProvDerivation)
    ]
    assert derived == [("version:answers@1.0.0", "version:notes@1.1.0"), ("version:notes@1.1.0", "version:notes@1.0.0")]
    agents = [str(each.identifier) for each in document.get_records(model.ProvAgent)]
    assert agents == ["person:ana@example.com"]


def schema(uri):
    """A schema of the specification: from a checkout of it, else from its site."""
    name = uri.partition("#")[0].removeprefix(_SPEC)
    below = Path(*(part for part in name.split("/") if not part[0].isdigit()))
    if directory := os.environ.get("OPENLINEAGE_SPEC"):
        return json.loads((Path(directory) / below).read_text())
    try:
        with urllib.request.urlopen(f"{_SPEC}{name}", timeout=10) as answer:  # noqa: S310 - one fixed address
            return json.load(answer)
    except OSError as error:
        pytest.skip(f"openlineage.io does not answer, and OPENLINEAGE_SPEC names no directory: {error}")


def test_an_event_keeps_the_schemas_that_it_names(descended):
    jsonschema = pytest.importorskip("jsonschema")
    referencing = pytest.importorskip("referencing")
    registry = referencing.Registry(retrieve=lambda uri: referencing.Resource.from_contents(schema(uri)))
    event = json.loads(descended.dsv("-q", "export", "answers", "--as", "openlineage").stdout)
    checker = jsonschema.FormatChecker()

    def keeps(value, uri):
        jsonschema.Draft202012Validator({"$ref": uri}, registry=registry, format_checker=checker).validate(value)

    keeps(event, event["schemaURL"])
    facets = [
        facet
        for part in (event["run"], event["job"], *event["inputs"], *event["outputs"])
        for group in ("facets", "inputFacets", "outputFacets")
        for facet in part.get(group, {}).values()
    ]
    assert len(facets) >= 8
    for facet in facets:
        keeps(facet, facet["_schemaURL"])
        assert schema(facet["_schemaURL"])["$id"] == facet["_schemaURL"].partition("#")[0]
