"""A dataset of everything that is read in a way of its own."""

from __future__ import annotations

import csv
import gzip
import io
import json
from typing import Any

from tests.conftest import Scratch

TEXT = "a sentence that is long enough to make a file large without many records "


def lines(first: int, count: int, *, words: int = 1) -> bytes:
    """Records as JSON Lines, with a key, numbers and text beyond ASCII."""
    made = (
        {"id": f"r{n:07}", "n": n, "share": n / 7, "text": f"{n} \u00e4 " + TEXT * words}
        for n in range(first, first + count)
    )
    return "".join(json.dumps(record, ensure_ascii=bool(n % 2)) + "\n" for n, record in enumerate(made)).encode()


def write_mixed(repo: Scratch, path: str = "data/mixed") -> None:
    """Small files, and large ones in each kind of format; every record has a key of its own."""
    import pyarrow as pa  # whose threads would keep a process from forking
    import pyarrow.parquet as pq

    for number in range(40):
        repo.write(f"{path}/small/{number:03}.json", json.dumps({"id": f"s{number}", "n": number, "text": TEXT}))
    repo.write(f"{path}/large.jsonl", lines(0, 30_000, words=2) + b'{"id":"last","n":1,"text":"no line end"}')
    repo.write(f"{path}/other.jsonl", lines(100_000, 9_000, words=2))
    repo.write(f"{path}/packed.jsonl.gz", gzip.compress(lines(200_000, 9_000), mtime=0))
    rows = io.StringIO()
    table = csv.writer(rows)
    table.writerow(["id", "n", "text"])
    table.writerows([f"c{number}", number, f'{TEXT}, "quoted"\nin two lines'] for number in range(12_000))
    repo.write(f"{path}/table.csv", rows.getvalue())
    columns = {
        "id": [f"p{n}" for n in range(5_000)],
        "n": list(range(5_000)),
        "text": [TEXT * (n % 3) for n in range(5_000)],
    }
    target = repo.write(f"{path}/columns.parquet", b"")
    pq.write_table(pa.table(columns), target, row_group_size=1_000)
    repo.write(f"{path}/picture.bin", bytes(range(256)) * 9_000)


def outcome(repo: Scratch, name: str, version: str = "1.0.0") -> dict[str, Any]:
    """All that a release leaves behind: manifest, pointers, record index, and the objects in DVC's cache."""
    found: dict[str, Any] = dict(repo.tree(f"manifests/{name}"))
    found["pointer"] = repo.read(f"data/{name}.dvc")
    found.update({f"cache/{path}": content for path, content in repo.tree(".dvc/cache/files").items()})
    assert f"{version}.yaml" in found
    return found
