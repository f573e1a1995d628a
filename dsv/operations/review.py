"""The review of a pull request: what its commits do to datasets, beside what `dsv check` says."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dsv.errors import UsageError
from dsv.exports.review import Content, DatasetReview, Review, without_content
from dsv.model.problems import shown
from dsv.repository import files
from dsv.repository.known.catalog import require_dataset
from dsv.repository.known.events import told_events
from dsv.repository.reviewing.proposed import Proposal, changed_settings, proposals, span_since
from dsv.repository.reviewing.records import MOST
from dsv.repository.reviewing.released import review_release
from dsv.repository.reviewing.unreleased import review_data

if TYPE_CHECKING:
    from dsv.model.finding import Findings
    from dsv.model.standing import PastEvent
    from dsv.repository import Repository

_OF_ONE, _IN_ALL = 25, 40
"""The newest versions whose records are looked at, of a dataset and in all: a review does without others."""
_SUFFIXES = (".md", ".html")


@dataclass(frozen=True)
class Reviewed(Review):
    """A review, and how it is written."""

    def markdown(self) -> str:
        """As Markdown for one comment on a pull request, of at most 65,536 characters."""
        from dsv.exports.review_markdown import review_markdown

        return review_markdown(self)

    def html(self) -> str:
        """As a page that stands by itself."""
        from dsv.exports.review_html import review_html

        return review_html(self)

    def write(self, path: str) -> None:
        """Write it into a file, as Markdown or as a page by its suffix; DiskError where that cannot be."""
        check_report(path)
        text = self.html() if _suffix(path) == ".html" else self.markdown()
        files.write_bytes(os.path.abspath(path), text.encode())

    def document(self) -> dict[str, Any]:
        """As values that JSON can hold."""
        return {
            "verdict": self.verdict.value,
            "base": self.base,
            "commits": {"from": self.start, "to": self.head},
            "datasets": [each.document() for each in self.datasets],
            "settings": list(self.settings),
            "checks": self.findings.document(),
        }


def check_report(path: str) -> None:
    """UsageError for a name that does not tell what to write."""
    if _suffix(path) not in _SUFFIXES:
        raise UsageError(
            f"{shown(path)} does not tell how to write a report", hint=f"end it in {' or '.join(_SUFFIXES)}"
        )


def _suffix(path: str) -> str:
    return os.path.splitext(path)[1].lower()


def review(
    repository: Repository, *names: str, base: str, findings: Findings, content: Content = Content.SHOWN
) -> Reviewed:
    """What the commits since the base do to the named datasets, to all without a name, beside what checks found.

    Without content no data is read, and none is in it. Errors: NoDatasetError, NoVersionError for a base that git does
    not know.
    """
    wanted = [require_dataset(repository, name) for name in names]
    span = span_since(repository, base)
    records = MOST if content is Content.SHOWN else 0
    brought = proposals(repository, span, names=wanted)
    events = _events(repository, brought)
    closely = _looked_at(brought)
    found = []
    for each in brought:
        changes = [review_data(repository, each, head=span.head, records=records)] if each.data else []
        for known in reversed(each.arrived):
            most = records if known.name in closely else None
            changes.append(review_release(repository, known, each.versions, events=events, records=most))
        found.append(DatasetReview(each.dataset, changes, each.events, each.settings))
    settings = changed_settings(repository, span)
    made = Reviewed(base, start=span.start, head=span.head, datasets=found, findings=findings, settings=settings)
    return made if content is Content.SHOWN else without_content(made)


def _events(repository: Repository, brought: Sequence[Proposal]) -> list[PastEvent]:
    """What happened to the datasets that have new versions."""
    names = [name for each in brought if each.arrived for name in each.versions.names or (each.dataset,)]
    return told_events(repository, names)


def _looked_at(brought: Sequence[Proposal]) -> set[str]:
    """The names of the versions whose records are looked at."""
    newest = [known.name for each in brought for known in list(reversed(each.arrived))[:_OF_ONE]]
    return set(newest[:_IN_ALL])
