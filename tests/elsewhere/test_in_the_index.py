"""Other repositories in this one's index: lists span them, and what was made from them is found."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from dsv.adapters.index import DatasetRow, Filter, Index, LineageRow, RepositoryRow
from dsv.repository import find_repository
from dsv.repository.elsewhere import added, clones
from dsv.repository.known.search_index import ask, index_path
from tests.conftest import Scratch
from tests.elsewhere.conftest import Team
from tests.index_contents import index_contents
from tests.index_rows import version_row


def listed(mine: Scratch) -> set[tuple[str, str, str]]:
    """(repository, dataset, latest version) of all that is listed."""
    found = ask(find_repository(str(mine.root)), lambda index: index.datasets())
    return {(each.repository, each.name, str(each.latest)) for each in found.rows}


def add(mine: Scratch, team: Team, *, name: str = "team") -> None:
    """The other team's repository is in my index."""
    repository = find_repository(str(mine.root))
    new = added.new_repository(repository, team.url, name=name, root="", directory=str(mine.root))
    clones.refresh(repository, new)
    added.keep(repository, new)


def test_lists_and_searches_span_repositories_and_keep_equal_names_apart(released: Scratch, team: Team) -> None:
    assert listed(released) == {("", "notes", "1.0.0")}
    add(released, team)
    assert listed(released) == {("", "notes", "1.0.0"), ("team", "notes", "1.0.1")}
    found = ask(find_repository(str(released.root)), lambda index: index.search("notes"))
    assert sorted((each.repository, str(each.version)) for each in found.rows) == [
        ("", "1.0.0"),
        ("team", "1.0.0"),
        ("team", "1.0.1"),
    ]
    assert [each["version"] for each in released.json("log", "notes")["versions"]] == ["1.0.0"]
    assert released.json("show", "notes")["version"] == "1.0.0"


def test_the_index_follows_a_refresh_and_a_removal_and_is_as_one_made_anew(released: Scratch, team: Team) -> None:
    add(released, team)
    add(released, Team(team.work, shutil.copytree(team.bare, team.bare.parent / "b.git")), name="b")
    listed(released)
    team.release("one")
    team.work.dsv("yank", "notes@1.0.1", "--reason", "Wrong")
    team.push()
    repository = find_repository(str(released.root))
    clones.refresh(repository, added.added_repository(repository, "team"))
    assert ("team", "notes", "1.0.2") in listed(released)
    grown = index_contents(index_path(repository))
    released.dsv("index", "rebuild")
    assert index_contents(index_path(repository)) == grown
    added.forget(repository, "team")
    assert {name for name, _, _ in listed(released)} == {"", "b"}
    shutil.rmtree(released.root / ".git/dsv/repositories/b")
    assert {name for name, _, _ in listed(released)} == {""}


def test_nothing_is_written_when_nothing_moved(released: Scratch, team: Team) -> None:
    add(released, team)
    listed(released)
    wal = released.root / ".git/dsv/index.db-wal"
    shutil.rmtree(team.bare)  # nor is anybody asked
    before = wal.stat().st_mtime_ns if wal.exists() else None
    assert len(listed(released)) == 2
    assert (wal.stat().st_mtime_ns if wal.exists() else None) == before


def test_a_parent_in_another_repository_is_found_by_whatever_address(tmp_path: Path) -> None:
    parent = replace(version_row("1.0.0", dataset="filings"), repository="team")
    edge = LineageRow(
        "filings@1.0.0", "filter", repository="https://git.example/team/filings", dataset="filings", version="1.0.0"
    )
    child = replace(version_row("1.0.0", dataset="leases"), lineage=(edge,))
    with Index(str(tmp_path / "index.db")) as index:
        index.replace("1", datasets=[DatasetRow("leases", type="", format="", path="")], versions=[child])
        assert parents(index) == [None]
        there = [DatasetRow("filings", type="", format="", path="")]
        elsewhere = RepositoryRow("team", "git@git.example:team/filings.git")
        index.replace("2", datasets=there, versions=[parent], repository=elsewhere)
        assert parents(index) == ["team"]
        index.forget("team")
        assert parents(index) == [None]


def parents(index: Index) -> list[str | None]:
    """The repository of each parent that is known."""
    found: list[str | None] = []
    asked = "SELECT p.repository FROM dataset_lineage AS l LEFT JOIN dataset_versions AS p ON p.id = parent_id"
    index.query(asked, lambda _, rows: found.extend(cell for (cell,) in rows))
    return found


def test_a_clone_that_git_cannot_read_leaves_the_lists_of_the_others(released: Scratch, team: Team) -> None:
    add(released, team)
    shutil.rmtree(released.root / ".git/dsv/repositories/team/.git/objects/pack")
    said = released.dsv("list")
    assert "team cannot be read" in said.stderr
    assert "1.0.0" in said.stdout


def test_only_one_repository_can_be_asked_for(released: Scratch, team: Team) -> None:
    add(released, team)
    repository = find_repository(str(released.root))
    found = ask(repository, lambda index: index.datasets(where=Filter(repository="team")))
    assert [each.repository for each in found.rows] == ["team"]


def test_which_looks_into_other_repositories_as_far_as_their_record_indexes_are_here(repo: Scratch, team: Team) -> None:
    add(repo, team)
    said = repo.json("which", "--id", "r3", code=10)
    assert said["unsearched"] == ["team::notes@1.0.1", "team::notes@1.0.0"]
    assert "fetch" not in repo.dsv("which", "--id", "r3", code=10).stdout
    repo.write(".dvc/config.local", f"[cache]\n    dir = {team.work.root}/.dvc/cache\n")  # a cache that teams share
    found = repo.json("which", "--id", "r3")
    assert [(each["repository"], each["dataset"], each["version"]) for each in found["versions"]] == [
        ("team", "notes", "1.0.1"),
        ("team", "notes", "1.0.0"),
    ]
    assert found["unsearched"] == []
    assert "team::notes  1.0.0 to 1.0.1 (2 versions)" in repo.dsv("which", "--id", "r3").stdout
