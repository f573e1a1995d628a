"""`dsv.run` and `dsv run exec`: what a training was given is recorded by itself, whatever becomes of the training."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

import pytest

import dsv
from dsv.errors import UsageError
from tests.conftest import Scratch, call


@pytest.fixture
def here(released: Scratch, monkeypatch: pytest.MonkeyPatch) -> Scratch:
    """`notes` 1.0.0, and we are in its repository."""
    monkeypatch.chdir(released.root)
    return released


def runs(scratch: Scratch, *options: str) -> list:
    return scratch.json("run", "list", *options)["runs"]


def train(run: str, *, then: BaseException | None = None) -> None:
    with dsv.run(run):
        dsv.load("notes")
        if then is not None:
            raise then


def test_what_is_loaded_in_a_run_is_what_it_used_with_all_that_it_says(here):
    here.write("models/m/weights", "w")
    with dsv.run("lease-42", params={"lr": 0.1}) as run:
        dsv.load("notes@1.x", split="train")
        other = threading.Thread(target=dsv.load, args=("notes@1.0.0",), kwargs={"split": "test"})
        other.start()
        other.join()
        run.metrics["f1"] = 0.5
        run.model = "models/m"
        assert run.datasets == ["notes@1.0.0"]
        stamp = run.stamp("models/m").stamp
    assert (stamp.run, stamp.dataset_name, str(stamp.dataset_version)) == ("lease-42", "notes", "1.0.0")
    [told] = runs(here, "--dataset", "notes@1.0.0")
    assert (told["id"], told["status"], told["metrics"], told["params"]) == (
        "lease-42",
        "finished",
        {"f1": 0.5},
        {"lr": 0.1},
    )
    assert told["started_at"] <= told["finished_at"]
    assert told["datasets"][0]["splits"] == ["test", "train"]
    assert told["model"]["path"] == "models/m"
    assert run.recorded is not None
    assert run.recorded.document()["file"] is None
    assert "DSV_RUN_NOTES" not in os.environ
    dsv.load("notes")
    assert len(runs(here)) == 1


def test_what_goes_wrong_is_its_status_and_is_raised_and_its_words_are_not_recorded(here):
    with pytest.raises(ValueError, match="s3cret"):
        train("bad", then=ValueError("s3cret"))
    with pytest.raises(KeyboardInterrupt):
        train("stopped", then=KeyboardInterrupt())
    found = {each["id"]: (each["status"], each["error"]) for each in runs(here)}
    assert found == {"bad": ("failed", "ValueError"), "stopped": ("interrupted", "KeyboardInterrupt")}
    assert "s3cret" not in here.git("log", "-p", "-2")


def test_a_run_that_used_nothing_is_none(here):
    head = here.git("rev-parse", "HEAD")
    with dsv.run("idle") as run:
        assert run.datasets == []
        with pytest.raises(UsageError, match="no number"):
            run.metrics["f1"] = "high"
        with pytest.raises(UsageError, match="names the versions"):
            run.stamp(here.root)
    assert run.recorded is None
    assert here.git("rev-parse", "HEAD") == head


def test_a_repository_that_takes_no_commit_loses_nothing(here):
    here.git("checkout", "-q", "--detach")
    with pytest.warns(UserWarning, match="does not take the record of night: HEAD is on no branch"):
        train("night")
    here.git("checkout", "-q", "main")
    [told] = runs(here)
    assert (told["id"], told["datasets"][0]["dataset"]) == ("night", "notes")
    assert told["file"].startswith(str(here.root / "dsv-runs/night-"))
    assert "1 run only in dsv-runs" in here.dsv("run", "list").stdout
    here.dsv("run", "record", "--from", told["file"])
    assert runs(here)[0]["file"] is None


def test_a_model_that_is_not_there_is_told_of_and_the_run_is_recorded(here):
    def saved_nothing() -> None:
        with dsv.run("early") as run:
            run.uses("notes@1.0.0")
            run.model = "models/nowhere"

    with pytest.warns(UserWarning, match="recorded without its digest"):
        saved_nothing()
    [told] = runs(here)
    assert told["model"] == {"path": "models/nowhere", "sha256": None, "files": 0, "bytes": 0}


def test_a_program_is_run_as_it_is_and_what_it_loaded_is_recorded(here, capfd):
    script = "import dsv, sys; dsv.load('notes', split='test'); print('trained'); sys.exit(3)"
    said = here.dsv("run", "exec", "--id", "x-1", "--", sys.executable, "-c", script, "s3cret", "--json", code=3)
    assert capfd.readouterr().out == "trained\n"
    assert "x-1 used notes@1.0.0" in said.stderr
    [told] = runs(here)
    assert (told["id"], told["status"], told["exit_code"]) == ("x-1", "failed", 3)
    assert told["datasets"][0]["splits"] == ["test"]
    assert "s3cret" not in here.git("log", "-p", "-1")


def test_a_program_may_be_any_and_ends_by_what_ends_it(here, capfd):
    used = ("--dataset", "notes", "--param", "epochs=3")
    document = here.dsv("run", "exec", "--json", *used, "sh", "-c", "echo out; kill -9 $$", code=137).json
    assert (document["exit_code"], document["run"]["error"]) == (137, "SIGKILL")
    assert document["run"]["params"] == {"epochs": 3}
    assert capfd.readouterr() == ("", "out\n")
    assert "nothing is recorded" in here.dsv("run", "exec", "true").stderr
    here.dsv("run", "exec", "--dataset", "nots", "--", "touch", "made", code=10)
    here.dsv("run", "exec", "--id", "a b", "--", "touch", "made", code=2)
    assert here.dsv("run", "exec", "--json", "nosuchprogram", code=10).error["kind"] == "no_path"
    assert not (here.root / "made").exists()


def test_a_run_on_data_of_a_url_is_kept_where_it_took_place_and_recorded_in_a_clone_around_it(
    released, tmp_path, monkeypatch
):
    bare, project = tmp_path / "bare.git", tmp_path / "project"
    call("git", "clone", "-q", "--bare", str(released.root), str(bare), cwd=tmp_path)
    project.mkdir()
    call("git", "init", "-q", cwd=project)
    (project / "src").mkdir()
    monkeypatch.chdir(project / "src")
    with dsv.run("far") as run:
        run.uses("notes@1.x", repo=f"file://{bare}")
    assert run.recorded is not None
    assert Path(run.recorded.file or "").parent == project / "dsv-runs"
    [used] = run.recorded.run.datasets
    assert (used.repository, used.range, used.tag) == (f"file://{bare}", "1", "notes@v1.0.0")
    with dsv.run("far", to="here.yaml") as run:
        run.uses("notes", repo=released.root)
    assert (project / "src/here.yaml").exists()
    assert run.recorded is not None
    assert not run.recorded.events
    released.git("remote", "add", "origin", f"file://{bare}")
    monkeypatch.chdir(released.root)
    with dsv.run("near") as run:
        run.uses("notes@1.0.0", repo=f"file://{bare}")
    assert [each["id"] for each in runs(released, "--dataset", "notes")] == ["near"]
