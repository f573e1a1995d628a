"""A stamp: a small file beside a model that says which versions it was made from."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from dsv.errors import BadManifestError
from dsv.model.documents import Part, checked, plain
from dsv.model.run import UsedVersion
from dsv.model.texts import Label, Name, Sha256, Time, VersionText

STAMP = "dsv-stamp.json"
"""The name of the file, in the directory of the model."""

_LARGEST = 16 << 20


class Stamp(Part):
    """What a model was made from. The first four facts are those of the first dataset."""

    schema_number: Literal[1] = Field(default=1, alias="schema", description="The number of this file's format.")
    dataset_name: Name = Field(description="The dataset's name.")
    dataset_version: VersionText = Field(description="Its version.")
    dataset_checksum: Sha256 = Field(
        description="The tree digest: SHA-256 of the sorted `sha256sum` lines of all files."
    )
    training_timestamp: Time = Field(description="When the model was stamped, in UTC.")
    run: Label | None = Field(default=None, description="The id of the run that made the model.")
    datasets: tuple[UsedVersion, ...] = Field(description="Every version that it was made from, as a lock.")


def new_stamp(datasets: Sequence[UsedVersion], *, at: str, run: str | None) -> Stamp:
    """The stamp of a model that was made from these versions, the first of which is the main one."""
    main = datasets[0]
    with checked("stamp"):
        return Stamp.model_validate(
            {
                "schema": 1,
                "dataset_name": main.name,
                "dataset_version": main.version,
                "dataset_checksum": main.digests.tree,
                "training_timestamp": at,
                "run": run,
                "datasets": tuple(datasets),
            }
        )


def dump_stamp(stamp: Stamp) -> bytes:
    """The bytes of the file."""
    return (json.dumps(plain(stamp), indent=2, ensure_ascii=False) + "\n").encode()


def load_stamp(data: bytes, *, file: str) -> Stamp:
    """The stamp in the bytes of a file; BadManifestError says what is wrong with it."""
    try:
        if len(data) > _LARGEST:
            raise ValueError(f"it has {len(data):,} bytes")  # noqa: TRY301 - one way out for all that is no stamp
        value = json.loads(data)
        if not isinstance(value, dict):
            raise ValueError("it is no JSON object")  # noqa: TRY004, TRY301 - as above
        number = value.get("schema")
    except (ValueError, RecursionError) as error:
        raise BadManifestError(f"{file} is no stamp: {error}", hint="dsv stamp writes one") from None
    if isinstance(number, int) and number > 1:
        raise BadManifestError(f"{file} was written by a newer dsv (schema {number})", hint="upgrade dsv to read it")
    with checked(file):
        stamp = Stamp.model_validate_json(data)
    if not stamp.datasets:
        raise BadManifestError(f"{file} is no stamp: it names no dataset", hint="dsv stamp writes one")
    return stamp
