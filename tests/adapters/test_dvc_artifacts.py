"""dvc.yaml's artifacts: edited as text, read back by DVC."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from dsv.adapters import dvc
from dsv.adapters.dvc.artifacts import Artifact, artifacts_with, artifacts_without
from dsv.errors import ConflictError
from tests.conftest import Scratch

LEASES = Artifact("data/leases", type="lease_abstraction", desc="Leases: 2024", labels=("a", "b"))
WRITTEN = """\
artifacts:
  leases:
    path: data/leases
    type: lease_abstraction
    desc: "Leases: 2024"
    labels:
      - a
      - b
"""


def run(*command: str, cwd: Path) -> str:
    return subprocess.run(command, cwd=cwd, check=True, capture_output=True, text=True).stdout


def project(root: Path) -> Path:
    root.mkdir()
    run("git", "init", "-q", ".", cwd=root)
    run("git", "config", "user.email", "ana@example.com", cwd=root)
    run("git", "config", "user.name", "Ana", cwd=root)
    dvc.initialise(str(root))
    return root


def read_by_dvc(root: Path) -> dict[str, object]:
    from dvc.repo import Repo

    with Repo(str(root)) as repo:
        return dict(repo.artifacts.read()["dvc.yaml"])


def test_an_empty_dvc_yaml_gets_a_section() -> None:
    assert artifacts_with("", "leases", artifact=LEASES) == WRITTEN


def test_the_same_artifact_again_changes_nothing() -> None:
    assert artifacts_with(WRITTEN, "leases", artifact=LEASES) == WRITTEN


def test_what_was_put_in_is_taken_out() -> None:
    before = "stages:\n  a:\n    cmd: echo  # mine\n\n# the end\n"
    assert artifacts_without(artifacts_with(before, "leases", artifact=LEASES), "leases") == before
    assert artifacts_without(WRITTEN, "leases") == ""
    assert artifacts_without(before, "leases") == before


def test_entries_stay_sorted_and_the_users_text_stays() -> None:
    before = """\
# ours
stages:
    train: {cmd: "python train.py"}   # odd spacing
artifacts:
  # the model
  model:
    path: model.pkl  # trained
    meta: {owner: ana}

  # older
  zoo:
    path: zoo
metrics: [m.json]
"""
    after = artifacts_with(before, "leases", artifact=Artifact("data/leases"))
    after = artifacts_with(after, "notes", artifact=Artifact("data/notes"))
    assert (
        after
        == """\
# ours
stages:
    train: {cmd: "python train.py"}   # odd spacing
artifacts:
  leases:
    path: data/leases
  # the model
  model:
    path: model.pkl  # trained
    meta: {owner: ana}
  notes:
    path: data/notes

  # older
  zoo:
    path: zoo
metrics: [m.json]
"""
    )
    assert artifacts_without(artifacts_without(after, "notes"), "leases") == before


def test_only_what_differs_is_rewritten() -> None:
    before = """\
artifacts:
  leases:
    # where it is
    path: old/place   # moved once
    desc: |
      long
      text

    meta:
      owner: ana
    labels: [x, y]
stages: {}
"""
    after = artifacts_with(before, "leases", artifact=LEASES)
    assert (
        after
        == """\
artifacts:
  leases:
    # where it is
    path: data/leases   # moved once
    type: lease_abstraction
    desc: "Leases: 2024"

    meta:
      owner: ana
    labels:
      - a
      - b
