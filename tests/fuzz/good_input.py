"""Input that is as it should be, for each reader to be attacked with changes of it."""

from __future__ import annotations

import datetime as dt
import io
import json
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

RECORDS = [
    {"id": "a", "text": 'He said "no".\nThen é left.', "n": 1, "deep": {"list": [1, 2.5, None, True, {}]}},
    {"id": "b", "text": "", "n": -0.0, "deep": {}},
    {"id": "c", "n": 12345678901234567890, "\ud800": [[[]]]},
    {"id": "d", "n": 1e300},
]
LINES = "".join(json.dumps(record) + "\n" for record in RECORDS).encode()
CSV = 'id,text,n\r\n1,"a ""b"", c",x\r\n2,"two\r\nlines",\r\n3,é,4,5\r\n\r\n4\r\n'.encode()
CONLL = b"# id = 1\nDOCSTART O\n\nAna B-PER\nLima I-PER\n. O\n\nRent\tO\n"

FILES: dict[str, tuple[bytes, ...]] = {
    "jsonl": (LINES, LINES.replace(b"\n", b"\r\n"), b'1\nnull\n"x"\n[1,2]\n'),
    "json": (
        json.dumps(RECORDS).encode(),
        json.dumps(RECORDS, indent=2).encode(),
        json.dumps({"Incidents": RECORDS, "version": "1"}).encode(),
        LINES,
    ),
    "csv": (CSV, b"a,b\n1,2\n3,4\n", b"a;b\n1;2\n"),
    "tsv": (CSV.replace(b",", b"\t"), b"a\tb\n1\t2\n"),
    "conll": (CONLL, CONLL.replace(b"\n", b"\r\n")),
    "text": (b"One line.\r\n\nAnd another.\n", "é\n".encode()),
    "text-file": (b"One line.\r\n\nAnd another.\n", "é".encode()),
}
"""Files by the format that reads them."""


def files_of(format_name: str) -> tuple[bytes, ...]:
    """Good files of a format; of one that is not known here, those of all the others."""
    if format_name == "parquet":
        return _parquet()
    if format_name == "arrow":
        return _arrow()
    return FILES.get(format_name) or tuple(file for files in FILES.values() for file in files)


def _table() -> pa.Table:
    """A few rows of every kind of column."""
    import pyarrow as pa

    day = dt.datetime(2026, 1, 31, 7, 30, tzinfo=dt.timezone.utc)
    return pa.table(
        {
            "id": pa.array(["a", "é", None, "d" * 40]),
            "n": pa.array([1, -2, None, 2**62]),
            "x": pa.array([1.5, float("nan"), None, -0.0]),
            "yes": pa.array([True, False, None, True]),
            "list": pa.array([[1], [], None, [2, None]], pa.list_(pa.int32())),
            "deep": pa.array([{"a": ["x"]}, {"a": []}, None, {"a": None}]),
            "map": pa.array([[("k", 1)], [], None, [("k", 2), ("k", 3)]], pa.map_(pa.string(), pa.int8())),
            "when": pa.array([day, day, None, day], pa.timestamp("us", tz="UTC")),
            "day": pa.array([day.date(), None, None, day.date()]),
            "cost": pa.array([Decimal("1.50"), Decimal("-3.00"), None, Decimal(0)], pa.decimal128(9, 2)),
            "bytes": pa.array([b"\0\xff", b"", None, b"x"]),
            "word": pa.array(["u", "v", None, "u"]).dictionary_encode(),
        }
    )


def _parquet() -> tuple[bytes, ...]:
    import pyarrow.parquet as pq

    files = []
    for compression, paged in (("none", False), ("snappy", False), ("zstd", True), ("gzip", True)):
        stream = io.BytesIO()
        version = "2.0" if paged else "1.0"
        pq.write_table(
            _table(), stream, compression=compression, row_group_size=2, data_page_version=version, use_dictionary=paged
        )
        files.append(stream.getvalue())
    return tuple(files)


def _arrow() -> tuple[bytes, ...]:
    import pyarrow as pa

    files = []
    for new_writer, compression in ((pa.ipc.new_file, None), (pa.ipc.new_stream, None), (pa.ipc.new_file, "lz4")):
        stream, table = io.BytesIO(), _table()
        with new_writer(stream, table.schema, options=pa.ipc.IpcWriteOptions(compression=compression)) as writer:
            writer.write_table(table, max_chunksize=3)
        files.append(stream.getvalue())
    return tuple(files)


