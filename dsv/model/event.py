"""An event: what happened to a dataset or to one of its versions after the release, one small file each."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from dsv.model.documents import Loaded, Part, load
from dsv.model.texts import Json, Label, Name, Prose, Time, VersionText, Word


class Event(Part):
    """One thing that happened."""

    schema_number: Literal[1] = Field(alias="schema", description="The number of this file's format.")
    event: Word = Field(description="What happened: `run`, `yank`, `promote`, ...")
    dataset: Name = Field(description="The dataset's name.")
    version: VersionText | None = Field(default=None, description="The version; null where it is the whole dataset.")
    at: Time = Field(description="When, in UTC.")
    by: Label | None = Field(default=None, description="Who did it.")
    reason: Prose = Field(default="", description="Why.")
    data: dict[str, Json] = Field(default_factory=dict, description="What else there is to say, by event.")


def load_event(data: bytes, *, file: str) -> Loaded[Event]:
    """The event in the bytes of a file; BadManifestError lists everything that is wrong with it."""
    return load(Event, data, file=file)
