"""Whether DVC could fill in a dvc.yaml: a template can stand for more stages, and values, than memory holds."""

from __future__ import annotations

import os
from collections.abc import Iterator
from math import prod
from typing import Any

from dsv.errors import BadManifestError
from dsv.model.decoding import MAXIMUM_BYTES
from dsv.model.yaml_size import MOST_VALUES, expanded_size, refuse_long

_MOST_STAGES = 100_000
_PARAMETERS = "params.yaml"
"""What DVC takes values of templates from without being told."""


def refuse_endless(root: str, pipeline: str) -> None:
    """BadManifestError for a dvc.yaml, relative to the root, whose values or stages nobody could count."""
    document = _read(root, pipeline)
    folder = pipeline.rpartition("/")[0]
    for name in dict.fromkeys((_PARAMETERS, *_named(document))):
        _read(root, f"{folder}/{name}".lstrip("/"))
    stages = document.get("stages") if isinstance(document, dict) else None
    for name, stage in stages.items() if isinstance(stages, dict) else ():
        matrix = stage.get("matrix") if isinstance(stage, dict) else None
        count = prod(len(each) for each in matrix.values() if isinstance(each, list)) if isinstance(matrix, dict) else 1
        if count > _MOST_STAGES:
            raise _refused(pipeline, f"makes {count:,} stages of {name[:60]!a}; at most {_MOST_STAGES:,} are counted")


def _read(root: str, file: str) -> Any:
    """The YAML document, of which every size is known; None where there is none, or DVC is to say what is wrong."""
    import yaml

    path = os.path.join(root, *file.split("/"))
    if not file.endswith((".yaml", ".yml")) or not os.path.isfile(path):
        return None
    if os.path.getsize(path) > MAXIMUM_BYTES:
        raise _refused(file, f"has more than {MAXIMUM_BYTES >> 20} MiB")
    with open(path, "rb") as stream:
        text = stream.read()
    try:
        refuse_long(text)
    except ValueError as error:
        raise _refused(file, f"has {error}") from None
    try:
        node = yaml.compose(text, Loader=yaml.CBaseLoader)
        size = 0 if node is None else expanded_size(node)
        document = yaml.load(text, Loader=yaml.CBaseLoader)  # noqa: S506 - the base loader makes only strings
    except (yaml.YAMLError, ValueError, RecursionError):
        return None
    if size > MOST_VALUES:
        raise _refused(file, f"has aliases that stand for more than {MOST_VALUES:,} values")
    return document


def _refused(file: str, problem: str) -> BadManifestError:
    return BadManifestError(f"{file} {problem}", hint=f"git log -- {file} tells who wrote it", details={"file": file})


def _named(document: Any) -> Iterator[str]:
    """The files that a dvc.yaml takes values from."""
    stages = document.get("stages") if isinstance(document, dict) else None
    several = [document, *(stages.values() if isinstance(stages, dict) else ())]
    for each in several:
        names = each.get("vars") if isinstance(each, dict) else None
        yield from (
            (name.partition(":")[0] for name in names or () if isinstance(name, str)) if isinstance(names, list) else ()
        )
