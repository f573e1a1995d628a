"""dataset.yaml and dsv.yaml: what people write is taken as they mean it, and mistakes are named."""

from __future__ import annotations

import json

import pytest

from dsv.errors import BadManifestError
from dsv.model.dataset import DatasetSettings, dump_dataset, edited_dataset, load_dataset
from dsv.model.documents import plain
from dsv.model.policy import Policy
from dsv.model.reading import Reading
from dsv.model.settings import ProjectSettings, dump_settings, load_settings

PROJECT = """\
# yaml-language-server: $schema=manifests/.schemas/settings-1.json
schema: 1
manifests: manifests
policy: {name: balanced, major: 0.5, minor: 0.1, rare_fields: 0.01}
release: {tag: now, remote: origin, commit_message: "{dataset} {version}: {summary}", require_summary: false}
vocabulary: {type: [lease_abstraction, sft], tags: [production], stages: [dev, staging, prod]}
protected: [eval-set]
"""
DATASET = """\
# yaml-language-server: $schema=../.schemas/dataset-1.json
schema: 1
name: leases
path: data/leases
type: lease_abstraction
description: Lease documents with annotations.
owners: [ana@example.com]
format: auto
key: [doc_id]
splits: {train: "train*.jsonl", test: "test*.jsonl"}
records: {"*.json": Incidents}
record_schema: schema.json
checks: ["records >= 1000"]
label_fields: [kind]
policy: {name: balanced, major: 0.4}
"""
TEMPLATE = "may hold {dataset}, {version} and {summary}, and {{ or }} for a brace"


def refusal(load, text):
    with pytest.raises(BadManifestError) as caught:
        load(text.encode(), file="f.yaml")
    return [f"{each['line']}: {each['path']}: {each['message']}" for each in caught.value.details["problems"]]


def test_the_documented_files_are_written_back_byte_for_byte():
    assert dump_settings(load_settings(PROJECT.encode(), file="dsv.yaml").value).decode() == PROJECT
    assert dump_dataset(load_dataset(DATASET.encode(), file="d").value).decode() == DATASET


def test_every_setting_is_optional():
    assert load_settings(b"schema: 1\n", file="dsv.yaml").value == ProjectSettings()
    assert ProjectSettings().policy.policy == Policy()
    assert dump_settings(ProjectSettings()).decode().splitlines()[1:] == ["schema: 1"]


def test_only_what_was_declared_is_written():
    settings = DatasetSettings(name="leases", path="data/leases", key=("doc_id",))
    text = dump_dataset(settings).decode()
    assert text.splitlines()[1:] == ["schema: 1", "name: leases", "path: data/leases", "key: [doc_id]"]
    assert load_dataset(text.encode(), file="d").value == settings


def test_the_schema_is_found_where_the_manifests_are():
    assert dump_settings(ProjectSettings(manifests="data/versions")).startswith(
        b"# yaml-language-server: $schema=data/versions/.schemas/settings-1.json\n"
    )


@pytest.mark.parametrize(
    ("written", "policy"),
    [
        ("balanced", Policy()),
        ("{name: balanced}", Policy()),
        ("{major: 0.4, minor: 0.05}", Policy(major=0.4, minor=0.05)),
        ("{major: 1}", Policy(major=1.0)),
    ],
)
def test_a_policy_is_a_name_or_a_mapping(written, policy):
    text = f"name: leases\npath: data/leases\npolicy: {written}\n".encode()
    chosen = load_dataset(text, file="d").value.policy
    assert chosen is not None
    assert chosen.policy == policy


def test_splits_keep_their_order_because_the_first_match_counts():
    text = b"name: a\npath: b\nsplits: {z: '*.jsonl', a: 'a*.jsonl'}\n"
    settings = load_dataset(text, file="d").value
    assert settings.reading == Reading("auto", (("z", "*.jsonl"), ("a", "a*.jsonl")))
    assert b'splits: {z: "*.jsonl", a: "a*.jsonl"}\n' in dump_dataset(settings)


