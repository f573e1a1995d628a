"""How CSV files are spelled and where records lie: declared, checked, recorded, compared."""

from __future__ import annotations

import pytest

from dsv.errors import BadManifestError
from dsv.model.csv_reading import CsvReading
from dsv.model.dataset import dump_dataset, load_dataset
from dsv.model.reading import Reading
from dsv.model.reading_section import ReadingEntry

HEAD = "schema: 1\nname: leases\npath: data/leases\n"


def load(text):
    return load_dataset((HEAD + text).encode(), file="dataset.yaml").value


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("", Reading()),
        ('csv: {delimiter: ";"}', Reading(csv=CsvReading(delimiter=";"))),
        ('csv: {delimiter: "\\t", quote: "\'", encoding: cp1252}', Reading(csv=CsvReading("\t", "'", "cp1252"))),
        ('csv: {quote: ""}', Reading(csv=CsvReading(quote=""))),
        ("csv: {}", Reading()),
        ('records: {"*.json": a.b, "db.json": "{}"}', Reading(records=(("*.json", "a.b"), ("db.json", "{}")))),
    ],
)
def test_what_is_declared_is_the_reading_and_survives_being_recorded(text, reading):
    settings = load(text + "\n")
    assert settings.reading == reading
    assert ReadingEntry.of(reading).value == reading
    assert load_dataset(dump_dataset(settings), file="dataset.yaml").value == settings


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("csv: {delimiter: ';;'}", "csv.delimiter: must be one character"),
        ("csv: {delimiter: ''}", "csv.delimiter: must be one character"),
        ("csv: {delimiter: '\"'}", "csv.delimiter: must be one character"),
        ('csv: {delimiter: "\\n"}', "csv.delimiter: must be one character"),
        ("csv: {quote: ab}", "csv.quote: must be one sign"),
        ("csv: {quote: a}", "csv.quote: must be one sign"),
        ("csv: {delimiter: '|', quote: '|'}", "csv: delimiter and quote must differ"),
        ("csv: {encoding: klingon}", "csv.encoding: must name a text encoding"),
        ("csv: {encoding: rot13}", "csv.encoding: must name a text encoding"),
        ("csv: {encoding: unicode_escape}", "csv.encoding: must name a text encoding"),
        ("csv: comma", "csv: must be a mapping"),
        ("records: Incidents", "records: must be a mapping"),
        ('records: {"*.json": ""}', "must not be empty"),
    ],
)
def test_a_spelling_that_cannot_be_is_refused_with_its_place(text, problem):
    with pytest.raises(BadManifestError, match=r"^dataset\.yaml:4:") as caught:
        load(text + "\n")
    assert problem in caught.value.message


def test_each_declaration_of_reading_counts():
    readings = [
        Reading(),
        Reading(csv=CsvReading(delimiter=";")),
        Reading(csv=CsvReading(encoding="cp1252")),
        Reading(records=(("a", "b"),)),
        Reading(format="csv"),
    ]
    assert len(set(readings)) == len(readings)
