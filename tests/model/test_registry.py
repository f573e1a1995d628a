from __future__ import annotations

from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsv.model.name import is_name
from dsv.model.registry import RegistryForm, StatedDataset, StatedEdge, StatedVersion
from dsv.model.registry_names import in_order, legal_name, names_of, number_of, relation_of
from dsv.model.registry_rows import form_of, score_row, stated_registry
from dsv.model.version import Version


@given(st.text(max_size=200))
def test_every_text_gives_a_legal_name_and_a_legal_name_gives_itself(text):
    name = legal_name(text)
    assert is_name(name)
    assert legal_name(name) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Technical Analysis Dataset", "Technical-Analysis-Dataset"),
        ("Vertragsklauseln für Müller & Söhne", "Vertragsklauseln-fur-Muller-Sohne"),
        ("2024 filings", "dataset-2024-filings"),
        ("latest", "latest-dataset"),
        ("../../etc/passwd", "etc-passwd"),
        ("", "dataset"),
    ],
)
def test_a_name_that_is_refused_becomes_the_nearest_legal_one(text, name):
    assert legal_name(text) == name


def test_datasets_that_share_a_name_but_for_case_get_their_types_to_it():
    datasets = [
        StatedDataset("1", "News", "technical"),
        StatedDataset("2", "news", "macro"),
        StatedDataset("3", "News", "technical"),
        StatedDataset("4", "News-technical", "other"),
        StatedDataset("5", "alone", "macro"),
    ]
    assert names_of(datasets) == {
        "1": "News-technical-2",
        "2": "news-macro",
        "3": "News-technical-3",
        "4": "News-technical",
        "5": "alone",
    }


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1.2.0", "1.2.0"),
        ("v1.2", "1.2.0"),
        ("3", "3.0.0"),
        ("1.0.0-rc.1", "1.0.0-rc.1"),
        ("01.2.3", None),
        ("a", None),
    ],
)
def test_a_short_number_is_filled_up_and_what_is_none_stays_away(text, number):
    assert number_of(text) == (None if number is None else Version.parse(number))


def test_a_kind_of_transformation_becomes_a_word_of_a_relation():
    assert [relation_of(each) for each in ("judge_filter", "Merge & Mix", "previous", "", "2nd")] == [
        "judge_filter",
        "merge_mix",
        "derive",
        "derive",
        "derive",
    ]


def versions(*pairs):
    return [StatedVersion(key, text, "", edges=[StatedEdge(each) for each in parents]) for key, text, *parents in pairs]


def test_versions_come_after_their_parents_and_lower_numbers_and_circles_end():
    datasets = {
        "a": versions(("a10", "1.10.0", "b1"), ("a9", "1.9.0")),
        "b": versions(("b1", "1.0.0", "a9"), ("b2", "2.0.0", "c1")),
        "c": versions(("c1", "1.0.0", "b2")),
    }
    numbers = {each.id: Version.parse(each.text) for several in datasets.values() for each in several}
    assert [version.id for _, version in in_order(datasets, numbers)] == ["a9", "b1", "a10", "b2", "c1"]


def test_a_registry_is_known_by_its_columns():
    assert form_of({"dataset_versions": ["dataset_name", "version"]}) is RegistryForm.FLAT
    assert form_of({"dataset_versions": ["dataset_id"], "datasets": ["id", "name"]}) is RegistryForm.LINKED
    assert form_of({"dataset_versions": ["id"], "datasets": ["name"]}) is None


def test_columns_are_read_whatever_a_database_makes_of_them():
    east = timezone(timedelta(hours=2))
    rows = {
        "datasets": [
            {"id": 1, "name": " a\n b ", "agent_type": "news", "status": "active", "deleted_at": None},
            {"id": 2, "name": "gone", "status": "active", "is_deleted": 1},
        ],
        "dataset_versions": [
            {
                "id": 7,
                "dataset_id": 1,
                "version_major": 1,
                "version_minor": 2,
                "version_patch": 0,
                "file_path": "/srv/a.jsonl",
                "sha256_hash": "sha256:ABC",
                "avg_quality_score": Decimal("0.0"),
                "tags": "{production, staging,production}",
                "created_at": datetime(2025, 1, 1, 2, 0, tzinfo=east),
                "judge_pass_rate": Decimal("0.9"),
                "validation_errors": "null",
                "splits": '{"train": 9}',
            },
            {"id": 8, "dataset_id": 99, "version": "1.0.0", "file_path": "x"},
        ],
        "dataset_lineage": [{"child_version_id": 7, "parent_version_id": 70}],
    }
    found = stated_registry(RegistryForm.LINKED, rows, lambda table: rows[table])
    [version] = found.datasets[0].versions
    assert (found.datasets[0].name, found.datasets[1].mark.value) == ("a b", "remove")
    assert (version.text, version.checksum, version.seconds) == ("1.2.0", "abc", 1735689600)
    assert (version.tags, version.metadata) == (("production", "staging"), {"quality_score": 0.0})
    assert version.further == {"judge_pass_rate": 0.9, "splits": {"train": 9}}
    assert [each.why for each in found.strays] == [
        "it belongs to no dataset that is there",
        "there is no version with the id 70",
    ]


def test_a_row_of_metrics_that_scores_nothing_is_none():
    assert score_row({"example_index": 0, "quality_score": Decimal("0.5"), "id": 3, "version_id": 1}) == {
        "example_index": 0,
        "quality_score": 0.5,
    }
    assert score_row({"example_index": 0, "symbol": "AAPL"}) is None
    assert score_row({"example_index": None, "quality_score": 1.0}) is None
    assert score_row({"example_index": 0, "quality_score": float("nan")}) is None
