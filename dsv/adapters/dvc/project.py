"""A directory made a DVC repository, and what its ignore rules hide."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from dsv.adapters.dvc.disk import disk_error
from dsv.adapters.dvc.runtime import load, translated
from dsv.errors import UnsupportedFileError

if TYPE_CHECKING:
    from collections.abc import Iterable

# What dvc init writes. Links from the work tree into the cache are left out, whatever the user's
# own settings say: an edit through one would change the cached copy too.
_CONFIG = '[cache]\n    type = "reflink,copy"\n'
_GITIGNORE = "/config.local\n/tmp\n/cache\n"
_DVCIGNORE = """\
# Add patterns of files dvc should ignore, which could improve
# the performance. Learn more at
# https://dvc.org/doc/user-guide/dvcignore
"""
_MOST_STARS = 3
_UNTRACKED = frozenset({".git", ".hg", ".dvc"})
"""Directories that DVC leaves out in any repository."""


def initialise(root: str) -> list[str]:
    """The paths made to make the root a DVC repository; none where it is one.

    What `dvc init` writes, in a git repository or below its top, with nothing staged in git's index.
    """
    directory = os.path.join(root, ".dvc")
    if os.path.isdir(directory):
        return []
    made = [".dvc/.gitignore", ".dvc/config"]
    unfinished = os.path.join(root, ".dvc-unfinished")
    try:
        shutil.rmtree(unfinished, ignore_errors=True)
        os.mkdir(unfinished)
        _write(os.path.join(unfinished, "config"), _CONFIG)
        _write(os.path.join(unfinished, ".gitignore"), _GITIGNORE)
        if not os.path.lexists(os.path.join(root, ".dvcignore")):
            # Whole or not at all: the next init takes one that is there for the user's.
            _write(os.path.join(unfinished, ".dvcignore"), _DVCIGNORE)
            os.rename(os.path.join(unfinished, ".dvcignore"), os.path.join(root, ".dvcignore"))
            made.append(".dvcignore")
        os.rename(unfinished, directory)
    except OSError as error:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise disk_error(error, doing=f"making {directory}") from error
    return made


def dvcignored(root: str, paths: Iterable[str]) -> list[str]:
    """Those of the files, paths from the root with "/", that DVC would leave out of a dataset.

    DVC itself is loaded only where a .dvcignore with a rule lies on the way to one of them.
    """
    wanted = list(paths)
    holding = {path.rpartition("/")[0] for path in wanted}
    hidden = [path for path in wanted if _never_tracked(path)] if _may_be_untracked(wanted, holding) else []
    with_rules = [each for each in _directories(holding) if _has_rules(os.path.join(root, each))]
    if not with_rules:
        return hidden
    for directory in with_rules:
        _refuse_endless_rules(root, f"{directory}/.dvcignore".lstrip("/"))
    with translated("reading .dvcignore"):
        load()
        from dvc.fs import localfs
        from dvc.ignore import DvcIgnoreFilter

        rules = DvcIgnoreFilter(localfs, os.path.abspath(root))
        return [
            path
            for path in wanted
            if _never_tracked(path) or rules.is_ignored_file(os.path.join(os.path.abspath(root), path))
        ]


def _never_tracked(path: str) -> bool:
    """Whether DVC leaves the file out in any repository."""
    *above, name = path.split("/")
    return name == ".git" or not _UNTRACKED.isdisjoint(above)


def _may_be_untracked(paths: list[str], holding: set[str]) -> bool:
    """Whether it is worth asking for each file; `holding` are their directories, which are few."""
    return any(not _UNTRACKED.isdisjoint(each.split("/")) for each in holding) or ".git\n" in "\n".join([*paths, ""])


def _directories(holding: Iterable[str]) -> list[str]:
    """The directories on the way from the root to these, which hold files, and these; the root first."""
    directories = {""}
    for each in holding:
        directory = each
        while directory and directory not in directories:
            directories.add(directory)
            directory = os.path.dirname(directory)
    return sorted(directories)


def _has_rules(directory: str) -> bool:
    try:
        with open(os.path.join(directory, ".dvcignore"), encoding="utf-8", errors="replace") as stream:
            return any(line.strip() and not line.strip().startswith("#") for line in stream)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise disk_error(error, doing=f"reading {os.path.join(directory, '.dvcignore')}") from error


def _refuse_endless_rules(root: str, file: str) -> None:
    """UnsupportedFileError for a rule with so many stars that trying it on a long name would take for ever."""
    with open(os.path.join(root, *file.split("/")), encoding="utf-8", errors="replace") as stream:
        for number, line in enumerate(stream, 1):
            if line.count("**") > _MOST_STARS or any(part.count("*") > _MOST_STARS for part in line.split("/")):
                raise UnsupportedFileError(
                    f"{file}:{number}: a rule with more than {_MOST_STARS} stars in a part of the path, "
                    "which could take for ever",
                    hint="write several simpler rules",
                    details={"file": file, "line": number},
                )


def _write(path: str, text: str) -> None:
    with open(path, "x", encoding="utf-8", newline="") as stream:
        stream.write(text)
