"""MLflow logs a version as the input of a run, and brings it again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytestmark = [pytest.mark.interop, pytest.mark.filterwarnings("ignore")]
mlflow = pytest.importorskip("mlflow")


@pytest.fixture
def run(released, tmp_path, monkeypatch):
    """A finished run that used notes@1.0.0."""
    from dsv.integrations.mlflow import dsv_dataset

    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    mlflow.set_tracking_uri((tmp_path / "runs").as_uri())
    with mlflow.start_run() as begun:
        mlflow.log_input(dsv_dataset("notes", repo=str(released.root)), context="training")
    return mlflow.get_run(begun.info.run_id)


def test_the_run_knows_the_version_by_its_name_and_digest(run, released):
    [used] = run.inputs.dataset_inputs
    tree = released.json("show", "notes")["digests"]["tree"]
    assert (used.dataset.name, used.dataset.source_type) == ("notes@1.0.0", "dsv")
    assert len(used.dataset.digest) == 36
    assert tree.startswith(f"sha256:{used.dataset.digest}")
    assert json.loads(used.dataset.source)["tree"] == tree
    assert json.loads(used.dataset.profile)["num_records"] == 100
    assert released.json("show", f"notes@sha256:{used.dataset.digest}")["version"] == "1.0.0"


def test_the_source_brings_the_files_again(run, released):
    source = mlflow.data.get_source(run.inputs.dataset_inputs[0])
    found = Path(source.load())
    assert {each.name: each.read_bytes() for each in found.iterdir()} == released.tree("data/notes")
