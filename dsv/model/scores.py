"""Scores of single records, and what a scorer's scores come to in a version.

A score belongs to the content of a record and to a scorer. So it follows the record into every version that holds it,
and a record that changed has none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from dsv.errors import UsageError
from dsv.model.problems import shown

QUALITY, JUDGE, PASSED = "quality_score", "judge_score", "judge_passed"

QUANTILES = (("p5", 0.05), ("p25", 0.25), ("p50", 0.5), ("p75", 0.75), ("p95", 0.95))
"""The names of the quantiles, and the share of the scores below each."""

DIGITS = 6
"""Decimals of means and shares."""

_NEARLY_ALL = 0.999999

_SCORER = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9])?")
_DIGEST = re.compile(r"(?:sha256:)?([0-9a-f]{64})")


class Kind(Enum):
    """What the values of a column of scores are."""

    NUMBER = "number"
    BOOLEAN = "boolean"
    TEXT = "text"


COLUMNS: Mapping[str, Kind] = {
    "quality_score": Kind.NUMBER,
    "reward_score": Kind.NUMBER,
    "confidence_score": Kind.NUMBER,
    "reasoning_score": Kind.NUMBER,
    "consistency_score": Kind.NUMBER,
    "judge_score": Kind.NUMBER,
    "judge_passed": Kind.BOOLEAN,
    "judge_feedback": Kind.TEXT,
    "trajectory_id": Kind.TEXT,
    "symbol": Kind.TEXT,
    "agent_type": Kind.TEXT,
}
"""The columns whose names mean something, and what is in them; those of further columns are what they hold."""

ABOUT = frozenset({"trajectory_id", "symbol", "agent_type"})
"""Columns that tell what a record is about: a row that has nothing else scores nothing."""

OWN_COLUMNS = frozenset(
    {"fingerprint", "record", "file", "row", "example_index", "split", "scorer", "model", "prompt_sha256", "scored_at"}
)
"""Names that say which record a score is of, and whose it is; no column of scores has one of them."""


class By(Enum):
    """What tells which record a row of scores is of."""

    KEY = "key"
    """The fields of the version's key."""
    RECORD = "record"
    """The record itself under `record`, or its `fingerprint`."""
    INDEX = "index"
    """Its place in a file: `example_index` from 0 or `row` from 1, and `file` where there are several."""
    TRAJECTORY_ID = "trajectory_id"
    """A field of the records with this name; of several records with the value each gets the score."""


@dataclass(frozen=True)
class Scorer:
    """Who scored: a person, a program, or a model with a prompt, which is known by the SHA-256 of its text."""

    id: str
    model: str = ""
    prompt_sha256: str = ""

    def document(self) -> dict[str, Any]:
        """As JSON shows it."""
        return {"scorer": self.id, "model": self.model or None, "prompt_sha256": self.prompt_sha256 or None}


def parse_scorer(text: str, *, model: str = "", prompt_sha256: str = "") -> Scorer:
    """The scorer with this id; UsageError for what cannot be one, and for a digest that is none."""
    check_scorer(text)
    digest = _DIGEST.fullmatch(prompt_sha256)
    if prompt_sha256 and digest is None:
        raise UsageError(
            f"--prompt-sha256 {shown(prompt_sha256)} is no SHA-256 of a prompt",
            hint="sha256sum PROMPT.txt prints its 64 digits",
        )
    if any(not each.isprintable() for each in model):
        raise UsageError(f"--model {shown(model)} holds control characters", hint="for instance gpt-4o-2026-05-01")
    return Scorer(text, model.strip(), digest[1] if digest else "")


def check_scorer(text: str) -> None:
    """UsageError unless the text may be the id of a scorer."""
    if not _SCORER.fullmatch(text):
        raise UsageError(
            f"--scorer {shown(text)} is no id of a scorer",
            hint="letters, digits and . _ - between them, at most 100; for instance judge-a",
        )


@dataclass(frozen=True)
class Histogram:
    """How many numbers lie in each of as many equal parts of what lies from one number to another."""

    first: float
    last: float
    counts: tuple[int, ...]

    def document(self) -> dict[str, Any]:
        """As JSON shows it."""
        return {"from": self.first, "to": self.last, "counts": list(self.counts)}


@dataclass(frozen=True)
class Spread:
    """Numbers: how many, their sum, the smallest and the largest, and those below which the shares of QUANTILES lie.

    Quantiles are exact up to 4,096 different numbers; beyond, at most 0.8 % too near to zero.
    """

    n: int
    total: float
    low: float
    high: float
    quantiles: tuple[float, ...]
    histogram: Histogram

    @property
    def mean(self) -> float:
        """Their mean."""
        return rounded(self.total / self.n)

    def document(self) -> dict[str, Any]:
        """As JSON shows it."""
        return {
            "n": self.n,
            "mean": self.mean,
            "min": self.low,
            "max": self.high,
            "quantiles": dict(zip([name for name, _ in QUANTILES], self.quantiles, strict=True)),
            "histogram": self.histogram.document(),
        }


