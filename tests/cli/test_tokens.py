"""How much text a version holds, and by which counter."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

from dsv.adapters.tokenizer import load_counter
from dsv.errors import BadManifestError, NoPathError, UnsupportedError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Scratch


def tokenizer(path: Path) -> Path:
    """A tokenizer that parts words and punctuation, and puts a special token around a text."""
    import tokenizers

    words = {"[UNK]": 0, "[CLS]": 1, "rent": 2, "due": 3, ".": 4}
    made = tokenizers.Tokenizer(tokenizers.models.WordLevel(words, unk_token="[UNK]"))
    made.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    made.post_processor = tokenizers.processors.TemplateProcessing(single="[CLS] $A", special_tokens=[("[CLS]", 1)])
    path.write_text(made.to_str())
    return path


def tokens(repo: Scratch, version: str) -> Any:
    return repo.json("show", f"notes@{version}")["data"]["tokens"]


def test_without_a_declaration_words_are_counted(repo: Scratch) -> None:
    repo.records("data/notes.jsonl", [{"text": "rent is due.", "more": ["two words"], "n": 1}])
    repo.dsv("add", "data/notes.jsonl")
    assert tokens(repo, "1.0.0") == {"counter": "whitespace", "total": 5, "mean": 5.0}


def test_a_declared_tokenizer_counts_and_is_named_by_its_digest(repo: Scratch) -> None:
    tokenizer(repo.root / "tokenizer.json")
    repo.records("data/notes.jsonl", [{"text": "rent is due."}, {"text": "rent."}])
    repo.dsv("add", "data/notes.jsonl")
    declared = repo.read("manifests/notes/dataset.yaml")
    repo.write("manifests/notes/dataset.yaml", declared + "tokenizer: tokenizer.json\n")
    assert repo.json("status", "notes")["datasets"][0]["state"] == "clean"
    repo.records("data/notes.jsonl", [{"text": "rent is due."}, {"text": "rent."}, {"text": "due"}])
    repo.dsv("bump", "notes")
    counted = tokens(repo, "2.0.0") if "2.0.0" in repo.git("tag") else tokens(repo, "1.1.0")
    assert (counted["total"], counted["mean"]) == (4 + 2 + 1, 2.3)
    assert counted["counter"].startswith("tokenizer.json sha256:")


def test_another_tokenizer_counts_everything_again(repo: Scratch) -> None:
    tokenizer(repo.root / "tokenizer.json")
    repo.records("data/notes.jsonl", [{"text": "rent is due."}])
    repo.write(
        "manifests/notes/dataset.yaml", "schema: 1\nname: notes\npath: data/notes.jsonl\ntokenizer: tokenizer.json\n"
    )
    first = repo.json("add", "data/notes.jsonl", "--dry-run")["manifest"]["data"]["tokens"]
    other = json.loads(repo.read("tokenizer.json"))
    other["pre_tokenizer"] = {"type": "WhitespaceSplit"}
    repo.write("tokenizer.json", json.dumps(other))
    second = repo.json("add", "data/notes.jsonl", "--dry-run")["manifest"]["data"]["tokens"]
    assert (first["total"], second["total"]) == (4, 3)
    assert first["counter"] != second["counter"]


def test_a_tokenizer_that_is_missing_or_none_is_refused_by_name(repo: Scratch) -> None:
    repo.records("data/notes.jsonl", [{"text": "x"}])
    repo.write("manifests/notes/dataset.yaml", "schema: 1\nname: notes\npath: data/notes.jsonl\ntokenizer: no.json\n")
    assert "no.json" in repo.refused("add", "data/notes.jsonl", code=10, kind="no_path")["message"]
    repo.write("no.json", "{}")
    assert "no.json" in repo.refused("add", "data/notes.jsonl", code=30, kind="manifest")["message"]


def test_a_text_that_no_model_reads_is_counted_all_the_same(tmp_path: Path) -> None:
    counter = load_counter(str(tokenizer(tmp_path / "tokenizer.json")), shown="tokenizer.json")
    assert counter.count("rent \ud800 due") == 3


def test_without_the_package_the_error_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tokenizer(tmp_path / "tokenizer.json")
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    with pytest.raises(UnsupportedError) as refused:
        load_counter(str(path), shown="tokenizer.json")
    assert "dsv[tokens]" in refused.value.hint


def test_a_file_that_is_no_tokenizer_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t.json").write_text("[]")
    with pytest.raises(BadManifestError):
        load_counter(str(tmp_path / "t.json"), shown="t.json")
    with pytest.raises(NoPathError):
        load_counter(str(tmp_path / "none.json"), shown="none.json")
