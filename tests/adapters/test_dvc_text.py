"""DVC's small files as values: pointers, directory objects, .gitignore lines."""

from __future__ import annotations

import hashlib
import json
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsv.adapters import dvc
from dsv.adapters.dvc.directory import parse_directory_object
from dsv.errors import (
    BadManifestError,
    MismatchError,
    OutsideError,
    TrackedError,
    UnsupportedError,
    UnsupportedFileError,
)

MD5 = "d41d8cd98f00b204e9800998ecf8427e"
POINTER = f"outs:\n- md5: {MD5}.dir\n  size: 12\n  nfiles: 2\n  hash: md5\n  path: leases\n"


def test_a_pointer_reads_back() -> None:
    pointer = dvc.parse_pointer(POINTER.encode(), file="leases.dvc")
    assert pointer == dvc.Pointer(f"{MD5}.dir", 12, "leases", nfiles=2)
    assert pointer.is_directory
    assert dvc.render_pointer(pointer) == POINTER.encode()


def test_words_of_yaml_stay_text() -> None:
    text = "outs:\n- md5: '12345678901234567890123456789012'\n  size: 1\n  hash: md5\n  path: no\n"
    pointer = dvc.parse_pointer(text.encode(), file="no.dvc")
    assert (pointer.md5, pointer.path) == ("12345678901234567890123456789012", "no")
    assert dvc.render_pointer(pointer) == text.encode()


def test_a_pointer_of_dvc_2_says_so() -> None:
    pointer = dvc.parse_pointer(f"outs:\n- md5: {MD5}\n  path: a\n".encode(), file="a.dvc")
    assert (pointer.hash_name, pointer.size) == ("md5-dos2unix", None)


def test_an_import_is_recognised_and_not_rewritten() -> None:
    text = f"frozen: true\ndeps:\n- path: x\n  repo:\n    url: u\nouts:\n- md5: {MD5}\n  hash: md5\n  path: a\n"
    assert dvc.parse_pointer(text.encode(), file="a.dvc").origin is dvc.Origin.IMPORTED
    with pytest.raises(TrackedError, match="imports x of u"):
        dvc.updated_pointer(text.encode(), dvc.Pointer(MD5, 1, "a"), file="a.dvc")


def test_the_source_of_an_import_is_named_without_passwords() -> None:
    for dependency, said in [
        ("path: data/x\n  repo:\n    url: https://ana:secret@git.example.com/r\n    rev: main",
         "data/x of https://git.example.com/r at main"),
        ("path: https://ana:secret@example.com/x.csv", "https://example.com/x.csv"),
        ("path: x\n  repo:\n    url: u\n    rev_lock: 0123456789abcdef", "x of u at 0123456789"),
    ]:  # fmt: skip
        text = f"deps:\n- {dependency}\nouts:\n- hash: md5\n  path: a\n"
        assert dvc.parse_pointer(text.encode(), file="a.dvc").source == said


def test_a_pointer_to_several_outputs_is_refused_naming_them() -> None:
    text = f"outs:\n- md5: {MD5}\n  path: a\n- md5: {MD5}\n  path: b\n"
    with pytest.raises(UnsupportedError, match=r"a\.dvc names 2 outputs"):
        dvc.parse_pointer(text.encode(), file="a.dvc")


def test_every_key_that_is_not_known_is_named() -> None:
    text = f"wdir: ../x\nouts:\n- md5: {MD5}\n  path: a\n  files: []\n  cloud: {{}}\n"
    with pytest.raises(UnsupportedError, match="keys 'cloud', 'files', 'wdir'"):
        dvc.parse_pointer(text.encode(), file="a.dvc")


def test_a_plain_pointer_is_written_anew() -> None:
    pointer = dvc.Pointer(MD5, 0, "leases")
    assert dvc.updated_pointer(POINTER.encode(), pointer, file="leases.dvc") == dvc.render_pointer(pointer)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "outs: []",
        "outs: [a, b]",
        "outs:\n- path: a\n",
        "outs:\n- md5: ABC\n  path: a\n",
        f"outs:\n- md5: {MD5}\n",
        f"outs:\n- md5: {MD5}\n  size: -1\n  path: a\n",
        f"outs:\n- md5: {MD5}\n  size: {'9' * 5000}\n  path: a\n",
        f"outs:\n- md5: {MD5}\n  md5: {MD5}\n  path: a\n",
        f"outs:\n- md5: {MD5}\n  ? [x]\n  : y\n  path: a\n",
        f"outs:\n- md5: {MD5}\n\tpath: a\n",
        "<<<<<<< ours\nouts: []\n",
        "outs: " + "[" * 10_000,
        "\ud800",
        "x" * 2_000_000,
    ],
)
def test_what_is_no_pointer_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(BadManifestError) as caught:
        dvc.parse_pointer(text.encode("utf-8", "surrogatepass"), file="a.dvc")
    assert "a.dvc" in caught.value.message
    assert "\n" not in caught.value.message


