"""`dsv.load` and what it gives: a version as whoever trains with it wants it."""

from __future__ import annotations

import gc
import json
import os
import pickle
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import dsv
from dsv.errors import BadRecordError, NoPathError, NoVersionError, UnreadableError, UnsupportedError
from tests.conftest import Scratch
from tests.load.conftest import Published


@pytest.fixture(scope="module")
def kinds(tmp_path_factory: pytest.TempPathFactory, _templates: dict[str, Path]) -> dsv.Repo:
    """A repository with datasets of several kinds, in their first versions."""
    from tests.conftest import _copied

    scratch = _copied(_templates["repo"], tmp_path_factory.mktemp("kinds") / "repo")
    scratch.write("data/table.csv", 'name,age\n"Ana, L.",41\n\nBo,\n')
    scratch.write("data/photos/cat/1.png", b"\x89PNG 1")
    scratch.write("data/photos/dog/2.png", b"\x89PNG 22")
    scratch.write("data/photos/README.md", "Two animals")
    scratch.records(
        "data/nested/train.jsonl",
        [{"id": 1, "tags": ["a"], "by": {"who": "x"}}, {"id": 2.5, "tags": [], "by": {"when": 3}}, {"id": None}],
    )
    scratch.records("data/nested/extra.jsonl", [{"id": 4, "only": True}])
    scratch.write("data/nested/test.json", "[{}]")
    scratch.write("data/odd/a.jsonl", '{"x": NaN, "y": [1e999]}\n{"x": "text"}\nno record\n')
    scratch.write("data/odd/b.jsonl.gz", b"no gzip")
    (scratch.root / "data/frames").mkdir()
    days = pa.array([0, 86_400_000_000], pa.timestamp("us", tz="UTC"))
    pq.write_table(pa.table({"day": days, "n": [1, 2]}), scratch.root / "data/frames/a.parquet")
    pq.write_table(pa.table({"n": [2.5], "more": ["z"]}), scratch.root / "data/frames/b.parquet")
    scratch.write("data/frames/c.parquet", b"PAR1 and no more")
    repo = dsv.open(scratch.root)
    for name in ("table.csv", "photos", "nested"):
        repo.add(f"data/{name}", name=name.partition(".")[0])
    for name in ("frames", "odd"):
        repo.add(f"data/{name}", on_bad_record="keep")
    return repo


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DSV_CACHE", str(tmp_path / "cache"))


def test_one_line_gives_a_version_with_all_that_a_training_needs(published: Published, monkeypatch):
    monkeypatch.chdir(published.work.root / "data")
    notes = dsv.load("notes@1.0.x")
    assert (notes.name, notes.version, notes.ref) == ("notes", "1.0.1", "notes@1.0.1")
    assert notes.digest == notes.manifest.digests.tree
    assert notes.commit == published.work.git("rev-parse", "notes@v1.0.1^{commit}").strip()
    assert notes.splits == {"test": 21, "train": 80}
    assert sum(1 for _ in notes) == notes.manifest.data.records == 101
    assert next(notes.split("train").records()) == {"id": "r0", "text": "text of 0"}
    assert sorted(os.listdir(notes.path)) == notes.files == ["test.jsonl", "train.jsonl"]
    assert str(notes.split("test")).startswith("<notes@1.0.1 --split test: 1 file,")
    with pytest.raises(NoPathError, match="--split dev"):
        notes.split("dev")
    with pytest.raises(NoVersionError, match="no released version"):
        dsv.load("notes@work")


def test_a_url_gives_the_same_as_the_repository_itself(published: Published):
    far = dsv.load("notes@1.0.0", published.url, split="train")
    near = dsv.open(published.work.root).load("notes@1.0.0", split="train")
    assert list(far.records()) == list(near.records())
    assert (far.files, far.digest, far.repository) == (near.files, near.digest, published.url)
    assert [path.name for path in far.path.iterdir()] == ["train.jsonl"]
    assert dsv.open(published.url).load("notes@1.0.0", split="train").path == far.path
    assert pickle.loads(pickle.dumps(far)).path == far.path  # noqa: S301 - our own


def test_a_yanked_version_is_loaded_with_a_warning(own: Published):
    own.work.dsv("yank", "notes@1.0.1", "--reason", "Wrong labels")
    with pytest.warns(UserWarning, match="Wrong labels") as caught:
        assert dsv.load("notes@1.0.1", own.work.root).version == "1.0.1"
    assert caught[0].filename == __file__
    assert dsv.open(own.work.root).load("notes").version == "1.0.0"


def test_a_dataset_that_is_one_file_has_that_as_its_path(kinds: dsv.Repo):
    table = kinds.load("table")
    assert table.path.read_text().startswith("name,age")
    assert table.path.name == "table.csv"
    assert list(table.records()) == [{"name": "Ana, L.", "age": "41"}, {"name": "Bo", "age": ""}]


def test_files_without_records_inside_are_the_records(kinds: dsv.Repo):
    photos = list(kinds.load("photos", files="*/*.png").records())
    assert [(each["file"], each["bytes"]) for each in photos] == [("cat/1.png", 6), ("dog/2.png", 7)]
    assert Path(photos[1]["path"]).read_bytes() == b"\x89PNG 22"
    assert kinds.load("photos").to_arrow().schema.names == ["file", "path", "bytes", "sha256"]
    assert kinds.load("photos").manifest.data.records == len(list(kinds.load("photos"))) == 3


