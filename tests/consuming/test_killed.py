"""A sync that is killed before it renames a file, whichever it is: the next one finishes it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.consuming.conftest import Project, Team
from tests.repository import dying

pytestmark = pytest.mark.heavy


def test_a_killed_sync_is_finished_by_the_next_one(project: Project, team: Team, tmp_path: Path) -> None:
    (team.work.root / "data/notes/extra.jsonl").write_text('{"id": "e", "text": "extra"}\n')
    team.release("n3")
    project.pins.add("../work", "notes@1.0.3")
    project.pins.sync()
    before = project.read("dsv.lock")
    project.write("dsv.lock", before.replace('range: "1.0.3"', 'range: "1.0.1"'))
    template = tmp_path / "template"
    shutil.copytree(project.root, template, symlinks=True)
    wanted = {"train.jsonl": 81, "test.jsonl": 20}
    killed = 0
    for step in range(1, 40):
        shutil.rmtree(project.root)
        shutil.copytree(template, project.root, symlinks=True)
        done = subprocess.run(
            [sys.executable, dying.__file__, str(step), "sync"], cwd=project.root, capture_output=True, check=False
        )
        os.chdir(project.root)
        if done.returncode != -signal.SIGKILL:
            assert done.returncode == 0, done.stderr
            break
        killed += 1
        assert str(project.pins.list().pins[0].version) in ("1.0.3", "1.0.1")
        project.pins.sync()
        here = {path: len(text.splitlines()) for path, text in project.tree("data/notes").items()}
        assert here == wanted, step
        assert project.pins.sync(frozen=True).nothing
        assert not list(project.root.rglob("*.tmp"))
    assert killed > 2


def test_several_syncs_and_updates_at_once_take_turns(project: Project, team: Team) -> None:
    project.pins.add(team.url, "notes@1.0.0")
    project.pins.add("../work", "notes@1.x", name="others")
    project.write("dsv.lock", project.read("dsv.lock").replace('range: "1.0.0"', 'range: "1.x"'))
    program = [sys.executable, "-m", "dsv"]
    commands = [["sync"], ["pin", "update"], ["sync", "--frozen"], ["pin", "update", "notes"]] * 2
    running = [
        subprocess.Popen([*program, *command], cwd=project.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for command in commands
    ]
    said = [process.communicate(timeout=300) for process in running]
    assert [process.returncode for process in running] == [0] * len(commands), said
    assert {str(each.version) for each in project.pins.list().pins} == {"1.0.2"}
    project.pins.sync()
    assert project.tree("data/notes") == project.tree("data/others")
    assert len(project.notes) == 102
