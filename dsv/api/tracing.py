"""What the Python twin tells of where versions come from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dsv.operations.lineage import Impact, Traced
    from dsv.repository import Repository


@dataclass(frozen=True)
class Tracing:
    """Ancestors and descendants; the methods are those of `dsv.api.Repo`."""

    repository: Repository

    def lineage(
        self,
        reference: str,
        *,
        up: bool = False,
        down: bool = False,
        depth: int | None = None,
        all: bool = False,  # noqa: A002 - the option's name
    ) -> Traced:
        """What the version was made from and what was made from it, or one of the two.

        `.lineage` has the nodes and edges, `.statistics` its numbers; `.text()`, `.mermaid()` and `.dot()` draw it.
        With `all`, versions that are only on other branches are in it. Errors: NoDatasetError, NoVersionError.
        """
        from dsv.model.lineage import Direction
        from dsv.model.source import parse_located
        from dsv.operations.lineage import lineage

        directions = frozenset([Direction.UP] * up + [Direction.DOWN] * down)
        return lineage(self.repository, parse_located(reference), directions=directions, depth=depth, everything=all)

    def impact(
        self,
        reference: str,
        *,
        depth: int | None = None,
        all: bool = False,  # noqa: A002 - the option's name
    ) -> Impact:
        """Every version that descends from this one, and every run that used one of them, or it itself."""
        from dsv.model.source import parse_located
        from dsv.operations.lineage import impact

        return impact(self.repository, parse_located(reference), depth=depth, everything=all)
