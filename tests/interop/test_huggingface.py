"""`datasets.load_dataset` finds the files and splits of an export, offline."""

from __future__ import annotations

import pytest

from tests.interop.conftest import CHATS

pytestmark = [pytest.mark.interop, pytest.mark.filterwarnings("ignore")]
datasets = pytest.importorskip("datasets")


def loaded(directory, tmp_path, **more):
    return datasets.load_dataset(str(directory), cache_dir=str(tmp_path / "cache"), **more)


def test_splits_and_records_are_those_of_the_version(exported, tmp_path):
    found = loaded(exported("chats", "huggingface"), tmp_path)
    records = [{**each, "note": each.get("note")} for each in CHATS]
    assert found["test"].to_list() == records[:1]
    assert found["train"].to_list() == records[1:]


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        ("chats", {"train": 2, "test": 1}),
        ("names", {"train": 10}),
        ("rows", {"train": 2, "test": 1}),
        ("semicolons", {"train": 2}),
        ("columns", {"train": 3}),
        ("documents", {"train": 2, "test": 1}),
        ("singles", {"train": 5}),
        ("pictures", {"train": 3, "test": 3}),
    ],
)
def test_every_kind_is_loaded(kind, wanted, exported, tmp_path):
    found = loaded(exported(kind, "huggingface"), tmp_path)
    assert {name: len(each) for name, each in found.items()} == wanted


def test_a_reader_of_columns_gets_the_columns(exported, tmp_path):
    found = loaded(exported("semicolons", "huggingface"), tmp_path)["train"]
    assert found.to_list() == [{"id": "a", "text": "one, two"}, {"id": "b", "text": "two"}]


def test_one_split_is_loaded_by_itself(exported, tmp_path):
    assert len(loaded(exported("documents", "huggingface"), tmp_path, split="test")) == 1


def test_the_card_is_one_for_the_hub(exported):
    hub = pytest.importorskip("huggingface_hub")
    card = hub.DatasetCard.load(exported("leases", "huggingface") / "README.md")
    data = card.data.to_dict()
    assert (data["license"], data["size_categories"]) == ("cc-by-4.0", ["n<1K"])
    assert [each["split"] for each in data["configs"][0]["data_files"]] == ["train", "hold_out", "test"]
