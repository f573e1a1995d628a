"""What is seen of a long command while it runs: on a terminal a bar that tells how far it is, elsewhere nothing."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios

import pytest

from tests.conftest import Scratch

ERASED = "\x1b[2K"
FILES, LINES = 4, 20_000
SERIAL = ("--executor", "serial")
"""One process reads, so that the data need not be large to take more than a second."""


@pytest.fixture
def long(repo: Scratch) -> Scratch:
    """A repository with data of few bytes and many fields, which takes one process some seconds to read."""
    for part in range(FILES):
        fields = ", ".join(f'"field{number}": %d' for number in range(30))
        repo.write(f"data/notes/{part}.jsonl", "".join(f"{{{fields % ((row,) * 30)}}}\n" for row in range(LINES)))
    return repo


def test_what_takes_longer_than_a_second_shows_on_a_terminal_how_far_it_is(long: Scratch) -> None:
    code, out, shown = on_a_terminal(long, "add", "data/notes", *SERIAL)
    assert (code, out.splitlines()[0]) == (0, "notes 1.0.0 released, first version")
    frames = [frame for frame in re.split(r"[\r\n]+", without_escapes(shown)) if frame.startswith("reading")]
    bytes_done, rate = r"\d+\.\d/\d+\.\d MB", r"\d+\.\d MB/s"
    records, left = r"[\d,]+ records, [\d,]+/s", r"\d:\d\d:\d\d"
    assert any(re.fullmatch(rf"reading \S+ {bytes_done} {rate} {records} {left}", frame) for frame in frames), frames
    assert shown.endswith(ERASED)


@pytest.mark.heavy
def test_where_stderr_is_no_terminal_nothing_is_shown_on_the_way(long: Scratch) -> None:
    process = dsv(long, "add", "data/notes", *SERIAL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out, err = process.communicate()
    assert (process.returncode, err) == (0, "")
    assert "reading" not in out


@pytest.mark.heavy
def test_of_a_transfer_bytes_objects_and_their_rates_are_shown(repo: Scratch) -> None:
    program = "import time; from dsv.cli.progress import ProgressBar; bar = ProgressBar()"
    for number, seconds in enumerate((1.1, 0.3, 0.3, 0.3)):
        program += f"; bar('pushing', {number} << 20, 9 << 20, {number}); time.sleep({seconds})"
    code, _, shown = on_a_terminal(repo, program, option="-c")
    assert code == 0
    frames = re.split(r"[\r\n]+", without_escapes(shown))
    whole = r"pushing \S+ 3\.1/9\.4 MB \d+\.\d MB/s 3 objects, \d/s \d:\d\d:\d\d"
    assert any(re.fullmatch(whole, frame) for frame in frames), frames


def dsv(repo: Scratch, *arguments: str, stdout: int, stderr: int, option: str = "-mdsv") -> subprocess.Popen[str]:
    """The command in a process of its own; with the option `-c` a program of Python."""
    command = [sys.executable, option, *arguments]
    return subprocess.Popen(command, cwd=repo.root, stdout=stdout, stderr=stderr, text=True)


def without_escapes(shown: str) -> str:
    """The text without colours and movements of the cursor."""
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown)


def on_a_terminal(repo: Scratch, *arguments: str, option: str = "-mdsv") -> tuple[int, str, str]:
    """Exit code, stdout, and what a person sees on a terminal of 120 columns that stderr is."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 120, 0, 0))
    process = dsv(repo, *arguments, stdout=subprocess.PIPE, stderr=theirs, option=option)
    os.close(theirs)
    shown = b""
    while piece := _read(ours):
        shown += piece
    out = process.communicate()[0]
    os.close(ours)
    return process.returncode, out, shown.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 1 << 16)
    except OSError:  # the other end is closed
        return b""
