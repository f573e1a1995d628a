"""The files of a version put into a directory of somebody's: theirs are told from the version's, and left."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dsv.adapters import dvc
from dsv.errors import ConflictError
from dsv.model.progress import Progress, summed
from dsv.repository import files
from dsv.repository.consuming.placed import PlacedFile, placed

if TYPE_CHECKING:
    from dsv.adapters.dvc import Cache

_NAMED = 10


@dataclass(frozen=True)
class Arrangement:
    """What is to be done in a directory so that it has the wanted files.

    `kept` are as they are to be, `written` come anew or in place of one that was put there before, `deleted` were put
    there and are none of the wanted. `changed` are wanted files in whose place somebody has another, with what it is;
    `blocked` are those that a directory of somebody's, or a file above, stands in the way of. `others` are the files
    there that are nobody's but somebody's own.
    """

    kept: Mapping[str, PlacedFile] = field(default_factory=dict)
    written: Sequence[tuple[str, str]] = ()
    deleted: Sequence[str] = ()
    changed: Mapping[str, str] = field(default_factory=dict)
    blocked: Mapping[str, str] = field(default_factory=dict)
    others: Sequence[str] = ()

    @property
    def nothing(self) -> bool:
        """Whether all is as it is to be."""
        return not self.written and not self.deleted


def arrange(directory: str, wanted: Mapping[str, str], *, before: Mapping[str, PlacedFile]) -> Arrangement:
    """What turns the directory into one with the wanted files, path -> md5; `before` is what was put there.

    Files whose stat is that of what was put there are not opened.
    """
    kept: dict[str, PlacedFile] = {}
    written: list[tuple[str, str]] = []
    deleted: list[str] = []
    changed: dict[str, str] = {}
    there = _files_below(directory)
    for path, md5 in sorted(wanted.items()):
        seen = there.get(path)
        if seen is None:
            written.append((path, md5))
            continue
        current = _md5(os.path.join(directory, path), seen, before.get(path))
        if current == md5:
            kept[path] = placed(md5, seen)
        else:
            written.append((path, md5))
            if current is None:
                changed[path] = "is no regular file"
            elif path not in before:
                changed[path] = "is there with other bytes"
            elif before[path].md5 != current:
                changed[path] = "was changed since dsv put it there"
    for path, file in before.items():
        seen = there.get(path)
        if path not in wanted and seen is not None and _md5(os.path.join(directory, path), seen, file) == file.md5:
            deleted.append(path)
    gone = set(deleted)
    others = sorted(path for path in there if path not in wanted and path not in gone)
    return Arrangement(kept, written, sorted(deleted), changed, _blocked(written, others), others)


def _blocked(written: Sequence[tuple[str, str]], others: Sequence[str]) -> dict[str, str]:
    """Those of the files to be written that cannot lie beside these of somebody's own, with why."""
    files_there = set(others)
    directories = {above for path in others for above in _above(path)}
    found = {path: "is a directory" for path, _ in written if path in directories}
    for path, _ in written:
        if above := next((each for each in _above(path) if each in files_there), ""):
            found[path] = f"lies below {above!a}, which is a file"
    return found


def _above(path: str) -> list[str]:
    """The directories that a path leads through, from the top."""
    parts = path.split("/")
    return ["/".join(parts[:depth]) for depth in range(1, len(parts))]


def refuse_blocked(blocked: Mapping[str, str], *, where: str, name: str) -> None:
    """ConflictError where files cannot be put beside what somebody has there; nothing where all can."""
    if blocked:
        first = min(blocked)
        more = f", and {len(blocked) - 1:,} more" if len(blocked) > 1 else ""
        raise ConflictError(
            f"{name} cannot be put into {where}: there {first!a} {blocked[first]}{more}",
            hint="move what is yours away",
            details={"path": where, "count": len(blocked), "files": sorted(blocked)[:_NAMED]},
        )


def refuse_changed(changed: Mapping[str, str], *, where: str, name: str) -> None:
    """ConflictError where files would be replaced that are somebody's own; nothing where there are none."""
    if not changed:
        return
    first = min(changed)
    shown = [f"{path!a} {why}" for path, why in sorted(changed.items())]
    raise ConflictError(
        f"{len(changed)} file{'s' if len(changed) > 1 else ''} of {where} would be lost to {name}: "
        f"{first!a} {changed[first]}" + (f", and {len(changed) - 1} more" if len(changed) > 1 else ""),
        hint="move what is yours away, or give --force to have it replaced",
        details={"path": where, "count": len(changed), "files": shown[:_NAMED]},
    )


def carry_out(
    arrangement: Arrangement, *, cache: Cache, base: str, directory: str, state: str, progress: Progress
) -> dict[str, PlacedFile]:
    """The files are there, each byte checked before the first of them is touched: path -> how it lies there now.

    `directory` counts from `base`, which exists; no symbolic link below that is followed. Killed at any time, the next
    call does what is left. Errors: MissingDataError, MismatchError, ConflictError, DiskError.
    """
    if arrangement.nothing:
        return dict(arrangement.kept)
    os.makedirs(state, exist_ok=True)
    total = sum(os.path.getsize(cache.path_of(md5)) for _, md5 in arrangement.written)
    advance = summed(progress, "restoring", total=total)
    dvc.materialise(
        cache,
        arrangement.written,
        base=base,
        directory=directory,
        delete=arrangement.deleted,
        staging=state,
        progress=lambda _, size: advance(size),
    )
    top = os.path.join(base, directory)
    new = {path: placed(md5, os.lstat(os.path.join(top, path))) for path, md5 in arrangement.written}
    return {**arrangement.kept, **new}


def _files_below(directory: str) -> dict[str, os.stat_result]:
    """All that is no directory at and below the one named, by relative path; links are not followed."""
    found: dict[str, os.stat_result] = {}
    below = [""]
    while below:
        where = below.pop()
        try:
            with os.scandir(os.path.join(directory, where)) as entries:
                for entry in entries:
                    path = f"{where}/{entry.name}" if where else entry.name
                    if entry.is_dir(follow_symlinks=False):
                        below.append(path)
                    else:
                        found[path] = entry.stat(follow_symlinks=False)
        except (FileNotFoundError, NotADirectoryError):
            continue
    return found


def _md5(path: str, seen: os.stat_result, before: PlacedFile | None) -> str | None:
    """The md5 of the file's bytes, not read where it is as it was put there; None for what is no regular file."""
    if before is not None and before.is_that_of(seen):
        return before.md5
    return files.md5_of(path) if stat.S_ISREG(seen.st_mode) else None
