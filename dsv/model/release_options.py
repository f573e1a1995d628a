"""How a release is made, apart from what it says and what number it gets."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Hooks(Enum):
    """Whether git's hooks see the commit before it is made."""

    RUN = "run"
    SKIP = "skip"


class Tracked(Enum):
    """What becomes of data that git tracks."""

    REFUSE = "refuse"
    UNTRACK = "untrack"
    """git forgets it in the commit of the release; the files stay where they are."""


@dataclass(frozen=True)
class ReleaseOptions:
    """The choices that add, bump and rollback leave to who calls them.

    `tag` is whether the release is tagged at once (the project may put it off all the same), `dry_run` computes
    everything and writes nothing, `keep_bad_records` counts records that cannot be read instead of refusing them.
    """

    tag: bool = True
    dry_run: bool = False
    keep_bad_records: bool = False
    hooks: Hooks = Hooks.RUN
    tracked: Tracked = Tracked.REFUSE


USUAL = ReleaseOptions()
