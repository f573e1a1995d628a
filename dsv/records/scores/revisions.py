"""Several files of one scorer's scores as one: of a record that was scored more than once the latest row counts."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

from dsv.model.scores import COLUMNS, Kind
from dsv.records.scores.score_file import BATCH_ROWS, ORIGIN, Batch, ScoreFile

_Row = tuple[bytes, str, str, tuple[Any, ...]]
_FINGERPRINT = itemgetter(0)
_LATEST = itemgetter(1, 2)

_LONGEST_LABEL = 100


def merged_kinds(files: Sequence[ScoreFile]) -> dict[str, Kind]:
    """What the columns of all files together hold; text where they do not agree."""
    kinds: dict[str, Kind] = {}
    for file in files:
        for name, kind in file.kinds.items():
            kinds[name] = kind if kinds.get(name, kind) is kind else Kind.TEXT
    names = [*(name for name in COLUMNS if name in kinds), *sorted(kinds.keys() - COLUMNS.keys())]
    return {name: kinds[name] for name in names}


def latest_scores(files: Sequence[ScoreFile]) -> Iterator[Batch]:
    """A row for each scored record, ascending: the one that was imported last, of two at once by their files' names."""
    if len(files) == 1:
        yield from files[0].batches()
        return
    kinds = merged_kinds(files)
    names = (*ORIGIN, *kinds)
    rows = heapq.merge(*(_rows(file, names, kinds) for file in files), key=_FINGERPRINT)
    fingerprints: list[bytes] = []
    values: list[tuple[Any, ...]] = []
    for fingerprint, several in groupby(rows, key=_FINGERPRINT):
        fingerprints.append(fingerprint)
        values.append(max(several, key=_LATEST)[3])
        if len(fingerprints) == BATCH_ROWS:
            yield _batch(fingerprints, values, names)
            fingerprints, values = [], []
    if fingerprints:
        yield _batch(fingerprints, values, names)


def holds(files: Sequence[ScoreFile], fresh: ScoreFile) -> bool:
    """Whether the latest rows of these files say all that the fresh one says, but for the time."""
    kinds = merged_kinds([*files, fresh])
    names = tuple(name for name in (*ORIGIN, *kinds) if name != "scored_at")
    known = (
        (fingerprint, row)
        for batch in latest_scores(files)
        for fingerprint, row in zip(batch.fingerprints, _values(batch, names), strict=True)
    )
    here = next(known, None)
    for batch in fresh.batches():
        for fingerprint, row in zip(batch.fingerprints, _values(batch, names), strict=True):
            while here is not None and here[0] < fingerprint:
                here = next(known, None)
            if here != (fingerprint, row):
                return False
    return True


def _values(batch: Batch, names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    empty = [None] * len(batch.fingerprints)
    return zip(*(batch.columns.get(name, empty) for name in names), strict=True)


def _rows(file: ScoreFile, names: Sequence[str], kinds: Mapping[str, Kind]) -> Iterator[_Row]:
    as_text = {name for name, kind in file.kinds.items() if kind is not kinds[name]}
    for batch in file.batches():
        empty = [None] * len(batch.fingerprints)
        columns = [
            list(map(text_of, batch.columns[name])) if name in as_text else batch.columns.get(name, empty)
            for name in names
        ]
        for fingerprint, at, row in zip(
            batch.fingerprints, batch.columns["scored_at"], zip(*columns, strict=True), strict=True
        ):
            yield fingerprint, at or "", file.name, row


def _batch(fingerprints: list[bytes], values: list[tuple[Any, ...]], names: Sequence[str]) -> Batch:
    return Batch(fingerprints, dict(zip(names, map(list, zip(*values, strict=True)), strict=True)))


def text_of(value: Any) -> str | None:
    """A score as text, where its column holds texts too."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def label_of(value: Any) -> str | None:
    """A value of a facet as summaries name it."""
    text = text_of(value)
    return text if text is None or len(text) <= _LONGEST_LABEL else f"{text[: _LONGEST_LABEL - 1]}…"
