"""A command that somebody gives: its exit code, and the signals that are meant for it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from dsv.adapters.command import run_command, signal_name
from dsv.errors import ExternalError, NoPathError


@pytest.mark.parametrize(("script", "code"), [("exit 0", 0), ("exit 7", 7), ("kill -9 $$", 137), ("kill -15 $$", 143)])
def test_the_exit_code_is_the_commands_and_that_of_a_signal_as_a_shell_has_it(script, code):
    assert run_command(["sh", "-c", script], environment={}) == code


def test_the_environment_is_ours_and_what_is_added():
    assert run_command(["sh", "-c", 'test "$ADDED$HOME" = "1$0"', os.environ["HOME"]], environment={"ADDED": "1"}) == 0


def test_a_signal_has_its_name_and_an_exit_code_has_none():
    assert [signal_name(code) for code in (137, 130, 0, 1, 255)] == ["SIGKILL", "SIGINT", None, None, None]


def test_what_is_no_program_is_told(tmp_path):
    with pytest.raises(NoPathError, match="there is no program 'nosuch'"):
        run_command(["nosuch"], environment={})
    (tmp_path / "plain").write_text("text")
    with pytest.raises(ExternalError, match="cannot be started"):
        run_command([str(tmp_path / "plain")], environment={})


def test_signals_go_to_the_command_which_may_take_its_time(tmp_path):
    ready = tmp_path / "ready"
    script = f"trap 'echo got it; exit 5' TERM; touch {ready}; while :; do sleep 0.05; done"
    call = f"run_command(['sh', '-c', {script!r}], environment={{}})"
    ours = f"import sys; from dsv.adapters.command import run_command; sys.exit({call})"
    process = subprocess.Popen([sys.executable, "-c", ours], stdout=subprocess.PIPE)
    deadline = time.monotonic() + 30
    while not ready.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGTERM)
    said, _ = process.communicate(timeout=30)
    assert (process.returncode, said) == (5, b"got it\n")
