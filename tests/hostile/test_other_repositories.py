"""Somebody else's repository that was added to the index: it runs nothing, exhausts nothing, and leads nowhere else."""

from __future__ import annotations

import os
import socket
import subprocess
from pathlib import Path

import pytest

from dsv.adapters.git import metadata_clone
from dsv.adapters.git.bounded import Limits
from dsv.errors import BadManifestError, DeadlineError, NetworkError, OutsideError
from dsv.repository import find_repository
from dsv.repository.elsewhere import clones
from dsv.repository.elsewhere.added import AddedRepository, new_repository
from dsv.repository.known.search_index import ask
from tests.conftest import Scratch, call
from tests.elsewhere.conftest import Team, files_over_http
from tests.elsewhere.conftest import _team as _team  # noqa: PLC0414 - a fixture that the next one needs
from tests.elsewhere.conftest import team as team  # noqa: PLC0414 - a fixture
from tests.hostile.conftest import Traps

HOOKS = ("reference-transaction", "post-checkout", "post-merge", "pre-auto-gc", "post-index-change", "post-rewrite")


def read(mine: Scratch, url: str) -> list[str]:
    """What is known of the repository at the URL when it was read."""
    repository = find_repository(str(mine.root))
    new: AddedRepository = new_repository(repository, url, name="team", root="", directory=str(mine.root))
    clones.refresh(repository, new)
    there = clones.read_repository(repository, new)
    assert there is not None
    return sorted(f"{each.dataset}@{each.version}" for each in ask(there, lambda index: index.versions()))


def nothing_is_left(mine: Scratch) -> bool:
    """Whether no clone, and no part of one, is there."""
    return os.listdir(mine.root / ".git/dsv/repositories") == []


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Git settings of mine, which programs can be named in."""
    file = tmp_path / "gitconfig"
    file.write_text('[user]\n\tname = Ana\n\temail = ana@example.com\n[protocol "file"]\n\tallow = always\n')
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(file))
    return file


def test_reading_another_repository_runs_no_hook_and_no_conversion(
    repo: Scratch, team: Team, traps: Traps, settings: Path, tmp_path: Path
) -> None:
    hooks = tmp_path / "template/hooks"
    hooks.mkdir(parents=True)
    for name in HOOKS:
        (hooks / name).write_text(f"#!/bin/sh\ntouch '{traps.directory}/{name}.ran'\n")
        (hooks / name).chmod(0o755)
    with settings.open("a") as stream:
        stream.write(f"[init]\n\ttemplateDir = {hooks.parent}\n[core]\n\thooksPath = {hooks}\n")
        stream.write(f'[filter "evil"]\n\tsmudge = {traps.program("smudge")}\n\tprocess = {traps.program("process")}\n')
        stream.write(f"[core]\n\tfsmonitor = {traps.program('fsmonitor')}\n")
    team.work.write(".gitattributes", "* filter=evil\n")
    team.work.write(".gitmodules", '[submodule "x"]\n\tpath = x\n\turl = ext::date\n')
    team.work.git("-c", "core.hooksPath=/dev/null", "add", ".gitattributes", ".gitmodules")
    team.work.git("-c", "core.hooksPath=/dev/null", "commit", "-qm", "Traps")
    team.work.git("-c", "core.hooksPath=/dev/null", "push", "-q", "--mirror", str(team.bare))
    for trace in traps.directory.glob("*.ran"):
        trace.unlink()
    assert read(repo, team.url) == ["notes@1.0.0", "notes@1.0.1"]
    assert traps.ran == set()


def test_trees_that_take_for_ever_to_list_are_given_up(
    repo: Scratch, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metadata_clone, "_READ", Limits(seconds=2, silent_seconds=2, bytes=4 << 20))
    made = tree_of(team.work, f"100644 blob {team.work.git('rev-parse', 'HEAD:dsv.yaml').strip()}\tx.yaml\n")
    for _ in range(12):
        made = tree_of(team.work, "".join(f"040000 tree {made}\t{name}\n" for name in "abcdefghij"))
    below = tree_of(team.work, f"{team.work.git('ls-tree', 'HEAD:manifests')}040000 tree {made}\tzip\n")
    rest = "".join(line for line in team.work.git("ls-tree", "HEAD").splitlines(True) if "\tmanifests" not in line)
    root = tree_of(team.work, f"{rest}040000 tree {below}\tmanifests\n")
    bomb = team.work.git("commit-tree", "-m", "Bomb", "-p", "HEAD", root).strip()
    team.work.git("push", "-q", str(team.bare), f"{bomb}:refs/heads/main")
    with pytest.raises((OutsideError, DeadlineError), match=r"team\.git"):
        read(repo, team.url)
    assert nothing_is_left(repo)


def tree_of(repo: Scratch, listing: str) -> str:
    """The id of a tree with these entries; it is never put into an index, which would write out all of it."""
    done = subprocess.run(["git", "mktree"], input=listing, cwd=repo.root, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_what_is_too_large_is_given_up(repo: Scratch, team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    team.leave_no_files_out()
    monkeypatch.setattr(metadata_clone, "_FETCH", Limits(seconds=60, silent_seconds=60, bytes=100_000))
    with pytest.raises(OutsideError, match="too large"):
        read(repo, team.url)
    assert nothing_is_left(repo)


def test_a_tree_that_would_fill_the_memory_is_not_read(
    repo: Scratch, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metadata_clone, "_LARGEST_OBJECT", 100)
    with pytest.raises(OutsideError, match="which nobody means"):
        read(repo, team.url)
    assert nothing_is_left(repo)


def test_a_server_that_stands_still_is_not_waited_for(repo: Scratch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata_clone, "_ANSWER", Limits(seconds=9, silent_seconds=0.3, bytes=1 << 20))
    with socket.create_server(("127.0.0.1", 0)) as server, pytest.raises(NetworkError, match="does not answer"):
        read(repo, f"http://127.0.0.1:{server.getsockname()[1]}/team.git")
    assert nothing_is_left(repo)


def test_references_with_names_that_lead_elsewhere_are_left_out(repo: Scratch, team: Team) -> None:
    team.git("update-server-info")
    head = team.git("rev-parse", "HEAD").strip()
    names = ("heads/../../../../config", "heads/x.lock", "tags/.hidden", "tags/x@{1}", "remotes/x/main")
    with (team.bare / "info/refs").open("a") as stream:
        stream.writelines(f"{head}\trefs/{name}\n" for name in names)
    with files_over_http(team.bare.parent) as url:
        assert read(repo, f"{url}/team.git") == ["notes@1.0.0", "notes@1.0.1"]
    listed = call("git", "for-each-ref", "--format=%(refname)", cwd=repo.root / ".git/dsv/repositories/team")
    assert listed.splitlines() == ["refs/heads/main", "refs/tags/notes#prod#1", *team_tags(team)]


def team_tags(team: Team) -> list[str]:
    """Its release tags, by full name."""
    return team.git("for-each-ref", "--format=%(refname)", "refs/tags/notes@*").splitlines()


def test_settings_of_theirs_lead_nowhere_outside(repo: Scratch, team: Team) -> None:
    team.work.write("dsv.yaml", "schema: 1\nmanifests: ../../../..\n")
    team.work.git("commit", "-qam", "Out")
    team.push()
    with pytest.raises(BadManifestError, match=r"dsv.yaml of file://"):
        read(repo, team.url)
    assert nothing_is_left(repo)