MANIFEST = f"""\
# yaml-language-server: $schema=../.schemas/manifest-1.json
schema: 1
dataset: leases
version: "1.1.0"
type: lease_abstraction
created_at: "2026-11-22T07:30:00Z"
created_by: Ana Lima <ana@example.com>
summary: Added 2,000 retail leases; fixed dates in 50 records.
tags: [production, customer_data]
metadata: {{source: SEC filings, nested: {{a: [1, 2.5, null, yes, "x: y"]}}, agreement: 0.95}}
data: {{path: data/leases, format: jsonl, files: 41, bytes: 1048576, records: 7000, bad_records: 0, tokens: \
{{counter: whitespace, total: 812345, mean: 116.0}}}}
splits: {{train: 6500, test: 500}}
digests: {{tree: "sha256:{"a1" * 32}", records: "sha256:{"b2" * 32}", record_form: dsv-rec-1, \
dvc: "md5:{"0b" * 16}.dir", index: "md5:{"0c" * 16}.dir"}}
fields: [{{name: doc_id, types: [string]}}, {{name: n, types: [number, "null"], counts: {{number: 4, "null": 3}}}}]
profile:
  - {{name: doc_id, present: 7, distinct: 7, estimated: true, characters: [1, 2, 2, 2, 3, 3, 4], labels: \
[{{value: "1", count: 3}}, {{value: 1, count: 2}}, {{value: true, count: 1}}]}}
  - {{name: n, present: 7, nulls: 3, distinct: 2, values: [-1.5, 0, 0.25, 1, 1, 2, 9], elements: [0, 0, 0, 1, 1, 1, 9]}}
key: [doc_id]
reading: {{format: auto, splits: {{train: "train*.jsonl"}}, records: {{"*.json": a.b}}, csv: {{delimiter: ;}}}}
change:
  level: minor
  computed: minor
  policy: {{name: balanced, major: 0.5, minor: 0.1, rare_fields: 0.01}}
  previous: "1.0.0"
  records: {{added: 2000, removed: 0, modified: 50, moved: 0, unchanged: 4950, changed_share: 0.410000}}
  files: {{added: 4, removed: 0, modified: 2, renamed: 0, unchanged: 35}}
  fields: {{added: [], removed: [], changed: [{{field: n, old: [string], new: [number]}}]}}
  reasons: [changed share 41.0 % is between 10 % and 50 %]
lineage:
  - {{ref: leases@1.0.0, relation: previous, inherited: 4950, new: 2000, modified: 50, removed: 0}}
  - {{ref: sec-filings@2.3.1, relation: filter, inherited: null, new: 5200, modified: 0, removed: 310, \
produced_by: "backtest:test_001"}}
quality: {{score: 0.95, source: metadata, scorers: []}}
validation: {{status: passed, checks: 12, waived: [{{check: key, reason: known}}], findings: []}}
checksum: "sha256:{"c3" * 32}"
""".encode()

DATASET = b"""\
schema: 1
name: leases
path: data/leases
type: lease_abstraction
description: |
  Leases of shops
  and offices.
owners: [ana@example.com, "bob@example.com"]
format: auto
key: [doc_id]
splits: {train: "train*.jsonl", test: "**/test/*.json?"}
records: {"*.json": Incidents}
csv: {delimiter: ";", quote: "'", encoding: cp1252}
record_schema: schema.json
checks: ["records >= 1000"]
label_fields: [kind]
policy: {name: strict, major: 0.4}
"""

SETTINGS = b"""\
schema: 1
manifests: manifests
policy: {name: balanced, major: 0.5, minor: 0.1, rare_fields: 0.01}
release: {tag: now, remote: origin, commit_message: "{dataset} {version}: {summary}", require_summary: false}
vocabulary: {type: [a, b], tags: [c], stages: [dev, staging, prod]}
protected: [eval-set]
"""

METADATA = b"""\
source: SEC filings
plain: [1, 0x1F, 1e3, .5, no, ~, 2026-01-31, 12:30, "quoted\\n\\u00e9", 'it''s']
&k anchored: &v {a: 1}
again: *v
folded: >-
  one
  two
? complex
: - x
  - {y: z}
"""

POINTER = f"""\
outs:
- md5: {"0b" * 16}.dir
  size: 1048576
  nfiles: 41
  hash: md5
  path: leases
""".encode()

IMPORTED_POINTER = f"""\
md5: {"0d" * 16}
frozen: true
deps:
- path: data/leases
  repo:
    url: https://example.com/leases
    rev_lock: {"0e" * 20}
outs:
- md5: {"0f" * 16}
  size: 12
  hash: md5
  path: leases.jsonl
  desc: Leases
  labels: [a, b]
""".encode()

LISTING = json.dumps(
    [{"md5": f"{number:032x}", "relpath": path} for number, path in enumerate(["a.jsonl", "b c", "d/e", "é"])],
    sort_keys=True,
).encode()

REFERENCES = (
    *(
        b"leases",
        b"leases@1.2.0",
        b"leases@v1.2.0-rc.1",
        b"leases@latest",
        b"leases@work",
        b"leases@^1.2",
        b"leases#prod",
    ),
    *(b"leases@>=1.0,<2", b"leases@1.0..2.0", b"leases@1.2 - 2.3 || ~3.1.4 || x", b"leases@2026-01-31", b"leases@prod"),
    *(b"leases@sha256:0123abcd", b"leases@git:HEAD^{/fix: dates}", b"sub/dir:leases@~1.2.3", b"raw@2.0.0:filter"),
)
"""References and sources, whose parts are versions and ranges."""

GLOBS = (b"train*.jsonl\ntrain/a.jsonl", b"**/test/*.json?\na/b/test/x.jsonl", b"[a-c]?/[!x]*\nb1/yy", b"a*b*c\nabcabc")
"""A glob, and a path to try it on."""
