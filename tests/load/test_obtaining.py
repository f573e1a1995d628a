"""A version brought from where it was published: what is missing and wanted, and nothing that was not verified."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest

from dsv.errors import MismatchError, MissingDataError, NoPathError
from dsv.model.executor import LOCAL
from dsv.model.portion import Portion
from dsv.model.progress import unseen
from dsv.model.reference import parse_reference
from dsv.repository.obtaining.finding import find_version
from dsv.repository.obtaining.obtaining import Obtained, Trust, obtain
from dsv.repository.obtaining.origin import origin
from tests.load.conftest import Published


def bring(
    repository: str | Path, reference: str, *splits: str, tree: str = "", trust: Trust = Trust.SEEN, told: list[str]
) -> Obtained:
    """The version from the repository, and what was told on the way."""
    place = origin(str(repository), tell=told.append, progress=unseen, executor=LOCAL)
    found = find_version(place, parse_reference(reference), tree=tree)
    return obtain(found, Portion.parse(globs=(), splits=splits), trust=trust)


def test_only_the_split_that_is_asked_for_comes_and_the_rest_when_it_is(published: Published, tmp_path: Path):
    test = bring(published.url, "notes@1.x", "test", told=[])
    assert (test.found.name, [each.path for each in test.files]) == ("notes@1.0.1", ["test.jsonl"])
    assert hashlib.sha256(Path(test.files[0].source).read_bytes()).hexdigest() == test.files[0].sha256
    assert test.fetched.objects == 4  # the list of files, of the index, the digests, and the file
    whole = bring(published.url, "notes@1.x", told=[])
    assert (len(whole.files), whole.fetched.objects) == (2, 1)
    older = bring(published.url, "notes@1.0.0", told=[])
    assert older.fetched.objects == 4  # train.jsonl is the same in both
    assert older.found.commit == published.work.git("rev-parse", "notes@v1.0.0^{commit}").strip()
    with pytest.raises(NoPathError, match="--split dev"):
        bring(published.url, "notes@1.0.1", "dev", told=[])


def test_what_is_here_is_served_when_nobody_answers(own: Published, tmp_path: Path):
    tree = bring(own.url, "notes@1.0.0", told=[]).manifest.digests.tree
    shutil.rmtree(own.store)
    shutil.rmtree(own.bare)
    told: list[str] = []
    assert bring(own.url, "notes@1.0.0", told=told).found.name == "notes@1.0.0"
    assert bring(own.url, f"notes@{tree[:23]}", told=told).found.name == "notes@1.0.0"
    shutil.rmtree(tmp_path / "cache/repositories")
    assert bring(own.url, "notes@1.0.0", "test", tree=tree, told=told).found.name == "notes@1.0.0"
    assert told == []


def test_a_repository_that_lies_here_needs_no_remote_and_a_bare_one_is_read_by_its_path(own: Published):
    shutil.rmtree(own.store / "files")
    here = bring(own.work.root / "data", "notes", told=[])
    assert here.fetched.objects == 0
    assert Path(here.files[0].source).is_relative_to(own.work.root / ".dvc/cache")
    with pytest.raises(MissingDataError, match=r"lacks 1 object of notes@1\.0\.1"):
        bring(own.bare, "notes", told=[])


def test_damaged_bytes_are_never_given_and_whole_ones_are_brought(own: Published, tmp_path: Path):
    got = bring(own.url, "notes@1.0.0", told=[])
    sources = {each.path: Path(each.source) for each in got.files}
    before = sources["train.jsonl"].stat()
    sources["train.jsonl"].chmod(0o644)
    with sources["train.jsonl"].open("r+b") as stream:
        stream.write(b"[")
    assert bring(own.url, "notes@1.0.0", told=[]).fetched.objects == 1
    assert sources["train.jsonl"].read_bytes().startswith(b"{")

    (own.store / sources["train.jsonl"].relative_to(tmp_path / "cache/objects")).unlink()
    sources["train.jsonl"].chmod(0o644)
    sources["train.jsonl"].write_bytes(b"[" * before.st_size)
    with pytest.raises(MissingDataError, match=r"train\.jsonl"):
        bring(own.url, "notes@1.0.0", trust=Trust.NOTHING, told=[])


def test_in_a_repository_without_remotes_damage_is_named_and_left(own: Published):
    got = bring(own.work.root, "notes", told=[])
    damaged = Path(got.files[0].source)
    damaged.chmod(0o644)
    damaged.write_bytes(b"x")
    own.work.write(".dvc/config", "")
    with pytest.raises(MismatchError, match=r"not those of notes@1\.0\.1"):
        bring(own.work.root, "notes", told=[])
    assert damaged.read_bytes() == b"x"


def test_another_version_under_the_expected_number_is_refused(published: Published):
    with pytest.raises(MismatchError, match="was expected"):
        bring(published.url, "notes@1.0.0", tree=f"sha256:{'0' * 64}", told=[])


def test_a_yanked_version_comes_only_by_its_number_and_that_is_said(own: Published):
    own.work.dsv("yank", "notes@1.0.1", "--reason", "Wrong labels")
    own.work.dsv("push")
    assert bring(own.url, "notes@1.x", told=[]).found.name == "notes@1.0.0"
    assert "Wrong labels" in bring(own.url, "notes@1.0.1", told=[]).found.warning
