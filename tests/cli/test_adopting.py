"""Data that DVC or git has tracked for years becomes a dataset as it is, and nobody who uses DVC notices."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.repository_state import leaves_no_trace
from tests.conftest import Scratch, numbered

MD5 = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def tracked(repo: Scratch) -> Scratch:
    """A repository whose data/notes DVC tracks, committed."""
    repo.records("data/notes/train.jsonl", numbered(80))
    repo.dvc("add", "-q", "data/notes")
    repo.git("add", "-A")
    repo.git("commit", "-qm", "Notes")
    return repo


def commit(repo: Scratch, message: str = "More") -> str:
    """Everything committed; the commit's id."""
    repo.git("add", "-A")
    repo.git("commit", "-qm", message)
    return repo.git("rev-parse", "HEAD").strip()


# A .dvc file


def test_what_dvc_tracks_is_adopted_as_it_is(tracked: Scratch) -> None:
    pointer = tracked.read("data/notes.dvc")
    ignored = tracked.read("data/.gitignore")
    tracked.dsv("add", "data/notes", "--key", "id")
    assert tracked.read("data/notes.dvc") == pointer
    assert tracked.read("data/.gitignore") == ignored
    assert tracked.git("status", "--porcelain") == ""
    assert tracked.dvc("status") == "Data and pipelines are up to date.\n"
    assert tracked.json("status")["datasets"][0]["state"] == "clean"


@pytest.mark.heavy
@pytest.mark.parametrize(
    "lines",
    ["  desc: notes of ours # by hand", "  type: dataset", "  labels:\n  - gold\n  - de", "  meta:\n    owner: ana",
     "  remote: store", "  push: false", "  persist: true"],
    ids=lambda lines: lines.split()[0],
)  # fmt: skip
def test_what_people_wrote_into_a_pointer_stays(tracked: Scratch, lines: str) -> None:
    mine = f"# ours\n{tracked.read('data/notes.dvc')}{lines}\nmeta:\n  ticket: 17  # see there\n"
    tracked.write("data/notes.dvc", mine)
    commit(tracked)
    said = tracked.dsv("add", "data/notes").stderr
    assert tracked.read("data/notes.dvc") == mine
    assert ("others cannot pull" in said) == ("push" in lines)
    before = tracked.read("data/notes.dvc")
    tracked.records("data/notes/more.jsonl", numbered(5, start=80))
    tracked.dsv("bump", "notes")
    kept = [line for line in before.splitlines() if not line.startswith(("- md5:", "  size:", "  nfiles:"))]
    after = tracked.read("data/notes.dvc").splitlines()
    assert [line for line in kept if line not in after] == []
    assert tracked.dvc("status") == "Data and pipelines are up to date.\n"


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda text: text + "  cloud: {}\n  files: []\n", "the keys 'cloud', 'files'"),
        (lambda text: f"wdir: ../data\n{text}", "the key 'wdir'"),
        (lambda text: text + f"- md5: {MD5}\n  hash: md5\n  path: other\n", "names 2 outputs"),
    ],
    ids=["unknown", "wdir", "several"],
)
def test_a_pointer_that_dsv_cannot_keep_is_refused_saying_why(
    tracked: Scratch, change: Callable[[str], str], named: str
) -> None:
    tracked.write("data/notes.dvc", change(tracked.read("data/notes.dvc")))
    error = leaves_no_trace(tracked, "add", "data/notes", code=50, kind="unsupported")
    assert error["message"].startswith("data/notes.dvc")
    assert named in error["message"]
    assert "dvc remove data/notes.dvc" in error["hint"]


def test_a_pointer_of_dvc_2_becomes_one_of_today_and_its_data_stays(repo: Scratch) -> None:
    content = b'{"id": "a"}\r\n{"id": "b"}\r\n'
    repo.write("data/old.jsonl", content)
    digest = hashlib.md5(content.replace(b"\r\n", b"\n")).hexdigest()
    repo.write("data/old.jsonl.dvc", f"outs:\n- md5: {digest}\n  size: {len(content)}\n  path: old.jsonl\n")
    repo.write("data/.gitignore", "/old.jsonl\n")
    repo.write(f".dvc/cache/{digest[:2]}/{digest[2:]}", content)
    commit(repo)
    assert repo.dvc("status") == "Data and pipelines are up to date.\n"
    repo.dsv("add", "data/old.jsonl")
    assert "hash: md5" in repo.read("data/old.jsonl.dvc")
    assert repo.dvc("status") == "Data and pipelines are up to date.\n"
    (repo.root / "data/old.jsonl").unlink()
    repo.dvc("checkout", "-q")
    assert (repo.root / "data/old.jsonl").read_bytes() == content


