"""Data to work on, the same in every run, and changes of it."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator
from pathlib import Path

SHARDS = 4
CHANGED = 20
"""One in so many files, or records, is changed."""

_WORDS = ("lease", "tenant", "rent", "term", "option", "clause", "notice", "deposit", "renewal", "premises")


def make_small_files(directory: Path, *, count: int) -> None:
    """JSON documents of about 1.9 KB each, a thousand to a directory."""
    randomness = random.Random(1)
    for number in range(count):
        if number % 1000 == 0:
            below = directory / f"{number // 1000:03d}"
            below.mkdir(parents=True)
        record = {"id": f"doc-{number}", "text": _text(randomness, words=270), "score": randomness.random()}
        (below / f"{number:06d}.json").write_text(json.dumps(record))


def make_large_files(directory: Path, *, size: int) -> int:
    """JSON Lines of about 1.4 KB a record, in shards of the same size; the number of records."""
    randomness = random.Random(2)
    directory.mkdir()
    texts = [_text(randomness, words=180) for _ in range(1000)]
    number = 0
    for shard in range(SHARDS):
        with (directory / f"part-{shard}.jsonl").open("w") as file:
            while file.tell() < size // SHARDS:
                record = {
                    "id": f"r{number}",
                    "text": randomness.choice(texts),
                    "rent": number,
                    "valid": True,
                    "tags": ["a"],
                }
                file.write(json.dumps(record) + "\n")
                number += 1
    return number


def make_short_records(directory: Path, *, count: int) -> None:
    """So many records of about 200 bytes as JSON Lines, in shards."""
    randomness = random.Random(3)
    directory.mkdir(parents=True)
    texts = [_text(randomness, words=19) for _ in range(1000)]
    for shard in range(SHARDS):
        with (directory / f"part-{shard}.jsonl").open("w") as file:
            for number in range(shard, count, SHARDS):
                text = texts[number * 7919 % 1000]
                file.write(f'{{"id": "r{number}", "text": "{text}", "rent": {number}, "valid": true}}\n')


def change_files(data: Path, *, one_in: int = CHANGED) -> None:
    """One in so many small files gets another content."""
    for path in list(_files(data))[::one_in]:
        text = path.read_text()
        path.unlink()  # it may be a link into a cache
        path.write_text(text.replace('"doc-', '"document-'))


def change_records(data: Path, *, one_in: int = CHANGED) -> None:
    """One in so many records gets another value; a line at a time, so that nothing large stays in memory here."""
    for path in _files(data):
        changed = path.with_suffix(".new")
        with path.open() as old, changed.open("w") as new:
            for number, line in enumerate(old):
                new.write(line.replace('"valid": true', '"valid": false') if number % one_in == 0 else line)
        changed.replace(path)


def _files(directory: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(directory):
        folders.sort()
        for name in sorted(names):
            yield Path(folder, name)


def _text(randomness: random.Random, *, words: int) -> str:
    return " ".join(randomness.choices(_WORDS, k=words))
