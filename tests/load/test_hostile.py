"""A repository made to do harm to whoever loads from it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

import dsv
from dsv.errors import MismatchError, MissingDataError, OutsideError
from dsv.model.manifest import Manifest, dump_manifest, load_manifest, manifest_checksum
from dsv.model.version import Version
from dsv.records.canonical import encode
from tests.load.conftest import Published


def stored(store: Path, content: bytes, *, suffix: str = "") -> str:
    """The name of an object with these bytes, which the storage has now."""
    oid = hashlib.md5(content).hexdigest() + suffix
    target = store / "files/md5" / oid[:2] / oid[2:]
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
    return oid


def listed(store: Path, files: dict[str, bytes]) -> str:
    """The name of a list of files as DVC writes it, all of them in the storage."""
    entries = [{"md5": stored(store, content), "relpath": path} for path, content in sorted(files.items())]
    return stored(store, json.dumps(entries).encode(), suffix=".dir")


def forged(own: Published, *, data: str, tree: str, index: str) -> None:
    """Version 9.0.0, which is whole and has its own checksum, is what everybody is shown as the latest."""
    file = own.work.root / "manifests/notes/1.0.1.yaml"
    manifest: Manifest = load_manifest(file.read_bytes(), file="1.0.1.yaml").value
    digests = manifest.digests.model_copy(update={"dvc": f"md5:{data}", "tree": tree, "index": f"md5:{index}"})
    manifest = manifest.model_copy(update={"version": Version.parse("9.0.0"), "digests": digests})
    checksum = manifest_checksum(manifest, encode=encode)
    file.with_name("9.0.0.yaml").write_bytes(dump_manifest(manifest.model_copy(update={"checksum": checksum})))
    own.work.git("add", "-A")
    own.work.git("commit", "-qm", "A gift")
    own.work.git("push", "-q", "origin", "main")


@pytest.mark.parametrize(
    "path",
    ["../../../escaped", *(pytest.param(each, marks=pytest.mark.heavy) for each in ("/escaped", ".git/hooks/update"))],
)
def test_no_list_of_files_leads_out_of_the_cache(own: Published, tmp_path: Path, path: str):
    sums = f"{hashlib.sha256(b'evil').hexdigest()}  {path}\n".encode()
    tree = f"sha256:{hashlib.sha256(sums).hexdigest()}"
    index = listed(own.store, {"SHA256SUMS": sums})
    forged(own, data=listed(own.store, {path: b"evil"}), tree=tree, index=index)
    before = {each for each in tmp_path.rglob("*") if "cache" not in each.relative_to(tmp_path).parts[0]}
    with pytest.raises(OutsideError):
        dsv.load("notes", own.url)
    assert {each for each in tmp_path.rglob("*") if "cache" not in each.relative_to(tmp_path).parts[0]} == before
    assert not [each for each in (tmp_path / "cache").rglob("*") if each.name in ("escaped", "update")]


def test_bytes_that_only_their_md5_vouches_for_are_not_given(own: Published, tmp_path: Path, monkeypatch):
    sums = b"".join(b"%s  %s.jsonl\n" % (hashlib.sha256(b"good").hexdigest().encode(), name) for name in (b"a", b"b"))
    tree = f"sha256:{hashlib.sha256(sums).hexdigest()}"
    index = listed(own.store, {"SHA256SUMS": sums})
    forged(own, data=listed(own.store, {"a.jsonl": b"evil", "b.jsonl": b"good"}), tree=tree, index=index)
    with pytest.raises(MismatchError, match=r"a\.jsonl"):
        dsv.load("notes", own.url)
    # Without the digests of single files, the whole is held against the digest of the version, and no part is given.
    monkeypatch.setenv("DSV_CACHE", str(tmp_path / "cache2"))
    (own.store / "files/md5" / index[:2] / index[2:]).unlink()
    with pytest.raises(MismatchError, match=r"a\.jsonl"):
        dsv.load("notes", own.url)
    with pytest.raises(MissingDataError, match="so that a part of it cannot be verified"):
        dsv.load("notes", own.url, files="a*")
