"""The workflows that `dsv init --ci github` writes and the action, their shell steps run as GitHub runs them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest
import yaml

from tests.cli.manifest_edits import edit, reseal
from tests.conftest import Scratch
from tests.pipelines.conftest import ROOT, Step, action, job
from tests.pipelines.service import Service

WORKFLOWS = ("dsv.yml", "dsv-release.yml", "dsv-verify.yml")
Clone = Callable[[Scratch], Scratch]


def base_of(team: Scratch) -> str:
    """The commit that the branch began at."""
    return team.git("rev-parse", "main").strip()


def fails_by_hand(team: Scratch) -> None:
    """A commit that edits a released manifest, with a checksum that fits."""
    edit(team, "manifests/notes/1.0.0.yaml", ("created_by: Ana Lima", "created_by: Bo Lima"))
    reseal(team, "manifests/notes/1.0.0.yaml")
    team.git("commit", "-qam", "Edit")


@pytest.mark.parametrize("where", ["workflow", pytest.param("action", marks=pytest.mark.heavy)])
def test_a_pull_request_is_reviewed_in_one_comment(
    growing: Scratch, clone_of: Clone, run_step: Step, forge: Service, where: str
) -> None:
    base, clone = base_of(growing), clone_of(growing)
    temporary = clone.root.parent
    steps = job(clone)["steps"] if where == "workflow" else action()
    forge.say("mallory", "<!-- dsv check -->\nmine")
    for turn in range(2):
        done = run_step(clone, "Check and review", steps=steps, BASE=base)
        assert done.returncode == 0, done.stdout + done.stderr
        assert run_step(clone, "Summarise", steps=steps).returncode == 0
        done = run_step(clone, "Comment", steps=steps)
        assert done.returncode == 0, done.stdout + done.stderr
        assert ("renewed" if turn else "commented on") in done.stdout
    [text] = forge.texts()
    assert text == (temporary / "dsv-review.md").read_text()
    assert "1.1.0" in text
    assert "Twenty more" in text
    assert (temporary / "summary.md").read_text() == text * 2
    assert forge.texts("mallory") == ["<!-- dsv check -->\nmine"]


def test_a_pull_request_that_edits_a_manifest_fails_and_the_comment_says_why(
    team: Scratch, clone_of: Clone, run_step: Step, forge: Service
) -> None:
    base = base_of(team)
    team.git("checkout", "-q", "-b", "rewrite")
    fails_by_hand(team)
    clone = clone_of(team)
    steps = job(clone)["steps"]
    done = run_step(clone, "Check and review", steps=steps, BASE=base)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "::error file=manifests/notes/1.0.0.yaml,line=1" in done.stdout
    assert run_step(clone, "Comment", steps=steps).returncode == 0
    assert "manifests/notes/1.0.0.yaml" in forge.texts()[0]


def test_a_workflow_installs_the_release_that_wrote_it(repo: Scratch) -> None:
    repo.dsv("init", "--ci", "github")
    for file in WORKFLOWS:
        assert job(repo, file)["steps"][2]["run"] == f'python -m pip install --quiet "dsv=={version("dsv")}"'


@pytest.mark.heavy
def test_installing_is_content_with_the_release_that_is_there(team: Scratch, run_step: Step) -> None:
    done = run_step(team, "Install dsv", steps=job(team)["steps"])
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_others_wrote_is_taken_by_its_commit_and_permissions_are_few() -> None:
    files = [*(ROOT / "templates/ci/github").iterdir(), ROOT / "action.yml"]
    assert len(files) == 4
    for file in files:
        text = file.read_text()
        used = re.findall(r"- uses: (\S+)", text)
        assert used
        assert all(re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", each) for each in used)
        assert "pull_request_target" not in text, "it would run what a fork brings with the team's secrets"
    workflows = {file.name: yaml.safe_load(file.read_text()) for file in files if file.name != "action.yml"}
    assert {name: workflow["permissions"] for name, workflow in workflows.items()} == {
        "dsv.yml": {"contents": "read", "pull-requests": "write"},
        "dsv-release.yml": {"contents": "write"},
        "dsv-verify.yml": {"contents": "read"},
    }
    assert "secrets." not in (ROOT / "templates/ci/github/dsv.yml").read_text()
    for steps in (workflows["dsv.yml"]["jobs"]["check"]["steps"], action()):
        (comment,) = [step for step in steps if step.get("name") == "Comment"]
        assert "head.repo.full_name == github.repository" in comment["if"], "a fork's token may not comment"
        assert not [step["name"] for step in steps if "${{" in step.get("run", "")], "a value in a script is code"


def test_a_merge_is_released_with_a_tag_and_its_data_on_the_remote(
    growing: Scratch, merged: Clone, run_step: Step
) -> None:
    clone = merged(growing)
    steps = job(clone, "dsv-release.yml")["steps"]
    done = run_step(clone, "Release", steps=steps)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "notes@v1.1.0" in clone.git("ls-remote", "--tags", "origin")
    again = run_step(clone, "Release", steps=steps)
    assert again.returncode == 0, again.stdout + again.stderr


def test_every_night_the_remote_is_asked_for_every_byte(
    team: Scratch, clone_of: Clone, run_step: Step, tmp_path: Path
) -> None:
    clone = clone_of(team)
    steps = job(clone, "dsv-verify.yml")["steps"]
    done = run_step(clone, "Verify", steps=steps)
    assert done.returncode == 0, done.stdout + done.stderr
    lost = max(
        (tmp_path / "storage/files/md5").rglob("*"), key=lambda file: file.stat().st_size if file.is_file() else 0
    )
    lost.chmod(0o644)
    lost.unlink()
    done = run_step(clone, "Verify", steps=steps)
    assert done.returncode == 40, done.stdout + done.stderr


def test_without_data_here_the_remote_alone_is_asked(team: Scratch, clone_of: Clone) -> None:
    clone = clone_of(team)
    assert not clone.json("verify", "--remote", code=40)["ok"]
    assert clone.json("verify", "--remote", "--no-local", "--deep")["ok"]
    assert "add --remote" in clone.refused("verify", "--no-local", code=2, kind="usage")["hint"]
    clone.refused("verify", "--no-local", "--remote", "--repair", code=2, kind="usage")


def test_a_report_is_a_page_or_markdown_by_its_name(growing: Scratch) -> None:
    growing.dsv("check", "--base", "main", "--report", "review.html", "--as", "markdown")
    assert growing.read("review.html").startswith("<!DOCTYPE html>")
    growing.refused("check", "--base", "main", "--report", "review.txt", code=2, kind="usage")
    growing.refused("check", "--report", "review.md", code=2, kind="usage")


def test_a_user_s_own_files_of_pipelines_stay(repo: Scratch) -> None:
    repo.write(".gitlab-ci.yml", "stages: [mine]\n")
    made = repo.json("init", "--ci", "gitlab")
    assert made["created"] == [".gitlab/dsv.yml"]
    assert repo.read(".gitlab-ci.yml") == "stages: [mine]\n"
    assert repo.json("init", "--ci", "gitlab")["created"] == []
    assert "--ci knows github and gitlab" in repo.refused("init", "--ci", "jenkins", code=2, kind="usage")["message"]


@pytest.mark.heavy
def test_the_action_installs_what_it_is_part_of(team: Scratch, run_step: Step, tmp_path: Path) -> None:
    source = tmp_path / "source"
    subprocess.run(["git", "clone", "-q", str(ROOT), str(source)], check=True)
    done = run_step(
        *(team, "Install dsv"),
        steps=action(),
        GITHUB_ACTION_PATH=str(source),
        GITHUB_PATH=str(tmp_path / "path"),
        PIP_NO_INDEX="",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    place = (tmp_path / "path").read_text().strip()
    assert subprocess.run([f"{place}/dsv", "--version"], check=True, capture_output=True, text=True).stdout
    shutil.rmtree(place)


@pytest.mark.parametrize(
    ("schema", "files"),
    [
        ("vendor.github-workflows", [f"templates/ci/github/{name}" for name in WORKFLOWS]),
        ("vendor.github-actions", ["action.yml"]),
        ("vendor.gitlab-ci", ["templates/ci/gitlab/dsv.yml"]),
    ],
)
def test_the_files_are_what_their_published_schemas_ask(schema: str, files: list[str]) -> None:
    program = os.path.join(os.path.dirname(sys.executable), "check-jsonschema")
    done = subprocess.run(
        [program, "--builtin-schema", schema, *files], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