def test_where_dvc_links_into_its_cache_the_way_to_files_is_told(tracked: Scratch) -> None:
    tracked.dvc("config", "cache.type", "symlink")
    tracked.dvc("checkout", "-q", "--relink", "data/notes")
    hint = tracked.refused("add", "data/notes", code=30, kind="unsupported_file")["hint"]
    assert "dvc config cache.type reflink,copy" in hint
    tracked.dvc("config", "cache.type", "reflink,copy")
    tracked.dvc("checkout", "-q", "--relink", "data/notes")
    tracked.dsv("add", "data/notes")


def test_in_a_fresh_clone_the_way_to_the_data_is_told(tracked: Scratch, clone_of: Callable[..., Scratch]) -> None:
    clone = clone_of(tracked)
    error = clone.refused("add", "data/notes", code=40, kind="missing_data")
    assert "data/notes.dvc" in error["message"]
    assert "dvc pull data/notes.dvc" in error["hint"]
    assert "dsv checkout" not in error["hint"]


def test_a_pointer_that_has_not_the_name_of_its_data_is_found(repo: Scratch) -> None:
    repo.records("data/notes/a.jsonl", numbered(3))
    repo.dvc("add", "-q", "data/notes")
    (repo.root / "data/notes.dvc").rename(repo.root / "data/other.dvc")
    commit(repo)
    error = leaves_no_trace(repo, "add", "data/notes", code=20, kind="tracked")
    assert "data/other.dvc" in error["message"]
    repo.records("data/other/a.jsonl", numbered(3))
    error = leaves_no_trace(repo, "add", "data/other", code=30, kind="manifest")
    assert "data/other.dvc is the pointer to 'notes'" in error["message"]


def test_a_directory_with_a_part_that_dvc_tracks_is_refused_naming_it(tracked: Scratch) -> None:
    error = leaves_no_trace(tracked, "add", "data", code=20, kind="tracked")
    assert "data/notes.dvc" in error["message"]
    leaves_no_trace(tracked, "add", "data", "--untrack", code=20, kind="tracked")


# Imports


@pytest.mark.heavy
def test_an_import_is_refused_naming_where_it_comes_from(repo: Scratch, tmp_path: Path) -> None:
    source = Scratch(tmp_path / "source")
    source.root.mkdir()
    source.git("init", "-q")
    source.dvc("init", "-q")
    source.records("raw/notes.jsonl", numbered(3))
    source.dvc("add", "-q", "raw")
    revision = commit(source)
    repo.dvc("import", "-q", str(source.root), "raw", "-o", "raw")
    commit(repo)
    error = leaves_no_trace(repo, "add", "raw", code=20, kind="tracked")
    assert error["message"].startswith(f"raw.dvc imports raw of {source.root} at {revision[:10]}")
    assert "--from" in error["hint"]
    assert repo.dvc("status") == "Data and pipelines are up to date.\n"


def test_an_import_from_an_address_is_refused_even_before_it_was_downloaded(repo: Scratch, tmp_path: Path) -> None:
    there = tmp_path / "there.jsonl"
    there.write_text('{"id": 1}\n')
    repo.dvc("import-url", "-q", "--no-download", str(there), "here.jsonl")
    assert str(there) in repo.refused("add", "here.jsonl", code=20, kind="tracked")["message"]
    there.write_text('{"id": 1}\n')
    repo.dvc("update", "-q", "here.jsonl.dvc")
    assert str(there) in repo.refused("add", "here.jsonl", code=20, kind="tracked")["message"]


# Stages

PIPELINE = """\
# ours
stages:
  prepare:
    cmd: mkdir -p out/notes && cp raw.jsonl out/notes/notes.jsonl
    deps: [raw.jsonl]
    outs:
    - out/notes
  each:
    foreach: [de, fr]
    do:
      cmd: cp raw.jsonl ${item}.jsonl
      outs:
      - ${item}.jsonl:
          desc: kept  # as it is
  plain:
    cmd: cp raw.jsonl plain.jsonl
    outs:
    - plain.jsonl:
        cache: false
"""

