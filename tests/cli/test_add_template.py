"""Beginning a dataset with a template."""

from __future__ import annotations

import pytest

import dsv
from dsv.checks.record_schema import RecordSchema
from dsv.model.dataset import load_dataset
from dsv.repository.declared.templates import template_text, templates
from tests.conftest import Scratch

NAMES = [
    "clause_evolution",
    "contract_intelligence",
    "lease_abstraction",
    "obligation_dependency",
    "regulatory_language",
    "sft_chat",
]
REQUIRED = ("source", "annotation_method", "annotators", "inter_annotator_agreement", "regulations_applicable")
FILE = "manifests/chats/dataset.yaml"


def test_the_templates_are_listed_with_what_they_are_for(scratch: Scratch) -> None:
    shown = scratch.dsv("add", "--template", "list").stdout
    assert [line.split()[0] for line in shown.splitlines()] == NAMES
    assert "conversations on which a chat model is fine-tuned" in shown
    found = scratch.json("add", "--template", "list")["templates"]
    assert [each["name"] for each in found] == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_each_template_has_a_schema_checks_and_required_metadata(name: str) -> None:
    text, where = template_text(name)
    loaded = load_dataset(text, file=where)
    assert loaded.warnings == ()
    assert loaded.value.type == name
    assert loaded.value.metadata_required == REQUIRED
    assert loaded.value.checks
    assert RecordSchema.of(loaded.value.record_schema, where=where)
    assert max(map(len, text.decode().splitlines())) <= 120
    assert text.splitlines()[0].endswith(b"/dataset-1.json")


def test_a_declaration_has_the_template_s_words_and_what_was_said_beside_it(repo: Scratch) -> None:
    repo.records("data/chats/train.jsonl", [{"instruction": "Sum up.", "output": "Done.", "chat": 1}])
    repo.dsv("add", "data/chats", "--template", "sft-chat", "--key", "chat", "--type", "demo", "--no-release")
    written = repo.read(FILE)
    original = template_text("sft_chat")[0].decode()
    lines = set(original.splitlines())
    assert [line for line in written.splitlines() if line not in lines] == ["type: demo", "key: [chat]"]
    assert "# Counted for each version" in written
    assert repo.git("log", "-1", "--format=%s").strip() == "Declare the dataset chats"


def test_a_template_of_one_s_own_is_a_file(repo: Scratch) -> None:
    repo.records("data/notes/a.jsonl", [{"id": 1}])
    mine = repo.write("mine.yaml", "# ours\nname: any\npath: data/any\nkey: [id]\ncolour: red  # unknown, and kept\n")
    released = dsv.open(repo.root).add(str(repo.root / "data/notes"), template=str(mine))
    assert released.manifest.key == ("id",)
    assert repo.read("manifests/notes/dataset.yaml").startswith(
        "# ours\nname: notes\npath: data/notes\nkey: [id]\ncolour"
    )


def test_a_template_that_is_none_is_refused_and_the_others_are_named(repo: Scratch) -> None:
    repo.records("data/notes/a.jsonl", [{"id": 1}])
    refused = repo.refused("add", "data/notes", "--template", "lease", code=2, kind="usage")
    assert "there is no template 'lease'" in refused["message"]
    assert all(name in refused["hint"] for name in NAMES)
    repo.refused("add", "data/notes", "--template", "./none.yaml", code=10, kind="no_path")
    broken = repo.write("broken.yaml", "name: [\n")
    assert (
        "broken.yaml"
        in repo.refused("add", "data/notes", "--template", str(broken), code=30, kind="manifest")["message"]
    )
    assert not (repo.root / "manifests/notes").exists()


def test_a_template_takes_no_dataset_yaml_s_place(repo: Scratch) -> None:
    repo.records("data/notes/a.jsonl", [{"id": 1}])
    repo.dsv("add", "data/notes", "--no-release")
    before = repo.read("manifests/notes/dataset.yaml")
    refused = repo.refused("add", "data/notes", "--template", "sft_chat", code=20, kind="exists")
    assert "manifests/notes/dataset.yaml is there already" in refused["message"]
    assert repo.read("manifests/notes/dataset.yaml") == before


def test_the_python_twin_names_the_templates(repo: Scratch) -> None:
    assert list(dsv.open(repo.root).templates()) == NAMES == list(templates().words)
