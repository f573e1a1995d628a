"""Data that only an S3 remote has, read where it lies."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from dsv.adapters import dvc
from dsv.adapters.dvc.remote_files import RemoteFiles
from dsv.adapters.executor import Here
from dsv.adapters.executor.dask import dask_cluster
from dsv.errors import CredentialsError, MissingDataError
from dsv.records.byte_source import LinesOfPart
from dsv.records.collect import read_all
from dsv.records.jobs import ReadFiles, Target, run
from dsv.records.runs import KEYED_ROW, SortedRuns
from dsv.records.scan import Terms
from dsv.records.workers import Workers
from tests.conftest import Scratch
from tests.executor.datasets import lines, write_mixed
from tests.executor.test_parts import PART, TERMS
from tests.s3_server import KEY, SECRET


def set_up(repo: Scratch, endpoint: str, folder: str, *, secret: str = SECRET) -> None:
    """A default remote with its keys where git does not see them."""
    repo.write(".dvc/config", f"[core]\n    remote = store\n['remote \"store\"']\n    url = s3://bucket/{folder}\n")
    keep_secret(repo, endpoint, secret=secret)


def keep_secret(repo: Scratch, endpoint: str, *, secret: str = SECRET) -> None:
    repo.write(
        ".dvc/config.local",
        f"['remote \"store\"']\n    endpointurl = {endpoint}\n    access_key_id = {KEY}\n"
        f"    secret_access_key = {secret}\n    region = us-east-1\n",
    )


@pytest.fixture
def pushed(repo: Scratch, s3: str) -> Scratch:
    """A repository with the dataset `mixed`, on the remote too."""
    write_mixed(repo)
    set_up(repo, s3, "pushed")
    repo.dsv("add", "data/mixed", "--key", "id")
    repo.git("commit", "-qam", "remote", check=False)
    repo.dvc("push", "-q")
    return repo


def without_data(source: Scratch, clone_of: Callable[..., Scratch], endpoint: str) -> Scratch:
    """A clone that knows the versions and the remote, and has neither data nor record indexes."""
    clone = clone_of(source)
    keep_secret(clone, endpoint)
    assert not (clone.root / "data/mixed").exists()
    return clone


def index_of(repo: Scratch) -> dict[str, bytes]:
    """The bytes of the one record index that was made again."""
    return {Path(path).name: content for path, content in repo.tree(".git/dsv/indexes").items()}


@pytest.mark.heavy
def test_workers_make_a_record_index_from_objects_on_s3(
    pushed: Scratch, s3: str, cluster: str, clone_of: Callable[..., Scratch]
) -> None:
    expected = pushed.tree("manifests/mixed/index/1.0.0")
    for place in (cluster, "serial"):
        clone = without_data(pushed, clone_of, s3)
        made = clone.json("index", "records", "mixed@1.0.0", "--executor", place)
        assert [each["made"] for each in made["indexes"]] == [True]
        assert index_of(clone) == expected
        assert not (clone.root / ".dvc/cache/files").exists()
        again = clone.json("index", "records", "mixed@1.0.0", "--executor", place)
        assert [each["made"] for each in again["indexes"]] == [False]
        assert clone.json("which", "--id", "r0000007")["found"]


@pytest.mark.heavy
def test_a_comparison_reads_on_the_cluster_what_is_not_here(
    pushed: Scratch, s3: str, cluster: str, clone_of: Callable[..., Scratch]
) -> None:
    clone = without_data(pushed, clone_of, s3)
    clone.refused("diff", "mixed@1.0.0", "mixed@1.0.0", code=40, kind="missing_data")
    same = clone.json("diff", "mixed@1.0.0", "mixed@1.0.0", "--executor", cluster)
    assert same["records"]["unchanged"] == same["records"]["old"] > 60_000


@pytest.mark.heavy
def test_what_the_remote_lacks_or_keeps_from_us_is_said_without_secrets(
    pushed: Scratch, s3: str, cluster: str, clone_of: Callable[..., Scratch]
) -> None:
    clone = without_data(pushed, clone_of, s3)
    keep_secret(clone, s3, secret="another-secret-0123456789")
    for place in (cluster, "serial"):
        error = clone.dsv("index", "records", "mixed", "--executor", place, "--debug", code=50)
        assert "another-secret" not in error.stderr + error.stdout
        assert error.stderr.startswith("error: the remote store (s3://bucket/pushed at ")
        assert "refuses who we are" in error.stderr
    set_up(clone, s3, "nothing")
    for place in (cluster, "serial"):
        clone.refused("index", "records", "mixed", "--executor", place, code=40, kind="missing_data")


@pytest.fixture
def store(repo: Scratch, s3: str) -> RemoteFiles:
    set_up(repo, s3, "objects")
    with dvc.remote(dvc.find_cache(str(repo.root))) as remote:
        return remote.files()


def put(store: Any, content: bytes) -> str:
    """The oid of a new object on the remote."""
    oid = hashlib.md5(content).hexdigest()
    store._files().pipe_file(store.source_of(oid), content)
    return oid


def test_nothing_secret_is_seen_of_a_store(store: RemoteFiles) -> None:
    assert SECRET not in repr(store) + str(store)
    assert KEY not in repr(store)


def test_a_worker_that_is_refused_writes_no_secret_into_its_log(
    repo: Scratch, s3: str, cluster: str, cluster_directory: Path
) -> None:
    set_up(repo, s3, "objects", secret="a-third-secret-0123456789")
    with dvc.remote(dvc.find_cache(str(repo.root))) as remote:
        terms = Terms(store=remote.files())
    job = ReadFiles([Target(terms.store.source_of("00" * 16), "notes.jsonl", 0, 5)])
    with dask_cluster(cluster.replace("dask://", "tcp://"), sources=[], directories=[]) as workers:
        refused = workers.submit(run, job, terms, None, None)
        with pytest.raises(CredentialsError) as error:
            refused.result()
    assert "third" not in str(error.value)
    said = "".join(log.read_text() for log in cluster_directory.glob("*.log"))
    assert "a job of dsv" in said
    assert "third" not in said
    assert KEY not in said


@pytest.mark.heavy
def test_parts_on_s3_make_the_whole(store: RemoteFiles, cluster: str, tmp_path: Path) -> None:
    contents = {
        "bad.jsonl": lines(0, 9_000, words=2).replace(b'"id": "r0004321"', b"").replace(b'{"id": "r0008765"', b""),
        "long.jsonl": lines(40_000, 2, words=20_000) + lines(40_002, 1_000),
        "small.jsonl": lines(90_000, 10),
    }
    here, there = [], []
    for number, (name, content) in enumerate(sorted(contents.items())):
        (tmp_path / name).write_bytes(content)
        here.append(Target(str(tmp_path / name), name, number, len(content)))
        there.append(Target(store.source_of(put(store, content)), name, number, len(content)))
    workers = dask_cluster(
        cluster.replace("dask://", "tcp://"), sources=[each.source for each in there], directories=[]
    )
    found = everything(there, workers, replace(TERMS, store=store))
    assert found == everything(here, nullcontext(Here()), TERMS)


def everything(targets: list[Target], workers: AbstractContextManager[Workers], terms: Terms) -> tuple[Any, ...]:
    """The scans without the stat of the files, the profile, and the rows."""
    with workers as those, closing(SortedRuns(KEYED_ROW.size)) as runs:
        settled = [target.path for target in targets]
        read = read_all(targets, terms, workers=those, runs=runs, settled=settled, part_size=PART)
        scans = {
            path: msgspec.structs.replace(read.scans[path], modified_ns=0, changed_ns=0, inode=0)
            for path in sorted(read.scans)
        }
        return scans, read.profile, b"".join(runs)


@pytest.mark.heavy
def test_only_the_part_is_read_of_a_large_file(store: RemoteFiles) -> None:
    content = lines(0, 90_000, words=3)
    oid = put(store, content)
    fetched = []
    real = store._files().cat_file
    source = store.source_of(oid)
    file = store.open(source, path="a", stop=1_000_000)
    file._fetch = lambda start, end: fetched.append(end - start) or real(source, start=start, end=end)
    assert file.size == len(content) > 20_000_000
    read = LinesOfPart(file, 500_000, 1_000_000).readall()
    first = content.index(b"\n", 499_999) + 1
    assert read == content[first : content.index(b"\n", 999_999) + 1]
    assert sum(fetched) < 1_000_000
    assert file.unchanged()
    put_again = store._files().pipe_file
    put_again(source, content[:-1])
    assert not file.unchanged()
    file.close()


@pytest.mark.heavy
def test_a_large_file_is_read_from_its_first_byte_to_its_last(store: RemoteFiles) -> None:
    content = lines(0, 100_000, words=3)
    file = store.open(store.source_of(put(store, content)), path="a")
    buffer, digest = memoryview(bytearray(1 << 18)), hashlib.md5()
    while count := file.readinto(buffer):
        digest.update(buffer[:count])
    file.close()
    assert digest.hexdigest() == hashlib.md5(content).hexdigest()


def test_small_files_are_fetched_ahead(store: RemoteFiles) -> None:
    contents = [f"{{}}{' ' * number}\n".encode() for number in range(150)]
    sources = [store.source_of(put(store, content)) for content in contents]
    buffer = memoryview(bytearray(1_000))
    with store.ahead(sources) as ready:
        for source, content in zip(sources, contents, strict=True):
            file = ready.open(source, path="a")
            assert bytes(buffer[: file.readinto_at(buffer, 0)]) == content
            assert file.unchanged()
            file.close()


def test_what_is_not_there_is_missing(store: RemoteFiles) -> None:
    with pytest.raises(MissingDataError, match="lacks the object 00"):
        store.sizes(["00" * 16])
    with pytest.raises(MissingDataError):
        store.read("00" * 16)
