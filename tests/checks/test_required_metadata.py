"""The facts that versions have to state."""

from __future__ import annotations

from typing import Any

import pytest

from dsv.checks.rules.metadata import RequiredMetadata
from dsv.checks.rules.outcome import Outcome, Result
from dsv.checks.rules.version import CheckedVersion, Found

STATED = {
    "source": "SEC filings",
    "annotation_method": "manual",
    "annotators": 3,
    "inter_annotator_agreement": 0.95,
    "quality_score": 0.9,
    "regulations_applicable": [],
}


def outcome(*required: str, **metadata: Any) -> Outcome:
    return RequiredMetadata(required).outcome(CheckedVersion(1, lambda _: Found(), metadata=metadata))


def test_stated_facts_pass() -> None:
    assert outcome(*STATED, **STATED).result is Result.PASSED
    assert outcome("annotators", "source", annotators=["ana", "joe"], source=["a", "b"]).result is Result.PASSED
    assert outcome("whatever", whatever={"a": 1}).result is Result.PASSED


def test_what_is_missing_is_named_with_what_to_type() -> None:
    found = outcome("source", "annotators", annotators=2, source=" ")
    assert (found.result, found.message) == (Result.FAILED, "source is not stated (--meta source=...)")
    found = outcome("source", "annotators", "reviewer", annotators=None)
    assert found.message == "source, annotators, reviewer are not stated (--meta source=...)"


@pytest.mark.parametrize(
    ("fact", "value", "words"),
    [
        ("inter_annotator_agreement", 95, "must be a number from -1 to 1 (got 95)"),
        ("inter_annotator_agreement", "high", "must be a number from -1 to 1 (got 'high')"),
        ("annotators", 0, "must be how many there were, or a list of names (got 0)"),
        ("annotators", True, "must be how many there were, or a list of names (got true)"),
        ("annotators", [], "must be how many there were, or a list of names (got a list)"),
        ("source", 3, "must be text, or a list of texts (got 3)"),
        ("regulations_applicable", [1], "must be a list of texts, empty where there are none (got a list)"),
        ("quality_score", 1.5, "must be a number from 0 to 1 (got 1.5)"),
    ],
)
def test_a_known_fact_must_be_one(fact: str, value: Any, words: str) -> None:
    found = outcome(fact, **{fact: value})
    assert (found.result, found.message) == (Result.FAILED, f"{fact} {words}")


def test_what_is_not_required_may_be_anything() -> None:
    assert outcome("source", source="x", annotators="many").result is Result.PASSED
