"""The review of a pull request: what its commits do to datasets, beside what `dsv check` says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dsv.exports.review import Content, DatasetReview, Review, without_content
from dsv.repository.known.catalog import require_dataset
from dsv.repository.known.events import told_events
from dsv.repository.reviewing.proposed import Proposal, changed_settings, proposals, span_since
from dsv.repository.reviewing.records import MOST
from dsv.repository.reviewing.released import review_release
from dsv.repository.reviewing.unreleased import review_data

if TYPE_CHECKING:
    from dsv.exports.review import ChangeReview
    from dsv.model.finding import Findings
    from dsv.repository import Repository

_CLOSELY = 25
"""The newest versions of a dataset whose records are looked at: a review of a long history does without others."""


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
    found = [
        DatasetReview(
            proposal.dataset,
            changes=_changes(repository, proposal, head=span.head, records=records),
            events=proposal.events,
            settings=proposal.settings,
        )
        for proposal in proposals(repository, span, names=wanted)
    ]
    settings = changed_settings(repository, span)
    made = Reviewed(base, start=span.start, head=span.head, datasets=found, findings=findings, settings=settings)
    return made if content is Content.SHOWN else without_content(made)


def _changes(repository: Repository, proposal: Proposal, *, head: str, records: int) -> list[ChangeReview]:
    """Data without a version first, then the versions, the newest first."""
    data = [review_data(repository, proposal, head=head, records=records)] if proposal.data else []
    versions = proposal.versions
    events = told_events(repository, versions.names or (versions.dataset,)) if proposal.arrived else []
    return data + [
        review_release(repository, each, versions, events=events, records=records if at < _CLOSELY else None)
        for at, each in enumerate(reversed(proposal.arrived))
    ]
