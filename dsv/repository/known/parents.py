"""Whether the parents that manifests name are there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from dsv.errors import DsvError, UsageError
from dsv.model.reference import Exact, Ref, parse_reference
from dsv.repository.known.catalog import Versions, versions_of

if TYPE_CHECKING:
    from dsv.model.version import Version
    from dsv.repository.repository import Repository


class Parents:
    """The versions of this git repository, looked up by what manifests call them; a dataset is looked at once.

    `lines` are versions that are known already, by each name of their dataset.
    """

    def __init__(self, repository: Repository, lines: Mapping[str, Versions]) -> None:
        self._repository = repository
        self._lines = {("", name): versions for name, versions in lines.items()}

    def find(self, reference: str) -> tuple[str, Version] | None:
        """The present name of the dataset and the version; None where there is no such version."""
        try:
            parsed = parse_reference(reference)
        except UsageError:
            return None
        if not isinstance(parsed.selector, Exact):
            return None
        versions = self._versions(parsed)
        if versions is None or versions.get(parsed.selector.version) is None:
            return None
        return (f"{parsed.prefix}:" if parsed.prefix else "") + versions.dataset, parsed.selector.version

    def _versions(self, reference: Ref) -> Versions | None:
        place = reference.prefix, reference.dataset
        if place not in self._lines:
            try:
                found = versions_of(self._repository.home_of(reference), reference.dataset)
            except DsvError:  # no DVC root is there
                return None
            self._lines[place] = found
        return self._lines[place]
