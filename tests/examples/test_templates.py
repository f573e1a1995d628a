"""Each template at work on the data of its example: mistakes are found, and the right data is released."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import dsv
from dsv.errors import GateError
from tests.conftest import Scratch
from tests.examples.conftest import EXAMPLES

FACTS = {
    "source": "generated",
    "annotation_method": "two annotators a record, a third decides",
    "annotators": 3,
    "inter_annotator_agreement": 0.94,
    "regulations_applicable": [],
}
Files = dict[str, list[dict[str, Any]]]


@cache
def generator(example: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"{example}_generator", EXAMPLES / example / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def leases(*, mistakes: bool) -> Files:
    found = [generator("leases").lease(number) for number in range(1, 61)]
    return {
        "train.jsonl": [{**found[0], "term_months": 0} if mistakes else found[0], *found[1:50]],
        "test.jsonl": found[50:],
    }


def chats(*, mistakes: bool) -> Files:
    found = [generator("chat").draft(number) for number in range(1, 61)]
    if mistakes:
        found[4]["messages"][-1]["role"] = "bot"
    return {"technical/train.jsonl": found[:50], "technical/eval.jsonl": found[50:]}


def of(kind: str) -> Callable[..., Files]:
    return lambda *, mistakes: generator("templates").WRITERS[kind](mistakes=mistakes)


TEMPLATES = {
    "lease_abstraction": (leases, {"record_schema": 1}),
    "contract_intelligence": (
        of("contracts"),
        {"record_schema": 1, "duplicates(text) == 0": 1, "out_of_order(effective_date, expiration_date) == 0": 1},
    ),
    "obligation_dependency": (
        of("obligations"),
        {
            "record_schema": 1,
            "dangling(obligation, id) == 0": 3,
            "dangling(depends_on, id) == 0": 2,
            "duplicates(obligation, depends_on) == 0": 1,
        },
    ),
    "regulatory_language": (
        of("regulations"),
        {
            "record_schema": 2,
            "out_of_order(effective_from, effective_to) == 0": 1,
            "dangling(supersedes, provision_id) == 0": 1,
        },
    ),
    "clause_evolution": (
        of("clauses"),
        {
            "record_schema": 1,
            "dangling(previous, revision_id) == 0": 1,
            "duplicates(previous) == 0": 1,
            "duplicates(clause_id, revision) == 0": 1,
        },
    ),
    "sft_chat": (chats, {"chat() == 0": 1}),
}


def write(scratch: Scratch, files: Files) -> None:
    for name, records in files.items():
        scratch.records(f"data/mine/{name}", records)


@pytest.mark.parametrize("template", TEMPLATES)
def test_mistakes_are_found_and_right_data_is_released(repo: Scratch, template: str) -> None:
    files, found = TEMPLATES[template]
    twin, path = dsv.open(repo.root), str(repo.root / "data/mine")
    write(repo, files(mistakes=True))
    with pytest.raises(GateError) as refused:
        twin.add(path, template=template, metadata={})
    counts = {each["check"]: each["count"] for each in refused.value.details["findings"]}
    assert counts == {**found, "metadata_required": 0}
    assert not (repo.root / "manifests/mine").exists()
    write(repo, files(mistakes=False))
    made = twin.add(path, template=template, metadata=FACTS).manifest
    assert (made.type, made.validation.status, made.metadata) == (template, "passed", FACTS)


def test_the_data_is_the_same_on_every_machine() -> None:
    digests = {
        kind: hashlib.sha256(json.dumps([writer(mistakes=each) for each in (True, False)]).encode()).hexdigest()[:16]
        for kind, writer in generator("templates").WRITERS.items()
    }
    assert digests == {
        "contracts": "f29c8300669bbd3c",
        "obligations": "96150887aac50d7b",
        "regulations": "f2d77cd064feae49",
        "clauses": "9e40bee76bd96ef0",
    }


@pytest.mark.heavy
@pytest.mark.parametrize("template", TEMPLATES)
def test_the_example_plays(template: str, tmp_path: Any) -> None:
    command = ["sh", str(EXAMPLES / "templates" / "run.sh"), template, str(tmp_path / "played")]
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**os.environ, "PATH": path}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1.0.0 released, first version" in done.stdout
