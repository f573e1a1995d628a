"""Exports of small versions of every kind, each made once; and no network for whoever reads them."""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path

import pytest

from tests.conftest import Scratch

LEASES = [
    {
        "doc_id": f"L{number}",
        "rent": number + 0.5 if number % 2 else number,
        "pages": number,
        "signed": number % 2 == 0,
        "kind": "retail" if number % 3 else None,
        "tags": ["a", "b"][: number % 3],
        "party": {"name": f"Tenant {number}", "city": "Oslo"},
        "turns": [{"role": "user", "content": "hello"}, {"role": "assistant", "content": "yes"}][: number % 3],
        "odd": number if number % 2 else [number],
    }
    for number in range(1, 31)
]
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc000000301010018dd8d"
    "b00000000049454e44ae426082"
)


def _text(records):
    return "".join(json.dumps(each) + "\n" for each in records)


def leases(made: Scratch) -> None:
    """JSON Lines in three splits, one of two files."""
    made.write("data/it/train-1.jsonl", _text(LEASES[:10]))
    made.write("data/it/train-2.jsonl", _text(LEASES[10:20]))
    made.write("data/it/test.jsonl", _text(LEASES[20:25]))
    made.write("data/it/hold-out.jsonl", _text(LEASES[25:]))
    made.write("data/it/README.md", "# About\n")


CHATS = [
    {"id": 1, "turns": [{"role": "user", "content": "hello"}], "score": 1, "vector": [0.5, 1], "about": {"lang": "en"}},
    {"id": 2, "turns": [], "score": 0.5, "vector": [], "about": {"lang": None}, "note": "001"},
    {"id": 3, "turns": [{"role": "tool", "content": None}], "score": None, "vector": [2], "about": {"lang": "no"}},
]


def chats(made: Scratch) -> None:
    """JSON Lines in two splits, of which one has a field more."""
    made.write("data/it/test.jsonl", _text([CHATS[0]]))
    made.write("data/it/train.jsonl", _text(CHATS[1:]))


def rows(made: Scratch) -> None:
    """CSV, with empty cells, quoted ones, and texts that look like numbers."""
    made.write("data/it/train.csv", 'id,text\n"a","one, two"\n"b",\n')
    made.write("data/it/test.csv", 'id,text\n"c","three"\n')


def semicolons(made: Scratch) -> None:
    """CSV of another spelling."""
    made.write("data/it/a.csv", "id;text\na;one, two\nb;two\n")


def columns(made: Scratch) -> None:
    """Parquet with nested columns and times."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    day = datetime(2026, 1, 2, tzinfo=timezone.utc)
    table = pa.table(
        {
            "id": pa.array([1, 2, 3]),
            "name": ["x", None, "z"],
            "score": [0.5, 1.0, 2.0],
            "at": pa.array([day] * 3, pa.timestamp("us", tz="UTC")),
            "list": [[1], [2, 3], []],
        }
    )
    (made.root / "data/it").mkdir(parents=True)
    pq.write_table(table, made.root / "data/it/train.parquet")


def documents(made: Scratch) -> None:
    """JSON arrays, and members of objects."""
    made.write("data/it/train.json", json.dumps([{"id": 1, "text": "a"}, {"id": 2, "text": "b"}], indent=1))
    made.write("data/it/test.json", json.dumps([{"id": 3, "text": "c"}]))


def singles(made: Scratch) -> None:
    """A JSON document for each record, some fields in some of them."""
    for number in range(5):
        record = {"id": f"d{number}", "n": number, **({"note": "x"} if number % 2 else {})}
        made.write(f"data/it/{number}.json", json.dumps(record))


def packed(made: Scratch) -> None:
    """JSON Lines that are compressed."""
    (made.root / "data/it").mkdir(parents=True)
    (made.root / "data/it/train.jsonl.gz").write_bytes(gzip.compress(_text(LEASES[:4]).encode(), mtime=0))


def pictures(made: Scratch) -> None:
    """Images in directories, which are splits."""
    for split in ("train", "test"):
        for number in range(3):
            made.write(f"data/it/{split}/{number}.png", PIXEL)


NAMES = ("a b [1]", "ü", "#x", "100%", "q?", "it's", "sub dir/c*", "new\nline", "a:b", '"dq"')


def names(made: Scratch) -> None:
    """Files and fields of every kind of name."""
    for number, name in enumerate(NAMES):
        made.write(f"data/it/{name}.jsonl", _text([{"id": number, 'a "b': "x", "c.d": {"e f": 1}}]))


KINDS: dict[str, Callable[[Scratch], None]] = {
    each.__name__: each
    for each in (leases, chats, rows, semicolons, columns, documents, singles, packed, pictures, names)
}
KEYS = {"leases": "doc_id", "chats": "id", "rows": "id", "documents": "id", "singles": "id"}


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE"):
        monkeypatch.setenv(name, "1")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))


@pytest.fixture(scope="session")
def released_kinds(tmp_path_factory: pytest.TempPathFactory, _templates: dict[str, Path]) -> Callable[[str], Scratch]:
    """A function that gives a repository with a version 1.0.0 of `it`, of one of the kinds above."""
    held: dict[str, Scratch] = {}

    def made(kind: str) -> Scratch:
        if kind not in held:
            root = tmp_path_factory.mktemp(kind) / "repo"
            shutil.copytree(_templates["repo"], root, symlinks=True)
            held[kind] = scratch = Scratch(root)
            KINDS[kind](scratch)
            key = ["--key", KEYS[kind]] if kind in KEYS else []
            about = [
                "--description",
                "Made for tests.",
                "--meta",
                "license=CC-BY-4.0",
                "--meta",
                "url=https://example.com",
            ]
            splits = ["--split", "hold-out=hold-out*", "--split", "train=train*", "--split", "test=test*"]
            scratch.dsv("add", "data/it", *key, *about, *(splits if kind == "leases" else []))
        return held[kind]

    return made


@pytest.fixture
def exported(released_kinds: Callable[[str], Scratch], tmp_path: Path) -> Callable[[str, str], Path]:
    """A function that exports the version of a kind in a form, and gives the directory."""

    def made(kind: str, form: str) -> Path:
        released_kinds(kind).dsv("-q", "export", "it", "--as", form, "-o", str(tmp_path / "out"))
        return tmp_path / "out"

    return made
