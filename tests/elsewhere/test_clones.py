"""The clone of another repository: what comes, from which servers, and what stays when they move or go away."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from dsv.errors import CredentialsError, DsvError, NetworkError, NoRemoteError, NoRepositoryError, UnsupportedError
from dsv.repository import Repository, find_repository
from dsv.repository.elsewhere import added, clones
from dsv.repository.elsewhere.added import AddedRepository
from dsv.repository.known.search_index import ask
from tests.conftest import Scratch, call
from tests.elsewhere.conftest import Team, files_over_http, git_over_http

PLACE = ".git/dsv/repositories/team"


def added_as(mine: Scratch, url: str, *, root: str = "") -> tuple[Repository, AddedRepository]:
    """My repository, and the other one added to it as `team`, not read yet."""
    repository = find_repository(str(mine.root))
    new = added.new_repository(repository, url, name="team", root=root, directory=str(mine.root))
    added.keep(repository, new)
    return repository, new


def versions(repository: Repository, new: AddedRepository) -> set[str]:
    """What is known of the other one."""
    there = clones.read_repository(repository, new)
    assert there is not None
    return {f"{each.dataset}@{each.version}" for each in ask(there, lambda index: index.versions())}


def kept(mine: Scratch) -> dict[str, list[str]]:
    """The objects that were brought, by kind."""
    listed = call("git", "cat-file", "--batch-all-objects", "--batch-check", cwd=mine.root / PLACE).splitlines()
    found: dict[str, list[str]] = {}
    for line in listed:
        identity, kind, _ = line.split(" ")
        found.setdefault(kind, []).append(identity)
    return found


def test_of_the_files_only_manifests_events_and_declarations_come(repo: Scratch, team: Team) -> None:
    repository, new = added_as(repo, team.url)
    assert clones.refresh(repository, new).moved
    assert versions(repository, new) == {"notes@1.0.0", "notes@1.0.1"}
    texts = [call("git", "cat-file", "blob", each, cwd=repo.root / PLACE) for each in kept(repo)["blob"]]
    assert len(texts) == 5  # dsv.yaml, dataset.yaml, two manifests, an event
    assert all(text.startswith("# yaml-language-server") for text in texts)
    assert sorted(kept(repo)["commit"]) == sorted(team.git("rev-list", "--all").split())
    assert [each.name for each in (repo.root / PLACE).iterdir()] == [".git"]
    assert not list((repo.root / PLACE / ".git").glob("hooks*"))


@pytest.mark.parametrize("server", ["git over HTTP", "no files left out", "files alone"])
def test_every_kind_of_server_gives_the_same_versions(repo: Scratch, team: Team, server: str) -> None:
    if server == "git over HTTP":
        with git_over_http(team.bare.parent) as url:
            repository, new = added_as(repo, f"{url}/team.git")
            clones.refresh(repository, new)
            assert not clones.refresh(repository, new).moved
    elif server == "files alone":
        team.git("update-server-info")
        with files_over_http(team.bare.parent) as url:
            repository, new = added_as(repo, f"{url}/team.git")
            clones.refresh(repository, new)
    else:
        team.leave_no_files_out()
        repository, new = added_as(repo, team.url)
        clones.refresh(repository, new)
    assert versions(repository, new) == {"notes@1.0.0", "notes@1.0.1"}
    read = clones.last_read(repository, new)
    assert read is not None
    assert read.with_history == (server != "no files left out")


@pytest.mark.heavy
@pytest.mark.parametrize("server", ["leaves files out", "leaves none out"])
def test_a_refresh_brings_what_moved_and_ends_where_a_new_clone_would(repo: Scratch, team: Team, server: str) -> None:
    if server == "leaves none out":
        team.leave_no_files_out()
    team.work.git("branch", "old")
    team.push()
    repository, new = added_as(repo, team.url)
    clones.refresh(repository, new)
    team.work.git("branch", "-D", "old")
    team.work.git("branch", "old/below")
    team.work.git("tag", "-d", "notes@v1.0.0")
    assert team.release("yet-one") == "1.0.2"
    team.work.git("switch", "-qc", "trunk")
    team.push()
    team.git("symbolic-ref", "HEAD", "refs/heads/trunk")
    assert clones.refresh(repository, new).moved
    here = call("git", "for-each-ref", "--format=%(refname) %(objectname)", cwd=repo.root / PLACE)
    assert here == team.git("for-each-ref", "--format=%(refname) %(objectname)")
    assert call("git", "symbolic-ref", "HEAD", cwd=repo.root / PLACE) == "refs/heads/trunk\n"
    assert {"notes@1.0.0", "notes@1.0.1"} < versions(repository, new)
    assert not clones.refresh(repository, new).moved


def test_rewritten_history_replaces_what_was_read(repo: Scratch, team: Team) -> None:
    repository, new = added_as(repo, team.url)
    clones.refresh(repository, new)
    team.work.git("tag", "-d", "notes@v1.0.1")
    team.work.git("reset", "-q", "--hard", "HEAD~2")
    team.push()
    clones.refresh(repository, new)
    assert versions(repository, new) == {"notes@1.0.0"}


def test_when_the_server_is_gone_everything_answers_from_what_was_read(repo: Scratch, team: Team) -> None:
    repository, new = added_as(repo, team.url)
    before = clones.refresh(repository, new).read
    shutil.rmtree(team.bare)
    with pytest.raises(NoRemoteError, match="is no git repository"):
        clones.refresh(repository, new)
    assert clones.last_read(repository, new) == before
    assert versions(repository, new) == {"notes@1.0.0", "notes@1.0.1"}


def test_a_clone_that_was_deleted_or_damaged_is_made_anew(repo: Scratch, team: Team) -> None:
    repository, new = added_as(repo, team.url)
    assert clones.read_repository(repository, new) is None
    clones.refresh(repository, new)
    shutil.rmtree(repo.root / ".git/dsv")
    assert clones.read_repository(repository, new) is None
    clones.refresh(repository, new)
    (repo.root / PLACE / ".git/HEAD").unlink()
    assert clones.read_repository(repository, new) is None
    (repo.root / PLACE / "../.team.0123.tmp").mkdir()  # as a killed one leaves it
    clones.refresh(repository, new)
    (repo.root / PLACE / ".git/dsv/read.json").write_text("{}")
    assert clones.read_repository(repository, new) is None
    assert clones.refresh(repository, new).moved
    assert versions(repository, new) == {"notes@1.0.0", "notes@1.0.1"}
    assert os.listdir(repo.root / ".git/dsv/repositories") == ["team"]


def test_nobody_is_asked_for_a_password_and_none_is_repeated(repo: Scratch, team: Team) -> None:
    with git_over_http(team.bare.parent, password="Basic YW5hOmh1bnRlcjI=") as url:
        repository, new = added_as(repo, f"{url}/team.git")
        with pytest.raises(CredentialsError, match="refuses who we are"):
            clones.refresh(repository, new)
        helper = repo.root.parent / "helper"
        helper.write_text("#!/bin/sh\necho username=ana\necho password=hunter2\n")
        helper.chmod(0o755)
        call("git", "config", "--global", "credential.helper", str(helper), cwd=repo.root)
        try:
            clones.refresh(repository, new)
        finally:
            call("git", "config", "--global", "--unset", "credential.helper", cwd=repo.root)
    assert versions(repository, new) == {"notes@1.0.0", "notes@1.0.1"}
    texts = [file.read_bytes() for file in (repo.root / ".git").rglob("*") if file.is_file()]
    assert not any(b"hunter2" in text for text in texts)


def test_what_has_no_datasets_is_refused_and_leaves_nothing(repo: Scratch, tmp_path: Path) -> None:
    bare = tmp_path / "plain.git"
    call("git", "init", "-q", "--bare", str(bare), cwd=tmp_path)
    refused = {"plain": "has no commit yet", "code": "is no DVC root"}
    repository, new = added_as(repo, str(bare))
    with pytest.raises(NoRepositoryError, match=refused["plain"]):
        clones.refresh(repository, new)
    call("git", "clone", "-q", str(bare), "code", cwd=tmp_path)
    code = Scratch(tmp_path / "code")
    code.git("commit", "-qm", "Code", "--allow-empty")
    code.git("push", "-q", "origin", "HEAD:main")
    with pytest.raises(NoRepositoryError, match=refused["code"]):
        clones.refresh(repository, new)
    assert os.listdir(repo.root / ".git/dsv/repositories") == []


@pytest.mark.heavy
def test_the_dvc_root_is_found_below_gits_or_is_said(repo: Scratch, tmp_path: Path) -> None:
    mono = Scratch(tmp_path / "mono")
    mono.root.mkdir()
    mono.git("init", "-q", "-b", "main")
    for place in ("one", "two/deep"):
        (mono.root / place).mkdir(parents=True)
        mono.dvc("init", "-q", "--subdir", cwd=mono.root / place)
        mono.dsv("init", cwd=mono.root / place)
        mono.records(f"{place}/data/{place[:3]}/x.jsonl", [{"a": 1}])
        mono.dsv("add", f"data/{place[:3]}", cwd=mono.root / place)
        if place == "one":
            repository, new = added_as(repo, str(mono.root))
            read = clones.refresh(repository, new).read
            assert (read.root, versions(repository, new)) == ("one", {"one@1.0.0"})
            clones.discard(repository, "team")
            added.forget(repository, "team")
    repository, new = added_as(repo, str(mono.root))
    with pytest.raises(NoRepositoryError, match="several DVC roots") as refused:
        clones.refresh(repository, new)
    assert "one, two/deep" in refused.value.hint
    added.forget(repository, "team")
    repository, new = added_as(repo, str(mono.root), root="two/deep")
    clones.refresh(repository, new)
    assert versions(repository, new) == {"two@1.0.0"}


def test_a_repository_with_sha256_ids_is_refused_clearly(repo: Scratch, tmp_path: Path) -> None:
    call("git", "init", "-q", "--object-format=sha256", "long", cwd=tmp_path)
    Scratch(tmp_path / "long").git("commit", "-qm", "x", "--allow-empty")
    repository, new = added_as(repo, str(tmp_path / "long"))
    with pytest.raises((UnsupportedError, DsvError), match="SHA-256"):
        clones.refresh(repository, new)


def test_a_server_that_does_not_answer_is_named(repo: Scratch) -> None:
    repository, new = added_as(repo, "https://127.0.0.1:1/team.git")
    with pytest.raises(NetworkError, match="cannot be reached"):
        clones.refresh(repository, new)


def test_a_url_tells_under_which_name_its_repository_was_added(repo: Scratch, team: Team) -> None:
    repository, _ = added_as(repo, "https://git.example/team/leases.git")
    assert added.name_of_repository(repository, "git@git.example:team/leases") == "team"
    assert added.name_of_repository(repository, "https://git.example/other") is None
    assert added.name_of_repository(repository, "ext::date") is None
    repo.git("remote", "add", "origin", team.url)
    assert added.name_of_repository(repository, str(team.bare)) == ""
