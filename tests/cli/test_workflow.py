"""The workflow for GitHub that `dsv init --ci github` writes, its shell steps run as GitHub runs them."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.cli.manifest_edits import edit, reseal
from tests.conftest import numbered

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Scratch

SECOND = "manifests/notes/1.1.0.yaml"


def run_step(clone: Scratch, name: str, *, base: str = "") -> subprocess.CompletedProcess[str]:
    """Run a shell step of the workflow in the clone, as GitHub runs it."""
    workflow = yaml.safe_load(clone.read(".github/workflows/dsv.yml"))
    (step,) = [step for step in workflow["jobs"]["check"]["steps"] if step.get("name") == name]
    path = os.pathsep.join((os.path.dirname(sys.executable), os.environ["PATH"]))
    given = dict.fromkeys(step.get("env", {}), base)
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        cwd=clone.root,
        env={**os.environ, "PATH": path, "PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1", **given},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def guarded(released: Scratch) -> Scratch:
    """`notes` 1.0.0, 1.1.0 without a tag, and the workflow."""
    released.records("data/notes/more.jsonl", numbered(20, start=200))
    assert released.json("bump", "notes", "--no-tag")["version"] == "1.1.0"
    released.dsv("init", "--ci", "github")
    return released


def test_the_workflow_runs_for_pull_requests_with_the_whole_history(guarded: Scratch) -> None:
    workflow = yaml.safe_load(guarded.read(".github/workflows/dsv.yml"))
    steps = workflow["jobs"]["check"]["steps"]
    assert [step["name"] for step in steps if "run" in step] == ["Install dsv", "Check the manifests"]
    events = workflow.get("on", workflow.get(True))  # YAML 1.1 reads the key as a truth value
    assert set(events) == {"pull_request", "push"}
    checkout = steps[0]
    assert checkout["uses"].startswith("actions/checkout@")
    assert checkout["with"]["fetch-depth"] == 0
    assert workflow["permissions"] == {"contents": "read"}


def test_the_workflow_lets_a_good_pull_request_pass(guarded: Scratch, clone_of: Callable[[Scratch], Scratch]) -> None:
    base = guarded.git("rev-parse", "HEAD").strip()
    guarded.git("checkout", "-q", "-b", "grow")
    guarded.records("data/notes/last.jsonl", numbered(1, start=300))
    guarded.dsv("bump", "notes", "--no-tag")
    clone = clone_of(guarded)
    for name in ("Install dsv", "Check the manifests"):
        done = run_step(clone, name, base=base)
        assert done.returncode == 0, done.stdout + done.stderr
    assert "passed" in done.stdout


def test_the_workflow_stops_a_pull_request_that_edits_a_manifest(
    guarded: Scratch, clone_of: Callable[[Scratch], Scratch]
) -> None:
    base = guarded.git("rev-parse", "HEAD").strip()
    guarded.git("checkout", "-q", "-b", "rewrite")
    edit(guarded, SECOND, ("created_by: Ana Lima", "created_by: Bo Lima"))
    reseal(guarded, SECOND)
    guarded.git("commit", "-qam", "Edit")
    clone = clone_of(guarded)
    done = run_step(clone, "Check the manifests", base=base)
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"{SECOND}:1: C201 unchanged: differs from what the base" in done.stdout
    first_push = run_step(clone, "Check the manifests", base="0" * 40)
    assert first_push.returncode == 0, "without a base there is nothing to hold it against"
