"""What scorers say of two versions, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dsv.model.scores import JUDGE, QUALITY, Scored, ScorerSummary

HEADERS = ("scorer", "column", "mean", "coverage")


@dataclass(frozen=True)
class Mean:
    """The mean of a column, of truth values the share of true ones, and which share of the records has one."""

    n: int
    coverage: float
    mean: float

    def document(self) -> dict[str, Any]:
        """As JSON shows it."""
        return {"n": self.n, "coverage": self.coverage, "mean": self.mean}


@dataclass(frozen=True)
class ScoreComparison:
    """A column of a scorer's scores in two versions; None where a version has none."""

    scorer: str
    column: str
    old: Mean | None
    new: Mean | None

    def document(self) -> dict[str, Any]:
        """As JSON shows it."""
        return {
            "scorer": self.scorer,
            "column": self.column,
            "old": None if self.old is None else self.old.document(),
            "new": None if self.new is None else self.new.document(),
        }

    @property
    def cells(self) -> tuple[str, str, str, str]:
        """A row of a table under HEADERS."""
        means = _arrow(*(_figure(each) for each in (self.old, self.new)))
        covered = _arrow(*("-" if each is None else f"{each.coverage:.1%}" for each in (self.old, self.new)))
        return self.scorer, self.column, means, covered


def compare_scores(old: Sequence[ScorerSummary], new: Sequence[ScorerSummary]) -> list[ScoreComparison]:
    """Every column that either side has, by scorer, the main ones of a scorer first."""
    return compare_means(_means(old), _means(new))


def compare_means(old: Mapping[tuple[str, str], Mean], new: Mapping[tuple[str, str], Mean]) -> list[ScoreComparison]:
    """The same from the means by scorer and column."""
    ordered = sorted({*old, *new}, key=lambda pair: (pair[0], pair[1] not in (QUALITY, JUDGE), pair[1]))
    return [ScoreComparison(*pair, old.get(pair), new.get(pair)) for pair in ordered]


def _means(summaries: Sequence[ScorerSummary]) -> dict[tuple[str, str], Mean]:
    return {(each.scorer, column): mean for each in summaries for column, mean in _columns(each.whole).items()}


def _columns(part: Scored) -> dict[str, Mean]:
    numbers = {name: Mean(each.n, part.share_of(each.n), each.mean) for name, each in part.numbers.items()}
    flags = {name: Mean(each.n, part.share_of(each.n), each.share) for name, each in part.flags.items()}
    return {**numbers, **flags}


def _figure(mean: Mean | None) -> str:
    return "-" if mean is None else f"{mean.mean:.4g}"


def _arrow(old: str, new: str) -> str:
    return old if old == new else f"{old} -> {new}"
