"""Which versions a dataset has: what HEAD's tree and annotated tags hold, and nothing else."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from dsv.errors import MismatchError, NoDatasetError, NoVersionError
from dsv.model.reference import parse_reference
from dsv.repository import Repository, open_repository
from dsv.repository.known.catalog import (
    dataset_names,
    introduced_in,
    read_manifest,
    require_dataset,
    resolve,
    versions_of,
)
from tests.conftest import Scratch, numbered


def opened(repo: Scratch) -> Repository:
    """The repository, opened."""
    return open_repository(str(repo.root))


def known(repo: Scratch) -> dict[str, tuple[bool, str | None]]:
    """Version -> (whether HEAD holds it, its tag)."""
    return {str(each.version): (each.in_head, each.tag) for each in versions_of(opened(repo), "notes").known}


def chosen(repo: Scratch, reference: str) -> str:
    """The version that the reference resolves to."""
    return str(resolve(opened(repo), parse_reference(reference)).version)


@pytest.fixture(scope="module")
def grown_once(tmp_path_factory: pytest.TempPathFactory) -> Scratch:
    """`notes` at 1.0.0, 1.0.1 and 2.0.0 on main, and 1.1.0 on the branch `side` only."""
    released = Scratch(tmp_path_factory.mktemp("grown"))
    released.git("init", "-q", "-b", "main")
    released.dsv("init")
    released.records("data/notes/train.jsonl", numbered(80))
    released.dsv("add", "data/notes", "--key", "id")
    released.records("data/notes/train.jsonl", numbered(79))
    released.dsv("bump", "notes")
    released.git("checkout", "-qb", "side", "notes@v1.0.0")
    released.dsv("checkout", "notes@1.0.0")
    released.records("data/notes/more.jsonl", numbered(30, start=100))
    released.dsv("bump", "notes")
    released.git("checkout", "-qf", "main")
    released.dsv("checkout", "notes", "--force")
    released.records("data/notes/train.jsonl", numbered(10))
    released.dsv("bump", "notes")
    return released


@pytest.fixture
def grown(grown_once: Scratch, tmp_path: Path) -> Scratch:
    """A copy of it."""
    return Scratch(Path(shutil.copytree(grown_once.root, tmp_path / "repo", symlinks=True)))


def test_versions_are_known_by_heads_tree_and_by_annotated_tags(grown: Scratch) -> None:
    assert known(grown) == {
        "1.0.0": (True, "notes@v1.0.0"),
        "1.0.1": (True, "notes@v1.0.1"),
        "1.1.0": (False, "notes@v1.1.0"),
        "2.0.0": (True, "notes@v2.0.0"),
    }
    assert [str(each.version) for each in versions_of(opened(grown), "notes").bases()] == ["1.0.0", "1.0.1", "2.0.0"]


def test_a_version_that_only_another_branch_holds_is_not_known(grown: Scratch) -> None:
    grown.git("tag", "-d", "notes@v1.1.0")
    assert "1.1.0" not in known(grown)
    with pytest.raises(NoVersionError):
        chosen(grown, "notes@1.1.0")
    grown.git("checkout", "-q", "side")
    assert known(grown)["1.1.0"] == (True, None)
    assert chosen(grown, "notes") == "2.0.0"


def test_a_lightweight_tag_makes_no_version_but_takes_its_number(grown: Scratch) -> None:
    grown.git("tag", "-d", "notes@v1.1.0")
    grown.git("tag", "notes@v1.1.0", "side")
    grown.git("tag", "notes@v2.1.0")
    versions = versions_of(opened(grown), "notes")
    assert "1.1.0" not in {str(each.version) for each in versions.known}
    assert [str(version) for version in versions.foreign] == ["1.1.0", "2.1.0"]


def test_a_tag_without_a_manifest_takes_its_number_and_a_first_release_goes_above_it(repo: Scratch) -> None:
    repo.git("tag", "-a", "-m", "by GTO", "notes@v3.4.0")
    repo.git("tag", "-a", "-m", "no version", "notes@vnext")
    repo.git("tag", "-a", "-m", "another's", "notes-old@v9.0.0")
    repo.records("data/notes/a.jsonl", numbered(3))
    assert [str(version) for version in versions_of(opened(repo), "notes").foreign] == ["3.4.0"]
    assert repo.json("add", "data/notes")["version"] == "4.0.0"


def test_a_manifest_that_somebody_edited_is_read_as_it_was_tagged(released: Scratch) -> None:
    file = "manifests/notes/1.0.0.yaml"
    released.write(file, released.read(file).replace("First notes", "Other notes"))
    released.git("commit", "-qam", "rewrite history")
    [version] = versions_of(opened(released), "notes").known
    assert read_manifest(opened(released), version).summary == "First notes"
    released.git("tag", "-d", "notes@v1.0.0")
    [version] = versions_of(opened(released), "notes").known
    with pytest.raises(MismatchError, match=r"1\.0\.0\.yaml was edited after its release"):
        read_manifest(opened(released), version)


def test_a_manifest_in_the_work_tree_that_no_commit_holds_is_no_version(released: Scratch) -> None:
    released.write("manifests/notes/9.0.0.yaml", released.read("manifests/notes/1.0.0.yaml"))
    released.git("add", "manifests")
    assert list(known(released)) == ["1.0.0"]


def test_versions_survive_the_loss_of_every_tag(grown: Scratch) -> None:
    for tag in grown.git("tag", "--list").split():
        grown.git("tag", "-d", tag)
    assert known(grown) == dict.fromkeys(("1.0.0", "1.0.1", "2.0.0"), (True, None))
    assert chosen(grown, "notes@1.x") == "1.0.1"


@pytest.mark.parametrize(
    ("reference", "version"),
    [
        ("notes", "2.0.0"),
        ("notes@latest", "2.0.0"),
        ("notes@1.x", "1.1.0"),
        ("notes@v1.0.1", "1.0.1"),
        ("notes@~1.0.0", "1.0.1"),
        ("notes@1.0.0..2.0.0", "1.1.0"),
        ("notes@2999-01-01", "2.0.0"),
    ],
)
def test_references_choose_among_what_is_known(grown: Scratch, reference: str, version: str) -> None:
    assert chosen(grown, reference) == version


def test_a_version_is_chosen_by_the_start_of_its_digest(grown: Scratch) -> None:
    tree = grown.json("show", "notes@1.0.1")["digests"]["tree"]
    assert chosen(grown, f"notes@{tree[:15]}") == "1.0.1"


def test_an_unknown_name_is_refused_with_those_that_are_near(released: Scratch) -> None:
    for name in ("note", "Notes", "ntoes"):
        with pytest.raises(NoDatasetError, match="there is no dataset") as caught:
            require_dataset(opened(released), name)
        assert caught.value.hint == "did you mean notes?"
    with pytest.raises(NoDatasetError) as caught:
        require_dataset(opened(released), "elsewhere")
    assert caught.value.details == {"candidates": ["notes"]}


def test_datasets_are_those_declared_here_or_in_head(released: Scratch) -> None:
    released.write("manifests/begun/dataset.yaml", "name: begun\npath: data/begun\n")
    released.write("manifests/notadataset/README", "x")
    released.write("manifests/not a name/dataset.yaml", "x")
    assert dataset_names(opened(released)) == ["begun", "notes"]
    (released.root / "manifests/notes/dataset.yaml").unlink()
    assert dataset_names(opened(released)) == ["begun", "notes"]
    assert chosen(released, "notes") == "1.0.0"


def test_a_version_was_introduced_by_the_commit_that_first_held_it(grown: Scratch) -> None:
    repository = opened(grown)
    for each in versions_of(repository, "notes").known:
        assert introduced_in(repository, each) == grown.git("rev-parse", f"{each.tag}^{{commit}}").strip()


Clone = Callable[..., Scratch]


def test_a_clone_of_one_branch_without_tags_resolves_what_that_branch_holds(grown: Scratch, clone_of: Clone) -> None:
    clone = clone_of(grown, "--single-branch", "--no-tags")
    assert known(clone) == dict.fromkeys(("1.0.0", "1.0.1", "2.0.0"), (True, None))
    assert chosen(clone, "notes@1.x") == "1.0.1"


def test_a_clone_of_one_commit_resolves_every_version_of_its_branch(grown: Scratch) -> None:
    shallow = Scratch(grown.root.parent / "shallow")
    grown.git("clone", "-q", "--depth", "1", f"file://{grown.root}", str(shallow.root))
    assert set(known(shallow)) == {"1.0.0", "1.0.1", "2.0.0"}
    head = shallow.git("rev-parse", "HEAD").strip()
    repository = opened(shallow)
    assert {introduced_in(repository, each) for each in versions_of(repository, "notes").known} == {head}
    assert [each["version"] for each in shallow.json("log", "notes")["versions"]] == ["2.0.0", "1.0.1", "1.0.0"]


def test_a_branch_that_holds_no_release_bumps_nothing(released: Scratch) -> None:
    released.git("checkout", "-q", "--orphan", "bare")
    released.git("rm", "-rqf", "manifests")
    released.git("commit", "-qm", "without versions")
    released.write("manifests/notes/dataset.yaml", "name: notes\npath: data/notes\nkey: [id]\n")
    assert known(released) == {"1.0.0": (False, "notes@v1.0.0")}
    error = released.refused("bump", "notes", code=10, kind="no_version")
    assert "only under tags" in error["message"]
    assert chosen(released, "notes") == "1.0.0"


def test_a_squash_merge_and_a_tag_made_on_main_keep_the_version_whole(released: Scratch) -> None:
    released.git("checkout", "-qb", "feature")
    released.records("data/notes/train.jsonl", numbered(79))
    released.dsv("bump", "notes", "--no-tag")
    released.git("checkout", "-q", "main")
    released.git("merge", "-q", "--squash", "feature")
    released.git("commit", "-qm", "squashed (#1)")
    released.git("branch", "-qD", "feature")
    assert known(released)["1.0.1"] == (True, None)
    released.git("tag", "-a", "-m", "released", "notes@v1.0.1")
    assert known(released)["1.0.1"] == (True, "notes@v1.0.1")
    assert released.json("check")["ok"]
