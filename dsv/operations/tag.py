"""`dsv tag`: release tags on HEAD, for versions that were committed without one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dsv.adapters.git.signing import build_tag
from dsv.errors import ExistsError, NoVersionError, UsageError
from dsv.model.reference import Ref
from dsv.repository import Repository, exclusively
from dsv.repository.known.catalog import KnownVersion, dataset_names, read_manifest, resolve, versions_of
from dsv.repository.releasing.release import tag_message
from dsv.repository.writing.transaction import perform_tags


@dataclass(frozen=True)
class Tagged:
    """The tags made, and the commit they name (None without a commit)."""

    tags: Sequence[str]
    commit: str | None

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {"tags": list(self.tags), "commit": self.commit}


def tag(repository: Repository, *references: Ref, missing: bool = False) -> Tagged:
    """Annotated tags on HEAD for the named versions, or for every version in HEAD's tree that has none.

    Errors: ExistsError when a named version has its tag, NoVersionError when HEAD's tree does not hold it.
    """
    if bool(references) == missing:
        raise UsageError("name versions, or give --missing for all without a tag", hint="dsv tag --missing")
    with exclusively(repository, "tag"):
        repository.git.refuse_busy()
        wanted = _missing(repository) if missing else [_untagged(repository, each) for each in references]
        head = repository.git.head()
        if not wanted or head is None:
            return Tagged([], head)
        repository.git.identity()
        tags = {}
        for each in wanted:
            name = repository.layout.tag(each.dataset, each.version)
            message = tag_message(read_manifest(repository, each))
            tags[name] = build_tag(repository.git, name, commit=head, message=message)
        perform_tags(repository, tags, commit=head)
    return Tagged(list(tags), head)


def _missing(repository: Repository) -> list[KnownVersion]:
    return [
        known
        for name in dataset_names(repository)
        for known in versions_of(repository, name).known
        if known.in_head and known.tag is None
    ]


def _untagged(repository: Repository, reference: Ref) -> KnownVersion:
    known = resolve(repository, reference)
    if known.tag is not None:
        raise ExistsError(f"{known.name} has its tag {known.tag} already", hint="a release tag is never moved")
    if not known.in_head:
        raise NoVersionError(f"HEAD does not hold {known.name}", hint="check out a commit that does")
    return known
