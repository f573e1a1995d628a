"""docs/manifest.md and docs/schemas/, made from the models: run it after changing one.

python docs/generate_manifest.py
"""  # noqa: INP001 - a script beside the pages it makes

from __future__ import annotations

import types
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, JsonValue
from pydantic_core import PydanticUndefined

from dsv.model.dataset import DatasetSettings
from dsv.model.event import Event
from dsv.model.manifest import Manifest
from dsv.model.schemas import MODELS, json_schema, schema_file
from dsv.model.settings import ProjectSettings
from dsv.model.version import Level, Version

DOCS = Path(__file__).parent

EXAMPLE = """\
schema: 1
dataset: leases
version: "1.1.0"
type: lease_abstraction
created_at: "2026-11-22T07:30:00Z"
created_by: Ana Lima <ana@example.com>
summary: Added 2,000 retail leases; fixed dates in 50 records.
tags: [production, customer_data]
metadata: {source: SEC filings, annotation_method: manual, inter_annotator_agreement: 0.95}
data: {path: data/leases, format: jsonl, files: 41, bytes: 1048576, records: 7000, bad_records: 0, tokens: \
{counter: whitespace, total: 812345, mean: 116.0}}
splits: {train: 6500, test: 500}
digests: {tree: "sha256:...", records: "sha256:...", record_form: dsv-rec-1, dvc: "md5:....dir", index: "md5:....dir"}
fields: [{name: doc_id, types: [string]}, {name: clauses, types: [array]}]
key: [doc_id]
reading: {format: auto, splits: {train: "train*.jsonl", test: "test*.jsonl"}}
change:
  level: minor
  computed: minor
  policy: {name: balanced, major: 0.5, minor: 0.1, rare_fields: 0.01}
  previous: "1.0.0"
  records: {added: 2000, removed: 0, modified: 50, moved: 0, unchanged: 4950, changed_share: 0.410000}
  files: {added: 4, removed: 0, modified: 2, renamed: 0, unchanged: 35}
  fields: {added: [], removed: [], changed: []}
  reasons: [changed share 41.0 % is between 10 % and 50 %]
lineage:
  - {ref: leases@1.0.0, relation: previous, inherited: 4950, new: 2000, modified: 50, removed: 0}
  - {ref: filings@2.3.1, relation: filter, inherited: 1800, new: 5200, modified: 0, removed: 310, repository: \
"https://git.example/team/filings.git", digest: "sha256:..."}
quality: {score: 0.95, source: metadata, scorers: []}
validation: {status: passed, checks: 12, waived: [], findings: []}
checksum: "sha256:..."
"""

TOP = """\
# The files that dsv keeps in git

This page is made by `docs/generate_manifest.py` from the models that read the files; the same models make the JSON
Schemas in [schemas/](schemas/), which the first line of each written file names for editors.

All four are YAML in UTF-8, read strictly:

- Scalars follow YAML 1.2's core schema, so `no`, `on`, `12:30` and `2026-01-31` are text. Where text is wanted, a plain
  scalar is that text: `tags: [2024, no]` holds two strings. A number with a leading zero is text. Quoted scalars are
  always text, so `files: "41"` is no number.
- Refused: duplicate keys, tags (but for the core ones), merge keys, a second document, aliases that expand to more than
  1,000 values, nesting deeper than 100, control characters and Unicode line breaks outside escapes, NaN and the
  infinities, text that is not UTF-8, merge conflict markers, files above 16 MB.
- Every problem of a file is reported at once, as `file:line:column: path: what (got ...)`.
- Unknown keys are kept, written back after the known ones, and warned about. A file with a higher `schema` is refused.

They are written in a fixed key order, without anchors and without wrapping. A string is quoted wherever YAML 1.1 or 1.2
would read anything else. The same values are the same bytes on every machine.
"""

MANIFEST = f"""
## manifests/NAME/VERSION.yaml, the manifest

What one version is, and what changed since the version before. A release writes it once; nothing edits it. The digests
are cut short here:

```yaml
{EXAMPLE}```

A program that wants to check `checksum` takes the file as a JSON value, leaves out `checksum`, writes it in the
canonical form of [records](records.md) and takes the SHA-256. `changed_share` is a number like any other there.
"""

DATASET = """
## manifests/NAME/dataset.yaml, the declaration of a dataset

What the dataset is, as people say it. `name` and `path` are needed.
"""

SETTINGS = """
## dsv.yaml, the settings of the project

All optional, and so is the file.
"""


EVENT = """
## manifests/NAME/events/TIME-EVENT-DIGITS.yaml, an event

What happened to a dataset or one of its versions after the release: see [life after release](life-after-release.md).
A file is written once and never edited; its name has the time, the event, and the first 8 digits of the SHA-256 of its
bytes.
"""


def manifest_reference() -> str:
    """The whole page."""
    sections = ((MANIFEST, Manifest), (DATASET, DatasetSettings), (SETTINGS, ProjectSettings), (EVENT, Event))
    return TOP + "".join(text + "\n" + _tables(model) for text, model in sections)


def _tables(model: type[BaseModel]) -> str:
    waiting: list[tuple[str, type[BaseModel]]] = [("", model)]
    text = ""
    while waiting:
        path, section = waiting.pop(0)
        if path:
            text += f"\n### {path}\n\n{(section.__doc__ or '').splitlines()[0]}\n\n"
        text += "| key | value | |\n|---|---|---|\n"
        inside = []
        for name, field in section.model_fields.items():
            key = field.alias or name
            text += f"| `{key}` | {_value(field.annotation)}{_default(field)} | {field.description} |\n"
            if inner := _section(field.annotation):
                inside.append((f"{path}.{key}" if path else key, inner))
        waiting = inside + waiting
    return text


def _section(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((inner for each in get_args(annotation) if (inner := _section(each))), None)


def _value(annotation: Any) -> str:
    arguments = get_args(annotation)
    words = {str: "text", int: "whole number", float: "number", bool: "true or false", type(None): "null"}
    words |= {JsonValue: "anything", Version: "version", Level: "level"}
    match get_origin(annotation):
        case None:
            text = words.get(annotation, "section")
        case origin if origin is Annotated:
            text = _value(arguments[0])
        case origin if origin in (Union, types.UnionType):
            text = " or ".join(_value(each) for each in arguments if each is not int or float not in arguments)
        case origin if origin is Literal:
            text = " or ".join(f"`{each}`" for each in arguments)
        case origin if origin is tuple:
            text = f"list of {_value(arguments[0])}"
        case _:
            text = f"mapping to {_value(arguments[1])}"
    return text


def _default(field: Any) -> str:
    if field.is_required():
        return ""
    default = {} if field.default is PydanticUndefined else field.default
    if isinstance(default, BaseModel) or default is None:
        return ", optional"
    if isinstance(default, tuple):
        default = list(default)
    shown = str(default).lower() if isinstance(default, bool) else str(default).replace("'", "")
    return f", default `{shown}`" if shown else ", optional"


def main() -> None:
    """Write the page and the schemas."""
    (DOCS / "manifest.md").write_text(manifest_reference(), encoding="utf-8")
    (DOCS / "schemas").mkdir(exist_ok=True)
    for kind in MODELS:
        (DOCS / "schemas" / schema_file(kind)).write_text(json_schema(kind), encoding="utf-8")


if __name__ == "__main__":
    main()
