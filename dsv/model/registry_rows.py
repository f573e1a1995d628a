"""The rows of a registry's tables as what they state: columns are found by the names that such tables give them."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any

from dsv.model.registry import RegistryForm, StatedDataset, StatedEdge, StatedRegistry, StatedVersion, Stray
from dsv.model.scores import COLUMNS
from dsv.model.standing import Happening

Row = Mapping[str, Any]
Rows = Callable[[str], Iterable[Row]]
"""The rows of a table, by its name."""

DATASETS, VERSIONS, LINEAGE, METRICS = "datasets", "dataset_versions", "dataset_lineage", "dataset_quality_metrics"

VERSION_OF = ("version_id", "dataset_version_id")
"""What the column of a metric is called that holds the id of its version."""

PLACE_IN_FILE = "example_index"

_VERSION_COLUMNS = {
    "text": ("version", "version_string", "semantic_version"),
    "place": ("file_path", "storage_path", "path"),
    "checksum": ("sha256_hash", "data_checksum", "sha256", "file_hash", "hash"),
    "made": ("created_at",),
    "author": ("created_by",),
    "summary": ("change_summary", "description", "changelog"),
    "tags": ("tags",),
    "metadata": ("metadata", "meta_data", "version_metadata", "extra_metadata", "metadata_"),
    "quality": ("avg_quality_score", "quality_score"),
    "records": ("example_count", "total_samples", "total_examples"),
}
_COMPUTED = frozenset(
    {
        *("id", "dataset_id", "dataset_name", "dataset_type", "updated_at"),
        *("version_major", "version_minor", "version_patch", "major", "minor", "patch"),
        *("file_size_bytes", "total_size_bytes", "file_count", "storage_backend"),
        *("metadata_checksum", "parent_version", "change_type", "validation_status"),
    }
)
"""Columns of versions that dsv computes itself, has no use for, or reads elsewhere."""

_DATASET_TYPES = ("agent_type", "dataset_type", "type")
_MARKS = {
    "archived": Happening.ARCHIVE,
    "deprecated": Happening.DEPRECATE,
    "deleted": Happening.REMOVE,
    "removed": Happening.REMOVE,
}
_COUNTS = {
    "inherited": "examples_inherited",
    "new": "examples_new",
    "modified": "examples_modified",
    "removed": "examples_removed",
}
_SKIPPED_OF_METRICS = frozenset({"id", *VERSION_OF, "created_at", "updated_at", "row", "file", "fingerprint", "record"})
_TEXTUAL_LIST = re.compile(r"\s*,\s*")


def form_of(columns: Mapping[str, Collection[str]]) -> RegistryForm | None:
    """Which form of registry has tables with these columns; None where they are no registry's."""
    versions = columns.get(VERSIONS, ())
    if "dataset_name" in versions:
        return RegistryForm.FLAT
    if "dataset_id" in versions and "name" in columns.get(DATASETS, ()):
        return RegistryForm.LINKED
    return None


def stated_registry(form: RegistryForm, tables: Collection[str], rows: Rows) -> StatedRegistry:
    """What the rows of its tables state; rows that belong to nothing are its strays."""
    return _flat(rows(VERSIONS)) if form is RegistryForm.FLAT else _linked(tables, rows)


def score_row(row: Row) -> dict[str, Any] | None:
    """A row of metrics as one of scores, by its place in the file; None for one in which nothing is scored."""
    plain = {name: _plain(value) for name, value in row.items() if name not in _SKIPPED_OF_METRICS}
    found = {name: value for name, value in plain.items() if value not in (None, "", "nan", "inf", "-inf")}
    scores = set(found) - {PLACE_IN_FILE, "trajectory_id", "symbol", "agent_type"}
    if not scores or type(found.get(PLACE_IN_FILE)) is not int or found[PLACE_IN_FILE] < 0:
        return None
    return {name: value for name, value in found.items() if name in COLUMNS or not isinstance(value, dict | list)}


def _linked(tables: Collection[str], rows: Rows) -> StatedRegistry:
    strays: list[Stray] = []
    datasets = {_text(row.get("id")): _dataset(row) for row in rows(DATASETS)}
    versions: dict[str, list[StatedVersion]] = {each: [] for each in datasets}
    names: dict[str, str] = {}
    for row in rows(VERSIONS):
        version, dataset = _version(row), _text(row.get("dataset_id"))
        if dataset in versions:
            versions[dataset].append(version)
            names[version.id] = f"{datasets[dataset].name} {version.text}"
        else:
            strays.append(Stray("version", version.text, "it belongs to no dataset that is there"))
    edges: dict[str, list[StatedEdge]] = {}
    for row in rows(LINEAGE) if LINEAGE in tables else ():
        child, edge = _text(row.get("child_version_id")), _edge(row)
        lost = [each for each in (child, edge.parent) if each not in names]
        if lost:
            between = " from ".join(names.get(each, f"version {each}") for each in (child, edge.parent))
            strays.append(Stray("lineage", between, f"there is no version with the id {lost[0] or 'NULL'}"))
        else:
            edges.setdefault(child, []).append(edge)
    found = [
        replace(dataset, versions=[replace(each, edges=edges.get(each.id, ())) for each in versions[key]])
        for key, dataset in datasets.items()
    ]
    return StatedRegistry(RegistryForm.LINKED, found, strays)


