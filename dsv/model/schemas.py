"""The JSON Schemas of dsv's files (draft 2020-12), for editors and for other programs."""

from __future__ import annotations

import json
from typing import Literal

from pydantic.json_schema import GenerateJsonSchema

from dsv.model.dataset import DatasetSettings
from dsv.model.documents import SCHEMA, Part
from dsv.model.event import Event
from dsv.model.manifest import Manifest
from dsv.model.settings import ProjectSettings

Kind = Literal["manifest", "dataset", "settings", "event"]
MODELS: dict[Kind, type[Part]] = {
    "manifest": Manifest,
    "dataset": DatasetSettings,
    "settings": ProjectSettings,
    "event": Event,
}


def schema_file(kind: Kind) -> str:
    """The file name under which the first line of a written file refers to its schema."""
    return f"{kind}-{SCHEMA}.json"


def json_schema(kind: Kind) -> str:
    """The JSON Schema of a kind of file as text, the same on every machine."""
    described = MODELS[kind].model_json_schema(by_alias=True, mode="validation")
    return json.dumps({"$schema": GenerateJsonSchema.schema_dialect, **described}, indent=2, ensure_ascii=False) + "\n"
