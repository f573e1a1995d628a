"""Whoever reads the files, what comes out is the same to the byte."""

from __future__ import annotations

import os
import shutil
import sys
import time
from pathlib import Path

import pytest

import dsv
from dsv.errors import UsageError
from tests.conftest import Scratch, call, numbered
from tests.executor.datasets import lines, outcome, write_mixed


def copies(repo: Scratch, directory: Path, *names: str) -> list[Scratch]:
    """The same repository several times, its files with the same stat but the inode, old enough to be trusted."""
    old = time.time() - 60
    for file in repo.root.rglob("data/**/*"):
        os.utime(file, (old, old))
    found = []
    for name in names:
        shutil.copytree(repo.root, directory / name, symlinks=True)
        found.append(Scratch(directory / name))
    return found


def run(scratch: Scratch, *arguments: str) -> None:
    """Run dsv in a process of its own, which may fork others because it has no threads."""
    call(sys.executable, "-m", "dsv", *arguments, cwd=scratch.root)


def test_a_release_is_the_same_from_one_process_several_or_a_cluster(
    repo: Scratch, cluster: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    write_mixed(repo)
    places = {"serial": "serial", "local": "local:2", "cluster": cluster}
    results = []
    for name, scratch in zip(places, copies(repo, tmp_path, *places), strict=True):
        run(scratch, "add", "data/mixed", "--key", "id", "--executor", places[name])
        results.append(outcome(scratch, "mixed"))
    assert results[0].keys() == results[1].keys() == results[2].keys()
    assert results[0] == results[1]
    assert results[0] == results[2]


@pytest.mark.heavy
def test_bad_records_are_counted_and_named_alike(
    repo: Scratch, cluster: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    broken = lines(0, 9_000, words=2).replace(b'{"id": "r0004321"', b'{"id": ', 1).replace(b'{"id": "r0008765"', b"", 1)
    repo.write("data/notes/large.jsonl", broken)
    repo.write("data/notes/small.jsonl", b'{"id":"x"}\n{"id":\n')
    said = []
    for place, scratch in zip(("serial", cluster), copies(repo, tmp_path, "serial", "cluster"), strict=True):
        refused = scratch.dsv("add", "data/notes", "--executor", place, "--json", code=30).error
        assert refused["kind"] == "record"
        assert "large.jsonl:4322" in str(refused)
        scratch.dsv("add", "data/notes", "--on-bad-record", "keep", "--executor", place)
        said.append((refused, outcome(scratch, "notes")))
    assert said[0] == said[1]


@pytest.mark.heavy
def test_a_tokenizer_counts_the_same_in_every_process(
    repo: Scratch, cluster: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.cli.test_tokens import tokenizer

    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    for number in range(2_100):
        repo.write(f"data/notes/{number:04}.json", f'{{"text": "rent is due. {number}"}}')
    tokenizer(repo.root / "tokenizer.json")
    repo.write("manifests/notes/dataset.yaml", "schema: 1\nname: notes\npath: data/notes\ntokenizer: tokenizer.json\n")
    results = []
    places = ("serial", "local:2", cluster)
    for place, scratch in zip(places, copies(repo, tmp_path, "serial", "local", "cluster"), strict=True):
        run(scratch, "add", "data/notes", "--executor", place)
        results.append(outcome(scratch, "notes"))
    assert b"tokenizer.json sha256:" in results[0]["1.0.0.yaml"]
    assert results[0] == results[1] == results[2]


def test_the_python_twin_takes_the_same_places(released: Scratch, cluster: str) -> None:
    released.records("data/notes/more.jsonl", numbered(50, start=200))
    for place in ("serial", cluster):
        repo = dsv.open(str(released.root), executor=place)
        assert repo.status("notes").datasets[0].state == "changed"
        assert [each.made for each in repo.index_records("notes@1.0.0").indexes] == [False]
    with pytest.raises(UsageError):
        dsv.open(str(released.root), executor="somewhere")


def test_the_next_look_opens_nothing_that_a_cluster_has_read(released: Scratch, cluster: str) -> None:
    released.records("data/notes/more.jsonl", numbered(50, start=200))
    found = released.json("status", "--executor", cluster)["datasets"][0]
    assert (found["state"], found["records"]["added"]) == ("changed", 50)
    released.json("bump", "notes", "--executor", cluster)
    # Nobody answers there, and nobody is asked: there is nothing left to read.
    assert released.json("status", "--executor", "dask://127.0.0.1:1")["datasets"][0]["state"] == "clean"