def _flat(rows: Iterable[Row]) -> StatedRegistry:
    found: dict[tuple[str, str], list[tuple[StatedVersion, str]]] = {}
    for row in rows:
        parent = _text(row.get("parent_version"))
        found.setdefault((_text(row.get("dataset_name")), _text(row.get("dataset_type"))), []).append(
            (_version(row), parent)
        )
    datasets, strays = [], []
    for (name, kind), several in found.items():
        ids = {version.text: version.id for version, _ in several}
        versions = []
        for version, parent in several:
            if parent and parent not in ids:
                why = f"its parent {parent} is not there"
                strays.append(Stray("lineage", f"{name} {version.text}", why))
            edges = [StatedEdge(ids[parent])] if parent in ids and ids[parent] != version.id else []
            versions.append(replace(version, edges=edges))
        datasets.append(StatedDataset(f"{kind}/{name}", name, kind, versions=versions))
    return StatedRegistry(RegistryForm.FLAT, datasets, strays)


def _dataset(row: Row) -> StatedDataset:
    gone = bool(row.get("deleted_at")) or row.get("is_deleted") in (True, 1) or row.get("deleted") in (True, 1)
    return StatedDataset(
        id=_text(row.get("id")),
        name=_text(row.get("name")),
        type=_text(_first(row, _DATASET_TYPES)),
        description=_text(row.get("description")),
        format=_text(row.get("format")),
        mark=Happening.REMOVE if gone else _MARKS.get(_text(row.get("status")).lower()),
        current=_text(row.get("current_version")),
    )


def _version(row: Row) -> StatedVersion:
    known = {name: _first(row, names) for name, names in _VERSION_COLUMNS.items()}
    used = {each for names in _VERSION_COLUMNS.values() for each in names} | _COMPUTED
    metadata = _structure(known["metadata"])
    stated = dict(metadata) if isinstance(metadata, Mapping) else {}
    quality = _number(known["quality"])
    if quality is not None:
        stated.setdefault("quality_score", quality)
    others = {name: _plain(_unpacked(value)) for name, value in row.items() if name not in used}
    further = {name: value for name, value in others.items() if value not in (None, "", [], {})}
    if metadata is not None and not isinstance(metadata, Mapping):
        further["metadata"] = metadata
    records = _number(known["records"])
    return StatedVersion(
        id=_text(row.get("id")),
        text=_text(known["text"]) or _joined(row),
        place=_text(known["place"]),
        checksum=_text(known["checksum"]).removeprefix("sha256:").lower(),
        seconds=_seconds(known["made"]),
        author=_text(known["author"]),
        summary=str(known["summary"] or "").strip(),
        tags=_tags(known["tags"]),
        metadata=stated,
        records=None if records is None else int(records),
        further=further,
    )


def _edge(row: Row) -> StatedEdge:
    counts = {name: _number(row.get(column)) for name, column in _COUNTS.items()}
    run = _text(_first(row, ("backtest_id", "backtest_source")))
    return StatedEdge(
        parent=_text(row.get("parent_version_id")),
        relation=_text(_first(row, ("transformation_type", "transformation"))),
        produced_by=f"backtest:{run}" if run else "",
        note=_text(_first(row, ("notes", "note"))),
        counts={name: int(value) for name, value in counts.items() if value is not None},
    )


def _first(row: Row, names: Sequence[str]) -> Any:
    return next((row[name] for name in names if row.get(name) is not None), None)


def _joined(row: Row) -> str:
    """The number from its three columns, where it has no other."""
    parts = [_text(_first(row, (f"version_{name}", name))) for name in ("major", "minor", "patch")]
    return ".".join(parts) if all(parts) else ""


def _text(value: Any) -> str:
    """One line."""
    return "" if value is None else " ".join(str(value).split())


def _number(value: Any) -> float | int | None:
    """A finite number, also where a text spells it; None for anything else."""
    if isinstance(value, bool) or value is None:
        return None
    try:
        found = value if isinstance(value, int) else float(value)
    except (TypeError, ValueError):
        return None
    return found if isinstance(found, int) or math.isfinite(found) else None


def _structure(value: Any) -> Any:
    """A JSON column, which some databases give as text."""
    if isinstance(value, str):
        try:
            return json.loads(value)
        except ValueError:
            return value or None
    return value


def _unpacked(value: Any) -> Any:
    """The value, out of JSON where a text is that of a list, an object or null."""
    return _structure(value) if isinstance(value, str) and (value[:1] in ("[", "{") or value == "null") else value


def _tags(value: Any) -> tuple[str, ...]:
    """Labels, from a list, from JSON, or from a text with commas; each once."""
    found = _structure(value)
    if isinstance(found, str):
        found = _TEXTUAL_LIST.split(found.strip().strip("{}"))
    if not isinstance(found, Sequence):
        return ()
    return tuple(dict.fromkeys(filter(None, (_text(each) for each in found))))


def _seconds(value: Any) -> int | None:
    """A time since 1970; one without a zone is UTC."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip().replace("Z", "+00:00"))
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    aware = value if value.tzinfo else value.replace(tzinfo=timezone.utc)
    seconds = int(aware.timestamp())
    return seconds if seconds >= 0 else None


def _plain(value: Any) -> Any:
    """The value as JSON can hold it."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, datetime):
        return value.isoformat()
    number = _number(value)
    if number is None:
        return str(value).lower() if isinstance(value, float | Decimal) else str(value)
    return int(number) if number == int(number) and _whole(value) else number


def _whole(value: Any) -> bool:
    """Whether a number is spelled without decimals."""
    return not isinstance(value, float) and "." not in str(value)
