"""mlcroissant takes the metadata for valid, and loads the records that it describes."""

from __future__ import annotations

import json

import pytest

from tests.interop.conftest import KINDS, LEASES, NAMES

pytestmark = [pytest.mark.interop, pytest.mark.filterwarnings("ignore")]
mlc = pytest.importorskip("mlcroissant")


def opened(directory):
    return mlc.Dataset(str(directory / "croissant.json"))


def values(dataset, record_set):
    """The records, by the names of their fields, texts as text."""
    return [
        {key.rpartition("/")[2]: each.decode() if isinstance(each, bytes) else each for key, each in record.items()}
        for record in dataset.records(record_set)
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_the_metadata_conforms(kind, exported):
    dataset = opened(exported(kind, "croissant"))
    assert not dataset.metadata.ctx.issues.errors
    assert [each for each in dataset.metadata.ctx.issues.warnings if "citeAs" not in each] == []
    assert "http://mlcommons.org/croissant/1.1" in json.dumps(dataset.metadata.to_json()["conformsTo"])


def test_records_are_loaded_split_by_split(exported):
    dataset = opened(exported("leases", "croissant"))
    assert [each["name"] for each in values(dataset, "splits")] == ["hold-out", "test", "train"]
    for split, wanted in (("train", LEASES[:20]), ("test", LEASES[20:25]), ("hold-out", LEASES[25:])):
        found = sorted(values(dataset, split), key=lambda each: each["pages"])
        assert {each["split"] for each in found} == {split}
        for each, lease in zip(found, wanted, strict=True):
            for name in ("doc_id", "rent", "pages", "signed", "kind"):
                assert each[name] == lease[name]
            assert [tag.decode() for tag in each["tags"]] == lease["tags"]
            assert len(each["turns"]) == len(lease["turns"])
            assert {key.rpartition("/")[2]: value.decode() for key, value in each["party"].items()} == lease["party"]
            assert "odd" not in each


def test_damaged_files_are_refused(exported):
    out = exported("leases", "croissant")
    (out / "data/test.jsonl").write_text("{}\n")
    with pytest.raises(Exception, match=r"Download\(data/test.jsonl\)"):
        values(opened(out), "test")


@pytest.mark.parametrize(
    ("kind", "record_set", "wanted"),
    [
        (
            "rows",
            "train",
            [{"id": "a", "text": "one, two", "split": "train"}, {"id": "b", "text": None, "split": "train"}],
        ),
        ("documents", "train", [{"id": 1, "text": "a", "split": "train"}, {"id": 2, "text": "b", "split": "train"}]),
        ("documents", "test", [{"id": 3, "text": "c", "split": "test"}]),
        ("singles", "records", [{"id": f"d{n}", "n": n, "note": "x" if n % 2 else None} for n in range(5)]),
    ],
)
def test_other_formats_are_loaded(kind, record_set, wanted, exported):
    assert values(opened(exported(kind, "croissant")), record_set) == wanted


def test_columns_are_loaded_with_their_types(exported):
    found = values(opened(exported("columns", "croissant")), "train")
    assert [(each["id"], each["name"], each["score"], list(each["list"])) for each in found] == [
        (1, "x", 0.5, [1]),
        (2, None, 1.0, [2, 3]),
        (3, "z", 2.0, []),
    ]
    assert {str(each["at"])[:10] for each in found} == {"2026-01-02"}


def test_compressed_records_are_loaded(exported):
    found = values(opened(exported("packed", "croissant")), "train")
    assert [each["doc_id"] for each in found] == ["L1", "L2", "L3", "L4"]


def test_no_name_keeps_records_from_being_loaded(exported):
    found = list(opened(exported("names", "croissant")).records("records"))
    assert sorted(each["records/id"] for each in found) == list(range(len(NAMES)))
    assert found[0]["records/c.d"] == {"records/c.d/e%20f": 1}


def test_pictures_are_loaded_as_pictures(exported):
    found = values(opened(exported("pictures", "croissant")), "test")
    assert [(each["image"].size, str(each["path"])) for each in found] == [
        ((1, 1), f"data/test/{number}.png") for number in range(3)
    ]
