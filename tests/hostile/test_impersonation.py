"""A version is what was released under its number: nothing else takes its name, its place or its signature."""

from __future__ import annotations

import hashlib
import os
import shutil
import struct
from typing import TYPE_CHECKING

from dsv.adapters.git import Git
from dsv.model.manifest import load_manifest, manifest_checksum
from dsv.records.canonical import encode
from dsv.records.packs import HEADER, MAGIC

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Scratch

MANIFEST = "manifests/notes/1.0.0.yaml"


def forged(text: str) -> str:
    """The manifest with other facts and the checksum that they have."""
    text = text.replace("First notes", "Forged notes")
    manifest = load_manifest(text.encode(), file="manifest").value
    return text.replace(manifest.checksum, manifest_checksum(manifest, encode=encode))


def test_a_tag_with_another_manifest_than_head_has_is_no_version(released: Scratch) -> None:
    text = forged(released.read(MANIFEST))
    released.git("checkout", "-q", "--orphan", "theirs")
    released.write(MANIFEST, text)
    released.git("add", MANIFEST)
    released.git("commit", "-qm", "Theirs")
    released.git("tag", "--force", "--annotate", "notes@v1.0.0", "-m", "Theirs")
    released.git("checkout", "-qf", "main")
    for command in (["show", "notes@1.0.0"], ["checkout", "notes@1.0.0"], ["diff", "notes@1.0.0"]):
        error = released.refused(*command, code=40, kind="mismatch")
        assert "released it twice" in error["message"]
    assert released.json("check", code=1)["ok"] is False
    assert released.json("verify", code=40)["ok"] is False


def test_a_manifest_that_was_copied_under_another_number_is_no_version(released: Scratch) -> None:
    released.write("manifests/notes/5.0.0.yaml", released.read(MANIFEST))
    released.git("add", "manifests/notes/5.0.0.yaml")
    released.git("commit", "-qm", "A copy")
    for command in (["show", "notes@5.0.0"], ["checkout", "notes@5.0.0"], ["bump", "notes"]):
        error = released.refused(*command, code=40, kind="mismatch")
        assert "is the manifest of notes@1.0.0" in error["message"]
    released.dsv("show", "notes@1.0.0")


def test_branches_called_like_release_tags_and_lightweight_tags_are_not_taken_for_versions(released: Scratch) -> None:
    released.git("branch", "notes@v1.0.0")
    released.git("branch", "notes@v9.0.0")
    released.git("tag", "notes@v8.0.0")
    assert [each["version"] for each in released.json("log", "notes")["versions"]] == ["1.0.0"]
    released.refused("show", "notes@9.0.0", code=10, kind="no_version")
    released.refused("checkout", "notes@8.0.0", code=10, kind="no_version")
    assert released.json("verify", "--all")["ok"]


def test_an_object_that_refs_replace_puts_in_the_place_of_another_is_not_believed(released: Scratch) -> None:
    manifest = released.git("rev-parse", f"HEAD:{MANIFEST}").strip()
    other = released.write("other", forged(released.read(MANIFEST)))
    blob = released.git("hash-object", "-w", str(other)).strip()
    released.git("replace", manifest, blob)
    assert released.git("show", f"HEAD:{MANIFEST}") == other.read_text()  # so git itself is fooled
    assert released.json("show", "notes@1.0.0")["summary"] == "First notes"


def test_names_of_branches_that_hold_line_separators_make_no_other_references(
    released: Scratch, tmp_path: Path
) -> None:
    bare = tmp_path / "origin.git"
    released.git("clone", "-q", "--bare", str(released.root), str(bare))
    released.git("remote", "add", "origin", str(bare))
    for name in ("heads/x\u2028y", "heads/\u0085", "tags/notes@v7.0.0\u2028x", "remotes/origin/a\u2029b"):
        released.git("update-ref", f"refs/{name}", "HEAD")
        released.git("--git-dir", str(bare), "update-ref", f"refs/{name}", "HEAD")
    assert released.json("list")["total"] == 1
    assert released.json("search", "notes")["total"] == 1
    from dsv.adapters.git.remote import GitRemote

    there = GitRemote.named(Git.discover(str(released.root)), "origin").references()
    assert set(there) == {
        "HEAD", "refs/heads/main", "refs/heads/x\u2028y", "refs/heads/\u0085", "refs/tags/notes@v1.0.0",
        "refs/tags/notes@v7.0.0\u2028x",
    }  # fmt: skip


