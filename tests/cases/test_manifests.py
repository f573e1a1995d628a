"""Hostile manifests and declarations in a repository: a finding with file and line, never a crash or a belief."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator

import pytest

from dsv.model.manifest import load_manifest, manifest_checksum
from dsv.records.canonical import encode
from tests.conftest import Scratch, call, numbered

SECOND = "manifests/notes/1.0.1.yaml"

_BOMB = "\n".join(["a0: &a0 [x, x]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 20))])

WHOLE: dict[str, str | bytes] = {
    "empty": "",
    "a comment alone": "# nothing\n",
    "a list": "- schema: 1\n",
    "a word": "leases\n",
    "cut off": "schema: 1\ndataset: notes\nfields: [{name: a, types: [str",
    "two documents": "schema: 1\n---\nschema: 1\n",
    "a key twice": "schema: 1\nschema: 1\n",
    "tabs": "schema:\n\t1\n",
    "UTF-16": "schema: 1\n".encode("utf-16"),
    "no UTF-8": b"schema: \xff\n",
    "conflict": "<<<<<<< HEAD\nschema: 1\n=======\nschema: 1\n>>>>>>> theirs\n",
    "a Python object": "schema: !!python/object/apply:os.system [touch executed]\n",
    "a Python name": "schema: 1\ndataset: !!python/name:os.system\n",
    "an alias bomb": _BOMB,
    "an alias of itself": "a: &a [*a]\n",
    "a key of a megabyte": f"schema: 1\n? {'x' * (1 << 20)}\n: 1\n",
    "a value of a megabyte": f"schema: {'x' * (1 << 20)}\n",
    "nested deeply": "a: " + "[" * 100_000,
    "nested deeply in blocks": "- " * 100_000,
    "control characters": "schema: 1\ndataset: \x1b[31mred\x07\n",
    "escaped control characters": 'schema: 1\ndataset: "\\e[31mred\\a"\n',
    "NUL": "schema: 1\ndataset: \0\n",
    "half a character": 'schema: 1\ndataset: "\\ud800"\n',
    "a newer schema": "schema: 99\ndataset: notes\n",
    "unknown keys alone": "x: 1\ny: 2\n",
    "a number of 5000 digits": f"schema: {'9' * 5000}\n",
    "17 MiB": "#" * (17 << 20),
}

EDITS: dict[str, tuple[str, str]] = {
    "a path upwards": (r"path: data/notes", "path: ../../evil"),
    "an absolute path": (r"path: data/notes", "path: /etc"),
    "a path with NUL": (r"path: data/notes", r'path: "data/\\0"'),
    "a path with a backslash": (r"path: data/notes", r"path: data\\notes"),
    "a path into git": (r"path: data/notes", "path: .git/hooks"),
    "a negative size": (r"bytes: \d+", "bytes: -1"),
    "a huge size": (r"bytes: \d+", "bytes: 99999999999999999999"),
    "a size with a point": (r"bytes: \d+", "bytes: 1e3"),
    "negative records": (r"records: 100", "records: -100"),
    "a short hash": (r'tree: "sha256:[0-9a-f]{64}"', 'tree: "sha256:abc"'),
    "an upper-case hash": (r'dvc: "md5:[0-9a-f]{32}', f'dvc: "md5:{"AB" * 16}'),
    "another version": (r'version: "1\.0\.1"', 'version: "9.9.9"'),
    "a version that is none": (r'version: "1\.0\.1"', 'version: "1.0"'),
    "another dataset": (r"dataset: notes", "dataset: other"),
    "a name that is none": (r"dataset: notes", "dataset: ../notes"),
    "lineage to no version": (r"ref: notes@1\.0\.0", "ref: notes"),
}

READING = (
    ["list"],
    ["log", "notes"],
    ["status"],
    ["search", "notes"],
    ["show", "notes"],
    ["bump", "notes", "--dry-run"],
)


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Scratch:
    """The dataset `notes` at 1.0.1, whose newest version has no tag."""
    root = tmp_path_factory.mktemp("manifests") / "repo"
    call("git", "init", "-q", "-b", "main", str(root), cwd=root.parent)
    repo = Scratch(root)
    repo.dsv("init")
    repo.records("data/notes/a.jsonl", numbered(100))
    repo.dsv("add", "data/notes", "--key", "id")
    with (root / "data/notes/a.jsonl").open("a") as stream:
        stream.write("\n")
    repo.dsv("bump", "notes", "--no-tag")
    return repo


@pytest.fixture
def two_versions(made_once: Scratch) -> Iterator[Scratch]:
    """The same, put back afterwards."""
    head = made_once.git("rev-parse", "HEAD").strip()
    yield made_once
    made_once.git("reset", "-q", "--hard", head)


def replace_second(repo: Scratch, content: str | bytes) -> None:
    repo.write(SECOND, content)
    repo.git("commit", "-qam", "Change what must not change")


def sealed(text: str) -> str:
    """The manifest with the checksum that belongs to it, as if it had been released like this."""
    manifest = load_manifest(text.encode(), file=SECOND).value
    return text.replace(manifest.checksum, manifest_checksum(manifest, encode=encode))


def all_that_reads(repo: Scratch) -> None:
    """No command crashes, each says JSON whether it has an answer or a refusal, and nothing is acted on."""
    for command in READING:
        said = repo.dsv(*command, "--json", code=None)
        assert said.code in {0, 10, 20, 30, 40}, (command, said)
        json.loads(said.stdout)
        assert "Traceback" not in said.stderr
    assert not {"executed", "evil"} & {*os.listdir(repo.root), *os.listdir(repo.root.parent)}


@pytest.mark.parametrize("content", WHOLE.values(), ids=list(WHOLE))
def test_a_manifest_that_does_not_read_is_found_with_its_line(two_versions: Scratch, content: str | bytes) -> None:
    replace_second(two_versions, content)
    checked = two_versions.json("check", code=1)
    found = [each for each in checked["results"] if each["check"] == "well_formed" and each["status"] == "failed"]
    assert found
    assert {(each["file"], each["dataset"], each["version"]) for each in found} == {(SECOND, "notes", "1.0.1")}
    assert all(each["line"] >= 1 for each in found)
    assert all(len(each["message"]) < 500 for each in found)
    said = two_versions.dsv("check", code=1).stdout
    assert all(character.isprintable() or character == "\n" for character in said)
    all_that_reads(two_versions)


@pytest.mark.parametrize(("pattern", "replacement"), EDITS.values(), ids=list(EDITS))
def test_a_manifest_that_says_what_cannot_be_is_found_and_not_believed(
    two_versions: Scratch, pattern: str, replacement: str
) -> None:
    text, count = re.subn(pattern, replacement, two_versions.read(SECOND), count=1)
    assert count == 1
    replace_second(two_versions, text)
    checked = two_versions.json("check", code=1)
    assert SECOND in {each["file"] for each in checked["results"] if each["status"] == "failed"}
    all_that_reads(two_versions)


@pytest.mark.parametrize("lead", ["notes@7.0.0", "nobody@1.0.0", "notes@1.0.1"], ids=["no version", "nobody", "itself"])
def test_lineage_that_leads_nowhere_or_in_a_circle_breaks_nothing(two_versions: Scratch, lead: str) -> None:
    replace_second(two_versions, two_versions.read(SECOND).replace("ref: notes@1.0.0", f"ref: {lead}"))
    assert not two_versions.json("check", code=1)["ok"]
    two_versions.refused("show", "notes", code=40, kind="mismatch")
    replace_second(two_versions, sealed(two_versions.read(SECOND)))
    two_versions.dsv("index", "rebuild")
    all_that_reads(two_versions)
    assert two_versions.json("show", "notes")["lineage"][0]["ref"] == lead


def test_unknown_keys_in_a_manifest_are_kept_and_shown(two_versions: Scratch) -> None:
    replace_second(two_versions, sealed(two_versions.read(SECOND) + "x-team: {lead: Ana}\n"))
    assert two_versions.json("show", "notes")["x-team"] == {"lead": "Ana"}


UNREADABLE = ("a list", "a Python object", "an alias bomb", "conflict", "UTF-16", "two documents", "NUL")
DECLARATIONS = {
    "a path upwards": "path: ../../evil\n",
    "an absolute path": "path: /etc\n",
    "a path into git": "path: .git\n",
    "another name": "path: data/notes\nname: other\n",
    "a glob without end": f"path: data/notes\nsplits: {{a: '{'*' * 5000}'}}\n",
}


@pytest.mark.parametrize("file", ["manifests/notes/dataset.yaml", "dsv.yaml"])
@pytest.mark.parametrize("name", UNREADABLE)
def test_a_declaration_that_does_not_read_is_refused_with_its_line(two_versions: Scratch, file: str, name: str) -> None:
    refused_with_its_line(two_versions, file, WHOLE[name])


@pytest.mark.parametrize("content", DECLARATIONS.values(), ids=list(DECLARATIONS))
def test_a_declaration_that_leads_elsewhere_is_refused(two_versions: Scratch, content: str) -> None:
    named = "" if "name:" in content else "name: notes\n"
    refused_with_its_line(two_versions, "manifests/notes/dataset.yaml", f"schema: 1\n{named}{content}")


def refused_with_its_line(repo: Scratch, file: str, content: str | bytes) -> None:
    repo.write(file, content)
    error = repo.refused("bump", "notes", code=30, kind="manifest")
    assert re.match(rf"{re.escape(file)}(:\d+:\d+:)? ", error["message"])
    found = repo.json("check", code=1)["results"]
    assert (file, "failed") in {(each["file"], each["status"]) for each in found}
    assert not {"executed", "evil"} & {*os.listdir(repo.root), *os.listdir(repo.root.parent)}


def test_a_version_may_not_come_back_to_a_path_that_its_manifest_was_edited_to_name(two_versions: Scratch) -> None:
    text = two_versions.read(SECOND).replace("path: data/notes", "path: manifests/notes")
    replace_second(two_versions, text)
    said = two_versions.dsv("checkout", "notes@1.0.1", "--force", code=None)
    assert two_versions.read(SECOND) == text, said
