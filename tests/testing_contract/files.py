"""Examples of every format, and a maker of larger ones: what the contract is checked with."""

from __future__ import annotations

import io

from dsv.records.formats import Malformed
from dsv.testing import Example

BAD = Malformed("any")


def arrow_table(records: int):
    import pyarrow as pa

    return pa.table({"id": list(range(records)), "text": [f"text {number}" for number in range(records)]})


def parquet_bytes(table) -> bytes:
    import pyarrow.parquet as pq

    out = io.BytesIO()
    pq.write_table(table, out)
    return out.getvalue()


def arrow_bytes(table, *, stream: bool = False, rows: int = 1000) -> bytes:
    import pyarrow as pa

    out = io.BytesIO()
    with (pa.ipc.new_stream if stream else pa.ipc.new_file)(out, table.schema) as writer:
        writer.write_table(table, max_chunksize=rows)
    return out.getvalue()


TWO = [{"id": 0, "text": "text 0"}, {"id": 1, "text": "text 1"}]
TOKENS = [["Ana", "B-PER"], ["sleeps", "O"]]


def examples() -> dict[str, list[Example]]:
    """Some for each of dsv's own formats."""
    two = arrow_table(2)
    return {
        "jsonl": [
            Example(b'{"id":0,"text":"text 0"}\n\n{"id":1,"text":"text 1"}', TWO),
            Example(b'1\n{"a":\n"x"\r\n', [1, BAD, "x"]),
        ],
        "json": [
            Example(b'[{"id":0,"text":"text 0"},\n {"id":1,"text":"text 1"}]\n', TWO),
            Example(b'{"Incidents": [1, 2]}', [{"Incidents": [1, 2]}]),
            Example(b'{"a":1}\n{"a":2}\n', [{"a": 1}, {"a": 2}]),
        ],
        "csv": [
            Example(b'a,b\n1,"x\ny"\n2\n', [{"a": "1", "b": "x\ny"}, {"a": "2", "b": None}], ["a", "b"]),
            Example("a;b\r\n1;é\r\n".encode("utf-16"), [{"a": "1", "b": "é"}], ["a", "b"]),
            Example(b'a\n1\n"\xff"\n"open', [{"a": "1"}, BAD, BAD], ["a"]),
        ],
        "tsv": [Example(b"a\tb\n1\t2,3\n", [{"a": "1", "b": "2,3"}], ["a", "b"])],
        "parquet": [Example(parquet_bytes(two), TWO, ["id", "text"])],
        "arrow": [
            Example(arrow_bytes(two), TWO, ["id", "text"]),
            Example(arrow_bytes(two, stream=True), TWO, ["id", "text"]),
        ],
        "conll": [
            Example(
                b"# id = 1\nAna B-PER\nsleeps O\n\nAna\tB-PER\nsleeps\tO\n",
                [{"tokens": TOKENS, "comments": ["id = 1"]}, {"tokens": TOKENS, "comments": []}],
            )
        ],
        "text": [Example("One.\r\n\nTwo é\n".encode(), ["One.", "Two é"]), Example(b"a\n\xff\n", ["a", BAD])],
        "text-file": [Example(b"One.\r\n\r\nTwo.\n", ["One.\n\nTwo."]), Example(b"", [])],
    }


def many(name: str, records: int) -> bytes | None:
    """A file of so many small records; None for the formats that hold a file in memory."""
    numbers = range(records)
    makers = {
        "jsonl": lambda: b"".join(b'{"id":%d}\n' % number for number in numbers),
        "csv": lambda: b"id\n" + b"".join(b"%d\n" % number for number in numbers),
        "tsv": lambda: b"id\n" + b"".join(b"%d\n" % number for number in numbers),
        "parquet": lambda: parquet_bytes(arrow_table(records)),
        "arrow": lambda: arrow_bytes(arrow_table(records)),
        "conll": lambda: b"Ana B-PER\n\n" * records,
        "text": lambda: b"a line\n" * records,
    }
    return makers[name]() if name in makers else None
