"""The sessions with the two kinds of registries, as one writes them with dsv."""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from pathlib import Path
from types import ModuleType

import pytest

import dsv
from dsv.errors import NoVersionError
from tests.conftest import Scratch
from tests.examples.conftest import EXAMPLES

LEASES = "lease_abstraction_training"


def loaded(example: str, name: str = "session") -> ModuleType:
    """A program of an example, as a module."""
    spec = importlib.util.spec_from_file_location(f"{example}_{name}", EXAMPLES / example / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses ask for it
    spec.loader.exec_module(module)
    return module


def played(example: str, directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The example's session, played in the directory by this process."""
    monkeypatch.setattr(sys, "argv", ["session.py", str(directory)])
    monkeypatch.syspath_prepend(str(EXAMPLES / example))
    loaded(example).main()


def test_an_sft_registry_session_filters_what_a_backtest_made_and_says_so(tmp_path, monkeypatch, capsys):
    played("sft_registry", tmp_path / "repo", monkeypatch)
    said = capsys.readouterr().out
    assert "900 metrics by heuristics" in said
    assert "1 judged, 100% passed" in said
    assert "technical@1.0.0 <- trajectories@1.0.0: judge_filter, backtest:test_001" in said
    assert "720 inherited, 0 new, 180 left out" in said
    assert said.endswith("found: technical@1.0.0\nfound: trajectories@1.0.0\nactive: technical\nintact: True\n")
    manifest = dsv.open(tmp_path / "repo").show("technical@1.0.0").manifest
    assert (manifest.type, list(manifest.tags)) == ("technical", ["production"])
    assert Scratch(tmp_path / "repo").json("check")["ok"]


@pytest.fixture(scope="module")
def leases(tmp_path_factory):
    """The repository of the lease session, played with a training on each version."""
    pytest.importorskip("sklearn", reason="pip install -e '.[test,examples]'")
    root = tmp_path_factory.mktemp("leases") / "repo"
    with pytest.MonkeyPatch.context() as monkeypatch:
        played("lease_training", root, monkeypatch)
    return Scratch(root)


@pytest.mark.heavy
def test_the_lease_session_releases_1_0_0_and_then_1_1_0(leases):
    versions = dsv.open(leases.root).log(LEASES).versions
    assert [(str(each.version), each.records) for each in versions] == [("1.1.0", 7000), ("1.0.0", 5000)]
    first = leases.json("show", f"{LEASES}@1.0.0")
    assert first["metadata"] == {"annotation_method": "manual", "quality_score": 0.95, "source": "SEC filings"}
    assert first["quality"]["score"] == 0.95
    assert leases.json("diff", f"{LEASES}@1.0.0", "1.1.0")["sample_difference"] == 2000


@pytest.mark.heavy
def test_a_model_knows_what_it_was_trained_on_and_more_data_make_it_better(leases):
    pipeline = loaded("lease_training", "pipeline")
    repo = dsv.open(leases.root)
    right = []
    for version in ("1.0.0", "1.1.0"):
        directory = leases.root / "models" / f"lease_abstraction_v{version}"
        [stamp] = directory.glob("*.json")
        stated = json.loads(stamp.read_text())
        assert (stated["dataset_name"], stated["dataset_version"]) == (LEASES, version)
        assert stated["dataset_checksum"] == repo.show(f"{LEASES}@{version}").manifest.digests.tree
        assert stated["training_timestamp"].startswith("20")
        model = pipeline.ClauseModel(pipeline.pickle.loads((directory / "model.pickle").read_bytes()))
        right.append(model.accuracy(repo.load(f"{LEASES}@1.1.0")))
    assert 0.5 < right[0] < right[1]
    assert right[1] > 0.99


@pytest.mark.heavy
def test_a_training_on_a_version_that_is_not_there_is_refused_before_it_begins(leases):
    pipeline = loaded("lease_training", "pipeline")
    training = pipeline.LeaseAbstractionTrainingPipeline(dsv.open(leases.root))
    with pytest.raises(NoVersionError, match=r"9\.9\.9"):
        training.train(LEASES, "9.9.9", str(leases.root / "models/none"))
    assert not os.path.exists(leases.root / "models/none")