def test_file_names_with_line_breaks_ask_git_nothing_else(released: Scratch) -> None:
    secret = released.git("rev-parse", "HEAD:dsv.yaml").strip()
    for name in (
        f"manifests/notes/events/a\n{secret} b.yaml",
        f"x\n{secret}/dvc.lock",
        "manifests/notes/events/\n.yaml",
    ):
        released.write(name, "schema: 1\n")
    released.write(".gitattributes", "* text\n")
    released.git("add", ".")
    released.git("commit", "-qm", "Names")
    git = Git.discover(str(released.root))
    assert git.blobs([f"HEAD:x\n{secret}"]) == {}
    assert git.object_ids([f"x\n{secret}", "HEAD:dsv.yaml"]) == [None, secret]
    released.dsv("verify")
    released.dsv("list")
    assert released.dsv("check", code=None).code in (0, 1)


def test_a_record_index_that_a_clone_brings_along_is_not_compared_with(changed: Scratch) -> None:
    pack = changed.root / "manifests/notes/index/1.0.0/records-00.pack"
    size, flags = HEADER.unpack(pack.read_bytes()[: HEADER.size])[1:3]
    pack.chmod(0o644)
    pack.write_bytes(HEADER.pack(MAGIC, size, flags, 0, hashlib.sha256().digest()))
    assert changed.json("status")["datasets"][0]["suggested"]["level"] == "major"  # one's own is believed
    changed.git("add", "--force", "manifests/notes/index")
    shutil.rmtree(changed.root / ".git/dsv/work")
    assert changed.json("status")["datasets"][0]["suggested"]["level"] == "patch"


def test_rows_of_a_forged_record_index_that_lead_nowhere_are_named(changed: Scratch) -> None:
    pack = changed.root / "manifests/notes/index/1.0.0/records-00.pack"
    data = pack.read_bytes()
    _, size, flags, count, _ = HEADER.unpack(data[: HEADER.size])
    rows = bytearray(data[HEADER.size :])
    for row in range(count):
        struct.pack_into(">II", rows, (row + 1) * size - 8, 0xFFFFFFFF, 0xFFFFFFFF)
    pack.chmod(0o644)
    pack.write_bytes(HEADER.pack(MAGIC, size, flags, count, hashlib.sha256(rows).digest()) + rows)
    for command in (["status"], ["diff", "notes", "--records", "3"], ["bump", "notes"]):
        changed.refused(*command, code=40, kind="mismatch")


def test_a_record_index_of_a_terabyte_of_nothing_costs_neither_time_nor_memory(released: Scratch) -> None:
    pack = released.root / "manifests/notes/index/1.0.0/records-00.pack"
    _, size, flags, _, digest = HEADER.unpack(pack.read_bytes()[: HEADER.size])
    count = (1 << 40) // size
    pack.chmod(0o644)
    pack.write_bytes(HEADER.pack(MAGIC, size, flags, count, digest))
    os.truncate(pack, HEADER.size + count * size)
    shutil.rmtree(released.root / ".dvc/cache")
    assert released.dsv("which", "--record", '{"id": "r3"}', code=None).code in (0, 10, 40)
    os.truncate(pack, HEADER.size)
    released.dsv("which", "--record", '{"id": "r3"}', code=None)


def test_a_journal_that_dsv_did_not_write_is_not_obeyed(released: Scratch, outside: Path) -> None:
    file = released.root / ".git/dsv/journal.json"
    for path in (str(outside / "notes"), "../outside/notes", "data/../../outside/notes", ".git/config"):
        file.write_text(
            '{"operation": "x", "before": {"%s": "bmV3"}, "after": {"%s": null}, "directories": ["%s"]}' % ((path,) * 3)
        )
        released.refused("status", code=30, kind="outside")
