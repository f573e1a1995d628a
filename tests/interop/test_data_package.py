"""frictionless takes the package for valid, the data in it too, and reads it."""

from __future__ import annotations

import pytest

from tests.interop.conftest import KINDS, LEASES

pytestmark = [pytest.mark.interop, pytest.mark.filterwarnings("ignore")]
frictionless = pytest.importorskip("frictionless")


@pytest.mark.parametrize("kind", KINDS)
def test_package_and_data_are_valid(kind, exported):
    report = frictionless.validate(str(exported(kind, "datapackage") / "datapackage.json"))
    assert report.flatten(["type", "message"]) == []
    assert report.valid


def test_rows_are_read_as_they_are(exported):
    package = frictionless.Package(str(exported("leases", "datapackage") / "datapackage.json"))
    rows = package.get_resource("test.jsonl").read_rows()
    assert [row["doc_id"] for row in rows] == [each["doc_id"] for each in LEASES[20:25]]
    assert [float(row["rent"]) for row in rows] == [each["rent"] for each in LEASES[20:25]]
    assert [row["turns"] for row in rows] == [each["turns"] for each in LEASES[20:25]]


def test_an_empty_cell_is_an_empty_text(exported):
    package = frictionless.Package(str(exported("rows", "datapackage") / "datapackage.json"))
    assert [row["text"] for row in package.get_resource("train.csv").read_rows()] == ["one, two", ""]


def test_damaged_data_is_not_valid(exported):
    out = exported("rows", "datapackage")
    (out / "data/test.csv").write_text("id,text\nc,other\n")
    found = frictionless.validate(str(out / "datapackage.json")).flatten(["type"])
    assert ["hash-count"] in found
