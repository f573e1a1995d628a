"""The values that stand in the tables of the index for what is fed to it, in the order of the tables' columns."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from dsv.adapters.index.folding import fold, storable
from dsv.adapters.index.sort_key import sort_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dsv.adapters.index.rows import DatasetRow, EventRow, ExampleRow, LineageRow, QualityRow, Told, VersionRow
    from dsv.model.version import Version

Values = tuple[Any, ...]
_LARGEST = 2**63 - 1


def dataset_values(row: DatasetRow, *, repository: str) -> Values:
    """The row of `datasets`."""
    return (
        repository,
        row.name,
        *map(storable, (row.type, row.format, row.path, row.description)),
        _array(row.owners),
        _array(row.tags),
        row.status,
        int(row.known),
        row.source,
        _json(dict(row.stages)),
    )


def version_values(row: VersionRow, *, repository: str) -> Values:
    """The row of `dataset_versions`, without its number and its digest."""
    version = row.version
    return (
        repository,
        row.dataset,
        str(version),
        *_core(version),
        version.prerelease,
        sort_key(version),
        *map(storable, (row.type, row.format, row.created_at, row.created_by, row.summary)),
        _array(row.tags),
        storable(row.description),
        storable(row.path),
        row.records,
        row.files,
        row.bytes,
        row.bad_records,
        row.tokens,
        _json(dict(row.splits)),
        _array(row.key),
        row.level,
        row.previous,
        _optional(row.produced_by),
        row.changed_share,
        row.added,
        row.removed,
        row.modified,
        row.moved,
        row.tree_digest,
        row.record_digest,
        row.dvc_digest,
        row.index_digest,
        row.status,
        _array(row.stages),
        storable(row.validation),
        row.quality_score,
        row.judge_pass_rate,
        storable(row.metadata_text),
        _array(row.field_names),
        row.git_tag,
        int(row.known),
        row.released_as or row.dataset,
        *_told_values(row.told),
    )


def lineage_values(position: int, row: LineageRow) -> Values:
    """The row of `dataset_lineage`, without its version; the parent is not looked for yet."""
    return (
        position,
        storable(row.parent),
        storable(row.relation),
        storable(row.repository),
        storable(row.dataset),
        storable(row.version),
        row.digest,
        None,
        row.inherited,
        row.new,
        row.modified,
        row.removed,
        _optional(row.produced_by),
        _optional(row.note),
    )


def quality_values(row: QualityRow) -> Values:
    """The row of `dataset_quality_metrics`, without its version."""
    return (
        *map(storable, (row.scorer, row.metric, row.facet, row.value)),
        _optional(row.model),
        row.prompt_sha256,
        row.scored_at,
        row.n,
        row.coverage,
        row.mean,
        row.min,
        row.max,
        row.pass_rate,
        None if row.quantiles is None else _json(row.quantiles),
        None if row.histogram is None else _json(row.histogram),
    )


def example_values(row: ExampleRow) -> Values:
    """The row of `dataset_quality_examples`, without its version, scorer and position."""
    return (
        row.fingerprint,
        None if row.key is None else _json(list(row.key)),
        *row[2:9],
        *row[9:10],
        None if row.judge_passed is None else int(row.judge_passed),
        *map(_optional, row[11:15]),
        None if row.more is None else _json(dict(row.more)),
    )


def search_values(row: VersionRow, dataset: DatasetRow) -> Values:
    """The row of `dataset_search`, without its version."""
    texts = (
        row.type,
        row.summary,
        f"{dataset.description} {row.description}",
        row.metadata_text,
        " ".join(row.field_names),
    )
    tags = _lines(fold(storable(tag)) for tag in (*dataset.tags, *row.tags))
    return (fold(row.dataset), tags, *(fold(storable(text)) for text in texts))


def event_values(row: EventRow, *, repository: str) -> Values:
    """The row of `events`, without its number and its digest."""
    return (
        repository,
        row.dataset,
        None if row.version is None else str(row.version),
        storable(row.event),
        row.at,
        _optional(row.by),
        storable(row.reason),
        _json(row.data),
        storable(row.path),
        row.told_of,
        int(row.known),
        *_told_values(row.told),
    )


def run_values(row: EventRow, *, repository: str) -> Values | None:
    """The row of `runs`, without its event; None where the event tells of no run that used a version."""
    run, model, metrics = (row.data.get(each) for each in ("id", "model", "metrics"))
    if row.event != "run" or row.version is None or not isinstance(run, str):
        return None
    return (
        repository,
        storable(run),
        row.dataset,
        str(row.version),
        row.at,
        _optional(row.by),
        _model(model),
        _json(metrics if isinstance(metrics, dict) else {}),
        _json(row.data),
        int(row.known),
    )


def _model(told: Any) -> str | None:
    """The path of the model, or the text that stands for it."""
    path = told.get("path") if isinstance(told, dict) else told
    return storable(path) if isinstance(path, str) else None


def _told_values(told: Told) -> Values:
    return (told.blob, told.commit, storable(told.author), told.at, int(told.edited), int(told.deleted))


def _optional(text: str | None) -> str | None:
    return None if text is None else storable(text)


def _core(version: Version) -> list[int | str]:
    numbers = (version.major, version.minor, version.patch)
    return [number if number <= _LARGEST else str(number) for number in numbers]


def _array(texts: Iterable[str]) -> str:
    return json.dumps([storable(text) for text in texts], ensure_ascii=False)


def _json(value: Mapping[str, Any] | list[Any]) -> str:
    return storable(json.dumps(value, ensure_ascii=False))


def _lines(texts: Iterable[str]) -> str:
    """Each text between line feeds, so that a whole one can be told from a part."""
    joined = "\n".join(dict.fromkeys(texts))
    return f"\n{joined}\n" if joined else ""
