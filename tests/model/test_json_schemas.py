"""The published JSON Schemas and the reference page say what the models say."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

from dsv.model.schemas import MODELS, json_schema, schema_file

DOCS = Path(__file__).parents[2] / "docs"


def generator():
    specification = importlib.util.spec_from_file_location("generate_manifest", DOCS / "generate_manifest.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.mark.parametrize("kind", MODELS)
def test_the_published_schema_is_current(kind):
    assert (DOCS / "schemas" / schema_file(kind)).read_text(encoding="utf-8") == json_schema(kind)


def test_the_reference_page_is_current():
    assert (DOCS / "manifest.md").read_text(encoding="utf-8") == generator().manifest_reference()


def test_the_example_of_the_reference_page_is_a_manifest():
    from dsv.model.manifest import load_manifest

    text = generator().EXAMPLE.replace("sha256:...", f"sha256:{'0' * 64}").replace("md5:....dir", f"md5:{'0' * 32}.dir")
    assert load_manifest(text.encode(), file="m").warnings == ()


@pytest.mark.parametrize("kind", MODELS)
def test_every_key_of_a_schema_is_described_for_editors(kind):
    schema = json.loads(json_schema(kind))
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    for section in (schema, *schema["$defs"].values()):
        for key, value in section.get("properties", {}).items():
            target = schema["$defs"][value["$ref"].rpartition("/")[2]] if "$ref" in value else value
            assert value.get("description") or target["description"], key
