"""What a review says in words, the same in every form it is written in; texts of other people stand for themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dsv.exports.review import ChangeReview, Kind, Review
from dsv.model.standing import Happening
from dsv.records.changed_record import SIMILAR

if TYPE_CHECKING:
    from dsv.model.change import RecordCounts
    from dsv.model.score_comparison import ScoreComparison
    from dsv.model.standing import PastEvent


def beyond_words(review: Review) -> str:
    """How many versions were not looked at closely."""
    return f"There are many versions: of {review.not_looked_at:,} the manifests are shown and no records."


def change_words(change: ChangeReview) -> str:
    """The level, and how it stands to what the change asks for: `minor, as the policy balanced asks for`."""
    numbering = change.numbering
    if change.kind is Kind.FIRST:
        return "The first version"
    if numbering.level is None or numbering.computed is None:
        return "The same data under another name" if change.kind is Kind.UNRELEASED and change.records else ""
    if change.kind is Kind.UNRELEASED and not change.old:
        return "A first version would follow"
    level, computed, policy = numbering.level, numbering.computed, numbering.policy
    if change.kind is Kind.UNRELEASED:
        return f"A {level.word} release would follow, by the policy {policy}"
    word = f"A {level.word} release"
    if level == computed:
        return f"{word}, as the policy {policy} asks for"
    than = "higher" if level > computed else "lower"
    return f"{word}, {than} than the {computed.word} one that the policy {policy} asks for"


def level_word(change: ChangeReview) -> str:
    """`minor`, or that it is the first version."""
    level = change.numbering.level
    return "new" if level is not None and not change.old else level.word if level is not None else ""


def reasons_of(change: ChangeReview) -> Sequence[str]:
    """Why the level is what it is; a first version needs no reason."""
    return change.numbering.reasons if change.old else ()


def release_command(change: ChangeReview) -> str:
    """What releases data that no version has; "" where that cannot be told."""
    if change.kind is not Kind.UNRELEASED or not change.follows:
        return ""
    return f"dsv bump {change.dataset}" if change.old else f"dsv add --name {change.dataset} PATH"


def counts_words(change: ChangeReview) -> tuple[str, str]:
    """How many records there were and are, and what became of them: (`600 → 675`, `90 added, 15 removed`)."""
    counts = change.records
    if counts is None:
        return "", ""
    if not change.old:
        return f"{counts.new:,}", ""
    return f"{counts.old:,} → {counts.new:,}", _classes(counts) or "no record"


def opaque_words(change: ChangeReview) -> str:
    """What became of the files that stand beside records; "" where there are none."""
    return f"Files that hold no records: {_classes(change.opaque) or 'as they were'}" if change.opaque else ""


def _classes(counts: RecordCounts) -> str:
    words = ("added", "removed", "modified", "moved")
    return ", ".join(f"{getattr(counts, word):,} {word}" for word in words if getattr(counts, word))


def record_words(change: ChangeReview, *, examples: int) -> str:
    """What the first so many examples are: `10 of 160 changed records`."""
    if not change.old:
        return f"The first {'record' if examples == 1 else f'{examples:,} records'}"
    # One removed and one added that are alike are one example of two records.
    total, shown = change.changed, sum(1 + (each.kind == SIMILAR) for each in change.examples[:examples])
    if shown >= total:
        return f"{total:,} changed {'record' if total == 1 else 'records'}"
    return f"{shown:,} of {total:,} changed records"


def score_cells(comparison: ScoreComparison) -> tuple[str, ...]:
    """Scorer, column, and their means and coverage before and after."""
    scorer, column, *figures = comparison.cells
    return scorer, column, *(each.replace("->", "→") for each in figures)


def stated_words(stated: tuple[float | None, float | None]) -> str:
    """What people stated of the quality; "" where they did not."""
    old, new = ("-" if each is None else f"{each:g}" for each in stated)
    if (old, new) == ("-", "-"):
        return ""
    return f"Quality as stated in the metadata: {new if old == new else f'{old} → {new}'}"


def event_words(event: PastEvent) -> tuple[str, str]:
    """The subject of an event, and what is told of it: why, by whom and when; of scores, what they come to."""
    told = event.told
    if event.event == Happening.SCORE.value:
        told = ", ".join(filter(None, [_scores(event.data), told]))
    places = (("id", "{}"), ("stage", "{}"), ("from", "from {}"), ("to", "to {}"))
    said = [form.format(event.data[key]) for key, form in places if isinstance(event.data.get(key), str)]
    return event.subject, ", ".join(filter(None, [" ".join(said), told]))


def _scores(data: Mapping[str, Any]) -> str:
    """`judge-a, 480 records: quality_score 0.805`, as far as the event tells."""
    summary = data.get("summary")
    scorer, records = data.get("scorer"), data.get("records")
    words = str(scorer) if isinstance(scorer, str) else ""
    if isinstance(records, int):
        words += f", {records:,} records"
    mean = summary.get("mean") if isinstance(summary, Mapping) else None
    if isinstance(summary, Mapping) and isinstance(mean, float):
        words += f": {summary.get('metric', 'quality_score')} {mean:.4g} on average"
    return words