def test_plain_words_and_numbers_are_text_where_text_is_meant():
    text = b"name: on-call\npath: data/2024\ntype: no\nkey: [1, yes]\nowners: [007]\ndescription: 1.10\n"
    settings = load_dataset(text, file="d").value
    assert (settings.type, settings.key, settings.owners) == ("no", ("1", "yes"), ("007",))
    assert settings.description == "1.10"


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("policy: strictest\n", ["1: policy.name: must be 'balanced', 'strict' or 'frictionless' (got 'strictest')"]),
        ("policy: {minor: 0.6}\n", ["1: policy: minor must be at most major"]),
        (
            "policy: {major: 1.5, rare_fields: -1}\n",
            ["1: policy.major: must be at most 1 (got 1.5)", "1: policy.rare_fields: must be at least 0 (got -1)"],
        ),
        ("policy: 3\n", ["1: policy: must be a mapping (got 3)"]),
        ("manifests: ../elsewhere\n", ["1: manifests: must not hold .. (got '../elsewhere')"]),
        ("release: {tag: never}\n", ["1: release.tag: must be 'now' or 'on-merge' (got 'never')"]),
        ("release: {require_summary: yes}\n", ["1: release.require_summary: must be true or false (got 'yes')"]),
        (
            "release: {commit_message: '{dataset.__class__}'}\n",
            [f"1: release.commit_message: {TEMPLATE} (got '{{dataset.__class__}}')"],
        ),
        (
            "release: {commit_message: '{'}\n",
            [f"1: release.commit_message: {TEMPLATE} (got '{{')"],
        ),
        (
            "vocabulary: {stages: [latest]}\n",
            ["1: vocabulary.stages[0]: stage name 'latest' is a word with a meaning of its own in references"],
        ),
        ("protected: eval-set\n", ["1: protected: must be a list (got 'eval-set')"]),
        ("release:\n", ["1: release: must be a mapping (got null)"]),
        ("schema: 7\nrelease: 1\n", ["1: schema: written by a newer dsv (schema 7; this one knows 1)"]),
    ],
)
def test_mistakes_in_the_settings_are_named(text, problems):
    assert refusal(load_settings, text) == problems


def test_mistakes_in_a_declaration_are_all_named_at_once():
    text = "name: a b\npath: /data\nsplits: {tr ain: x, test: ''}\nkeys: [id]\nformat: [a]\n"
    assert refusal(load_dataset, text) == [
        "1: name: dataset name 'a b' is not a valid name",
        "2: path: must be relative (got '/data')",
        "3: splits.'tr ain': split name 'tr ain' is not a valid name",
        "3: splits.test: must not be empty (got '')",
        "5: format: must be text (got a list)",
    ]


def test_a_misspelt_key_is_kept_and_a_guess_is_offered():
    loaded = load_dataset(b"name: a\npath: b\nkeys: [id]\n", file="dataset.yaml")
    assert loaded.warnings == ("dataset.yaml:3:1: keys: unknown key (did you mean key?); it is kept",)
    assert dump_dataset(loaded.value).endswith(b"keys: [id]\n")


COMMENTED = """\
# Who to ask: the lease team.
name: leases   # never rename
description: >
  Lease documents
  with annotations.

path: data/leases # on the big disk

# The key is stable since 2024.
key:
  - doc_id   # not case_id
ours: kept
schema: 1
"""


def _edited(text: str, **changed: object) -> str:
    before = load_dataset(text.encode(), file="dataset.yaml").value
    value = {**plain(before, only_set=True), **changed}
    wanted = load_dataset(
        json.dumps({key: each for key, each in value.items() if each is not None}).encode(), file="x"
    ).value
    return edited_dataset(text.encode(), wanted, file="dataset.yaml").decode()


@pytest.mark.parametrize(
    ("changed", "old", "new"),
    [
        ({}, "", ""),
        ({"path": "data/all leases"}, "path: data/leases # on", "path: data/all leases # on"),
        (
            {"description": "Short."},
            "description: >\n  Lease documents\n  with annotations.\n",
            "description: Short.\n",
        ),
        ({"key": ["case_id", "page"]}, "key:\n  - doc_id   # not case_id\n", "key: [case_id, page]\n"),
        ({"type": "sft"}, "path: data/leases # on the big disk\n", "path: data/leases # on the big disk\ntype: sft\n"),
        ({"key": None}, "key:\n  - doc_id   # not case_id\n", ""),
        ({"ours": "changed"}, "ours: kept", "ours: changed"),
    ],
)
def test_a_declaration_is_edited_where_people_wrote_it(changed: dict[str, object], old: str, new: str) -> None:
    assert _edited(COMMENTED, **changed) == COMMENTED.replace(old, new)


def test_a_declaration_keeps_its_line_endings() -> None:
    text = COMMENTED.replace("\n", "\r\n")
    assert _edited(text, type="sft", owners=["ana"]).count("\r\n") == text.count("\r\n") + 2
    assert _edited(text, type="sft").replace("\r\n", "\n") == _edited(COMMENTED, type="sft")


@pytest.mark.parametrize("text", ["{name: leases, path: data/leases}\n", "? name\n: leases\n? path\n: data/leases\n"])
def test_a_declaration_without_a_place_for_a_line_still_says_what_it_is_to_say(text: str) -> None:
    edited = _edited(text, type="sft", path="data/other")
    loaded = load_dataset(edited.encode(), file="dataset.yaml").value
    assert (loaded.name, loaded.path, loaded.type) == ("leases", "data/other", "sft")
