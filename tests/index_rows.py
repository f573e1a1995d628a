"""Rows of versions as tests put them into an index."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dsv.adapters.index import Told, VersionRow
from dsv.model.version import Version


def version_row(text: str, dataset: str = "leases", **changes: Any) -> VersionRow:
    """The row of a version of a hundred records, with these changes."""
    made = VersionRow(
        dataset=dataset,
        version=Version.parse(text),
        type="contracts",
        format="jsonl",
        created_at="2026-01-01T00:00:00Z",
        created_by="Ana Lima <ana@example.com>",
        summary=f"Release {text}",
        tags=("production",),
        description="Commercial leases",
        records=100,
        files=4,
        bytes=2048,
        level="minor",
        tree_digest="sha256:" + "ab" * 32,
        status="active",
        git_tag=f"{dataset}@v{text}",
        told=Told(commit="c" * 40),
        metadata_text="{}",
        released_as=dataset,
    )
    return replace(made, **changes)
