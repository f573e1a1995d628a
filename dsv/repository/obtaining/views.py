"""A directory with the files of an obtained version under their names: for whoever reads files, and not records.

It lies in the user's cache, holds just the files of one portion, is made beside and renamed when it is whole, and is
the same for all processes. Nobody writes there: what somebody did to it is found when it is next asked for, and undone.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from dsv.adapters import dvc
from dsv.errors import DiskError
from dsv.model.progress import summed
from dsv.repository.obtaining.kept import Hold, KeptVersion, UserCache, short_digest
from dsv.repository.obtaining.obtaining import Obtained, Trust
from dsv.repository.obtaining.seen_objects import Seen, SeenFile, SeenObject, examined, read_seen, write_seen


@dataclass(frozen=True)
class View:
    """Where the files are: their directory, or the one file of a dataset that is a file. `hold` keeps them there."""

    path: str
    hold: Hold


def view_of(obtained: Obtained) -> View:
    """The files under their names, whole and as they should be.

    Errors: DiskError, MismatchError where an object changes meanwhile.
    """
    cache = UserCache.of_user()
    hold = cache.hold(KeptVersion.of(obtained.manifest, address=obtained.found.origin.address))
    name = _name(obtained)
    directory, notes = os.path.join(cache.views, name), os.path.join(cache.seen, f"{name}.json")
    with _one_at_a_time(f"{directory}.lock"):
        noted = read_seen(notes)
        if not noted.whole or noted != _seen(obtained, directory) or not _believed(obtained, directory):
            _make(obtained, directory)
            write_seen(notes, _seen(obtained, directory))
    if not obtained.manifest.digests.dvc.endswith(".dir"):
        directory = os.path.join(directory, obtained.files[0].path)
    return View(directory, hold)


def _believed(obtained: Obtained, directory: str) -> bool:
    """Whether the files there are right: those that look as they did, unless all are to be read again."""
    if obtained.trust is Trust.SEEN:
        return True
    paths = {each.path: os.path.join(directory, *each.path.split("/")) for each in obtained.files}
    found = examined(paths, noted={}, progress=obtained.found.origin.home.progress)
    return all(found[each.path].sha256 == each.sha256 for each in obtained.files)


def _name(obtained: Obtained) -> str:
    """By the digest of the version, and which of its files there are."""
    paths = "\0".join(each.path for each in obtained.files)
    digest = hashlib.sha256(paths.encode("utf-8", "surrogateescape")).hexdigest()[:12]
    return f"{short_digest(obtained.manifest.digests.tree)}-{digest}"


def _make(obtained: Obtained, directory: str) -> None:
    """All files made beside, then in the place of whatever is there."""
    where, name = os.path.split(directory)
    for left in os.listdir(where):
        if left.startswith(f".{name}."):
            shutil.rmtree(os.path.join(where, left), ignore_errors=True)
    beside = os.path.join(where, f".{name}.{os.urandom(4).hex()}.tmp")
    aside = f"{beside}.old"
    hard_links = _hard_links(obtained)
    advance = summed(obtained.found.origin.home.progress, "placing", total=obtained.bytes)
    try:
        os.mkdir(beside)
        for each in obtained.files:
            target = os.path.join(beside, *each.path.split("/"))
            os.makedirs(os.path.dirname(target), exist_ok=True)
            dvc.share(each.source, target, sha256=each.sha256, hard_links=hard_links)
            advance(each.size, 1)
        with suppress(FileNotFoundError):
            os.rename(directory, aside)
        os.rename(beside, directory)
    except OSError as error:
        raise DiskError(
            f"the files of {obtained.found.name} cannot be put into {where}: {error.strerror}",
            hint="DSV_CACHE names another directory",
        ) from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)
        shutil.rmtree(aside, ignore_errors=True)


def _hard_links(obtained: Obtained) -> bool:
    """Whether a file may be another name of the object: in the user's cache, else where DVC's settings allow it.

    Who writes to such a file changes the object too, and that in a repository's own cache may be the only one.
    """
    if obtained.found.origin.visited is not None:
        return True
    return "hardlink" in dvc.configuration(obtained.cache.root).links


def _seen(obtained: Obtained, directory: str) -> Seen:
    """What each file below the directory looks like; `whole` where these are all that was obtained, and no others."""
    wanted = {each.path: each for each in obtained.files}
    found, strange = list[SeenFile](), not os.path.isdir(directory)
    pending = [("", directory)]
    while pending:
        prefix, where = pending.pop()
        with suppress(FileNotFoundError, NotADirectoryError), os.scandir(where) as entries:
            for entry in entries:
                path = f"{prefix}{entry.name}"
                if entry.is_dir(follow_symlinks=False):
                    pending.append((f"{path}/", entry.path))
                elif (file := wanted.get(path)) is None:
                    strange = True
                else:
                    seen = entry.stat(follow_symlinks=False)
                    look = seen.st_size, seen.st_mtime_ns, seen.st_ino
                    found.append(SeenFile(path, file.md5, SeenObject(look, file.sha256)))
    return Seen(len(found) == len(wanted) and not strange, sorted(found))


@contextmanager
def _one_at_a_time(file: str) -> Iterator[None]:
    """Two processes do not make the same directory at once: the second one finds it made."""
    try:
        os.makedirs(os.path.dirname(file), exist_ok=True)
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise DiskError(f"{file} cannot be made: {error.strerror}", hint="DSV_CACHE names another directory") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