@dataclass(frozen=True)
class Shares:
    """Truth values: how many, and how many of them are true."""

    n: int
    true: int

    @property
    def share(self) -> float:
        """The share of those that are true."""
        return round(self.true / self.n, DIGITS)

    def document(self) -> dict[str, Any]:
        """As JSON shows it."""
        return {"n": self.n, "true": self.true, "share": self.share}


@dataclass(frozen=True)
class Scored:
    """The scores of a part of a version: how many records the part has, how many are scored, and each column.

    `numbers` and `flags` are the columns of numbers and of truth values that hold any.
    """

    records: int
    n: int
    numbers: Mapping[str, Spread] = field(default_factory=dict)
    flags: Mapping[str, Shares] = field(default_factory=dict)

    @property
    def coverage(self) -> float:
        """The share of the records that have any score; 1 only when all have."""
        return self.share_of(self.n)

    def share_of(self, n: int) -> float:
        """The share that so many are of the records; 1 only when they are all."""
        if n >= self.records:
            return 1.0 if self.records else 0.0
        return min(round(n / self.records, DIGITS), _NEARLY_ALL)

    @property
    def main(self) -> Spread | None:
        """The numbers that a mean without a name is of: quality_score, else judge_score."""
        return self.numbers.get(QUALITY) or self.numbers.get(JUDGE)

    @property
    def pass_rate(self) -> float | None:
        """The share of the judged records that passed; None where none was judged."""
        return self.flags[PASSED].share if PASSED in self.flags else None

    def document(self) -> dict[str, Any]:
        """As JSON shows it; `n` to `histogram` are those of the column `metric`, `scored` has any score."""
        main: dict[str, Any] = {"mean": None, "min": None, "max": None, "quantiles": None, "histogram": None}
        n = self.n
        if self.main is not None:
            main = self.main.document()
            n = main.pop("n")
        named = QUALITY if QUALITY in self.numbers else JUDGE
        others: dict[str, Spread | Shares] = {**self.numbers, **self.flags}
        columns = {
            name: {"n": others[name].n, "coverage": self.share_of(others[name].n), **others[name].document()}
            for name in sorted(others)
            if name != named
        }
        return {
            "n": n,
            "coverage": self.share_of(n),
            **main,
            "metric": named if self.main is not None else None,
            "pass_rate": self.pass_rate,
            "scored": self.n,
            "columns": columns,
        }

    def brief(self) -> dict[str, Any]:
        """As JSON shows it in few numbers."""
        document = self.document()
        quantiles, columns = document.pop("quantiles"), document.pop("columns")
        del document["histogram"]
        kept = {
            name: {key: value for key, value in each.items() if key not in ("quantiles", "histogram")}
            for name, each in columns.items()
        }
        return {**document, "p50": quantiles["p50"] if quantiles else None, "columns": kept}


@dataclass(frozen=True)
class ScorerSummary:
    """What the scores of one scorer come to in a version: of all of it, by split, and by the values of each facet.

    `models` and `prompts` are those that the scores were given with, `first` and `last` the times of their imports. Of
    a facet the values with the most records are told, and how many others are `left_out`; its coverage is the share of
    all records of the version, as nobody knows the values of those that are not scored.
    """

    scorer: str
    whole: Scored
    models: tuple[str, ...] = ()
    prompts: tuple[str, ...] = ()
    first: str = ""
    last: str = ""
    splits: Mapping[str, Scored] = field(default_factory=dict)
    facets: Mapping[str, Mapping[str, Scored]] = field(default_factory=dict)
    left_out: Mapping[str, int] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """As JSON and manifests show it."""
        return {
            "scorer": self.scorer,
            "models": list(self.models),
            "prompts": list(self.prompts),
            "scored_at": {"first": self.first, "last": self.last},
            **self.whole.document(),
            "splits": {split: each.brief() for split, each in self.splits.items()},
            "facets": {
                facet: {value: each.brief() for value, each in values.items()} for facet, values in self.facets.items()
            },
            **({"facets_left_out": dict(self.left_out)} if self.left_out else {}),
        }


def quality_score(summaries: Sequence[ScorerSummary]) -> tuple[float, float] | None:
    """The mean of all quality_scores that were given, by whichever scorer, and the share of the records with one.

    The share is that of the scorer who gave most. None where no quality_score was given.
    """
    given = [(each.whole, each.whole.numbers[QUALITY]) for each in summaries if QUALITY in each.whole.numbers]
    total = sum(spread.n for _, spread in given)
    if not total:
        return None
    coverage = max(part.share_of(spread.n) for part, spread in given)
    return rounded(sum(spread.total for _, spread in given) / total), coverage


def rounded(number: float) -> float:
    """With six decimals or, of a number below one, six digits."""
    return round(number, DIGITS) if abs(number) >= 1 else float(f"{number:.{DIGITS}g}") + 0.0
