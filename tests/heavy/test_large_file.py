"""A file of five gigabytes: streamed, every number beyond 32 bits kept, and a bar on the terminal meanwhile."""

from __future__ import annotations

import hashlib
import os
import pty
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.conftest import Scratch
from tests.heavy.conftest import ADDRESS_SPACE, MIB, MOST_FILES, Run

pytestmark = pytest.mark.heavy

RECORDS = 5 * 1024 + 1


@pytest.fixture
def large(repo: Scratch) -> Iterator[Path]:
    """A JSONL file of 5,121 records of a mebibyte."""
    if shutil.disk_usage(repo.root).free < 20 << 30:
        pytest.skip("takes 15 GB of disk")
    path = repo.write("data/large/train.jsonl", "")
    with path.open("wb") as stream:
        for number in range(RECORDS):
            line = b'{"id":%d,"text":"' % number
            stream.write(line + b"x" * (MIB - len(line) - 3) + b'"}\n')
    assert path.stat().st_size == RECORDS * MIB > 1 << 32
    yield path
    shutil.rmtree(repo.root)  # pytest would keep it for a while


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(MIB):
            digest.update(block)
    return digest.hexdigest()


def test_a_file_of_five_gigabytes_is_released_compared_and_brought_back(
    repo: Scratch, measured: Run, large: Path
) -> None:
    size = RECORDS * MIB
    digest = _sha256(large)
    first = measured("add", "data/large", "--key", "id", address_space=ADDRESS_SPACE)
    manifest = first.json["manifest"]
    assert (manifest["data"]["bytes"], manifest["data"]["records"], manifest["splits"]) == (
        size,
        RECORDS,
        {"train": RECORDS},
    )
    listed = hashlib.sha256(f"{digest}  train.jsonl\n".encode()).hexdigest()
    assert manifest["digests"]["tree"] == f"sha256:{listed}"
    assert yaml.safe_load(repo.read("data/large.dvc"))["outs"][0]["size"] == size
    with large.open("r+b") as stream:
        stream.seek(-4, os.SEEK_END)
        stream.write(b"y")
    status = _on_a_terminal(repo, "status")
    assert "reading" in status
    difference = measured("diff", "large", address_space=ADDRESS_SPACE)
    assert difference.json["records"]["modified"] == 1
    assert difference.json["size_difference_bytes"] == 0
    back = measured("checkout", "large", "--force", address_space=ADDRESS_SPACE)
    assert back.json["datasets"][0]["bytes"] == size
    assert (large.stat().st_size, _sha256(large)) == (size, digest)
    for said in (first, difference, back):
        assert said.memory < 200 * MIB
        assert said.all_memory < 500 * MIB
        assert said.files < MOST_FILES


def _on_a_terminal(repo: Scratch, *arguments: str) -> str:
    """What a person sees on stderr; stdout must be the one document nevertheless."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "dsv", *arguments], cwd=repo.root, stdout=subprocess.PIPE, stderr=theirs, text=True
    )
    os.close(theirs)
    shown = b""
    while True:
        try:
            piece = os.read(ours, 1 << 16)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        shown += piece
    assert process.communicate()[0]
    assert process.returncode == 0
    os.close(ours)
    return shown.decode()
