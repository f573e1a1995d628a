"""The files of a dataset as they lie in the work tree, and the refusal of what cannot be versioned."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from operator import itemgetter
from typing import NamedTuple

from dsv.errors import DiskError, NoPathError, UnsupportedFileError

_SHOWN = 10
_LONGEST_SHOWN = 100
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_REPOSITORIES = frozenset({".git", ".dvc", ".hg"})


class WalkedFile(NamedTuple):
    """One regular file: its path below the data path (its name, where the data is one file) and its stat.

    `root` is the directory that the path counts from.
    """

    path: str
    size: int
    modified: int
    changed: int
    inode: int
    root: str

    @property
    def source(self) -> str:
        """Where the file lies."""
        return f"{self.root}/{self.path}"

    @property
    def signature(self) -> tuple[int, int, int, int]:
        """What differs when the file was touched: size, mtime and ctime in ns, inode."""
        return self[1:5]


class Sources(Mapping[str, str]):
    """Where files lie, by path; made when somebody asks."""

    def __init__(self, walked: Sequence[WalkedFile]) -> None:
        self._walked = walked

    @cached_property
    def _places(self) -> dict[str, str]:
        return {file.path: file.source for file in self._walked}

    def __getitem__(self, path: str) -> str:
        return self._places[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._walked)


def walk(path: str, *, shown: str) -> list[WalkedFile]:
    """Every file of the data, by path in byte order; UnsupportedFileError names what cannot be versioned.

    Nothing is opened, and no symbolic link is followed.
    """
    try:
        mode = os.lstat(path).st_mode
    except FileNotFoundError:
        raise NoPathError(f"{shown} does not exist", hint="give the path of a file or directory with data") from None
    found: list[WalkedFile] = []
    problems: list[str] = []
    if stat.S_ISDIR(mode):
        _walk_directory(path, found, problems)
    else:
        root, name = os.path.split(path)
        _look_at(root, name, os.lstat(path), found, problems)
    if problems:
        problems.sort()
        raise UnsupportedFileError(
            f"{shown} holds what cannot be versioned: {problems[0]}"
            + (f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""),
            hint="move it out of the dataset; links can be replaced by the files they lead to, "
            "those into DVC's cache with dvc config cache.type reflink,copy and dvc checkout --relink",
            details={"count": len(problems), "problems": problems[:_SHOWN]},
        )
    # what is left is UTF-8, which sorts as its code points do
    found.sort(key=itemgetter(0))
    return found


def _walk_directory(root: str, found: list[WalkedFile], problems: list[str]) -> None:
    """Look at every entry below the directory that is no plain directory; one that holds a repository counts too."""
    pending = [""]
    make, is_regular = tuple.__new__, stat.S_ISREG
    while pending:
        prefix = pending.pop()
        try:
            descriptor = os.open(f"{root}/{prefix}", _DIRECTORY)
        except OSError as error:
            raise _unreadable(prefix or root, error) from error
        with _closing(descriptor), os.scandir(descriptor) as entries:
            for entry in entries:
                name = entry.name
                path = prefix + name
                if entry.is_dir(follow_symlinks=False) and name not in _REPOSITORIES:
                    pending.append(path + "/")
                    continue
                seen = entry.stat(follow_symlinks=False)
                if is_regular(seen.st_mode) and path.isascii() and name[0] != ".":  # as nearly all are
                    stamp = seen.st_mtime_ns, seen.st_ctime_ns, seen.st_ino
                    found.append(make(WalkedFile, (path, seen.st_size, *stamp, root)))
                else:
                    _look_at(root, path, seen, found, problems)


@contextmanager
def _closing(descriptor: int) -> Iterator[None]:
    try:
        yield
    finally:
        os.close(descriptor)


def _unreadable(directory: str, error: OSError) -> DiskError | UnsupportedFileError:
    named = f"{directory if len(directory) <= _LONGEST_SHOWN else f'{directory[:_LONGEST_SHOWN]}...'!a}"
    if error.errno == errno.ENAMETOOLONG:
        return UnsupportedFileError(
            f"the path {named} has {len(os.fsencode(directory)):,} bytes, more than this system takes",
            hint="shorten the names of its directories",
        )
    return DiskError(f"{named} cannot be read: {error.strerror}", hint="look at its permissions")


def _look_at(root: str, path: str, status: os.stat_result, found: list[WalkedFile], problems: list[str]) -> None:
    if problem := _problem(path, status.st_mode):
        problems.append(f"{path!a} {problem}")
    else:
        found.append(WalkedFile(path, status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino, root))


def _problem(path: str, mode: int) -> str | None:
    name = path.rpartition("/")[2]
    if name in _REPOSITORIES:
        return "is a repository of its own"
    if not stat.S_ISREG(mode):
        return "is a symbolic link" if stat.S_ISLNK(mode) else "is no regular file (a pipe, socket or device)"
    if name == ".dvcignore":
        return "would hide files from DVC"
    if not path.isascii():
        try:
            path.encode()
        except UnicodeEncodeError:
            return "has a name that is not UTF-8"
    return None
