"""What `verify` says of forged and edited versions, and where `--repair` finds good bytes, or none."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

import dsv
from dsv.model.manifest import dump_manifest, load_manifest, manifest_checksum
from dsv.records.canonical import encode
from tests.conftest import Scratch
from tests.repository.damaging import Held, disguised, flipped, mended_afterwards, replaced

MANIFEST = "manifests/notes/1.1.0.yaml"


@pytest.fixture
def own(held: Held, tmp_path: Path) -> Held:
    """A copy of the repository, and of its remote, to do anything with."""
    for name in ("repo", "storage"):
        shutil.copytree(held.repo.root.parent / name, tmp_path / name, symlinks=True)
    return Held(Scratch(tmp_path / "repo"), held.manifest)


def problems(result: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(each["place"], each["path"], each["kind"]) for each in result["problems"]]


def stored(held: Held, content: bytes, *, suffix: str = "") -> str:
    """The name of an object with these bytes, in the cache now."""
    oid = hashlib.md5(content, usedforsecurity=False).hexdigest() + suffix
    held.object(oid).parent.mkdir(exist_ok=True)
    held.object(oid).write_bytes(content)
    return oid


def listed(files: dict[str, str]) -> bytes:
    return json.dumps([{"md5": files[path], "relpath": path} for path in sorted(files)], sort_keys=True).encode()


def with_another_digit(text: str) -> str:
    """The text with another md5 in it, readable as before."""
    return re.sub("(md5: ?)([0-9a-f])", lambda found: found[1] + ("1" if found[2] == "0" else "0"), text, count=1)


def forge(held: Held, **digests: str) -> None:
    """The second version released again by somebody who writes the digests himself, and all else to fit them."""
    repo = held.repo
    manifest = load_manifest(repo.read(MANIFEST).encode(), file=MANIFEST).value
    for pointer, key in (("data/notes.dvc", "dvc"), ("manifests/notes/1.1.0.dvc", "index")):
        new = digests.get(key, getattr(manifest.digests, key))
        old = getattr(manifest.digests, key).removeprefix("md5:")
        repo.write(pointer, repo.read(pointer).replace(old, new.removeprefix("md5:")))
    manifest = manifest.model_copy(update={"digests": manifest.digests.model_copy(update=digests)})
    manifest = manifest.model_copy(update={"checksum": manifest_checksum(manifest, encode=encode)})
    repo.write(MANIFEST, dump_manifest(manifest))
    repo.git("commit", "-qam", "forged")
    repo.git("tag", "-f", "-a", "-m", "x", "notes@v1.1.0")


def test_an_index_whose_header_and_rows_were_forged_is_not_what_the_data_gives(own: Held) -> None:
    files = own.listed(own.manifest["digests"]["index"].removeprefix("md5:"))
    pack = bytearray(own.object(files["records-00.pack"]).read_bytes())
    pack[64] ^= 1
    pack[20:52] = hashlib.sha256(pack[64:]).digest()
    forged = {**files, "records-00.pack": stored(own, bytes(pack))}
    replaced(own.repo.root / "manifests/notes/index/1.1.0/records-00.pack", bytes(pack))
    forge(own, index="md5:" + stored(own, listed(forged), suffix=".dir"))
    assert own.verified()["ok"]
    found = own.verified(deep=True)
    assert problems(found) == [("index", "manifests/notes/index/1.1.0/records-00.pack", "mismatch")]
    assert found["problems"][0]["expected"] == f"md5:{files['records-00.pack']}"


def test_a_list_that_leaves_out_a_file_is_not_what_was_released(own: Held) -> None:
    files = own.listed(own.manifest["digests"]["dvc"].removeprefix("md5:"))
    (own.repo.root / "data/notes/more.jsonl").unlink()
    forge(own, dvc="md5:" + stored(own, listed({k: v for k, v in files.items() if k != "more.jsonl"}), suffix=".dir"))
    found = own.verified()
    assert problems(found) == [("index", "manifests/notes/index/1.1.0/SHA256SUMS", "mismatch")]
    assert found["problems"][0]["actual"] == "data/notes/more.jsonl"


def test_an_object_with_the_right_md5_and_another_sha256_is_wrong(own: Held) -> None:
    files = own.listed(own.manifest["digests"]["index"].removeprefix("md5:"))
    lines = own.object(files["SHA256SUMS"]).read_text().splitlines(keepends=True)
    lines[0] = ("0" * 64) + lines[0][64:]
    sums = "".join(lines).encode()
    forged = stored(own, listed({**files, "SHA256SUMS": stored(own, sums)}), suffix=".dir")
    replaced(own.repo.root / "manifests/notes/index/1.1.0/SHA256SUMS", sums)
    forge(own, index=f"md5:{forged}", tree=f"sha256:{hashlib.sha256(sums).hexdigest()}")
    found = own.verified(deep=True)
    assert [each["expected"] for each in found["problems"] if each["place"] == "cache"] == [f"sha256:{'0' * 64}"]
    assert ("work", "data/notes/more.jsonl", "mismatch") in problems(found)


def test_a_manifest_that_tells_of_other_records_is_not_that_of_its_data(own: Held) -> None:
    forge(own, records=f"sha256:{'1' * 64}")
    assert own.verified()["ok"]
    assert problems(own.verified(deep=True)) == [("manifest", MANIFEST, "mismatch")]


@pytest.mark.parametrize(
    ("path", "place", "kind"),
    [
        (MANIFEST, "manifest", "mismatch"),
        ("data/notes.dvc", "pointer", "mismatch"),
        ("manifests/notes/1.1.0.dvc", "index", "mismatch"),
    ],
)
@pytest.mark.parametrize("how", ["edited", "broken"])
def test_what_names_a_version_in_the_work_tree_is_as_git_has_it(
    held: Held, path: str, place: str, kind: str, how: str
) -> None:
    file = held.repo.root / path
    with mended_afterwards(file):
        text = file.read_text()
        file.write_text(with_another_digit(text) if how == "edited" else "[")
        found = held.verified()
    assert (place, path, kind if how == "edited" or path == MANIFEST else "unreadable") in problems(found)


def test_a_manifest_that_somebody_deleted_is_missed(held: Held) -> None:
    file = held.repo.root / MANIFEST
    with mended_afterwards(file):
        file.unlink()
        assert problems(held.verified()) == [("manifest", MANIFEST, "missing")]


def test_without_deep_an_object_that_is_missing_or_cut_short_is_found_and_what_is_edited_is_let_be(held: Held) -> None:
    oid = held.listed(held.manifest["digests"]["dvc"].removeprefix("md5:"))["test.jsonl"]
    file, data = held.object(oid), held.repo.root / "data/notes/test.jsonl"
    with mended_afterwards(file, data):
        data.write_text('{"id": "edited"}\n')
        assert held.verified()["ok"]
        replaced(file, file.read_bytes()[:-1])
        found = held.verified()
        assert [(each["kind"], each["file"]) for each in found["problems"]] == [("mismatch", "data/notes/test.jsonl")]
        file.unlink()
        found = held.verified(remote=True)
        assert [(each["place"], each["kind"]) for each in found["problems"]] == [("cache", "missing")]
        held.stored(oid).rename(held.stored(oid).with_suffix(".away"))
        found = held.verified(remote=True)
        held.stored(oid).with_suffix(".away").rename(held.stored(oid))
    assert [(each["place"], each["kind"]) for each in found["problems"]] == [
        ("cache", "missing"),
        ("remote", "missing"),
    ]


def test_bytes_that_are_good_nowhere_else_are_kept_aside_and_told(own: Held) -> None:
    first = own.repo.json("show", "notes@1.0.0")["digests"]["dvc"].removeprefix("md5:")
    for file in (own.object(first), own.stored(first)):
        flipped(file, file)
    bad = own.object(first).read_bytes()
    document = own.repo.json("verify", "notes@1.0.0", "--remote", "--deep", "--repair", code=40)
    [done] = document["repaired"]
    assert (done["from"], (own.repo.root / done["quarantine"]).read_bytes()) == (None, bad)
    assert not own.object(first).exists()
    kinds = [(each["place"], each["kind"]) for each in document["results"][0]["problems"]]
    assert kinds == [("cache", "missing"), ("remote", "mismatch")]
    assert own.stored(first).read_bytes() == bad
    said = own.repo.dsv("verify", "notes@1.0.0", code=40).stdout
    assert "dsv fetch notes@1.0.0 brings what is missing from the remote" in said


def test_good_bytes_come_from_a_second_remote_where_the_first_has_rotted_too(own: Held) -> None:
    first = own.repo.json("show", "notes@1.0.0")["digests"]["dvc"].removeprefix("md5:")
    shutil.copytree(own.repo.root.parent / "storage", own.repo.root.parent / "second")
    own.repo.dsv("remote", "add", "second", "../second")
    good = own.object(first).read_bytes()
    for file in (own.object(first), own.stored(first)):
        flipped(file, file)
    document = own.repo.json("verify", "--all", "--remote", "storage", "--deep", "--repair")
    assert [(each["place"], each["from"]) for each in document["repaired"]] == [
        ("cache", "remote second"),
        ("remote", "cache"),
    ]
    assert own.object(first).read_bytes() == own.stored(first).read_bytes() == good


def test_a_repaired_repository_satisfies_dvc(own: Held) -> None:
    data, index = (own.manifest["digests"][each].removeprefix("md5:") for each in ("dvc", "index"))
    files = own.listed(data)
    flipped(own.object(files["train.jsonl"]), own.object(data))
    own.object(index).unlink()
    disguised(own.repo.root / "data/notes/test.jsonl", own.object(data))
    flipped(own.stored(files["more.jsonl"]), own.object(data))
    own.stored(data).unlink()
    tree = {path: own.repo.root / "data/notes" / path for path in files}
    os.utime(tree["train.jsonl"])
    document = dsv.open(own.repo.root).verify("notes", deep=True, remote=True, repair=True)
    assert document.ok
    assert own.repo.dvc("status") == "Data and pipelines are up to date.\n"
    shutil.rmtree(own.repo.root / "data/notes")
    own.repo.dvc("checkout")
    assert {
        path: hashlib.md5(file.read_bytes(), usedforsecurity=False).hexdigest() for path, file in tree.items()
    } == files
    assert own.repo.dvc("push", "--all-tags") == "Everything is up to date.\n"
    shutil.rmtree(own.repo.root / ".dvc/cache")
    own.repo.dvc("pull", "--all-tags")
    assert own.verified(deep=True)["ok"]


def test_what_a_removed_version_lacks_is_no_problem(own: Held) -> None:
    own.repo.dsv("remove", "notes@1.0.0", "--reason", "withdrawn by its source")
    first = own.repo.json("show", "notes@1.0.0")["digests"]["dvc"].removeprefix("md5:")
    own.object(first).unlink()
    own.stored(first).unlink()
    assert own.verified("notes@1.0.0", remote=True)["ok"]


def test_the_name_of_a_remote_may_be_left_out(held: Held) -> None:
    for options in (["--remote"], ["--remote", "notes@1.0.0"], ["--remote", "storage"], ["--remote=storage", "notes"]):
        assert held.repo.json("verify", *options)["ok"]
    held.repo.refused("verify", "--remote", "nowhere", code=10, kind="no_remote")
