"""What a version is said to be where nobody says anything."""

from __future__ import annotations

from dsv.model.change import RecordCounts


def computed_summary(records: RecordCounts, *, files: int, first: bool) -> str:
    """The records that changed since the version before, in words."""
    if first:
        return f"{_counted(records.added, 'record')} in {_counted(files, 'file')}"
    classes = {
        "added": records.added,
        "removed": records.removed,
        "modified": records.modified,
        "moved": records.moved,
    }
    words = [f"{count:,} {word}" for word, count in classes.items() if count]
    return f"{', '.join(words)} of {records.old:,}" if words else "no record changed"


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
