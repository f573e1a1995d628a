"""Names of files that somebody has somewhere: each comes back byte for byte, or is refused by name."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dsv.model.portability import portability_warnings
from tests.conftest import numbered

if TYPE_CHECKING:
    from tests.conftest import Scratch

CONTROL = ["a\nb.jsonl", "a\tb", "a\rb", "\n", "\x1b[31m", "\x07", "\x7f", "\x9b", "a\u200bb", "\ufeffa", "\u2066x"]
LONG = ["x" * 255, "é" * 127, "/".join(["d" * 200] * 8) + "/a.jsonl"]
ALIKE = ["A.jsonl", "a.jsonl", "Dir/x", "dir/x", "dir/X", "\u00e9.jsonl", "e\u0301.jsonl", "\uac00", "\u1100\u1161"]


@pytest.mark.parametrize("names", [CONTROL, LONG, ALIKE], ids=["control characters", "long", "alike elsewhere"])
def test_every_name_comes_back_byte_for_byte_and_is_told_whole(repo: Scratch, names: list[str]) -> None:
    for number, name in enumerate(names):
        repo.write(f"data/notes/{name}", f'{{"id":{number}}}\n')
    before = repo.tree("data/notes")
    assert len(before) == len(names)
    assert repo.json("add", "data/notes", "-q")["manifest"]["data"]["files"] == len(names)
    repo.write(f"data/notes/{names[0]}", '{"id":"changed"}\n')
    (repo.root / "data/notes" / names[1]).unlink()
    paths = repo.json("diff", "notes")["files"]["paths"]
    assert (paths["modified"], paths["removed"]) == ([names[0]], [names[1]])
    repo.dsv("checkout", "notes", "--force")
    assert repo.tree("data/notes") == before


def test_a_listing_has_one_line_a_file_and_nothing_that_a_terminal_obeys(repo: Scratch) -> None:
    repo.records("data/notes/a.jsonl", numbered(3))
    repo.dsv("add", "data/notes")
    names = [*CONTROL[:9], "\u202egpj.exe"]
    for name in names:
        repo.write(f"data/notes/{name}", "x")
    said = repo.dsv("diff", "notes").stdout
    assert said.count("\n  + ") == len(names)
    assert all(character.isprintable() or character == "\n" for character in said)
    assert "\\u202egpj.exe" in said
    assert "a\\nb.jsonl" in said


@pytest.mark.parametrize("path", ["data/a\nb", "data/a\x1bb", "data/a\\b", "-data/x", "data/a.dvc", "data/\udcff"])
def test_a_data_path_that_files_and_shells_would_trip_over_is_refused(repo: Scratch, path: str) -> None:
    repo.write(f"{path}/a.jsonl", '{"id":1}\n')
    error = repo.dsv("add", "--json", "--name", "notes", "--", path, code=30).error
    assert error["kind"] == "unsupported_file"
    assert error["message"].isascii()


@pytest.mark.parametrize("path", ["data/\u202egpj", "data/e\u0301", "data/a b", "data/$(touch executed)", "data/..x"])
def test_any_other_data_path_is_taken_and_shown_safely(repo: Scratch, path: str) -> None:
    repo.write(f"{path}/a.jsonl", '{"id":1}\n')
    said = repo.dsv("add", "--name", "notes", "--", path)
    assert repo.json("show", "notes")["data"]["path"] == path
    assert repo.dsv("status", "--exit-code").code == 0
    assert "\u202e" not in said.stdout + repo.dsv("status").stdout + repo.dsv("show", "notes").stdout
    assert not list(repo.root.rglob("executed"))


def test_a_path_longer_than_the_system_takes_is_refused_and_shown_short(repo: Scratch) -> None:
    repo.records("data/notes/a.jsonl", numbered(3))
    before = os.getcwd()
    os.chdir(repo.root / "data/notes")
    try:
        for _ in range(22):
            os.mkdir("d" * 200)
            os.chdir("d" * 200)
        Path("a.jsonl").write_text('{"id":1}\n')
    finally:
        os.chdir(before)
    error = repo.refused("add", "data/notes", code=30, kind="unsupported_file")
    assert "more than this system takes" in error["message"]
    assert len(error["message"]) < 300


@pytest.mark.parametrize(
    ("names", "warning"),
    [
        (ALIKE[:2], "'A.jsonl' and 'a.jsonl' differ only in case"),
        (["\u00e9.jsonl", "e\u0301.jsonl"], "'e\\u0301.jsonl' and '\\xe9.jsonl' differ only in case or Unicode norm"),
        (["CON"], "Windows cannot hold a file named 'CON'"),
    ],
)
def test_a_release_tells_of_names_that_other_systems_cannot_keep(repo: Scratch, names: list[str], warning: str) -> None:
    for number, name in enumerate(names):
        repo.write(f"data/notes/{name}", str(number))
    assert warning in repo.dsv("add", "data/notes").stderr
    assert repo.json("show", "notes")["data"]["files"] == len(names)


DIFFER = "'a' and 'A' differ only in case or Unicode normalisation"
KEPT = "Windows and macOS keep one of them"


@pytest.mark.parametrize(
    ("paths", "warnings"),
    [
        (["a", "b/a", "console", "com10", "a.con", "lpt/x", "a b/c d", ".hidden", "é"], []),
        (["a", "A"], [f"{DIFFER}; {KEPT}"]),
        (
            ["a", "A", "e\u0301", "\xc9"],
            [f"{DIFFER} (and 1 more); {KEPT}"],
        ),
        (["x/conin$", "com\xb9.txt"], ["Windows cannot hold a file named 'x/conin$' (and 1 more)"]),
        (["x/AUX.tar.gz/y"], ["Windows cannot hold a file named 'x/AUX.tar.gz/y'"]),
        (["a?", "b ", "c/d./e"], ["Windows cannot hold a file named 'a?' (and 2 more)"]),
    ],
)
def test_only_names_that_would_be_lost_elsewhere_are_told_of(paths: list[str], warnings: list[str]) -> None:
    assert list(portability_warnings(paths)) == warnings
