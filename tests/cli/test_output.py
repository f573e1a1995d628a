"""What dsv prints: one JSON document, or lines for people that nothing in the data can take over."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import dsv
from tests.conftest import numbered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.conftest import Scratch

NO_TEXT = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2028\u2029]")
HOSTILE = "\x1b]0;taken over\x07\x1b[2J\x9b31m\u202e\r\x00"


def program(repo: Scratch, *arguments: str) -> list[str]:
    """The command as a process of its own."""
    return [sys.executable, "-m", "dsv", "--repo", str(repo.root), *arguments]


# JSON


ANSWERS = (
    "status", "status --exit-code", "diff notes", "log", "list", "show notes", "search first", "search nothing",
    "check", "checkout notes", "init", "index status", "index rebuild", "index schema", "bump notes --if-changed",
)  # fmt: skip
ERRORS = {
    "bump notes": (20, "nothing_changed"),
    "add data/notes": (20, "exists"),
    "rollback notes 1.0.0": (20, "nothing_changed"),
    "show nothing": (10, "no_dataset"),
    "show notes@@": (2, "usage"),
    "": (2, "usage"),
    "bump": (2, "usage"),
    "show one two": (2, "usage"),
    "nothing": (2, "usage"),
    "index": (2, "usage"),
    "index nothing": (2, "usage"),
    "bump notes --levle minor": (2, "usage"),
    "--nothing status": (2, "usage"),
    "log -n none": (2, "usage"),
    "status --color purple": (2, "usage"),
    "status --lock-timeout -1": (2, "usage"),
}


def test_with_json_stdout_is_one_document_and_nothing_else(released: Scratch) -> None:
    for words in ANSWERS:
        for given in (["--json", *words.split()], [*words.split(), "--json"]):
            result = released.dsv(*given)
            assert isinstance(result.json, dict), words
            assert "error" not in result.json
            assert result.stderr == ""


def test_with_json_an_error_is_the_document_also_when_the_parser_found_it(released: Scratch) -> None:
    for words, (code, kind) in ERRORS.items():
        for given in (["--json", *words.split()], [*words.split(), "--json"]):
            result = released.dsv(*given, code=code)
            assert list(result.json) == ["error"], words
            assert set(result.error) == {"code", "kind", "message", "hint", "details"}
            assert (result.error["code"], result.error["kind"]) == (code, kind)
            assert "\n" not in result.error["message"]
            assert result.stderr == ""


def test_without_json_errors_are_two_lines_on_stderr_and_stdout_is_empty(released: Scratch) -> None:
    result = released.dsv("bump", "note", code=10)
    assert result.stdout == ""
    assert result.stderr == "error: there is no dataset 'note'\nhint: did you mean notes?\n"


def test_a_mistyped_option_is_named_with_the_near_ones(released: Scratch) -> None:
    said = released.dsv("bump", "notes", "--levle", "minor", code=2).stderr
    assert said == "error: there is no option --levle\nhint: did you mean --help or --level? see dsv bump --help\n"


def test_answers_of_no_print_their_own_document(released: Scratch) -> None:
    released.records("data/notes/more.jsonl", numbered(1, start=500))
    assert released.json("diff", "notes", "--exit-code", code=1)["records"]["added"] == 1
    assert released.json("status", "--exit-code", code=1)["datasets"][0]["state"] == "changed"
    released.write("manifests/notes/1.0.0.yaml", "not: a manifest\n")
    assert released.json("check", code=1)["ok"] is False


def test_what_json_cannot_say_is_escaped(repo: Scratch) -> None:
    repo.write("data/notes/a.jsonl", '{"id": 1, "x": NaN, "y": 1e999, "z": "\\ud800"}\n')
    repo.dsv("add", "data/notes", "--key", "id")
    repo.write("data/notes/a.jsonl", '{"id": 1, "x": Infinity, "y": -1e999, "z": "\\udc00"}\n')
    (example,) = repo.json("diff", "notes", "--records", "5")["examples"]
    assert (example["old"]["x"], example["new"]["x"]) == ("NaN", "Infinity")
    assert (example["old"]["z"], example["new"]["z"]) == ("\ud800", "\udc00")


# Global options


def test_global_options_stand_before_or_after_the_command(released: Scratch) -> None:
    root = str(released.root)
    for given in (
        ["--repo", root, "--json", "log"],
        ["log", "--repo", root, "--json"],
        ["--json", "log", "--repo", root],
        ["-q", "-v", "--debug", "--no-input", "--no-progress", "--color", "never", "--repo", root, "log", "--json"],
        ["log", "-q", "-v", "--debug", "--no-input", "--no-progress", "--color", "never", "--repo", root, "--json"],
        ["index", "--repo", root, "--json", "status"],
        ["--lock-timeout", "1", "log", "--json", "--lock-timeout", "2", "--repo", root],
    ):
        result = released.dsv(*given, cwd=released.root.parent)
        assert "notes" in result.stdout or "versions" in result.json


def test_the_version_is_told(released: Scratch) -> None:
    result = released.dsv("--version")
    assert (result.stdout, result.stderr) == (f"dsv {dsv.__version__}\n", "")


def test_quiet_leaves_out_what_is_told_beside_the_result(released: Scratch) -> None:
    released.write("dsv.yaml", released.read("dsv.yaml") + "colour: red\n")
    assert "colour" in released.dsv("status").stderr
    result = released.dsv("status", "--quiet")
    assert (result.stderr, "clean" in result.stdout) == ("", True)


# Colour


def test_colour_is_for_terminals_and_can_be_chosen(released: Scratch, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b[" not in released.dsv("status").stdout
    assert "\x1b[" in released.dsv("status", "--color", "always").stdout
    assert "\x1b[" in released.dsv("--color", "always", "bump", "nothing", code=10).stderr
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in released.dsv("status").stdout
    assert "\x1b[" in released.dsv("status", "--color", "always").stdout


@pytest.mark.parametrize(
    ("options", "environment", "coloured"),
    [([], {}, True), ([], {"NO_COLOR": "1"}, False), (["--color", "never"], {}, False), (["--json"], {}, False)],
)
def test_on_a_terminal(
    released: Scratch,
    options: Sequence[str],
    environment: dict[str, str],
    coloured: bool,  # noqa: FBT001 - a table
) -> None:
    ours, theirs = os.openpty()
    done = subprocess.run(
        program(released, "status", *options), stdout=theirs, check=True, env={**os.environ, **environment}
    )
    os.close(theirs)
    with open(ours, "rb", closefd=True) as terminal:
        said = os.read(terminal.fileno(), 65536)
    assert (done.returncode, b"\x1b[" in said) == (0, coloured)


# Nothing in the data speaks to the terminal


def test_no_control_character_of_the_data_reaches_the_terminal(repo: Scratch) -> None:
    field, name = f"field{HOSTILE}", f"file{HOSTILE}".replace("\0", "").replace("/", "")
    repo.records(f"data/notes/{name}.jsonl", [{"id": f"{number}{HOSTILE}", "text": HOSTILE} for number in range(5)])
    said = [repo.dsv("add", "data/notes", "--key", "id")]
    changed = [{"id": f"{number}{HOSTILE}", field: HOSTILE} for number in range(1, 9)]
    repo.records(f"data/notes/{name}.jsonl", changed)
    repo.records(f"data/notes/{name}2.jsonl", [{"id": "more", field: HOSTILE}])
    said += [repo.dsv(*command) for command in (["status"], ["diff", "notes", "--records", "9"])]
    said += [repo.dsv("bump", "notes", "--level", "patch", code=20), repo.dsv("bump", "notes")]
    said += [repo.dsv(*command) for command in (["show", "notes"], ["log"], ["list"], ["check", "-v"])]
    said += [repo.dsv("diff", "notes@1.0.0", "2.0.0", "--records", "9"), repo.dsv("search", HOSTILE.replace("\0", ""))]
    repo.write(f"data/notes/{name}3.jsonl", "not JSON\n")
    said += [repo.dsv("bump", "notes", code=30), repo.dsv("status")]
    repo.records(f"data/notes/{name}3.jsonl", [{"no": "key"}])
    said += [repo.dsv("bump", "notes", code=30), repo.dsv("show", f"notes@{HOSTILE}", code=2)]
    said += [repo.dsv("add", f"{HOSTILE}".replace("\0", ""), code=30), repo.dsv(f"no{HOSTILE}", code=2)]
    for result in said:
        assert NO_TEXT.findall(result.stdout + result.stderr) == []
    assert "\\x1b" in said[2].stdout


def test_words_people_typed_cannot_hold_control_characters(released: Scratch) -> None:
    released.records("data/notes/more.jsonl", numbered(1, start=500))
    for arguments in (["-m", HOSTILE], ["--tag", HOSTILE], ["--allow-lower", HOSTILE], ["--waive", f"key={HOSTILE}"]):
        released.refused("bump", "notes", *arguments, code=30, kind="manifest")


# Whoever reads may stop reading


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_a_reader_that_leaves_early_is_no_failure(released: Scratch, options: Sequence[str]) -> None:
    released.write("facts.yaml", json.dumps({f"fact{number}": "x" * 100 for number in range(3000)}))
    released.records("data/notes/more.jsonl", numbered(1, start=500))
    released.dsv("bump", "notes", "--meta-file", "facts.yaml")
    with subprocess.Popen(
        program(released, "show", "notes", *options), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline()
        process.stdout.close()
        said = process.stderr.read()
    assert (process.returncode, said) == (0, b"")


def test_an_error_that_nobody_reads_still_has_its_code(released: Scratch) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    for arguments in (["show", "nothing"], ["show", "nothing", "--json"]):
        done = subprocess.run(program(released, *arguments), stdout=writer, stderr=writer, check=False)
        assert done.returncode == 10
    os.close(writer)


def test_a_closed_stdout_is_no_bug(released: Scratch) -> None:
    words = " ".join(program(released, "status"))
    done = subprocess.run(["sh", "-c", f"{words} >&-"], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
