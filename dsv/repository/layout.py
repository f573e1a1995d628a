"""Where everything lies in a user's repository; paths are relative to the DVC root, with slashes."""

from __future__ import annotations

import re
from dataclasses import dataclass

from dsv.model.name import is_name
from dsv.model.version import Version
from dsv.repository import files

SETTINGS = "dsv.yaml"
ARTIFACTS = "dvc.yaml"
_MANIFEST = re.compile(r"([^/]+)/([^/]+)\.yaml")
_SCORES = re.compile(r"([^/]+)/scores/([^/]+\.parquet)\.dvc")
_EVENT = re.compile(r"([^/]+)/events/([^/]+\.yaml)")


@dataclass(frozen=True)
class Layout:
    """`root` is the DVC root; `prefix` is where it lies below git's root ("" when they are the same)."""

    root: str
    prefix: str
    manifests: str = "manifests"

    def absolute(self, path: str) -> str:
        """The path in this file system; OutsideError where it leads through a symbolic link."""
        return files.below(self.root, path)

    def in_git(self, path: str) -> str:
        """The path as git counts it, from its root."""
        return f"{self.prefix}/{path}" if self.prefix else path

    def from_git(self, path: str) -> str:
        """The inverse of `in_git`."""
        return path[len(self.prefix) + 1 :] if self.prefix else path

    def directory(self, dataset: str) -> str:
        """The directory of one dataset's own files."""
        return f"{self.manifests}/{dataset}"

    def dataset_file(self, dataset: str) -> str:
        """The declaration of a dataset."""
        return f"{self.directory(dataset)}/dataset.yaml"

    def manifest_file(self, dataset: str, version: Version) -> str:
        """The manifest of a version."""
        return f"{self.directory(dataset)}/{version}.yaml"

    def index_pointer(self, dataset: str, version: Version) -> str:
        """The DVC pointer to a version's record index."""
        return f"{self.directory(dataset)}/{version}.dvc"

    def index_directory(self, dataset: str, version: Version) -> str:
        """The record index of a version in the work tree."""
        return f"{self.directory(dataset)}/{self.index_output(version)}"

    @staticmethod
    def index_output(version: Version) -> str:
        """The record index as its pointer names it."""
        return f"index/{version}"

    def schemas(self) -> str:
        """Where the JSON Schemas lie that the first line of each written file names."""
        return f"{self.manifests}/.schemas"

    @staticmethod
    def data_pointer(path: str) -> str:
        """The DVC pointer of a data path."""
        return f"{path}.dvc"

    def tag(self, dataset: str, version: Version | str) -> str:
        """The release tag, in the form that GTO and DVC understand; `*` in place of a version makes a glob."""
        below = f"{self.prefix}=" if self.prefix else ""
        return f"{below}{dataset}@v{version}"

    def events(self, dataset: str) -> str:
        """The directory of what happened to a dataset after its releases."""
        return f"{self.directory(dataset)}/events"

    def scores(self, dataset: str) -> str:
        """The directory of files of scores, which DVC keeps, and of the pointers to them, which git does."""
        return f"{self.directory(dataset)}/scores"

    def is_sealed(self, path: str) -> bool:
        """Whether the file is written once and told by a digest, so that nobody edits it: manifest, event, pointer."""
        event = path.startswith(f"{self.manifests}/") and path.split("/")[-2] == "events"
        return path.endswith(".dvc") or event or self.parse_manifest_path(path) is not None

    def stage_tag(self, dataset: str, stage: str) -> str:
        """What a tag begins with that tells GTO and DVC about a stage; `#` and a number follow."""
        return f"{self.tag(dataset, '').removesuffix('@v')}#{stage}"

    def parse_tag(self, tag: str) -> tuple[str, str] | None:
        """(dataset, version text) when the tag could be a release's of this DVC root; the version is not parsed."""
        start = f"{self.prefix}=" if self.prefix else ""
        dataset, _, text = tag[len(start) :].rpartition("@v")
        return (dataset, text) if tag.startswith(start) and is_name(dataset) else None

    def parse_manifest_path(self, path: str) -> tuple[str, str] | None:
        """(dataset, version text) when the path could be a manifest's; the version is not parsed."""
        if not path.startswith(self.manifests + "/"):
            return None
        match = _MANIFEST.fullmatch(path[len(self.manifests) + 1 :])
        if match is None or match[2] == "dataset" or not is_name(match[1]):
            return None
        return match[1], match[2]

    def parse_event_path(self, path: str) -> tuple[str, str] | None:
        """(dataset, file name) when the path could be an event's."""
        match = _EVENT.fullmatch(path[len(self.manifests) + 1 :]) if path.startswith(self.manifests + "/") else None
        return (match[1], match[2]) if match is not None and is_name(match[1]) else None

    def parse_scores_pointer(self, path: str) -> tuple[str, str] | None:
        """(dataset, name of the file) when the path could be that of the pointer to a file of scores."""
        match = _SCORES.fullmatch(path[len(self.manifests) + 1 :]) if path.startswith(self.manifests + "/") else None
        return (match[1], match[2]) if match is not None and is_name(match[1]) else None
