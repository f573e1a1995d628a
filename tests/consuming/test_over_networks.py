"""The same from a bare repository over SSH and HTTP, its data in S3: what a project does with a team far away."""

from __future__ import annotations

import getpass
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

import dsv
from dsv.errors import CredentialsError, ExternalError, IntegrityError
from tests.consuming.conftest import Project, Team
from tests.elsewhere.conftest import files_over_http, git_over_http
from tests.s3_server import KEY, SECRET
from tests.storage.ssh_server import ssh_server

pytestmark = [
    pytest.mark.heavy,
    # S3's library leaves connections open, which Python tells whenever it finds them.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]

Serve = Callable[[Team], str]


@pytest.fixture
def far(team: Team, s3: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Team:
    """The team with its data in a bucket of its own, for which everybody has keys."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    url = f"s3://bucket/{tmp_path.name}"
    team.work.dsv("remote", "add", "cloud", url, "--endpoint-url", s3, "--region", "us-east-1", "--default")
    text = team.work.read(".dvc/config")
    start, end = text.index("['remote \"store\"']"), text.index("['remote \"cloud\"']")
    team.work.write(".dvc/config", text[:start] + text[end:] if start < end else text[:start])
    team.work.git("commit", "-qam", "All data is in the cloud")
    team.push()
    return team


@pytest.fixture(params=["file", "http", "files over http", "ssh"])
def serve(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """A function that gives the address at which a team's bare repository is served."""
    with ExitStack() as stack:

        def served(team: Team) -> str:
            if request.param == "http":
                return f"{stack.enter_context(git_over_http(team.bare.parent))}/team.git"
            if request.param == "files over http":
                subprocess.run(["git", "update-server-info"], cwd=team.bare, check=True)
                return f"{stack.enter_context(files_over_http(team.bare.parent))}/team.git"
            if request.param == "ssh":
                server = stack.enter_context(ssh_server(tmp_path / "ssh"))
                known = tmp_path / "known_hosts"
                host_key = " ".join((tmp_path / "ssh/host_key.pub").read_text().split()[:2])
                known.write_text(f"[127.0.0.1]:* {host_key}\n")
                options = f"-F none -i {server.key} -o IdentitiesOnly=yes -o UserKnownHostsFile={known}"
                monkeypatch.setenv("GIT_SSH_COMMAND", f"ssh {options}")
                return f"ssh://{getpass.getuser()}@127.0.0.1:{server.port}{team.bare}"
            return team.url

        yield served


def test_pinned_brought_moved_and_compared_from_anywhere(project: Project, far: Team, serve: Serve) -> None:
    url = serve(far)
    project.pins.add(url, "notes@1.0.0", splits=["train"])
    project.pins.sync(frozen=True)
    assert project.tree("data/notes").keys() == {"train.jsonl"}
    assert len(project.notes) == 80
    project.write("dsv.lock", project.read("dsv.lock").replace('range: "1.0.0"', 'range: "1.x"'))
    [moved] = project.pins.update().updates
    found = moved.document()
    assert (found["new"], found["level"], found["records"]["added"]) == ("1.0.2", "patch", 2)
    assert project.pins.sync(frozen=True).written == 1
    assert dsv.load("notes").ref == "notes@1.0.2"
    dsv.get(url, "notes@1.0.1", to="got")
    assert len((project.root / "got/train.jsonl").read_text().splitlines()) == 81
    assert project.json("diff", "notes@1.0.0", "1.0.1", "--repo", url)["records"]["added"] == 1


def test_a_tag_that_was_moved_on_the_server_is_found(project: Project, far: Team, serve: Serve) -> None:
    url = serve(far)
    project.pins.add(url, "notes@1.0.1")
    project.pins.sync()
    far.work.git("tag", "-f", "-a", "-m", "Moved", "notes@v1.0.1", "notes@v1.0.2^{commit}")
    far.work.git("push", "-qf", "origin", "notes@v1.0.1")
    subprocess.run(["git", "update-server-info"], cwd=far.bare, check=True)
    with pytest.raises(IntegrityError, match=r"the tag notes@v1.0.1 of .* is at "):
        project.pins.sync(frozen=True)


def test_where_nobody_answers_what_is_here_is_enough(project: Project, far: Team) -> None:
    with git_over_http(far.bare.parent) as top:
        project.pins.add(f"{top}/team.git", "notes@1.x")
        project.pins.sync()
    (project.root / "data/notes/test.jsonl").unlink()
    assert project.pins.sync(frozen=True).written == 1
    assert any("is shown as of" in each for each in project.told)


def test_keys_are_the_persons_own_and_are_asked_for_by_name(
    project: Project, far: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    far.release("n3")  # by a commit that knows of no other remote
    far.push()
    project.pins.add(far.url, "notes@1.0.3")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    with pytest.raises(CredentialsError):
        project.pins.sync()
    assert SECRET not in project.read("dsv.lock")
    assert not (project.root / "data/notes").exists()


def test_a_repository_behind_a_password_takes_it_from_git(
    project: Project, far: Team, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with git_over_http(far.bare.parent, password="Basic YW5hOmh1bnRlcjI=") as top:
        with pytest.raises(ExternalError):
            project.pins.add(f"{top}/team.git", "notes@1.x")
        helper = tmp_path / "helper"
        helper.write_text("#!/bin/sh\necho username=ana\necho password=hunter2\n")
        helper.chmod(0o755)
        monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
        monkeypatch.setenv("GIT_CONFIG_KEY_0", "credential.helper")
        monkeypatch.setenv("GIT_CONFIG_VALUE_0", str(helper))
        project.pins.add(f"{top}/team.git", "notes@1.x")
        project.pins.sync()
    written = [each for each in project.root.parent.rglob("*") if each.is_file() and each != helper]
    assert [each for each in written if b"hunter2" in each.read_bytes()] == []
