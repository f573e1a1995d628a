"""What `dsv.load` hands on to pandas and to Hugging Face's datasets, as these see it."""

from __future__ import annotations

import pytest

import dsv
from tests.conftest import Scratch

pytestmark = [pytest.mark.interop, pytest.mark.filterwarnings("default")]


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("DSV_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path / "hf"))


def test_splits_become_a_dictionary_of_datasets_with_nested_features(repo: Scratch):
    datasets = pytest.importorskip("datasets")
    records = [{"n": 1, "by": {"who": "x"}, "tags": ["a"]}, {"n": 2, "by": None, "tags": []}]
    repo.records("data/kinds/train.jsonl", records)
    repo.records("data/kinds/test.jsonl", records[:1])
    repo.records("data/kinds/more.jsonl", records[1:])
    kinds = dsv.open(repo.root).add("data/kinds") and dsv.load("kinds", repo.root)
    found = kinds.to_hf()
    assert isinstance(found, datasets.DatasetDict)
    assert {split: len(each) for split, each in found.items()} == {"rest": 1, "test": 1, "train": 2}
    assert found["train"][0] == records[0]
    train = kinds.split("train").to_hf()
    assert train.map(lambda each: {"twice": each["n"] * 2})["twice"] == [2, 4]
    assert train.features["tags"] == datasets.List(datasets.Value("string"))
    assert kinds.to_hf().map(lambda each: each)["train"][1] == records[1]


def test_types_that_datasets_wrote_into_parquet_are_kept(repo: Scratch):
    datasets = pytest.importorskip("datasets")
    features = datasets.Features({"text": datasets.Value("string"), "kind": datasets.ClassLabel(names=["no", "yes"])})
    made = datasets.Dataset.from_dict({"text": ["a", "b"], "kind": [1, 0]}, features=features)
    (repo.root / "data/labelled").mkdir(parents=True)
    made.to_parquet(str(repo.root / "data/labelled/part.parquet"))
    dsv.open(repo.root).add("data/labelled")
    found = dsv.load("labelled", repo.root).to_hf()
    assert found.features == features
    assert found["kind"] == [1, 0]


def test_a_data_frame_has_the_types_of_the_fields(released: Scratch):
    pandas = pytest.importorskip("pandas")
    frame = dsv.load("notes", released.root, split="test").to_pandas(columns=["text"])
    assert isinstance(frame, pandas.DataFrame)
    assert frame.shape == (20, 1)
    assert frame["text"].iloc[0] == "text of 80"
