"""The directory of a site: which is ours, what is in it, and pages written so that a reader sees a whole one."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from dsv.errors import DiskError, ExistsError, OutsideError, UsageError

STATE = "dsv-site.json"
"""What makes a directory ours: from what each dataset's pages were made. It goes first, and comes back last."""

_SCHEMA = 1
_MOST_BYTES = 64 << 20
_DATASETS = "datasets"


@dataclass
class SiteDirectory:
    """The directory, with the keys of those datasets whose pages in it are whole; counts what is done."""

    path: str
    keys: Mapping[str, str]
    written: int = 0
    removed: int = 0
    _directories: set[str] = field(default_factory=set)

    @classmethod
    def open(cls, path: str) -> SiteDirectory:
        """The directory, made if absent. Errors: ExistsError where something is in it that is no site of ours."""
        with _disk(path):
            if os.path.lexists(path) and not os.path.isdir(path):
                raise UsageError(f"{path!a} is no directory", hint="a site is a directory of pages")
            _refuse_link(path)
            os.makedirs(path, exist_ok=True)
            keys = _state(os.path.join(path, STATE))
            if keys is None and os.listdir(path):
                raise ExistsError(
                    f"{path!a} is not empty, and no site that dsv built",
                    hint="name a new directory with -o, or empty this one",
                )
            return cls(path, keys or {})

    def holds(self, dataset: str, files: Collection[str]) -> bool:
        """Whether exactly these pages of a dataset are there."""
        return self._there(dataset) == set(files)

    def begin(self, whole: Mapping[str, str]) -> None:
        """Only the pages of these datasets are whole from here on, whatever happens."""
        self._remember(whole)

    def finish(self, keys: Mapping[str, str]) -> None:
        """All pages are whole."""
        self._remember(keys)

    def write(self, file: str, content: str) -> int:
        """The file has this content, in its place at once; the bytes that it has."""
        path = os.path.join(self.path, *file.split("/"))
        data = content.encode()
        with _disk(path):
            directory = self._made(*file.split("/")[:-1])
            scratch = os.path.join(directory, f".page.{os.urandom(4).hex()}.tmp")
            with open(scratch, "xb") as stream:
                stream.write(data)
            os.replace(scratch, path)
        self.written += 1
        return len(data)

    def write_if_other(self, file: str, content: str) -> None:
        """The same, where the file does not have this content already."""
        names = file.split("/")
        path = os.path.join(self.path, *names)
        with _disk(path):
            self._made(*names[:-1])
            if os.path.isfile(path):
                with open(path, "rb") as stream:
                    if stream.read() == content.encode():
                        return
        self.write(file, content)

    def keep_only(self, dataset: str, files: Collection[str]) -> None:
        """No other page of the dataset is left."""
        for file in sorted(self._there(dataset) - set(files)):
            with _disk(file):
                os.unlink(os.path.join(self.path, *file.split("/")))
            self.removed += 1

    def drop_others(self, datasets: Collection[str]) -> None:
        """No page of another dataset is left."""
        place = os.path.join(self.path, _DATASETS)
        with _disk(place):
            _refuse_link(place)
            for name in sorted(set(os.listdir(place)) - set(datasets)) if os.path.isdir(place) else ():
                self.removed += len(self._there(name))
                _remove(os.path.join(place, name))

    def _there(self, dataset: str) -> set[str]:
        """The files of a dataset's directory."""
        found = set()
        top = os.path.join(self.path, _DATASETS, dataset)
        _refuse_link(os.path.join(self.path, _DATASETS))
        for below in ("", "versions", "changes"):
            place = os.path.join(top, below) if below else top
            _refuse_link(place)
            with _disk(place):
                entries = list(os.scandir(place)) if os.path.isdir(place) else []
            prefix = f"{_DATASETS}/{dataset}/{below}/" if below else f"{_DATASETS}/{dataset}/"
            found |= {f"{prefix}{each.name}" for each in entries if not each.is_dir(follow_symlinks=False)}
        return found

    def _made(self, *names: str) -> str:
        """The directory below the site with these names, made if absent."""
        place = self.path
        for name in names:
            place = os.path.join(place, name)
            if place not in self._directories:
                _refuse_link(place)
                os.makedirs(place, exist_ok=True)
                self._directories.add(place)
        return place

    def _remember(self, keys: Mapping[str, str]) -> None:
        document = {"generator": "dsv", "schema": _SCHEMA, "datasets": dict(sorted(keys.items()))}
        self.write(STATE, json.dumps(document, indent=1) + "\n")
        self.written -= 1


def _state(path: str) -> dict[str, str] | None:
    """The keys by dataset; None where the file is none of ours, nothing where an older or newer dsv wrote it."""
    if not os.path.isfile(path) or os.path.getsize(path) > _MOST_BYTES:
        return None
    try:
        with open(path, "rb") as stream:
            document = json.load(stream)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict) or document.get("generator") != "dsv":
        return None
    found = document.get("datasets")
    if document.get("schema") != _SCHEMA or not isinstance(found, dict):
        return {}
    return {name: key for name, key in found.items() if isinstance(key, str)}


def _refuse_link(place: str) -> None:
    """OutsideError for a symbolic link: who made the repository could lead what is written, or removed, anywhere."""
    if os.path.islink(os.path.normpath(place)):  # a slash at the end would be taken for what the link leads to
        raise OutsideError(
            f"{place!a} is a symbolic link", hint="name the directory itself with -o, or remove the link"
        )


def _remove(place: str) -> None:
    if os.path.isdir(place) and not os.path.islink(place):
        shutil.rmtree(place)
    else:
        os.unlink(place)


@contextmanager
def _disk(path: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DiskError(
            f"{path!a} cannot be written: {error.strerror}", hint="is the disk full, or read-only?"
        ) from error