stages: {}
"""
    )


def test_empty_fields_leave_what_the_user_wrote() -> None:
    before = "artifacts:\n  leases:\n    path: data/leases\n    desc: by hand\n    labels: [x]\n"
    assert artifacts_with(before, "leases", artifact=Artifact("data/leases")) == before


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("stages: {}", "stages: {}\nartifacts:\n  a:\n    path: p\n"),
        ("artifacts:  # none yet\nvars: []\n", "artifacts:  # none yet\n  a:\n    path: p\nvars: []\n"),
        (
            "artifacts:\r\n    b:\r\n      path: q",
            "artifacts:\r\n    a:\r\n      path: p\r\n    b:\r\n      path: q",
        ),
        ("# only words\n", "# only words\nartifacts:\n  a:\n    path: p\n"),
        ("---\nvars: []\n", "---\nvars: []\nartifacts:\n  a:\n    path: p\n"),
        (
            "artifacts:\n  A:\n    path: q\n    desc: >-\n      # text\n  # end\n",
            "artifacts:\n  A:\n    path: q\n    desc: >-\n      # text\n  a:\n    path: p\n  # end\n",
        ),
    ],
)
def test_layouts_people_have(before: str, after: str) -> None:
    assert artifacts_with(before, "a", artifact=Artifact("p")) == after


@pytest.mark.parametrize(
    "text",
    [
        "artifacts: {b: {path: q}}\n",
        "artifacts: {}\n",
        "artifacts: [b]\n",
        "artifacts: none\n",
        "artifacts:\n  a: {path: q}\n",
        "artifacts:\n  a:\n",
        "artifacts:\n\tb:\n\t\tpath: q\n",
        "artifacts: [unclosed\n",
        "{vars: []}\n",
        "- a list\n",
        "vars: []\n...\n",
        "vars: []\n---\nvars: []\n",
        "<<<<<<< ours\nvars: []\n=======\n>>>>>>> theirs\n",
        "x: &x {path: q}\nartifacts:\n  a: *x\n",
        "vars: []\rplots: []\r",
    ],
)
def test_a_text_with_no_place_for_a_line_is_refused(text: str) -> None:
    with pytest.raises(ConflictError) as caught:
        artifacts_with(text, "a", artifact=Artifact("p"))
    assert caught.value.hint


@settings(max_examples=60, deadline=None)
@given(st.text(), st.text(min_size=1))
def test_any_words_survive_the_file(desc: str, path: str) -> None:
    text = artifacts_with("vars: []\n", "leases", artifact=Artifact(path, desc=desc))
    entry = yaml.safe_load(text.encode("utf-8").decode("utf-8"))["artifacts"]["leases"]
    assert entry["path"] == path.replace("${", "\\${")
    assert entry.get("desc", "") == desc.replace("${", "\\${")


def test_dvc_reads_names_and_words_as_they_are(tmp_path: Path) -> None:
    root = project(tmp_path / "project")
    names = ["Leases_2024", "leases", "a", "no", "null", "True", "e1", "a--b", "y", "L" * 100]
    desc = "costs ${x} and $y, ${unclosed; \\${z} \\ \"quoted\" 'it' # no comment: 日本 😀 \x07\u2028\u00a0é\nnext"
    text = ""
    for name in names:
        text = artifacts_with(text, name, artifact=Artifact(f"data/{name}", type="no", desc=desc, labels=("1", "on")))
    (root / "dvc.yaml").write_text(text, encoding="utf-8")

    read = read_by_dvc(root)

    assert list(read) == sorted(names)
    for name in names:
        artifact = read[name]
        assert vars(artifact) == {
            "path": f"data/{name}",
            "type": "no",
            "desc": desc,
            "labels": ["1", "on"],
            "meta": {},
        }


@pytest.mark.parametrize("name", ["Leases_2024", "a"])
def test_dvc_artifacts_get_brings_the_data(tmp_path: Path, name: str) -> None:
    root = project(tmp_path / "project")
    (root / "data" / name).mkdir(parents=True)
    (root / "data" / name / "x.jsonl").write_text("{}\n")
    Scratch(root).dvc("add", "-q", f"data/{name}")
    artifact = Artifact(f"data/{name}", type="text", desc="Some ${words}")
    (root / "dvc.yaml").write_text(artifacts_with("", name, artifact=artifact))
    run("git", "add", "-A", cwd=root)
    run("git", "commit", "-qm", "release", cwd=root)
    run("git", "tag", "-am", "1.0.0", f"{name}@v1.0.0", cwd=root)

    Scratch(root).dvc("artifacts", "get", ".", name, "--rev", "v1.0.0", "-o", "out")

    assert (root / "out" / "x.jsonl").read_text() == "{}\n"