def test_a_table_has_typed_columns_and_nested_values(kinds: dsv.Repo):
    nested = kinds.load("nested").to_arrow()
    assert nested.schema.field("id").type == pa.float64()
    assert nested.schema.field("tags").type == pa.list_(pa.string())
    assert nested.select(["by"]).to_pylist()[2] == {"by": {"who": "x", "when": None}}
    assert nested.num_rows == kinds.load("nested").manifest.data.records == 5
    assert kinds.load("nested").to_arrow(columns=["only"]).column_names == ["only"]
    with pytest.raises(NoPathError, match="no column other"):
        kinds.load("nested").to_arrow(columns=["other"])
    with pytest.raises(UnsupportedError, match="the values of x in odd@1"):
        kinds.load("odd").to_arrow(on_bad_record="skip")
    with pytest.raises(UnreadableError, match=r"c\.parquet cannot be read"):
        kinds.load("frames").to_arrow()
    frames = kinds.load("frames").to_arrow(on_bad_record="skip")
    assert frames.schema.field("day").type == pa.timestamp("us", tz="UTC")
    assert frames.to_pylist()[2] == {"day": None, "n": 2.5, "more": "z"}


def test_records_that_do_not_parse_are_named_or_left_out_as_in_the_manifest(kinds: dsv.Repo):
    with pytest.raises(BadRecordError, match="released with 2 records that cannot be read"):
        kinds.load("odd").records()
    with pytest.raises(BadRecordError, match=r"a\.jsonl:3 is no record") as caught:
        list(kinds.load("odd", files="a.jsonl").records())
    assert caught.value.details["line"] == 3
    with pytest.raises(UnreadableError, match=r"b\.jsonl\.gz cannot be read"):
        list(kinds.load("odd", files="b*").records())
    kept = list(kinds.load("odd").records(on_bad_record="skip"))
    assert json.dumps(kept) == '[{"x": NaN, "y": [Infinity]}, {"x": "text"}]'


@pytest.mark.parametrize(("method", "package"), [("to_pandas", "pandas"), ("to_hf", "datasets")])
def test_what_a_missing_extra_brings_is_said_in_one_line(method, package, kinds: dsv.Repo, monkeypatch):
    monkeypatch.setattr("dsv.records.libraries.find_spec", lambda _: None)
    with pytest.raises(UnsupportedError, match=f"needs the package {package}") as caught:
        getattr(kinds.load("table"), method)()
    assert "pip install 'dsv[" in caught.value.hint


def test_what_somebody_did_to_the_shared_files_is_undone(published: Published):
    path = dsv.load("notes", published.url).path
    (path / "stray.jsonl").write_text("{}")
    (path / "test.jsonl").chmod(0o644)
    (path / "test.jsonl").write_text("{}\n")
    again = dsv.load("notes", published.url)
    assert sorted(file.name for file in again.path.iterdir()) == again.files
    assert len((again.path / "test.jsonl").read_text().splitlines()) == 21


def test_what_a_disk_did_behind_its_back_is_found_when_every_byte_is_read(published: Published):
    path = dsv.load("notes", published.work.root, split="test").path / "test.jsonl"
    before, content = path.stat(), path.read_bytes()
    path.chmod(0o644)
    path.write_bytes(content.replace(b"text", b"TEXT"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (dsv.load("notes", published.work.root, split="test").path / "test.jsonl").read_bytes() != content
    assert (
        dsv.load("notes", published.work.root, split="test", verify=True).path / "test.jsonl"
    ).read_bytes() == content


def test_importing_dsv_and_loading_what_is_here_load_nothing_heavy(published: Published):
    code = (
        "import sys, dsv; assert not {'dvc', 'pyarrow', 'pydantic'} & set(sys.modules); "
        f"dsv.load('notes', {str(published.work.root)!r}); "
        "print(sorted({'dvc', 'git', 'pyarrow'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_cache_lists_versions_and_gives_up_those_that_nobody_uses(published: Published, tmp_path: Path):
    scratch = Scratch(tmp_path)
    first, path = dsv.load("notes@1.0.0", published.url), tmp_path / "cache"
    dsv.load("notes@1.0.1", published.url, split="test")
    gc.collect()  # some Pythons let go of what nobody holds no sooner
    listed = scratch.json("cache")
    assert [(each["ref"], each["files"], each["in_use"]) for each in listed["versions"]] == [
        ("notes@1.0.0", 2, True),
        ("notes@1.0.1", 2, False),  # train.jsonl is the same in both
    ]
    assert listed["bytes"] == sum(file.stat().st_size for file in (path / "objects").rglob("*") if file.is_file())
    pruned = scratch.json("cache", "--prune", "0")
    assert [each["ref"] for each in pruned["removed"]] == ["notes@1.0.1"]
    assert sum(1 for _ in first) == 100
    del first
    gc.collect()
    assert dsv.cache(prune="1KB").contents.bytes == 0
    assert "0 bytes of 93.1 GiB" in scratch.dsv("cache").stdout
    scratch.refused("cache", "--prune", "much", code=2, kind="usage")


def test_what_is_beyond_the_limit_goes_when_something_comes(published: Published, monkeypatch):
    dsv.load("notes@1.0.0", published.url)
    monkeypatch.setenv("DSV_CACHE_LIMIT", "2KiB")
    told: list[str] = []
    dsv.load("notes@1.0.1", published.url, split="test", tell=told.append)
    assert told[-1] == "the cache had more than 2,048 bytes: notes@1.0.0 went, which nobody was using"
    assert [each.kept.name for each in dsv.cache().contents.versions] == ["notes@1.0.1"]
