"""What scorers say of a version, from its manifest and from the events after it, as rows of the index.

A scorer's summary stands in a manifest under `quality: scorers:`, and in an event `score` under `data: summary:`. It
has the figures of one metric (`metric`, quality_score where it does not say): n, coverage, mean, min, max, quantiles,
histogram; `pass_rate` is that of judge_passed. `columns` has the figures of each other one, `splits` and `facets` those
of parts. What is no number where one is expected counts as left out: a manifest may say anything here, and nothing is
refused.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from dsv.adapters.index import QualityRow
from dsv.model.standing import Happening, PastEvent

QUALITY = "quality_score"
PASSED = "judge_passed"
_MEDIAN = "p50"


def summaries(quality: Mapping[str, Any], events: Iterable[PastEvent] = ()) -> list[Mapping[str, Any]]:
    """What each scorer said last of a version: under `quality` in its manifest, or in an event about it."""
    found: dict[str, Mapping[str, Any]] = {}
    for each in quality.get("scorers") or ():
        if isinstance(each, Mapping) and isinstance(each.get("scorer"), str):
            found[each["scorer"]] = each
    for event in sorted(events, key=lambda each: (each.at, each.file)):
        summary, scorer = event.data.get("summary"), event.data.get("scorer")
        if event.event == Happening.SCORE.value and isinstance(summary, Mapping) and isinstance(scorer, str):
            found[scorer] = {"scored_at": event.at, **summary, "scorer": scorer}
    return [found[scorer] for scorer in sorted(found)]


def quality_rows(summary: Mapping[str, Any]) -> list[QualityRow]:
    """The rows of one scorer: each metric of the whole version, and of its parts."""
    when = summary.get("scored_at")
    scorer = _Scorer(
        summary["scorer"],
        model=_said(summary.get("models", summary.get("model"))),
        prompt=_said(summary.get("prompts", summary.get("prompt_sha256"))),
        at=_said(when.get("last") if isinstance(when, Mapping) else when),
    )
    rows = [*scorer.rows(summary)]
    for facet, values in (("split", summary.get("splits")), *_parts(summary.get("facets"))):
        for value, part in _parts(values):
            rows += scorer.rows(part, facet=facet, value=value)
    return list({(row.metric, row.facet, row.value): row for row in rows}.values())


def quality_score(rows: Sequence[QualityRow]) -> float | None:
    """The mean of all quality_scores that were given, by whichever scorer."""
    given = [(row.mean, row.n) for row in rows if row.metric == QUALITY and not row.facet and row.mean is not None]
    total = sum(n for _, n in given)
    return sum(mean * n for mean, n in given) / total if total else None


def judge_pass_rate(rows: Sequence[QualityRow]) -> float | None:
    """The share of the judged records that passed, by the scorer that judged most."""
    judged = [row for row in rows if row.metric == PASSED and not row.facet and row.pass_rate is not None]
    best = max(judged, key=lambda row: (row.n, row.scored_at or "", row.scorer), default=None)
    return None if best is None else best.pass_rate


class _Scorer:
    """Who scored, and with what."""

    def __init__(self, scorer: str, *, model: str | None, prompt: str | None, at: str | None) -> None:
        self._scorer, self._model, self._prompt, self._at = scorer, model, prompt, at

    def rows(self, figures: Mapping[str, Any], *, facet: str = "", value: str = "") -> Iterator[QualityRow]:
        """A row for each metric that there are figures of."""
        columns = dict(_parts(figures.get("columns")))
        if _number(figures.get("mean")) is not None:
            metric = _said(figures.get("metric")) or QUALITY
            yield self._row({**figures, "pass_rate": None}, metric=metric, facet=facet, value=value)
        if figures.get("pass_rate") is not None and PASSED not in columns:
            columns[PASSED] = {name: figures.get(name) for name in ("n", "coverage", "pass_rate")}
        for name, column in columns.items():
            yield self._row(column, metric=name, facet=facet, value=value)

    def _row(self, figures: Mapping[str, Any], *, metric: str, facet: str, value: str) -> QualityRow:
        count, quantiles = figures.get("n"), figures.get("quantiles")
        if quantiles is None and _number(figures.get(_MEDIAN)) is not None:
            quantiles = {_MEDIAN: figures[_MEDIAN]}
        return QualityRow(
            scorer=self._scorer,
            metric=metric,
            n=count if isinstance(count, int) and 0 <= count < 2**63 else 0,
            facet=facet,
            value=value,
            model=self._model,
            prompt_sha256=self._prompt,
            scored_at=self._at,
            coverage=_number(figures.get("coverage")),
            mean=_number(figures.get("mean")),
            min=_number(figures.get("min")),
            max=_number(figures.get("max")),
            pass_rate=_number(figures.get("pass_rate", figures.get("share"))),
            quantiles=quantiles,
            histogram=figures.get("histogram"),
        )


def _parts(value: object) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if isinstance(value, Mapping):
        yield from ((str(name), part) for name, part in value.items() if isinstance(part, Mapping))


def _said(value: object) -> str | None:
    """A text, or several as one; None for what says nothing."""
    texts = value if isinstance(value, list) else [value]
    return ", ".join(each for each in texts if isinstance(each, str)) or None


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None
