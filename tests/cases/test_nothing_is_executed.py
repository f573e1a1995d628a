"""What a dataset holds is bytes and text: nothing in it is run, unpickled, unpacked or believed by a terminal."""

from __future__ import annotations

import io
import os
import pickle
import struct
import tarfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conftest import call, numbered

if TYPE_CHECKING:
    from tests.conftest import Scratch

ESCAPES = "\x1b[31mred\x1b]0;title\x07\x1b]8;;http://evil\x1b\\ \x9b2J \x08\x7f \u202egpj.exe"


class _MakesFile:
    """A value that makes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = str(path)

    def __reduce__(self) -> tuple[object, ...]:
        return os.open, (self.path, os.O_CREAT | os.O_WRONLY)


def _npy(pickled: bytes) -> bytes:
    """An array of objects as NumPy stores it: a header, then a pickle."""
    header = b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }".ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + pickled


def _zipped(name: str, content: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(name, content)
    return stream.getvalue()


def _tarred(name: str, content: bytes, mode: str = "w") -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode=mode) as archive:
        info = tarfile.TarInfo(name)
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content))
    return stream.getvalue()


def _live(repo: Scratch) -> None:
    """Everything that looks at a dataset, once, over two versions."""
    repo.dsv("add", "data/notes")
    for path in sorted((repo.root / "data/notes").rglob("*")):
        if path.is_file():
            path.write_bytes(path.read_bytes() + b"\n")
    for command in (
        ["status"],
        ["diff", "notes", "--records", "9"],
        ["bump", "notes", "--on-bad-record", "keep"],
        ["diff", "notes@1.0.0", "notes", "--records", "9"],
        ["show", "notes"],
        ["check"],
        ["search", "notes"],
        ["checkout", "notes@1.0.0"],
        ["checkout", "notes", "--to", "elsewhere"],
    ):
        repo.dsv(*command)


def test_a_pickle_is_bytes_and_never_loaded(repo: Scratch, tmp_path: Path) -> None:
    marker = tmp_path / "executed"
    evil = pickle.dumps(_MakesFile(marker))
    os.close(pickle.loads(evil))  # noqa: S301 - it would work
    marker.unlink()
    for name, content in {
        "a.pkl": evil,
        "b.pickle": evil,
        "c.npy": _npy(evil),
        "d.npz": _zipped("a.npy", _npy(evil)),
        "e.pt": _zipped("archive/data.pkl", evil),
        "f.joblib": evil,
        "g": evil,
    }.items():
        repo.write(f"data/notes/{name}", content)
    _live(repo)
    assert not marker.exists()
    assert repo.json("show", "notes@1.0.0")["data"]["format"] == "opaque"


@pytest.mark.parametrize("records", [0, 3], ids=["alone", "beside records"])
def test_an_archive_is_a_file_and_never_unpacked(repo: Scratch, tmp_path: Path, records: int) -> None:
    outside = str(tmp_path / "evil")
    for name, content in {
        "a.zip": _zipped("../../../evil", b"x"),
        "b.zip": _zipped(outside, b"x"),
        "c.tar": _tarred("../../../evil", b"x"),
        "d.tar.gz": _tarred(outside, b"x", "w:gz"),
        "e.tgz": _tarred(outside, b"x", "w:gz"),
        "f.tar.xz": _tarred("../../../evil", b"x", "w:xz"),
    }.items():
        repo.write(f"data/notes/{name}", content)
    if records:
        repo.records("data/notes/a.jsonl", numbered(records))
    before = {path.name for path in tmp_path.iterdir()}
    _live(repo)
    assert {path.name for path in tmp_path.iterdir()} == before
    assert not list(tmp_path.rglob("evil"))
    assert repo.json("show", "notes@1.0.0")["data"]["files"] == 6 + bool(records)


def test_the_name_inside_a_gzip_file_is_not_written_to(repo: Scratch, tmp_path: Path) -> None:
    import gzip

    stream = io.BytesIO()
    with gzip.GzipFile("../../evil", "wb", fileobj=stream) as packed:
        packed.write(b'{"id":1}\n')
    repo.write("data/notes/a.jsonl.gz", stream.getvalue())
    repo.dsv("add", "data/notes")
    assert not list(tmp_path.rglob("evil*"))


def test_escapes_in_records_names_and_summaries_never_reach_the_terminal(repo: Scratch) -> None:
    repo.records("data/notes/a.jsonl", [{"id": "r1", "text": "plain"}])
    repo.dsv("add", "data/notes", "--key", "id")
    repo.records("data/notes/a.jsonl", [{"id": "r1", "text": ESCAPES, ESCAPES: 1}, {"id": ESCAPES, "text": ""}])
    repo.write(f"data/notes/{ESCAPES.replace('/', '')}.jsonl", '{"id":"r3"}\n')
    released = ["bump", "notes", "-m", "New"]
    for command in (["diff", "notes", "--records", "9"], ["status"], released, ["show", "notes"], ["log"], ["check"]):
        said = repo.dsv(*command)
        for text in (said.stdout, said.stderr):
            assert not any(ord(character) < 32 and character != "\n" for character in text), command
            assert not set("\x7f\x9b\u202e") & set(text), command
    assert "\\x1b[31mred" in repo.dsv("diff", "notes@1.0.0", "notes", "--records", "9").stdout
    examples = repo.json("diff", "notes@1.0.0", "notes", "--records", "9")["examples"]
    assert examples[0]["new"]["text"] == ESCAPES


def test_a_summary_with_escapes_is_refused(released: Scratch) -> None:
    released.records("data/notes/more.jsonl", numbered(5, start=500))
    released.refused("bump", "notes", "-m", ESCAPES, code=30, kind="manifest")


@pytest.mark.parametrize(
    "cell", ["=1+1", "=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "<script>alert(1)</script>", "{{7*7}}", "${x}"]
)
def test_formulas_and_markup_are_text(repo: Scratch, cell: str) -> None:
    repo.write("data/notes/a.csv", "id,text\n1,x\n")
    repo.dsv("add", "data/notes")
    repo.write("data/notes/a.csv", f"id,text\n1,x\n2,{cell}\n")
    (example,) = repo.json("diff", "notes", "--records", "9")["examples"]
    assert example["new"] == {"id": "2", "text": cell}
    assert cell in repo.dsv("diff", "notes", "--records", "9").stdout


def test_a_bare_repository_in_a_dataset_is_data_and_its_hooks_never_run(repo: Scratch, tmp_path: Path) -> None:
    marker = tmp_path / "executed"
    repo.records("data/notes/a.jsonl", numbered(3))
    bare = repo.root / "data/notes/bare"
    call("git", "init", "-q", "--bare", str(bare), cwd=tmp_path)
    for hook in ("reference-transaction", "post-commit", "pre-commit", "post-checkout"):
        (bare / "hooks" / hook).write_text(f"#!/bin/sh\ntouch {marker}\n")
        (bare / "hooks" / hook).chmod(0o755)
    with (bare / "config").open("a") as config:
        config.write(f'[core]\n\tfsmonitor = "touch {marker}; false"\n\tworktree = {repo.root}\n')
    _live(repo)
    assert repo.dsv("status", cwd=repo.root / "data").code == 0
    assert not marker.exists()
    assert {path for path in repo.tree("elsewhere") if path.startswith("bare/")} >= {"bare/HEAD", "bare/config"}