@pytest.mark.parametrize("line", ["  cloud: {}", "  files: []", "  cache: false", "wdir: ../x"])
def test_pointers_dsv_does_not_work_with_are_refused(line: str) -> None:
    text = f"outs:\n- md5: {MD5}\n  hash: md5\n  path: a\n{line}\n"
    with pytest.raises(UnsupportedError):
        dvc.parse_pointer(text.encode(), file="a.dvc")


def test_the_order_of_the_files_does_not_matter() -> None:
    entries = [("b", MD5), ("a/c", MD5), ("a-b", MD5)]
    first = dvc.directory_object(entries)
    assert first == dvc.directory_object(reversed(entries))
    assert parse_directory_object(first.data, oid=first.oid) == sorted(entries)


def named(listing: object) -> tuple[bytes, str]:
    data = json.dumps(listing).encode()
    return data, f"{hashlib.md5(data).hexdigest()}.dir"


@pytest.mark.parametrize(
    "paths",
    [
        ["/etc/passwd"],
        ["../up"],
        ["a/../../b"],
        ["a//b"],
        ["./a"],
        [""],
        ["a\0b"],
        ["a", "a"],
        ["a", "a/b"],
        [".git/hooks/post-checkout"],
        ["sub/.GIT/config"],
        [".dvc/config"],
    ],
)
def test_a_listing_that_leads_elsewhere_is_refused(paths: list[str]) -> None:
    data, oid = named([{"md5": MD5, "relpath": path} for path in paths])
    with pytest.raises(OutsideError):
        parse_directory_object(data, oid=oid)


@pytest.mark.parametrize(
    "listing", [{}, [1], [{"md5": MD5}], [{"md5": "x", "relpath": "a"}], [{"md5": MD5, "relpath": 1}], 3]
)
def test_a_listing_of_another_form_is_refused(listing: object) -> None:
    data, oid = named(listing)
    with pytest.raises(MismatchError):
        parse_directory_object(data, oid=oid)


def test_a_listing_must_have_the_digest_of_its_name() -> None:
    made = dvc.directory_object([("a", MD5)])
    with pytest.raises(MismatchError):
        parse_directory_object(made.data + b" ", oid=made.oid)


def test_a_name_that_is_not_utf8_is_refused() -> None:
    with pytest.raises(UnsupportedFileError):
        dvc.directory_object([("\udcff", MD5)])


def test_our_line_is_sorted_in_and_the_rest_stays() -> None:
    before = "# data\n*.tmp\n\n/apples\n/zebras\n\n# end\n"
    after = dvc.gitignore_with(before, "leases")
    assert after == "# data\n*.tmp\n\n/apples\n/leases\n/zebras\n\n# end\n"
    assert dvc.gitignore_with(after, "leases") == after
    assert dvc.gitignore_without(after, "leases") == before


def test_a_line_goes_where_no_later_rule_undoes_it() -> None:
    assert dvc.gitignore_with("/b\n!*\n", "a") == "/b\n!*\n/a\n"


@pytest.mark.parametrize(
    ("before", "after"), [("", "/a\n"), ("*.x", "*.x\n/a\n"), ("/b\r\n", "/a\r\n/b\r\n"), ("/a", "/a")]
)
def test_endings_of_lines_are_kept(before: str, after: str) -> None:
    assert dvc.gitignore_with(before, "a") == after


@given(st.lists(st.sampled_from("abcdef"), unique=True), st.sampled_from("abcdef"))
def test_lines_that_are_ours_stay_sorted(names: list[str], name: str) -> None:
    text = ""
    for each in [*names, name]:
        text = dvc.gitignore_with(text, each)
    assert text.splitlines() == sorted({f"/{each}" for each in [*names, name]})


@pytest.mark.parametrize("name", ["le ases", "wei[rd]*#!name?", "back\\slash", "#x", "!x", "end ", "é", "-x"])
def test_git_ignores_exactly_what_the_line_names(tmp_path: Path, name: str) -> None:
    subprocess.run(["git", "init", "-q", "."], cwd=tmp_path, check=True)
    (tmp_path / ".gitignore").write_text(dvc.gitignore_with("", name), encoding="utf-8")
    (tmp_path / name).write_text("x")
    (tmp_path / f"{name}.dvc").write_text("x")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--others", "--exclude-standard"], cwd=tmp_path, check=True, capture_output=True
    ).stdout
    assert listed.decode().split("\0")[:-1] == sorted([".gitignore", f"{name}.dvc"])


def test_a_line_break_in_a_name_is_refused() -> None:
    with pytest.raises(UnsupportedFileError):
        dvc.gitignore_with("", "a\nb")
