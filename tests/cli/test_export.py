"""`dsv export` as a person types it: what is printed, what is written, and what is never overwritten."""

from __future__ import annotations

import json
import os
import sys
from importlib import import_module

import pytest

import dsv
from dsv.errors import UnsupportedError
from tests.conftest import Scratch, call


def test_without_a_place_the_document_is_printed(released):
    assert json.loads(released.dsv("export", "notes", "--as", "prov").stdout)["prefix"]["dsv"] == "urn:dsv:"
    found = released.json("export", "notes@1.0.0", "--as", "openlineage")
    assert (found["ref"], found["as"], found["path"]) == ("notes@1.0.0", "openlineage", None)
    event = json.loads(found["document"])
    assert event["outputs"][0]["outputFacets"]["outputStatistics"]["rowCount"] == 100
    assert sorted(released.tree("data/notes")) == ["test.jsonl", "train.jsonl"]


def test_a_directory_holds_the_data_and_says_what_is_in_it(released):
    found = released.json("export", "notes", "--as", "datapackage", "-o", "out")
    names = ["SHA256SUMS", "data/test.jsonl", "data/train.jsonl", "datapackage.json"]
    assert (found["path"], found["written"], sorted(released.tree("out"))) == ("out", names, names)
    assert released.tree("out/data") == released.tree("data/notes")
    assert call("sha256sum", "-c", "--quiet", "SHA256SUMS", cwd=released.root / "out") == ""
    assert found["notes"] == []


def test_a_later_version_takes_the_place_of_an_earlier_one(released):
    released.dsv("export", "notes", "--as", "huggingface", "-o", "card")
    card = released.root / "card/README.md"
    card.write_text(card.read_text().replace("# notes", "# Our notes\n\nBy hand."))
    released.write("card/mine.txt", "mine")
    (released.root / "data/notes/test.jsonl").rename(released.root / "data/notes/dev.jsonl")
    released.dsv("bump", "notes")
    found = released.json("export", "notes", "--as", "huggingface", "-o", "card")
    assert found["removed"] == ["data/test.jsonl"]
    assert sorted(released.tree("card")) == [
        "README.md",
        "SHA256SUMS",
        "data/dev.jsonl",
        "data/train.jsonl",
        "mine.txt",
    ]
    text = card.read_text()
    assert "By hand." in text
    assert "data/dev.jsonl" in text
    assert "`notes@1.1.0`" in text


def test_what_somebody_else_wrote_is_never_overwritten(released):
    released.dsv("export", "notes", "--as", "croissant", "-o", "out")
    released.write("out/data/train.jsonl", "edited")
    error = released.refused("export", "notes", "--as", "croissant", "-o", "out", code=20, kind="exists")
    assert error["details"]["paths"] == ["data/train.jsonl"]
    assert released.read("out/data/train.jsonl") == "edited"
    released.dsv("export", "notes", "--as", "croissant", "-o", "out", "--force")
    assert released.tree("out/data") == released.tree("data/notes")

    released.write("prov.json", "mine")
    released.refused("export", "notes", "--as", "prov", "-o", "prov.json", code=20, kind="exists")
    released.write("theirs/README.md", "# Another card\n")
    error = released.refused("export", "notes", "--as", "huggingface", "-o", "theirs", code=20, kind="exists")
    assert "dsv:begin" in error["hint"]
    assert sorted(released.tree("theirs")) == ["README.md"]


@pytest.mark.heavy  # a push and a clone, which obtaining is tested with
def test_what_is_not_here_is_fetched_first(released, clone_of, tmp_path):
    released.dsv("remote", "add", "store", str(tmp_path / "store"), "--default")
    call("git", "clone", "-q", "--bare", str(released.root), str(tmp_path / "origin.git"), cwd=tmp_path)
    released.git("remote", "add", "origin", str(tmp_path / "origin.git"))
    released.dsv("push")
    clone = clone_of(released)
    clone.dsv("export", "notes", "--as", "croissant", "-o", "out")
    assert clone.tree("out/data") == released.tree("data/notes")


@pytest.mark.heavy  # likewise
def test_from_afar_the_same_is_written(released, tmp_path, monkeypatch):
    monkeypatch.setenv("DSV_CACHE", str(tmp_path / "cache"))
    released.dsv("remote", "add", "store", str(tmp_path / "store"), "--default")
    released.git("init", "-q", "--bare", "-b", "main", str(tmp_path / "origin.git"))
    released.git("remote", "add", "origin", str(tmp_path / "origin.git"))
    released.dsv("push")
    url = f"file://{tmp_path}/origin.git"
    for form in ("croissant", "audit"):
        released.dsv("export", "notes", "--as", form, "-o", str(tmp_path / f"here.{form}"))
        released.dsv("--repo", url, "export", "notes", "--as", form, "-o", str(tmp_path / f"there.{form}"))
    tree = Scratch(tmp_path).tree
    assert tree("here.croissant") == tree("there.croissant")
    assert (tmp_path / "here.audit").read_bytes() == (tmp_path / "there.audit").read_bytes()


def test_no_link_leads_an_export_elsewhere(released, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (released.root / "out").mkdir()
    os.symlink(tmp_path / "elsewhere", released.root / "out/data")
    released.dsv("export", "notes", "--as", "croissant", "-o", "out", code=20)
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_an_export_never_becomes_data_of_its_dataset(released):
    for place in ("data/notes", "data/notes/out"):
        released.refused("export", "notes", "--as", "huggingface", "-o", place, code=20, kind="overlap")
    assert sorted(released.tree("data/notes")) == ["test.jsonl", "train.jsonl"]


def test_a_form_that_is_none_is_a_usage_error(released):
    released.refused("export", "notes", "--as", "tar", code=2, kind="usage")
    released.refused("export", "notes", code=2, kind="usage")
    released.refused("export", "notes@work", "--as", "prov", code=2, kind="usage")
    released.refused("export", "notes", "--as", "audit", code=2, kind="usage")


def test_the_python_twin_gives_the_document_and_writes_it(released, tmp_path):
    repo = dsv.open(released.root)
    made = repo.export("notes", "croissant")
    assert json.loads(made.text)["identifier"] == "notes@1.0.0"
    assert made.notes[0].startswith("Croissant wants a license")
    assert repo.export("notes", "croissant", to=tmp_path / "out").text == made.text
    assert (tmp_path / "out/croissant.json").read_bytes() == made.content


def test_mlflow_is_named_where_it_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "mlflow.data.dataset", None)
    monkeypatch.delitem(sys.modules, "dsv.integrations.mlflow", raising=False)
    with pytest.raises(UnsupportedError) as found:
        import_module("dsv.integrations.mlflow")
    assert found.value.hint == 'pip install "dsv[mlflow]"'
