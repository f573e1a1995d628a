"""How the Python twin makes datasets of data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dsv.api.choices import BadRecords, release_options

if TYPE_CHECKING:
    from dsv.operations.add import Added
    from dsv.operations.import_registry import ImportedRegistry
    from dsv.repository import Repository
    from dsv.repository.releasing.release import Release


@dataclass(frozen=True)
class Adding:
    """First versions; the methods are those of `dsv.api.Repo`."""

    repository: Repository

    def add(
        self,
        path: str,
        *,
        name: str | None = None,
        type: str = "",  # noqa: A002 - the option's name
        format: str = "",  # noqa: A002
        description: str = "",
        owners: Sequence[str] = (),
        key: Sequence[str] = (),
        splits: Mapping[str, str] | None = None,
        template: str = "",
        version: str | None = None,
        summary: str = "",
        tags: Sequence[str] = (),
        metadata: Mapping[str, Any] | None = None,
        sources: Sequence[str] = (),
        notes: Sequence[str] = (),
        produced_by: str = "",
        waive: Mapping[str, str] | None = None,
        on_bad_record: BadRecords = "refuse",
        tag: bool = True,
        verify: bool = True,
        untrack: bool = False,
        dry_run: bool = False,
    ) -> Release:
        """The first version of the data at the path.

        The path counts from the current directory, for who stands outside the repository from its root. `sources` are
        `[REPOSITORY::]REF[:RELATION]` texts, `notes` one for all of them or one for each, `splits` maps names to
        globs, `template` is a name or the path of a file. Without `verify` the hooks pre-commit and commit-msg are
        left out. Errors: those of `dsv add`.
        """
        from dsv.operations.add import add

        added = self._add(
            add,
            [path],
            name=name,
            type=type,
            format=format,
            description=description,
            owners=owners,
            key=key,
            splits=splits,
            template=template,
            version=version,
            summary=summary,
            tags=tags,
            metadata=metadata,
            sources=sources,
            notes=notes,
            produced_by=produced_by,
            waive=waive,
            on_bad_record=on_bad_record,
            tag=tag,
            verify=verify,
            untrack=untrack,
            dry_run=dry_run,
        )
        return added.releases[0]

    def templates(self) -> Mapping[str, str]:
        """The templates that `add` takes, by name, and what each is for."""
        from dsv.repository.declared.templates import templates

        return templates().words

    def add_all(self, *paths: str, each: str = "", history: bool = False, **options: Any) -> Sequence[Release]:
        """The first versions of several paths, and of all in the directory `each`; options are those of `add`.

        With `history` there is a version for each state of the data that its DVC pointer named in the past.
        """
        from dsv.operations.add import add, add_each, add_history

        chosen = [*paths, *(add_each(self.repository, each) if each else ())]
        return self._add(add_history if history else add, chosen, **options).releases

    def import_registry(
        self,
        url: str,
        *,
        to: str = "data",
        moved: Mapping[str, str] | None = None,
        schema: str | None = None,
        scorer: str = "registry",
        on_bad_record: BadRecords = "refuse",
        tag: bool = True,
        verify: bool = True,
        dry_run: bool = False,
    ) -> ImportedRegistry:
        """The registry of datasets in a database, brought in; what cannot come is in the result, with why.

        `moved` says what beginnings of paths in it are today, `scorer` whose scores its metrics become. Errors: those
        of `dsv import registry`.
        """
        from dsv.model.scores import parse_scorer
        from dsv.operations.import_registry import ImportOptions, import_registry

        options = ImportOptions(
            directory=to,
            moved=dict(moved or {}),
            schema=schema,
            scorer=parse_scorer(scorer),
            release=release_options(on_bad_record, tag=tag, untrack=False, verify=verify, dry_run=dry_run),
        )
        return import_registry(self.repository, url, options=options)

    def _add(
        self,
        operation: Callable[..., Added],
        paths: Sequence[str],
        *,
        name: str | None = None,
        type: str = "",  # noqa: A002 - the option's name
        format: str = "",  # noqa: A002
        description: str = "",
        owners: Sequence[str] = (),
        key: Sequence[str] = (),
        splits: Mapping[str, str] | None = None,
        template: str = "",
        version: str | None = None,
        summary: str = "",
        tags: Sequence[str] = (),
        metadata: Mapping[str, Any] | None = None,
        sources: Sequence[str] = (),
        notes: Sequence[str] = (),
        produced_by: str = "",
        waive: Mapping[str, str] | None = None,
        on_bad_record: BadRecords = "refuse",
        tag: bool = True,
        verify: bool = True,
        untrack: bool = False,
        dry_run: bool = False,
    ) -> Added:
        from dsv.model.facts import Facts
        from dsv.model.version import Version
        from dsv.repository.declared.declarations import Declaration

        declaration = Declaration(
            name=name,
            type=type,
            format=format,
            description=description,
            owners=tuple(owners),
            key=tuple(key),
            splits=dict(splits or {}),
            template=template,
        )
        return operation(
            self.repository,
            *paths,
            declaration=declaration,
            facts=Facts(
                summary,
                tuple(tags),
                dict(metadata or {}),
                tuple(sources),
                produced_by,
                dict(waive or {}),
                notes=tuple(notes),
            ),
            version=None if version is None else Version.parse(version),
            options=release_options(on_bad_record, tag=tag, untrack=untrack, verify=verify, dry_run=dry_run),
        )