BELOW = """\
vars:
- where: res
stages:
  there:
    wdir: ..
    cmd: cp raw.jsonl ${where}.jsonl
    outs:
    - ${where}.jsonl
"""


@pytest.fixture(scope="module")
def pipeline_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with a pipeline that ran, all committed."""
    import subprocess

    root = tmp_path_factory.mktemp("pipeline") / "repo"
    root.mkdir()
    subprocess.run(["git", "init", "-q", "-b", "main"], cwd=root, check=True)
    repo = Scratch(root)
    repo.dsv("init")
    repo.records("raw.jsonl", numbered(40))
    repo.write("dvc.yaml", PIPELINE)
    repo.write("sub/dvc.yaml", BELOW)
    repo.dvc("repro", "-q", "-P")
    commit(repo, "A pipeline")
    return root


@pytest.fixture
def pipeline(pipeline_template: Path, tmp_path: Path) -> Scratch:
    """A copy of that repository."""
    import shutil

    shutil.copytree(pipeline_template, tmp_path / "repo", symlinks=True)
    return Scratch(tmp_path / "repo")


@pytest.mark.heavy
def test_what_a_stage_makes_is_released_with_dvc_lock_as_its_pointer(pipeline: Scratch) -> None:
    lock = pipeline.read("dvc.lock")
    document = pipeline.json("add", "out/notes", "--key", "id")
    assert pipeline.git("show", "--name-only", "--format=").split() == [
        "dvc.yaml", "manifests/notes/1.0.0.dvc", "manifests/notes/1.0.0.yaml", "manifests/notes/dataset.yaml"
    ]  # fmt: skip
    assert pipeline.read("dvc.lock") == lock
    assert pipeline.read("dvc.yaml") == PIPELINE + "artifacts:\n  notes:\n    path: out/notes\n    type: dataset\n"
    assert document["manifest"]["digests"]["dvc"].removeprefix("md5:") in lock
    assert pipeline.git("status", "--porcelain") == ""
    assert pipeline.dvc("status") == "Data and pipelines are up to date.\n"
    assert pipeline.json("check")["ok"]
    assert pipeline.json("verify")["ok"]


@pytest.mark.heavy
@pytest.mark.parametrize(("path", "stage"), [("de.jsonl", "each@de"), ("res.jsonl", "there")])
def test_stages_of_templates_and_of_other_directories_are_found(pipeline: Scratch, path: str, stage: str) -> None:
    pipeline.dsv("add", path)
    assert not (pipeline.root / f"{path}.dvc").exists()
    assert pipeline.dvc("status") == "Data and pipelines are up to date.\n"
    pipeline.records(path, numbered(3))
    assert (
        f"stage {stage} " in pipeline.refused("bump", path.removesuffix(".jsonl"), code=20, kind="conflict")["message"]
    )


@pytest.mark.heavy
def test_a_stage_output_is_released_only_as_dvc_lock_has_it_and_when_that_is_committed(pipeline: Scratch) -> None:
    pipeline.dsv("add", "out/notes", "--key", "id")
    pipeline.records("raw.jsonl", numbered(50))
    pipeline.refused("bump", "notes", code=20, kind="nothing_changed")
    pipeline.records("out/notes/notes.jsonl", numbered(50))
    error = leaves_no_trace(pipeline, "bump", "notes", code=20, kind="conflict")
    assert "out/notes is not what dvc.lock says the stage prepare made" in error["message"]
    assert "dvc repro prepare" in error["hint"]
    assert "dvc commit prepare" in error["hint"]
    assert pipeline.json("status", "notes")["datasets"][0]["suggested"]["version"] == "1.1.0"
    pipeline.dvc("repro", "-q", "prepare")
    error = leaves_no_trace(pipeline, "bump", "notes", code=20, kind="conflict")
    assert "HEAD's dvc.lock" in error["message"]
    commit(pipeline, "Fifty")
    assert pipeline.json("bump", "notes")["version"] == "1.1.0"
    assert pipeline.json("diff", "notes@1.0.0", "1.1.0")["records"]["added"] == 10
    assert pipeline.dvc("status") == "Data and pipelines are up to date.\n"


@pytest.mark.heavy
def test_the_data_of_each_version_of_a_stage_output_is_had_by_dvc_alone(pipeline: Scratch, tmp_path: Path) -> None:
    pipeline.dsv("add", "out/notes", "--key", "id")
    pipeline.records("raw.jsonl", numbered(50))
    pipeline.dvc("repro", "-q", "prepare")
    commit(pipeline, "Fifty")
    pipeline.dsv("bump", "notes")
    pipeline.dvc("remote", "add", "-q", "-d", "store", str(tmp_path / "remote"))
    pipeline.dvc("gc", "-q", "-f", "-T")
    for version, count in (("1.0.0", 40), ("1.1.0", 50)):
        target = tmp_path / version
        pipeline.dvc("get", "-q", ".", "out/notes", "--rev", f"notes@v{version}", "-o", str(target))
        assert len((target / "notes.jsonl").read_text().splitlines()) == count
        named = ("notes", "--rev", f"v{version}", "-o", f"as {version}")
        pipeline.dvc("artifacts", "get", "-q", str(pipeline.root), *named, cwd=tmp_path)
        assert len((tmp_path / f"as {version}/notes.jsonl").read_text().splitlines()) == count


@pytest.mark.heavy
def test_checkout_of_a_stage_output_brings_the_data_and_leaves_the_lock_to_the_pipeline(pipeline: Scratch) -> None:
    pipeline.dsv("add", "out/notes", "--key", "id")
    pipeline.records("raw.jsonl", numbered(50))
    pipeline.dvc("repro", "-q", "prepare")
    commit(pipeline, "Fifty")
    pipeline.dsv("bump", "notes")
    said = pipeline.dsv("checkout", "notes@1.0.0").stderr
    assert "dvc.lock names what the stage prepare made last" in said
    assert len(pipeline.read("out/notes/notes.jsonl").splitlines()) == 40
    assert pipeline.git("status", "--porcelain") == ""
    assert json.loads(pipeline.dvc("status", "--json")) == {"prepare": [{"changed outs": {"out/notes": "modified"}}]}
    pipeline.dvc("checkout", "-q", "out/notes")
    assert pipeline.dsv("checkout", "notes").stderr == ""
    assert pipeline.json("status", "notes")["datasets"][0]["state"] == "clean"


@pytest.mark.heavy
def test_rollback_of_a_stage_output_gives_dvc_lock_the_stage_as_it_was(pipeline: Scratch, tmp_path: Path) -> None:
    pipeline.dsv("add", "out/notes", "--key", "id")
    pipeline.records("raw.jsonl", numbered(50))
    pipeline.dvc("repro", "-q", "prepare")
    commit(pipeline, "Fifty")
    pipeline.dsv("bump", "notes")
    pipeline.write("dvc.lock", pipeline.read("dvc.lock") + "# mine\n")
    assert "dvc.lock" in leaves_no_trace(pipeline, "rollback", "notes", "1.0.0", code=20, kind="conflict")["message"]
    pipeline.git("checkout", "dvc.lock")
    assert pipeline.json("rollback", "notes", "1.0.0")["version"] == "1.2.0"
    assert pipeline.git("status", "--porcelain") == ""
    assert len(pipeline.read("out/notes/notes.jsonl").splitlines()) == 40
    assert json.loads(pipeline.dvc("status", "--json")) == {"prepare": [{"changed deps": {"raw.jsonl": "modified"}}]}
    pipeline.dvc("get", "-q", ".", "out/notes", "--rev", "notes@v1.2.0", "-o", str(tmp_path / "got"))
    assert len((tmp_path / "got/notes.jsonl").read_text().splitlines()) == 40


def test_a_stage_output_that_is_not_here_is_pulled_or_made(pipeline: Scratch, clone_of: Callable[..., Scratch]) -> None:
    clone = clone_of(pipeline)
    hint = clone.refused("add", "out/notes", code=40, kind="missing_data")["hint"]
    assert hint == "dvc pull out/notes fetches it, dvc repro prepare makes it"


@pytest.mark.parametrize("path", ["out", "out/notes/notes.jsonl", "plain.jsonl"])
def test_a_part_of_what_a_stage_makes_is_no_dataset_and_neither_is_what_dvc_does_not_keep(
    pipeline: Scratch, path: str
) -> None:
    message = leaves_no_trace(pipeline, "add", path, "--name", "x", code=20, kind="tracked")["message"]
    assert ("cache: false" if path == "plain.jsonl" else "made by the stage prepare") in message


# Files that git tracks


@pytest.fixture
def in_git(repo: Scratch) -> Scratch:
    """A repository whose data/notes git tracks."""
    repo.records("data/notes/train.jsonl", numbered(80))
    repo.records("data/notes/test.jsonl", numbered(20, start=80))
    commit(repo, "Notes in git")
    return repo


def test_untrack_takes_the_data_out_of_git_in_the_commit_of_the_release(in_git: Scratch) -> None:
    before = in_git.tree("data/notes")
    said = in_git.dsv("add", "data/notes", "--key", "id", "--untrack").stderr
    assert said == "dsv: git tracks 2 files of data/notes no more; its history still holds what was committed of them\n"
    assert in_git.tree("data/notes") == before
    assert in_git.git("show", "--name-status", "--no-renames", "--format=").splitlines() == [
        "A\tdata/.gitignore",
        "A\tdata/notes.dvc",
        "D\tdata/notes/test.jsonl",
        "D\tdata/notes/train.jsonl",
        "A\tdvc.yaml",
        "A\tmanifests/notes/1.0.0.dvc",
        "A\tmanifests/notes/1.0.0.yaml",
        "A\tmanifests/notes/dataset.yaml",
    ]
    assert in_git.git("status", "--porcelain") == ""
    assert in_git.dvc("status") == "Data and pipelines are up to date.\n"


def test_untrack_versions_the_files_as_they_lie_here_and_leaves_other_work_alone(in_git: Scratch) -> None:
    in_git.write("other.txt", "staged")
    in_git.git("add", "other.txt")
    in_git.write("README", "not staged")
    in_git.records("data/notes/train.jsonl", numbered(81))
    in_git.git("add", "data/notes/train.jsonl")
    in_git.records("data/notes/train.jsonl", numbered(82))
    (in_git.root / "data/notes/test.jsonl").unlink()
    assert in_git.json("add", "data/notes", "--untrack")["manifest"]["data"]["records"] == 82
    assert len(in_git.read("data/notes/train.jsonl").splitlines()) == 82
    assert in_git.git("status", "--porcelain").splitlines() == ["A  other.txt", "?? README"]


def test_a_dry_run_untracks_nothing(in_git: Scratch) -> None:
    before = in_git.git("ls-files", "--stage")
    in_git.dsv("add", "data/notes", "--untrack", "--dry-run")
    assert in_git.git("ls-files", "--stage") == before


def test_data_that_git_tracks_again_goes_with_the_next_release(in_git: Scratch) -> None:
    in_git.dsv("add", "data/notes", "--untrack")
    in_git.records("data/notes/more.jsonl", numbered(9, start=500))
    in_git.git("add", "-f", "data/notes/more.jsonl")
    assert "--untrack" in in_git.refused("bump", "notes", code=20, kind="tracked")["hint"]
    in_git.dsv("bump", "notes", "--untrack")
    assert in_git.git("ls-files", "data/notes") == ""


def test_a_submodule_in_the_data_is_refused_with_untrack_too(in_git: Scratch, tmp_path: Path) -> None:
    other = Scratch(tmp_path / "other")
    other.root.mkdir()
    other.git("init", "-q")
    other.write("x", "x")
    commit(other)
    in_git.git("submodule", "--quiet", "add", str(other.root), "data/notes/inner")
    commit(in_git)
    error = leaves_no_trace(in_git, "add", "data/notes", "--untrack", code=30, kind="unsupported_file")
    assert "'inner" in error["message"]


# Tags of GTO


def test_tags_that_gto_made_push_the_first_version_above_them(repo: Scratch) -> None:
    from tests.conftest import call

    repo.records("data/notes/a.jsonl", numbered(3))
    repo.records("data/other/a.jsonl", numbered(3))
    gto = str(Path(sys.executable).with_name("gto"))
    call(gto, "register", "notes", "--version", "v1.3.0", cwd=repo.root)
    repo.git("tag", "other@v2.0.0")
    assert repo.json("add", "data/notes")["version"] == "2.0.0"
    assert repo.json("add", "data/other")["version"] == "3.0.0"
