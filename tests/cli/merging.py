"""What tests of merges share: two branches that changed a dataset, as people make them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from tests.conftest import Scratch, numbered


def branch(repo: Scratch, name: str, *, start: str = "main") -> None:
    """A new branch; the data stays, which is that of where it starts."""
    repo.git("checkout", "-q", "-b", name, start)


def switch(repo: Scratch, name: str, *, dataset: str = "notes", at: str = "1.0.0") -> None:
    """That branch, with the data of the dataset's version there."""
    repo.git("checkout", "-q", name)
    repo.dsv("checkout", f"{dataset}@{at}", "--force")


def conflicts(repo: Scratch, branch_name: str) -> list[str]:
    """The files that git could not merge."""
    repo.git("merge", "-q", "--no-edit", branch_name, check=False)
    return sorted(set(repo.git("diff", "--name-only", "--diff-filter=U").split()))


def records_in(repo: Scratch, path: str) -> dict[str, str]:
    """The records of a file of JSON Lines, id -> text."""
    return {record["id"]: record["text"] for record in map(json.loads, repo.read(path).splitlines())}


def change(
    repo: Scratch, path: str, *, edit: Mapping[str, str] = {}, remove: Iterable[str] = (), add: Mapping[str, str] = {}
) -> None:
    """Edit, remove and add records of a file, by id."""
    records = {**records_in(repo, path), **edit}
    for each in remove:
        del records[each]
    repo.records(path, [{"id": key, "text": text} for key, text in {**records, **add}.items()])


def two_sides(repo: Scratch, ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> None:
    """Both branches, `main` and `theirs`, changed data/notes/train.jsonl and released that; main is checked out."""
    branch(repo, "theirs")
    change(repo, "data/notes/train.jsonl", **theirs)
    repo.dsv("bump", "notes")
    switch(repo, "main")
    change(repo, "data/notes/train.jsonl", **ours)
    repo.dsv("bump", "notes", "--level", "minor")


def with_driver(repo: Scratch) -> Scratch:
    """The repository, whose git merges by record, with the dataset `notes` of 100 records keyed by id."""
    repo.dsv("init", "--merge-driver")
    repo.records("data/notes/train.jsonl", numbered(80))
    repo.records("data/notes/test.jsonl", numbered(20, start=80))
    repo.dsv("add", "data/notes", "--key", "id", "-m", "First notes")
    return repo
