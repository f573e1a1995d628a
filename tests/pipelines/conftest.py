"""A team's repository with pipelines, a change of it in a pull request, and a service that keeps the comments."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import Scratch, _copied, call, numbered
from tests.pipelines.service import TOKEN, Service, service

ROOT = Path(__file__).parents[2]
BASH = ("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c")


@pytest.fixture
def forge() -> Iterator[Service]:
    """What keeps the comments."""
    with service() as found:
        yield found


@pytest.fixture(scope="session")
def _team(tmp_path_factory: pytest.TempPathFactory, _templates: dict[str, Path]) -> Path:
    top = tmp_path_factory.mktemp("team")
    made = _copied(_templates["released"], top / "repo")
    made.git("init", "-q", "--bare", str(top / "origin.git"))
    made.git("remote", "add", "origin", "../origin.git")
    made.dsv("remote", "add", "storage", "../storage", "--default")
    made.dsv("init", "--ci", "github")
    made.dsv("init", "--ci", "gitlab")
    made.git("push", "-q", "-u", "origin", "HEAD")
    made.dsv("push")
    shutil.rmtree(top / "repo/.git/dsv/work", ignore_errors=True)
    return top


@pytest.fixture
def team(tmp_path: Path, _team: Path) -> Scratch:
    """`notes` 1.0.0 with both kinds of pipelines, pushed with its data to a bare repository and a storage beside it."""
    for part in ("origin.git", "storage"):
        shutil.copytree(_team / part, tmp_path / part, symlinks=True)
    return _copied(_team / "repo", tmp_path / "repo")


@pytest.fixture
def growing(team: Scratch) -> Scratch:
    """The same on a branch on which notes 1.1.0 was released without a tag."""
    team.git("checkout", "-q", "-b", "grow")
    team.records("data/notes/more.jsonl", numbered(20, start=200))
    team.dsv("bump", "notes", "--no-tag", "-m", "Twenty more")
    return team


@pytest.fixture
def merged(tmp_path: Path) -> Callable[[Scratch], Scratch]:
    """A function that pushes a branch with its data, merges it on the server, and gives a clone of that."""

    def merge(team: Scratch) -> Scratch:
        team.dsv("push")
        team.git("push", "-q", "origin", "HEAD:main")
        call("git", "clone", "-q", "-b", "main", str(tmp_path / "origin.git"), "merged", cwd=tmp_path)
        return Scratch(tmp_path / "merged", team.said)

    return merge


def shell(
    script: str, *, inside: Path, environment: Mapping[str, str], temporary: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a script as a runner does, with the program that is tested on its path, and no package index."""
    path = os.pathsep.join((os.path.dirname(sys.executable), os.environ["PATH"]))
    own = {name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "GITLAB_", "CI"))}
    runner = temporary or inside.parent
    given = {
        "PATH": path,
        "PIP_NO_INDEX": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "RUNNER_TEMP": str(runner),
        "GITHUB_STEP_SUMMARY": str(runner / "summary.md"),
        **environment,
    }
    return subprocess.run(
        [*BASH, script], cwd=inside, env={**own, **given}, capture_output=True, text=True, check=False
    )


Step = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run_step(tmp_path: Path, forge: Service) -> Step:
    """A function that runs a step, by its name, of a workflow or of the action, as GitHub does for pull request 7."""
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"pull_request": {"number": 7}}))

    def run(
        clone: Scratch, name: str, *, steps: list[dict[str, Any]], **given: str
    ) -> subprocess.CompletedProcess[str]:
        (step,) = [step for step in steps if step.get("name") == name]
        environment = {
            "GITHUB_ACTIONS": "true",
            "GITHUB_REPOSITORY": "team/data",
            "GITHUB_EVENT_PATH": str(event),
            "GITHUB_API_URL": forge.address,
            **{name: value for name, value in step.get("env", {}).items() if "${{" not in value},
            **({"GITHUB_TOKEN": TOKEN} if "GITHUB_TOKEN" in step.get("env", {}) else {}),
            **given,
        }
        return shell(step["run"], inside=clone.root, environment=environment, temporary=tmp_path)

    return run


def job(clone: Scratch, file: str = "dsv.yml") -> dict[str, Any]:
    """The one job of a workflow for GitHub."""
    (found,) = yaml.safe_load(clone.read(f".github/workflows/{file}"))["jobs"].values()
    return dict(found)


def action() -> list[dict[str, Any]]:
    """The steps of the action."""
    return list(yaml.safe_load((ROOT / "action.yml").read_text())["runs"]["steps"])
