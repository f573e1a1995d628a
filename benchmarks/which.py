"""Time `dsv which` over many versions of many records, warm and cold.

    python benchmarks/which.py [--versions 100] [--records 1000000] [--rounds 5] [--directory DIR]

Makes a repository whose cache holds a record index for each version, as they are written at releases; a version shares
99 of 100 records with the one before. Nothing of the data is there. `call` is the search itself, in a fresh process
that has been started and has opened the repository; `command` is the whole of `dsv which` as typed, to be held against
`dsv --version`. Cold means that the kernel was told to forget every pack.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import dsv
from dsv.model.manifest import Manifest, dump_manifest, load_manifest, manifest_checksum
from dsv.records.canonical import encode, fingerprint, key_fingerprint
from dsv.records.packs import FLAG_KEYED, HEADER, MAGIC
from dsv.records.runs import KEYED_ROW

CHANGED = 100
"""One in so many records differs from version to version."""

_CALL = """
import json, sys, time
import dsv
import dsv.operations.which
repo = dsv.open(sys.argv[1])
asked = json.loads(sys.argv[2])
start = time.perf_counter()
found = repo.which(**asked)
seconds = time.perf_counter() - start
print(json.dumps([seconds, len(found.holders), len(found.searched)]))
"""


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--versions", type=int, default=100)
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--directory", help="Where the repository is made; else a temporary directory.")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.directory) as scratch:
        root = Path(scratch)
        record = make(root, versions=options.versions, records=options.records)
        probe = root / "probe.jsonl"
        probe.write_text(json.dumps(record) + "\n" + '{"id": "elsewhere"}\n')
        print(f"{options.versions} versions of {options.records:,} records, milliseconds, median of {options.rounds}")
        print(f"{'asked by':<22}{'versions':>9}{'call warm':>11}{'call cold':>11}{'command warm':>14}{'start-up':>10}")
        absent = {**record, "text": "in no version"}
        questions: list[tuple[str, dict[str, object], list[str]]] = [
            ("record, in all", {"record": record}, ["--record", json.dumps(record)]),
            ("record, in none", {"record": absent}, ["--record", json.dumps(absent)]),
            ("file of 2 records", {"file": str(probe)}, ["--file", str(probe)]),
            ("id, in all", {"id": record["id"]}, ["--id", record["id"]]),
            ("id, in none", {"id": "nobody"}, ["--id", "nobody"]),
        ]
        for name, asked, words in questions:
            print(_row(root, name, asked=asked, words=words, rounds=options.rounds), flush=True)


def searches(root: Path, record: dict[str, str], *, rounds: int) -> tuple[list[float], list[float]]:
    """Seconds of the search for a record that all versions hold: with warm and with cold packs."""
    _call(root, {"record": record})
    warm = [_call(root, {"record": record})[0] for _ in range(rounds)]
    cold = []
    for _ in range(rounds):
        _forget(root)
        cold.append(_call(root, {"record": record})[0])
    return warm, cold


def _row(root: Path, name: str, *, asked: dict[str, object], words: Sequence[str], rounds: int) -> str:
    warm, cold, command, start = [], [], [], []
    holders = 0
    _call(root, asked)
    for _ in range(rounds):
        seconds, holders = _call(root, asked)
        warm.append(seconds)
        command.append(_timed("-m", "dsv", "--repo", str(root), "which", *words))
        start.append(_timed("-m", "dsv", "--version"))
    for _ in range(rounds):
        _forget(root)
        cold.append(_call(root, asked)[0])
    cells = [f"{statistics.median(each) * 1000:.0f}" for each in (warm, cold, command, start)]
    return f"{name:<22}{holders:>9}{cells[0]:>11}{cells[1]:>11}{cells[2]:>14}{cells[3]:>10}"


def _call(root: Path, asked: dict[str, object]) -> tuple[float, int]:
    done = subprocess.run(
        [sys.executable, "-c", _CALL, str(root), json.dumps(asked)], check=True, capture_output=True, text=True
    )
    seconds, holders, _ = json.loads(done.stdout)
    return seconds, holders


def _timed(*arguments: str) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=False, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def _forget(root: Path) -> None:
    """Every object out of the page cache."""
    for path in (root / ".dvc/cache/files/md5").rglob("*"):
        if path.is_file():
            descriptor = os.open(path, os.O_RDONLY)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(descriptor)


def make(root: Path, *, versions: int, records: int) -> dict[str, str]:
    """The repository; a record that all versions hold comes back."""
    _git(root, "init", "-q", "-b", "main")
    _git(root, "config", "user.name", "Benchmark")
    _git(root, "config", "user.email", "benchmark@example.com")
    dsv.init(str(root))
    record = {"id": "lease-00042", "text": "a record in all versions"}
    data = root / "data/leases"
    data.mkdir(parents=True)
    (data / "train.jsonl").write_text(json.dumps(record) + "\n")
    first = dsv.open(str(root)).add("data/leases", key=["id"]).manifest
    row = KEYED_ROW.pack(fingerprint(record), key_fingerprint([record["id"]]), 0, 1)
    listing = (root / "manifests/leases/index/1.0.0/SHA256SUMS").read_bytes()
    for number, rows in enumerate(_generations(row, versions=versions, records=records)):
        index = _index(root, rows, listing=listing)
        _write_manifest(root, first, version=f"1.{number}.0", index=index, records=records)
    _git(root, "tag", "-d", "leases@v1.0.0")
    _git(root, "add", "manifests")
    _git(root, "commit", "-q", "-m", "Many versions")
    (data / "train.jsonl").unlink()
    os.sync()
    return record


def _generations(kept: bytes, *, versions: int, records: int) -> Iterator[list[bytes]]:
    """The sorted rows of one version after the other."""
    chance = random.Random(42)
    rows = sorted([kept, *(_random_row(chance, number) for number in range(2, records + 1))])
    for _ in range(versions):
        yield rows
        gone = set(chance.sample(range(records), records // CHANGED))
        stay = [each for at, each in enumerate(rows) if at not in gone or each == kept]
        rows = sorted([*stay, *(_random_row(chance, number + 1) for number in range(records - len(stay)))])


def _random_row(chance: random.Random, number: int) -> bytes:
    return chance.randbytes(32) + bytes(4) + number.to_bytes(4, "big")


def _index(root: Path, rows: Sequence[bytes], *, listing: bytes) -> str:
    """A record index of one pack in the cache, byte for byte as a release writes it; DVC's name of it."""
    content = b"".join(rows)
    header = HEADER.pack(MAGIC, KEYED_ROW.size, FLAG_KEYED, len(rows), hashlib.sha256(content).digest())
    entries = [
        {"md5": _object(root, listing), "relpath": "SHA256SUMS"},
        {"md5": _object(root, header, content), "relpath": "records-00.pack"},
    ]
    return f"{_object(root, json.dumps(entries, sort_keys=True).encode(), suffix='.dir')}.dir"


def _object(root: Path, *parts: bytes, suffix: str = "") -> str:
    digest = hashlib.md5(usedforsecurity=False)
    for part in parts:
        digest.update(part)
    name = digest.hexdigest()
    path = root / ".dvc/cache/files/md5" / name[:2] / f"{name[2:]}{suffix}"
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        with path.open("wb") as file:
            file.writelines(parts)
    return name


def _write_manifest(root: Path, first: Manifest, *, version: str, index: str, records: int) -> None:
    value = first.model_dump(mode="json", by_alias=True)
    value["version"] = version
    value["data"]["records"] = records
    value["digests"]["index"] = f"md5:{index}"
    file = f"{version}.yaml"
    loaded = load_manifest(json.dumps(value).encode(), file=file).value
    whole = loaded.model_copy(update={"checksum": manifest_checksum(loaded, encode=encode)})
    (root / "manifests/leases" / file).write_bytes(dump_manifest(whole))


def _git(root: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=root, check=True)


if __name__ == "__main__":
    main()
