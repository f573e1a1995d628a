"""The pipeline that `dsv init --ci gitlab` writes, its scripts run as GitLab runs them."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tests.conftest import Scratch
from tests.pipelines.conftest import shell
from tests.pipelines.service import TOKEN, Service

Clone = Callable[[Scratch], Scratch]


def run_job(clone: Scratch, name: str, forge: Service, **given: str) -> subprocess.CompletedProcess[str]:
    """Run a job's script in the clone for merge request 7, its lines one after the other in one shell."""
    jobs = yaml.safe_load(clone.read(".gitlab/dsv.yml"))
    environment = {
        "GITLAB_CI": "true",
        "CI_API_V4_URL": forge.address,
        "CI_PROJECT_ID": "42",
        "CI_PROJECT_PATH": "team/data",
        "CI_PROJECT_URL": "https://gitlab.example.com/team/data",
        "CI_MERGE_REQUEST_IID": "7",
        "CI_DEFAULT_BRANCH": "main",
        "CI_COMMIT_BRANCH": "main",
        **given,
    }
    assert jobs[name]["extends"] == ".dsv"
    script = "\n".join([*(jobs[".dsv"]["before_script"] if name == "dsv-release" else ()), *jobs[name]["script"]])
    return shell(script, inside=clone.root, environment=environment)


def test_a_merge_request_is_reviewed_and_commented_once(growing: Scratch, clone_of: Clone, forge: Service) -> None:
    assert yaml.safe_load(growing.read(".gitlab-ci.yml")) == {"include": [{"local": ".gitlab/dsv.yml"}]}
    base = growing.git("rev-parse", "main").strip()
    clone = clone_of(growing)
    for _ in range(2):
        done = run_job(clone, "dsv-check", forge, CI_MERGE_REQUEST_DIFF_BASE_SHA=base, GITLAB_TOKEN=TOKEN)
        assert done.returncode == 0, done.stdout + done.stderr
    assert "https://gitlab.example.com/team/data/-/merge_requests/7#note_1" in done.stdout
    assert [text.splitlines()[0] for text in forge.texts()] == ["<!-- dsv check -->"]
    assert clone.read("dsv-junit.xml").startswith("<?xml")
    assert "1.1.0" in clone.read("dsv-review.md")


def test_without_a_token_a_merge_request_is_checked_all_the_same(
    team: Scratch, clone_of: Clone, forge: Service
) -> None:
    base = team.git("rev-parse", "HEAD").strip()
    team.git("rm", "-q", "manifests/notes/1.0.0.yaml")
    team.git("commit", "-qm", "Delete")
    clone = clone_of(team)
    done = run_job(clone, "dsv-check", forge, CI_MERGE_REQUEST_DIFF_BASE_SHA=base)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "1.0.0" in clone.read("dsv-review.md")
    assert forge.asked == []


@pytest.mark.heavy
def test_a_merge_is_released_and_the_remote_verified(
    growing: Scratch, merged: Clone, forge: Service, tmp_path: Path
) -> None:
    clone = merged(growing)
    clone.git("checkout", "-q", "--detach")
    head = clone.git("rev-parse", "HEAD").strip()
    # the script's own address is that of a server; here it is a directory
    clone.git(
        "config", f"url.{tmp_path}/origin.git.insteadOf", f"https://oauth2:{TOKEN}@gitlab.example.com/team/data.git"
    )
    done = run_job(
        clone, "dsv-release", forge, CI_COMMIT_SHA=head, CI_SERVER_HOST="gitlab.example.com", GITLAB_TOKEN=TOKEN
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert TOKEN not in done.stdout + done.stderr
    assert "notes@v1.1.0" in growing.git("ls-remote", "--tags", "origin")
    done = run_job(clone, "dsv-verify", forge)
    assert done.returncode == 0, done.stdout + done.stderr
