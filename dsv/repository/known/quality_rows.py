"""What scorers say of a version, from its manifest and from the events after it, as rows of the index.

A scorer's summary, in a manifest under `quality: scorers:` and in an event `score` under `data: summary:`, is

    {scorer, model, prompt_sha256, at, metric, n, coverage, mean, min, max, quantiles, histogram, pass_rate,
     columns: {NAME: {n, coverage, mean, ...}}, facets: {FACET: {VALUE: {n, coverage, mean, ...}}}}

of which all but `scorer` may be left out; `metric` says what mean to histogram are of, quality_score where it is not
there. What is no number where one is expected counts as left out: nothing here is refused.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from dsv.adapters.index import QualityRow
from dsv.model.standing import Happening, PastEvent

QUALITY = "quality_score"
PASSED = "judge_passed"


def summaries(document: Mapping[str, Any], events: Iterable[PastEvent] = ()) -> list[Mapping[str, Any]]:
    """What each scorer said last of a version: in its manifest, or in one of the events about it."""
    found: dict[str, Mapping[str, Any]] = {}
    for each in document.get("scorers") or ():
        if isinstance(each, Mapping) and isinstance(each.get("scorer"), str):
            found[each["scorer"]] = each
    for event in sorted(events, key=lambda each: (each.at, each.file)):
        summary = event.data.get("summary")
        scorer = event.data.get("scorer")
        if event.event == Happening.SCORE.value and isinstance(summary, Mapping) and isinstance(scorer, str):
            found[scorer] = {"at": event.at, **summary, "scorer": scorer}
    return [found[scorer] for scorer in sorted(found)]


def quality_rows(summary: Mapping[str, Any]) -> list[QualityRow]:
    """The rows of one scorer: of each metric for the whole version, then for its parts."""
    metric = _text(summary.get("metric")) or QUALITY
    rows = {(row.metric, row.facet, row.value): row for row in _rows(summary, metric=metric)}
    return list(rows.values())


def quality_score(rows: Sequence[QualityRow]) -> float | None:
    """The mean of quality_score over the scored records, by the scorer that scored most."""
    return _most(rows, QUALITY, "mean")


def judge_pass_rate(rows: Sequence[QualityRow]) -> float | None:
    """The share of the judged records that passed, by the scorer that judged most."""
    return _most(rows, PASSED, "pass_rate")


def _rows(summary: Mapping[str, Any], *, metric: str) -> Iterator[QualityRow]:
    by = {
        "scorer": summary["scorer"],
        "model": _text(summary.get("model")),
        "prompt_sha256": _text(summary.get("prompt_sha256")),
        "scored_at": _text(summary.get("at")),
    }
    yield from _metrics(summary, metric=metric, by=by)
    for name, column in _items(summary.get("columns")):
        yield _row(column, metric=name, by=by)
    for facet, parts in _items(summary.get("facets")):
        for value, part in _items(parts):
            yield from _metrics(part, metric=metric, by={**by, "facet": facet, "value": value})


def _metrics(summary: Mapping[str, Any], *, metric: str, by: Mapping[str, Any]) -> Iterator[QualityRow]:
    """The metric itself where it was measured, and the verdicts."""
    rate = _number(summary.get("pass_rate"))
    if rate is None or _number(summary.get("mean")) is not None:
        yield _row({**summary, "pass_rate": None}, metric=metric, by=by)
    if rate is not None:
        counts = {name: summary.get(name) for name in ("n", "coverage")}
        yield _row({**counts, "pass_rate": rate}, metric=PASSED, by=by)


def _row(summary: Mapping[str, Any], *, metric: str, by: Mapping[str, Any]) -> QualityRow:
    count = summary.get("n")
    return QualityRow(
        metric=metric,
        n=count if isinstance(count, int) and 0 <= count < 2**63 else 0,
        quantiles=summary.get("quantiles"),
        histogram=summary.get("histogram"),
        coverage=_number(summary.get("coverage")),
        mean=_number(summary.get("mean")),
        min=_number(summary.get("min")),
        max=_number(summary.get("max")),
        pass_rate=_number(summary.get("pass_rate")),
        **by,
    )


def _most(rows: Sequence[QualityRow], metric: str, value: str) -> float | None:
    found = [row for row in rows if row.metric == metric and not row.facet and getattr(row, value) is not None]
    best = max(found, key=lambda row: (row.n, row.scored_at or "", row.scorer), default=None)
    return None if best is None else getattr(best, value)


def _items(value: object) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if isinstance(value, Mapping):
        yield from ((str(name), part) for name, part in value.items() if isinstance(part, Mapping))


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None
