"""The derived SQLite index of datasets, versions and lineage.

It knows neither git nor YAML: what it holds is fed to it as values, and it can be deleted at any time.
"""

from __future__ import annotations

from dsv.adapters.index.database import DamagedIndexError, discard
from dsv.adapters.index.index import Index
from dsv.adapters.index.rows import (
    OWN,
    Arrival,
    DatasetEntry,
    DatasetRow,
    EventRow,
    ExampleRow,
    Found,
    IndexStatus,
    LineageRow,
    Outcome,
    QualityRow,
    RepositoryRow,
    SearchHit,
    Text,
    Told,
    TrailRow,
    VersionRow,
    Walk,
)
from dsv.adapters.index.schema import SCHEMA, schema_sql
from dsv.adapters.index.snippets import Snippet
from dsv.model.filters import Filter, Order, Page, Shown, Used

__all__ = [
    "OWN",
    "SCHEMA",
    "Arrival",
    "DamagedIndexError",
    "DatasetEntry",
    "DatasetRow",
    "EventRow",
    "ExampleRow",
    "Filter",
    "Found",
    "Index",
    "IndexStatus",
    "LineageRow",
    "Order",
    "Outcome",
    "Page",
    "QualityRow",
    "RepositoryRow",
    "SearchHit",
    "Shown",
    "Snippet",
    "Text",
    "Told",
    "TrailRow",
    "Used",
    "VersionRow",
    "Walk",
    "discard",
    "schema_sql",
]
