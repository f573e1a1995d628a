"""What an operation is about to write, on the disk before it writes: so that it can be finished or undone.

There is at most one journal, because there is one lock. It holds the text of every file from before, and
the id of the commit as soon as there is one; whether that commit is in HEAD's history decides afterwards
between finishing and undoing.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from dsv.errors import DiskError
from dsv.repository import files


@dataclass(frozen=True)
class Journal:
    """One unfinished operation; paths are relative to the DVC root.

    `before` is the base64 of each file's content (None: there was none), `after` the SHA-256 of what we
    write (None: we delete it); `directories` are new ones that undoing removes; `saved_work` is git's
    commit of the user's uncommitted changes.
    """

    operation: str
    before: Mapping[str, str | None]
    after: Mapping[str, str | None]
    directories: Sequence[str] = ()
    saved_work: str | None = None
    commit: str | None = None
    root: str = ""

    def committed(self, commit: str) -> Journal:
        """The same, knowing the commit it leads to."""
        return replace(self, commit=commit)


def start(
    operation: str,
    *,
    root: str,
    writes: Mapping[str, bytes | None],
    directories: Sequence[str],
    saved_work: str | None,
) -> Journal:
    """The journal of an operation that is about to write these files below the root."""
    contents = {path: files.read_bytes(os.path.join(root, path)) for path in writes}
    return Journal(
        operation=operation,
        before={path: None if old is None else base64.b64encode(old).decode() for path, old in contents.items()},
        after={path: None if new is None else hashlib.sha256(new).hexdigest() for path, new in writes.items()},
        directories=list(directories),
        saved_work=saved_work,
        root=root,
    )


def save(journal: Journal, path: str) -> None:
    """The journal is on the disk when this returns."""
    files.write_bytes(path, json.dumps(asdict(journal), indent=1).encode())


def load(path: str) -> Journal | None:
    """The journal of an operation that did not finish; None when there is none."""
    content = files.read_bytes(path)
    if content is None:
        return None
    try:
        return Journal(**json.loads(content))
    except (ValueError, TypeError) as error:
        raise DiskError(f"the journal {path} is damaged", hint="move it away after a look at git status") from error


def undo(journal: Journal) -> list[str]:
    """Put back what was there before; returns the files that somebody changed since, which stay as they are."""
    kept = []
    for path, old in journal.before.items():
        absolute = os.path.join(journal.root, path)
        current = files.read_bytes(absolute)
        digest = None if current is None else hashlib.sha256(current).hexdigest()
        content = None if old is None else base64.b64decode(old)
        if current == content:
            continue
        if digest != journal.after[path]:
            kept.append(path)
        elif content is None:
            files.remove(absolute)
        else:
            files.write_bytes(absolute, content)
    for directory in journal.directories:
        shutil.rmtree(os.path.join(journal.root, directory), ignore_errors=True)
    for path in journal.before:
        _remove_empty(os.path.dirname(os.path.join(journal.root, path)), root=journal.root)
    return kept


def _remove_empty(directory: str, *, root: str) -> None:
    while directory.startswith(root + os.sep):
        try:
            os.rmdir(directory)
        except OSError:
            return
        directory = os.path.dirname(directory)
