"""What lists and searches show: which datasets and versions, in which order, and which part of them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from typing import TypedDict

from dsv.errors import UsageError
from dsv.model.period import ALWAYS, Period, parse_at, parse_period


class Shown(Enum):
    """How much of what is there a list shows."""

    LISTED = "listed"
    """Without archived and removed datasets, removed versions, and versions that are only on other branches."""
    KNOWN = "known"
    """Those that were withdrawn too."""
    LATEST = "latest"
    """Of what is listed, the latest version of each dataset."""
    ALL = "all"
    """Everything."""


class Order(Enum):
    """Which way a list is sorted."""

    ASCENDING = "ASC"
    DESCENDING = "DESC"


class Used(Enum):
    """Whether runs are looked at."""

    ANY = "any"
    BY_RUNS = "by runs"
    """Only what a run has used."""


@dataclass(frozen=True)
class Filter:
    """What to show: None does not narrow. A status that is asked for is shown even where lists leave it out.

    `tag` fits a tag of the dataset or of the version (in a list of datasets the latest one), exactly; `owner` fits any
    part of an owner without regard to case; `stage` a dataset that has it, or the version it is; `repository` is the
    name under which another one was added, "" this one. The least numbers and the period are those of versions: a
    dataset fits by its latest version, and when one of its versions was released in the period. `at` is the last
    second (`2026-11-22T23:59:59Z`) of the time that is looked back to.
    """

    type: str | None = None
    status: str | None = None
    format: str | None = None
    tag: str | None = None
    owner: str | None = None
    stage: str | None = None
    shown: Shown = Shown.LISTED
    repository: str | None = None
    min_quality: float | None = None
    min_judge_pass_rate: float | None = None
    min_records: int | None = None
    period: Period = ALWAYS
    at: str | None = None
    used: Used = Used.ANY


@dataclass(frozen=True)
class Page:
    """The order of a list and the part of it to give; None is the natural order, or no limit."""

    sort: str | None = None
    order: Order | None = None
    limit: int | None = None
    offset: int = 0


def parse_page(sort: str, *, descending: bool, limit: int | None, offset: int) -> Page:
    """The page that these options come to; without a field to sort by the order is the natural one."""
    order = Order.DESCENDING if descending else Order.ASCENDING if sort else None
    return Page(sort=sort or None, order=order, limit=limit, offset=offset)


class Filters(TypedDict, total=False):
    """What a filter is typed as, option by option; days are `2026-01-31`."""

    type: str | None
    status: str | None
    format: str | None
    tag: str | None
    owner: str | None
    stage: str | None
    min_quality: float | None
    min_judge_pass_rate: float | None
    min_records: int | None
    since: str
    until: str
    at: str
    latest: bool
    all: bool
    runs: bool


def parse_filter(options: Filters) -> Filter:
    """The filter that these options come to. UsageError for what is no day or no number, and for two that exclude."""
    if options.get("latest") and options.get("all"):
        raise UsageError("--latest and --all exclude each other", hint="give one of them")
    for name in ("min_quality", "min_judge_pass_rate"):
        least = options.get(name)
        if isinstance(least, float) and not math.isfinite(least):
            raise UsageError(f"--{name.replace('_', '-')} {least} is no number", hint="for instance 0.9")
    at = options.get("at")
    return Filter(
        type=options.get("type") or None,
        status=options.get("status") or None,
        format=options.get("format") or None,
        tag=options.get("tag") or None,
        owner=options.get("owner") or None,
        stage=options.get("stage") or None,
        shown=Shown.ALL if options.get("all") else Shown.LATEST if options.get("latest") else Shown.LISTED,
        min_quality=options.get("min_quality"),
        min_judge_pass_rate=options.get("min_judge_pass_rate"),
        min_records=options.get("min_records"),
        period=parse_period(options.get("since", ""), options.get("until", "")),
        at=parse_at(at) if at else None,
        used=Used.BY_RUNS if options.get("runs") else Used.ANY,
    )
