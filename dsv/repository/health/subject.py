"""What the checks look at: each part of a repository read once, when the first check asks for it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from dsv.adapters import dvc
from dsv.adapters.git import clone
from dsv.errors import DsvError, LockedError
from dsv.model.progress import untold
from dsv.repository.known.catalog import KnownVersion, Versions, all_versions
from dsv.repository.known.search_index import parsed_declarations, parsed_manifests
from dsv.repository.writing import lock

if TYPE_CHECKING:
    from dsv.repository.repository import Repository


@dataclass(frozen=True)
class Declared:
    """What the checks need of a declaration in HEAD's tree; None where it cannot be read."""

    path: str | None
    description: str


@dataclass(frozen=True)
class Subject:
    """A repository, and what several checks ask of it."""

    repository: Repository

    @cached_property
    def versions(self) -> Mapping[str, Versions]:
        """What is known of the versions of every dataset, by its name today."""
        return all_versions(self.repository)

    @cached_property
    def known(self) -> Sequence[KnownVersion]:
        """Every known version, by dataset, ascending."""
        return [each for versions in self.versions.values() for each in versions.known]

    @cached_property
    def head_tree(self) -> Mapping[str, str]:
        """The blobs of HEAD's tree below the manifests, by path from the DVC root."""
        git, layout = self.repository.git, self.repository.layout
        head = git.head()
        entries = git.tree(head, layout.in_git(layout.manifests)) if head else {}
        return {layout.from_git(path): entry.blob for path, entry in entries.items()}

    @cached_property
    def manifests(self) -> Mapping[str, Mapping[str, Any]]:
        """The manifests of the known versions as JSON values, by blob, without those that cannot be read."""
        return parsed_manifests(
            self.repository, [each.blob for each in self.known], members=("dataset", "version", "data", "digests")
        )

    @cached_property
    def declared(self) -> Mapping[str, Declared | None]:
        """Every dataset that HEAD's tree declares, by name; None for a declaration that cannot be read."""
        layout = self.repository.layout
        blobs = {}
        for path, blob in self.head_tree.items():
            folder, _, file = path.rpartition("/")
            if file == "dataset.yaml" and folder.count("/") == layout.manifests.count("/") + 1:
                blobs[folder.rpartition("/")[2]] = blob
        parsed = parsed_declarations(self.repository, blobs.values())
        return {
            name: Declared(found["path"], found["description"]) if (found := parsed.get(blob)) is not None else None
            for name, blob in sorted(blobs.items())
        }

    @cached_property
    def released(self) -> Mapping[str, Declared]:
        """The declarations of the datasets that HEAD's tree has versions of, by name, as far as they can be read."""
        with_versions = {name for name, each in self.versions.items() if any(known.in_head for known in each.known)}
        return {name: each for name, each in self.declared.items() if each is not None and name in with_versions}

    @cached_property
    def status(self) -> Mapping[str, str]:
        """What git tells of files of dsv's that are not as HEAD has them: two letters by path from the DVC root."""
        layout = self.repository.layout
        return {
            layout.from_git(path): letters
            for path, letters in clone.status(self.repository.git, layout.in_git(layout.manifests)).items()
        }

    @cached_property
    def git_settings(self) -> Mapping[str, Sequence[str]]:
        """Git's configuration."""
        return clone.configuration(self.repository.git)

    @cached_property
    def dvc_settings(self) -> dvc.Configuration:
        """DVC's settings. Errors: DvcError."""
        return dvc.configuration(self.repository.layout.root)

    @cached_property
    def cache(self) -> dvc.Cache:
        """DVC's cache."""
        return dvc.find_cache(self.repository.layout.root)

    @cached_property
    def held(self) -> set[str]:
        """The oids of all objects in the cache."""
        return self.cache.held()

    @cached_property
    def never_fetched(self) -> bool:
        """Whether no data was ever here, as after `git clone`: neither in the cache nor in the work tree."""
        layout = self.repository.layout
        return not any(oid in self.held for known in self.known for oid in self.tops(known)) and not any(
            os.path.lexists(layout.absolute(each.path)) for each in self.released.values() if each.path
        )

    def tops(self, known: KnownVersion) -> Sequence[str]:
        """The objects of a version's data and of its record index, as the manifest names them, if it can be read."""
        manifest = self.manifests.get(known.blob)
        digests = manifest["digests"] if manifest is not None else {}
        return [digests[name].removeprefix("md5:") for name in ("dvc", "index") if digests.get(name)]

    @cached_property
    def at_work(self) -> bool:
        """Whether another dsv holds the lock, so that what looks left behind is not."""
        path = os.path.join(self.repository.git.common, "dsv", "lock")
        if not os.path.exists(path):
            return False
        try:
            with lock.exclusive(path, operation="doctor", timeout=0, tell=untold):
                return False
        except LockedError:
            return True
        except DsvError:
            return False  # nobody who cannot open it either is at work; that it cannot be opened is told elsewhere
