"""The choices of a release, from the words of the Python twin."""

from __future__ import annotations

from typing import Literal

from dsv.model.release_options import Hooks, ReleaseOptions, Tracked

BadRecords = Literal["refuse", "keep"]


def hooks_of(verify: bool) -> Hooks:  # noqa: FBT001 - the one thing it is about
    """Whether git's hooks may say no."""
    return Hooks.RUN if verify else Hooks.SKIP


def release_options(
    on_bad_record: BadRecords, *, tag: bool, untrack: bool, verify: bool, dry_run: bool
) -> ReleaseOptions:
    """All of them as one value."""
    return ReleaseOptions(
        tag=tag,
        dry_run=dry_run,
        keep_bad_records=on_bad_record == "keep",
        hooks=hooks_of(verify),
        tracked=Tracked.UNTRACK if untrack else Tracked.REFUSE,
    )
