"""What scorers say in manifests and events, as rows of the index."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsv.model.scores import Histogram, Scored, ScorerSummary, Shares, Spread
from dsv.model.standing import PastEvent
from dsv.model.version import Version
from dsv.repository.known.quality_rows import judge_pass_rate, quality_rows, quality_score, summaries

SUMMARY = {
    "scorer": "judge-a",
    "models": ["m1", "m2"],
    "prompts": [],
    "scored_at": {"first": "2026-01-01T00:00:00Z", "last": "2026-02-01T00:00:00Z"},
    "n": 90,
    "coverage": 0.9,
    "mean": 0.8,
    "min": 0.1,
    "max": 1.0,
    "quantiles": {"p50": 0.85},
    "histogram": {"from": 0.1, "to": 1.0, "counts": [1, 89]},
    "pass_rate": 0.75,
    "columns": {
        "judge_passed": {"n": 80, "coverage": 0.8, "true": 60, "share": 0.75},
        "reward_score": {"n": 10, "coverage": 0.1, "mean": -3},
    },
    "splits": {"test": {"n": 9, "coverage": 1.0, "mean": 0.5, "p50": 0.4, "columns": {}}},
    "facets": {"symbol": {"ACME": {"n": 4, "coverage": 0.04, "mean": 0.3, "pass_rate": 1.0, "columns": {}}}},
}


def scored(at, **data):
    return PastEvent("score", "leases", Version.parse("1.0.0"), at, data=data, file=f"{at}.yaml")


def test_each_metric_of_the_whole_and_of_its_parts_is_a_row():
    rows = {(each.metric, each.facet, each.value): each for each in quality_rows(SUMMARY)}
    assert set(rows) == {
        ("quality_score", "", ""),
        ("judge_passed", "", ""),
        ("reward_score", "", ""),
        ("quality_score", "split", "test"),
        ("quality_score", "symbol", "ACME"),
        ("judge_passed", "symbol", "ACME"),
    }
    whole = rows["quality_score", "", ""]
    assert (whole.n, whole.mean, whole.model, whole.prompt_sha256) == (90, 0.8, "m1, m2", None)
    assert (whole.scored_at, whole.quantiles) == ("2026-02-01T00:00:00Z", {"p50": 0.85})
    assert (rows["judge_passed", "", ""].pass_rate, rows["judge_passed", "", ""].n) == (0.75, 80)
    assert rows["quality_score", "split", "test"].quantiles == {"p50": 0.4}


def test_what_a_scorer_writes_can_be_read():
    spread = Spread(4, 2.0, 0.0, 1.0, (0.0, 0.1, 0.5, 0.9, 1.0), Histogram(0.0, 1.0, (2, 2)))
    part = Scored(4, 4, {"judge_score": spread}, {"judge_passed": Shares(4, 1)})
    written = ScorerSummary("judge-a", part, last="2026-02-01T00:00:00Z", splits={"test": part}).document()
    rows = [(each.metric, each.facet, each.value, each.n, each.mean, each.pass_rate) for each in quality_rows(written)]
    assert rows == [
        ("judge_score", "", "", 4, 0.5, None),
        ("judge_passed", "", "", 4, None, 0.25),
        ("judge_score", "split", "test", 4, 0.5, None),
        ("judge_passed", "split", "test", 4, None, 0.25),
    ]


def test_a_later_import_takes_the_place_of_what_the_release_said():
    released = {"scorers": [{"scorer": "a", "n": 1, "mean": 0.1}, {"scorer": "b", "n": 1, "mean": 0.2}]}
    events = [
        scored("2026-03-01T00:00:00Z", scorer="a", summary={"n": 3, "mean": 0.9}),
        scored("2026-02-01T00:00:00Z", scorer="a", summary={"n": 2, "mean": 0.5}),
        scored("2026-04-01T00:00:00Z", scorer="a"),
    ]
    rows = [row for each in summaries(released, events) for row in quality_rows(each)]
    assert [(each.scorer, each.n, each.mean, each.scored_at) for each in rows] == [
        ("a", 3, 0.9, "2026-03-01T00:00:00Z"),
        ("b", 1, 0.2, None),
    ]
    assert quality_score(rows) == pytest.approx((3 * 0.9 + 0.2) / 4)
    assert judge_pass_rate(rows) is None


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*SUMMARY, "share"]), inner, max_size=5)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(list(SUMMARY)), values))
def test_whatever_a_manifest_says_of_quality_is_taken_or_left(said):
    for each in summaries({"scorers": [said, values]}):
        rows = quality_rows(each)
        assert all(isinstance(row.n, int) and row.n >= 0 for row in rows)
        quality_score(rows)
        judge_pass_rate(rows)
