"""One line of 100 MB, and little files that unpack to very much: exact, or refused with the limit named."""

from __future__ import annotations

import gzip
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Scratch
from tests.heavy.conftest import ADDRESS_SPACE, MIB, Run

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

pytestmark = pytest.mark.heavy

GIB = 1 << 30


def _items() -> Iterator[str]:
    """A million records of a hundred bytes as the inside of a JSON array."""
    for start in range(0, 1_000_000, 10_000):
        rows = ",".join(f'{{"id":{number},"text":"{"x" * 80}"}}' for number in range(start, start + 10_000))
        yield f",{rows}" if start else rows


def _written(repo: Scratch, file: str, *pieces: str | Iterator[str]) -> int:
    path = repo.write(f"data/notes/{file}", "")
    with path.open("w") as stream:
        for piece in pieces:
            stream.writelines([piece] if isinstance(piece, str) else piece)
    return path.stat().st_size


def test_a_document_of_100_megabytes_on_one_line_is_one_record(repo: Scratch, measured: Run) -> None:
    size = _written(repo, "a.json", '{"items":[', _items(), "]}")
    assert size > 99 * MIB
    said = measured("add", "data/notes", address_space=ADDRESS_SPACE)
    data = said.json["manifest"]["data"]
    assert (data["records"], data["bytes"], data["files"]) == (1, size, 1)
    assert said.memory < 600 * MIB


def test_an_array_of_100_megabytes_on_one_line_is_a_million_records(repo: Scratch, measured: Run) -> None:
    size = _written(repo, "a.json", "[", _items(), "]")
    said = measured("add", "data/notes", "--key", "id", address_space=ADDRESS_SPACE)
    data = said.json["manifest"]["data"]
    assert (data["records"], data["bytes"]) == (1_000_000, size)
    assert said.memory < 500 * MIB


def test_a_line_of_100_megabytes_is_one_record_of_many_words(repo: Scratch, measured: Run) -> None:
    _written(repo, "a.jsonl", '{"text":"', "word " * (20 << 20), '"}\n{"text":"and another"}\n')
    said = measured("add", "data/notes", address_space=ADDRESS_SPACE)
    data = said.json["manifest"]["data"]
    assert (data["records"], data["tokens"]["total"]) == (2, (20 << 20) + 2)
    assert said.memory < 500 * MIB


def _packed(path: Path, head: bytes, piece: bytes, size: int) -> Path:
    """A file that unpacks to the head, and the piece again and again up to the size."""
    path.parent.mkdir(parents=True)
    with zstd.open(path, "wb") if path.suffix == ".zst" else gzip.open(path, "wb", compresslevel=9) as stream:
        stream.write(head)
        for _ in range(size // len(piece)):
            stream.write(piece)
    return path


@pytest.mark.parametrize(
    ("file", "kind", "reason"),
    [
        ("a.jsonl.gz", "record", "longer than 128 MiB"),
        ("a.csv.gz", "unreadable", "longer than 128 MiB"),
        ("a.json.gz", "unreadable", "not JSON"),
        ("a.jsonl.zst", "record", "longer than 128 MiB"),
    ],
)
def test_a_gibibyte_of_zeros_in_a_megabyte_is_refused_in_bounded_memory(
    repo: Scratch, measured: Run, file: str, kind: str, reason: str
) -> None:
    path = _packed(repo.root / "data/notes" / file, b"", bytes(MIB), GIB)
    assert path.stat().st_size < 2 * MIB
    said = measured("add", "data/notes", code=30, address_space=ADDRESS_SPACE)
    assert said.json["error"]["kind"] == kind
    assert reason in said.json["error"]["message"]
    assert said.memory < 500 * MIB


def test_a_bomb_without_a_reader_is_a_small_file(repo: Scratch, measured: Run) -> None:
    path = _packed(repo.root / "data/notes/a.gz", b"", bytes(MIB), GIB)
    said = measured("add", "data/notes", address_space=ADDRESS_SPACE)
    assert said.json["manifest"]["data"]["bytes"] == path.stat().st_size
    assert said.memory < 200 * MIB


def test_a_document_beyond_the_limit_is_refused_by_it_or_by_want_of_memory(repo: Scratch, measured: Run) -> None:
    _packed(repo.root / "data/notes/a.json.gz", b"[", b" " * MIB, GIB + GIB // 2)
    error = measured("add", "data/notes", code=50, address_space=ADDRESS_SPACE).json["error"]
    assert (error["kind"], error["message"]) == ("disk", "out of memory")
    said = measured("add", "data/notes", code=30)
    assert "a JSON document of more than 1 GiB; JSON Lines has no limit" in said.json["error"]["message"]
    assert said.memory < GIB + 300 * MIB
    assert repo.git("status", "--porcelain", "--", "manifests") == ""
