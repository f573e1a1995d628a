"""Which split a file belongs to, declared or recognised."""

from __future__ import annotations

import pytest

from dsv.model.reading import Reading, glob_pattern, is_documentation


@pytest.mark.parametrize(
    ("path", "split"),
    [
        ("train.jsonl", "train"),
        ("Train.JSONL", "train"),
        ("train-00001-of-00004.jsonl.gz", "train"),
        ("train_retail.jsonl", "train"),
        ("test.part1.csv", "test"),
        ("validation/0001.jsonl", "validation"),
        ("valid/a/b.jsonl", "valid"),
        ("dev.tsv", "dev"),
        ("eval/shard.json", "eval"),
        ("training.jsonl", None),
        ("testing/notes.jsonl", None),
        ("notes.jsonl", None),
        ("my-train.jsonl", None),
        ("latest.jsonl", None),
        ("train/test.jsonl", "test"),
        ("train/eval/x.jsonl", "eval"),
    ],
)
def test_splits_are_recognised_by_file_stem_first_word_or_directory(path: str, split: str | None) -> None:
    assert Reading().split_of(path) == split


def test_declared_splits_replace_the_recognised_ones_and_the_first_that_fits_counts() -> None:
    reading = Reading(splits=(("golden", "train-gold*.jsonl"), ("train", "train*.jsonl")))
    assert reading.split_of("train-gold-1.jsonl") == "golden"
    assert reading.split_of("train-1.jsonl") == "train"
    assert reading.split_of("test.jsonl") is None


@pytest.mark.parametrize(
    ("glob", "inside", "outside"),
    [
        ("train*.jsonl", ["train.jsonl", "train-1.jsonl", "deep/down/train.jsonl"], ["xtrain.jsonl", "train/a.jsonl"]),
        ("train/*", ["train/a.jsonl"], ["train/b/c.jsonl", "x/train/a.jsonl"]),
        ("train/**", ["train/a.jsonl", "train/b/c.jsonl"], ["x/train/a.jsonl"]),
        ("**/train/*.jsonl", ["train/a.jsonl", "x/y/train/a.jsonl"], ["train/b/c.jsonl"]),
        ("part-?.csv", ["part-1.csv"], ["part-10.csv", "part-.csv"]),
        ("part-[0-4].csv", ["part-3.csv"], ["part-5.csv"]),
        ("part-[!0-4].csv", ["part-5.csv"], ["part-3.csv"]),
        ("a.b+(c).csv", ["a.b+(c).csv"], ["axb+(c).csv"]),
        ("données*.csv", ["données 1.csv"], ["donnees.csv"]),
    ],
)
def test_a_glob_names_files_as_people_expect(glob: str, inside: list[str], outside: list[str]) -> None:
    pattern = glob_pattern(glob)
    assert [path for path in inside if not pattern.fullmatch(path)] == []
    assert [path for path in outside if pattern.fullmatch(path)] == []


def test_two_readings_are_equal_when_their_declarations_are() -> None:
    assert Reading() == Reading("auto", ())
    assert Reading(splits=(("a", "x"), ("b", "y"))) != Reading(splits=(("b", "y"), ("a", "x")))
    assert Reading(format="csv") != Reading(format="tsv")


@pytest.mark.parametrize(
    ("path", "documentation"),
    [
        ("README.md", True),
        ("sub/readme", True),
        ("LICENSE", True),
        ("LICENCE.txt", True),
        (".gitignore", True),
        ("CITATION.cff", True),
        ("readmeter.png", False),
        ("scan-001.png", False),
    ],
)
def test_files_about_the_data_are_told_from_data(path: str, *, documentation: bool) -> None:
    assert is_documentation(path) is documentation
