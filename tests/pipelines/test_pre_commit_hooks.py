"""The hooks that this project offers to pre-commit, run by pre-commit."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.manifest_edits import edit, reseal
from tests.conftest import Scratch, call, numbered
from tests.pipelines.conftest import ROOT

MANIFEST = "manifests/notes/1.0.0.yaml"
HERE = "language: system"
"""In place of an environment of pre-commit's own, which takes a minute to install."""


def hooked(team: Scratch, top: Path, *, override: str) -> None:
    """The repository with both hooks installed."""
    source = top / "source"
    call("git", "clone", "-q", str(ROOT), str(source), cwd=top)
    for name in (".pre-commit-hooks.yaml", "pyproject.toml"):  # as they are here, committed or not
        (source / name).write_bytes((ROOT / name).read_bytes())
    call("git", "commit", "-qa", "--allow-empty", "-m", "as it is", cwd=source)
    revision = call("git", "rev-parse", "HEAD", cwd=source).strip()
    hooks = "\n".join(f"  - {{id: {name}{override}}}" for name in ("dsv-check", "dsv-check-push"))
    team.write(".pre-commit-config.yaml", f"repos:\n- repo: {source}\n  rev: {revision}\n  hooks:\n{hooks}\n")
    team.git("add", ".pre-commit-config.yaml")
    team.git("commit", "-qm", "Hooks")
    kinds = [word for kind in ("pre-commit", "pre-push") for word in ("--hook-type", kind)]
    call(sys.executable, "-m", "pre_commit", "install", "--install-hooks", *kinds, cwd=team.root)


@pytest.mark.parametrize(
    "override", [pytest.param(f", {HERE}", id="here"), pytest.param("", id="installed", marks=pytest.mark.heavy)]
)
def test_a_commit_that_edits_a_release_and_a_push_without_its_data_are_stopped(
    team: Scratch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, override: str
) -> None:
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "pre-commit"))
    if override:
        monkeypatch.setenv("PATH", os.pathsep.join((os.path.dirname(sys.executable), os.environ["PATH"])))
    hooked(team, tmp_path, override=override)
    was = team.read(MANIFEST)
    edit(team, MANIFEST, ("created_by: Ana Lima", "created_by: Bo Lima"))
    reseal(team, MANIFEST)
    done = subprocess.run(["git", "commit", "-qam", "Edit"], cwd=team.root, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert f"{MANIFEST}:1: C201" in done.stdout + done.stderr
    team.write(MANIFEST, was)
    team.records("data/notes/more.jsonl", numbered(20, start=200))
    team.dsv("bump", "notes", "-m", "More")
    done = subprocess.run(["git", "push", "-q"], cwd=team.root, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "1.1.0" in done.stdout + done.stderr
    team.dsv("push")
    assert "notes@v1.1.0" in team.git("ls-remote", "--tags", "origin")


def test_pre_commit_takes_the_list_of_hooks() -> None:
    call(sys.executable, "-m", "pre_commit", "validate-manifest", ".pre-commit-hooks.yaml", cwd=ROOT)
