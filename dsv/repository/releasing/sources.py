"""What a version is made from: the parents that people name, found, and what became of their records."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dsv.errors import ConflictError, DsvError, IntegrityError, MissingDataError, UsageError
from dsv.model.facts import Facts
from dsv.model.lineage import Direction
from dsv.model.reference import GitRevision
from dsv.model.source import Source, located, parse_sources
from dsv.repository.comparing.revision import version_at
from dsv.repository.comparing.versions import side_of
from dsv.repository.contents.comparison import Side, are_keyed, compared_records
from dsv.repository.known.catalog import KnownVersion, find, read_manifest, versions_of, warn
from dsv.repository.known.lineage_graph import lineage_graph
from dsv.repository.releasing.decision import Edge

if TYPE_CHECKING:
    from dsv.model.change import RecordCounts
    from dsv.model.standing import Standing
    from dsv.repository.releasing.foreign import Foreign
    from dsv.repository.repository import Repository


@dataclass(frozen=True)
class Parent:
    """A version that another is made from: where it was found, what manifests call it, and its dataset's name today.

    `there` is the repository that it is in, None for this git repository.
    """

    source: Source
    home: Repository
    known: KnownVersion
    name: str
    dataset: str
    standing: Standing
    there: Foreign | None = None

    @property
    def repository(self) -> str:
        """The address of the repository that it is in, as manifests have it; "" for this one."""
        return "" if self.there is None else self.there.address

    def __str__(self) -> str:
        return located(self.name, self.repository)


def find_parents(repository: Repository, facts: Facts) -> list[Parent]:
    """The versions that the facts name as sources, in their order.

    Errors: UsageError for a source that is malformed or named twice in one relation, NoDatasetError and NoVersionError
    for one that is not there, NoRepositoryError.
    """
    found: dict[tuple[str, str], Parent] = {}
    for source in parse_sources(facts.sources, notes=facts.notes):
        parent = _found(repository, source)
        if found.setdefault((str(parent), source.relation), parent) is not parent:
            raise UsageError(f"{parent} is named twice as a source to {source.relation}", hint="leave one of them out")
    return list(found.values())


def edges_from(repository: Repository, parents: list[Parent], side: Side) -> list[Edge]:
    """What became of each parent's records in the new version; unknown where the parent's cannot be had."""
    return [
        Edge(
            parent.name,
            parent.source.relation,
            _counted(repository, parent, side),
            repository=parent.repository,
            digest=read_manifest(parent.home, parent.known).digests.tree,
            note=parent.source.note,
        )
        for parent in parents
    ]


def check_sources(repository: Repository, facts: Facts) -> None:
    """Refuse what `find_parents` does, and tell of parents that were deprecated or withdrawn."""
    for parent in find_parents(repository, facts):
        warn(repository, parent.known, parent.standing)
        if parent.repository.startswith("/"):
            repository.tell(f"{parent} is recorded by a path that only this machine knows")


def refuse_circle(repository: Repository, name: str, parents: list[Parent]) -> None:
    """ConflictError where a parent descends from the version of this name, `NAME@X.Y.Z`, which is yet to be released.

    Whoever wrote that, or released a version of this name before and took it back, made it so.
    """
    if not parents:
        return
    graph = lineage_graph(repository)
    for parent in parents:
        ref = f"{parent.dataset}@{parent.known.version}"
        if not parent.repository and parent.home is repository and name in graph.distances(ref, Direction.UP):
            way = graph.way_up(ref, name)
            raise ConflictError(
                f"{name} cannot be made from {parent}, which was made from it: {' <- '.join(way)}",
                hint="release it under another number, with --version",
            )


def _found(repository: Repository, source: Source) -> Parent:
    reference = source.located.reference
    there = None
    if source.located.repository:
        from dsv.repository.releasing.foreign import foreign

        there = foreign(repository, source.located.repository, root=reference.prefix)
    home = repository.home_of(reference) if there is None else there.home
    if isinstance(reference.selector, GitRevision):
        known = version_at(home, reference.dataset, reference.selector)
        versions = versions_of(home, known.dataset)
    else:
        known, versions = find(home, replace(reference, prefix=home.layout.prefix))
    name = f"{home.layout.prefix}:{known.name}" if home is not repository and home.layout.prefix else known.name
    return Parent(source, home, known, name, versions.dataset, versions.standing, there)


def _counted(repository: Repository, parent: Parent, side: Side) -> RecordCounts | None:
    """The records of the parent against those of the new version, from the record indexes of both."""
    try:
        old = _side_of(repository, parent)
    except IntegrityError as error:
        repository.tell(f"how many records came from {parent} stays unknown: {error.message}")
        return None
    keyed = are_keyed(old, side)
    return compared_records(old, side, keyed=keyed, executor=repository.executor).counts


def _side_of(repository: Repository, parent: Parent) -> Side:
    """The parent with its record index, which comes from a remote where it is not here."""
    if parent.there is not None:
        from dsv.repository.releasing.foreign import foreign_side

        return foreign_side(repository, parent.there, parent.known)
    try:
        return side_of(parent.home, parent.known)
    except MissingDataError as missing:
        from dsv.repository.transfer.fetching import Wanted, fetch_versions

        try:
            fetch_versions(parent.home, [parent.known], wanted=Wanted.INDEX)
        except DsvError as error:
            repository.tell(f"the record index of {parent} does not come from a remote: {error.message}")
            raise missing from None
        return side_of(parent.home, parent.known)
