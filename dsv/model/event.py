"""An event: what happened to a dataset or to one of its versions after the release, one small file each."""

from __future__ import annotations

import hashlib
import re
from typing import Literal

from pydantic import Field

from dsv.model.documents import Loaded, Part, dump, load, plain
from dsv.model.texts import Json, Label, Name, Prose, Time, VersionText, Word
from dsv.model.yamlwriter import FLOW, Layout

LAYOUT = Layout(keys={"data": FLOW})
_MARKS = 8


class Event(Part):
    """One thing that happened."""

    schema_number: Literal[1] = Field(alias="schema", description="The number of this file's format.")
    event: Word = Field(
        description="What happened: deprecate, yank, archive, remove, restore, rename, move, promote, demote,"
        " score or run."
    )
    dataset: Name = Field(description="The dataset's name.")
    version: VersionText | None = Field(default=None, description="The version; null where it is the whole dataset.")
    at: Time = Field(description="When, in UTC.")
    by: Label | None = Field(default=None, description="Who did it.")
    reason: Prose = Field(default="", description="Why.")
    data: dict[str, Json] = Field(default_factory=dict, description="What else there is to say, by event.")


def load_event(data: bytes, *, file: str) -> Loaded[Event]:
    """The event in the bytes of a file; BadManifestError lists everything that is wrong with it."""
    return load(Event, data, file=file)


def dump_event(event: Event) -> bytes:
    """The bytes of an event's file."""
    return dump(plain(event), schema="../../.schemas/event-1.json", layout=LAYOUT, what=f"event of {event.dataset}")


def event_file_name(event: Event, content: bytes) -> str:
    """`20261122T073000Z-yank-1a2b3c4d.yaml`: when, what, and the first digits of the content's SHA-256."""
    when = re.sub(r"[-:]", "", event.at)
    return f"{when}-{event.event}-{hashlib.sha256(content).hexdigest()[:_MARKS]}.yaml"
