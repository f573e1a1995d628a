"""Versions as exports are told of them, made by hand: no repository, no files."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dsv.exports.described import Contents, Described
from dsv.model.lineage import Edge, Lineage, Node
from dsv.model.manifest import Manifest, load_manifest
from dsv.model.shape import Shape, ValueKind
from dsv.model.table import DataFile, Documents, Rows, Table

TEXT = Shape(frozenset({ValueKind.TEXT}))
INTEGER = Shape(frozenset({ValueKind.INTEGER}))
NUMBER = Shape(frozenset({ValueKind.INTEGER, ValueKind.NUMBER}))

_MANIFEST = """\
schema: 1
dataset: leases
version: "1.1.0"
type: lease_abstraction
created_at: "2026-11-22T07:30:00Z"
created_by: Ana Lima <ana@example.com>
summary: Added 2 retail leases.
tags: [production, customer_data]
metadata: METADATA
data: {path: data/leases, format: jsonl, files: 2, bytes: 300, records: 5, bad_records: 0}
splits: {test: 1, train: 4}
digests:
  tree: "sha256:TREE"
  records: "sha256:RECORDS"
  record_form: dsv-rec-1
  dvc: "md5:DVC.dir"
  index: "md5:DVC.dir"
fields:
  - {name: clauses, types: [array]}
  - {name: doc_id, types: [string]}
  - {name: rent, types: [number, "null"], counts: {number: 4, "null": 1}}
key: [doc_id]
change:
  level: minor
  computed: minor
  policy: {name: balanced, major: 0.5, minor: 0.1, rare_fields: 0.01}
  previous: "1.0.0"
  records: {added: 2, removed: 0, modified: 1, moved: 0, unchanged: 2, changed_share: 1.000000}
  files: {added: 1, removed: 0, modified: 1, renamed: 0, unchanged: 0}
  fields: {added: [], removed: [], changed: []}
  reasons: [changed share 41.0 % is between 10 % and 50 %]
lineage:
  - {ref: leases@1.0.0, relation: previous, inherited: 2, new: 2, modified: 1, removed: 0}
  - ref: sec-filings@2.3.1
    relation: filter
    inherited: 1
    new: 4
    modified: 0
    removed: 3
    produced_by: "backtest:test_001"
quality: {score: 0.95, source: metadata, scorers: []}
validation: {status: passed, checks: 12, waived: [], findings: []}
checksum: "sha256:CHECKSUM"
"""
_DIGITS = {"TREE": "1", "RECORDS": "2", "CHECKSUM": "3"}
USUAL = "{source: SEC filings, annotation_method: manual, license: CC-BY-4.0}"


def manifest(*, metadata: str = USUAL) -> Manifest:
    """The manifest of a small version with splits, a key and two sources."""
    text = _MANIFEST.replace("METADATA", metadata).replace("DVC", "0" * 32)
    for word, digit in _DIGITS.items():
        text = text.replace(word, digit * 64)
    return load_manifest(text.encode(), file="1.1.0.yaml").value


def version(*, metadata: str = USUAL, **more: Any) -> Described:
    """The version; what is given replaces what it usually has."""
    lineage = Lineage(
        {
            "leases@1.1.0": Node("leases@1.1.0", "leases", "1.1.0"),
            "leases@1.0.0": Node("leases@1.0.0", "leases", "1.0.0"),
            "sec-filings@2.3.1": Node("sec-filings@2.3.1", "sec-filings", "2.3.1", status="missing"),
        },
        [
            Edge("leases@1.1.0", "leases@1.0.0", "previous", 2, 2, 1, 0),
            Edge("leases@1.1.0", "sec-filings@2.3.1", "filter", 1, 4, 0, 3, produced_by="backtest:test_001"),
        ],
    )
    usual = Described(
        ref="leases@1.1.0",
        manifest=manifest(metadata=metadata),
        description="Commercial leases with their clauses.",
        owners=("ana@example.com",),
        label_fields=frozenset(),
        address="https://example.com/data",
        git_tag="leases@v1.1.0",
        commit="c" * 40,
        lineage=lineage,
    )
    return replace(usual, **more)


def record(**members: Shape) -> Shape:
    """The shape of records with these fields."""
    return Shape(frozenset({ValueKind.OBJECT}), members=members)


def listed(items: Shape) -> Shape:
    """The shape of lists."""
    return Shape(frozenset({ValueKind.LIST}), items=items)


def file(path: str, *, split: str | None = None, size: int = 150) -> DataFile:
    """A file of the version."""
    return DataFile(path, "a" * 64, size, split)


LEASE = record(doc_id=TEXT, rent=NUMBER, clauses=listed(record(kind=TEXT, page=INTEGER)))


def contents(*tables: Table) -> Contents:
    """The files of these tables; without any those of the usual version, a file for each split."""
    usual = (
        Table("test", "jsonl", (file("test.jsonl", split="test"),), LEASE),
        Table("train", "jsonl", (file("train.jsonl", split="train"),), LEASE),
    )
    chosen = tables or usual
    files = sorted((each for table in chosen for each in table.files), key=lambda each: each.path)
    return Contents(files, chosen)


__all__ = [
    "INTEGER",
    "LEASE",
    "NUMBER",
    "TEXT",
    "Documents",
    "Rows",
    "Table",
    "contents",
    "file",
    "listed",
    "record",
    "version",
]
