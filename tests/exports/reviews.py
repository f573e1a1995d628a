"""Reviews for tests of their reports: one text in every place that somebody else may have written."""

from __future__ import annotations

from collections.abc import Sequence

from dsv.exports.review import ChangeReview, DatasetReview, Kind, Lack, Numbering, Origin, Review
from dsv.model.breakdown import Breakdown, FileCounts, PartCounts, SplitCounts
from dsv.model.change import RecordCounts
from dsv.model.field_profile import FieldComparison, FieldProfile
from dsv.model.fields import FieldsChange, FieldType
from dsv.model.finding import Check, Finding, Findings, Status
from dsv.model.score_comparison import Mean, ScoreComparison
from dsv.model.standing import PastEvent
from dsv.model.version import Level, Version
from dsv.records.changed_record import RecordPlace, changed_record

COUNTS = RecordCounts(added=2, modified=1, unchanged=7)
LENGTHS = (1, 5, 20, 50, 90, 200, 900)


def finding(status: Status, text: str, *, place: str = "manifests/a/1.1.0.yaml") -> Finding:
    """What a check of made-up rules says."""
    check = Check("C999", "made_up", "", "", "", "", "mend {file}")
    return Finding(check, status, text, "a", "1.1.0", file=place, line=3, content=(text,), remedy=text)


def findings(*statuses: Status, text: str = "said") -> Findings:
    """One finding of each status."""
    return Findings([finding(each, text) for each in statuses], 1, "main")


def profile(field: str, label: str, *, count: int = 8, lengths: tuple[int, ...] = LENGTHS) -> FieldProfile:
    """A label field, or with another label one of texts."""
    return FieldProfile(field, 10, distinct=2, characters=lengths, labels=((label, count), ("other", 10 - count)))


def change_of(text: str, *, version: str = "1.1.0", examples: int = 4) -> ChangeReview:
    """A version that has the text wherever texts of other people are."""
    place = RecordPlace(f"train/{text}", 1, text)
    old, new = {text: text, "list": [text]}, {text: f"{text} and", "list": [text, {text: 1}]}
    ways = (
        ("modified", old, new, place, place),
        ("added", None, new, None, place),
        ("removed", old, None, place, None),
        ("moved", old, old, place, RecordPlace(text, 2)),
    )
    shown = [ways[at % len(ways)] for at in range(examples)]
    numbers = [
        FieldComparison(text, profile(text, text), profile(text, text, count=3), 10, 10),
        FieldComparison(
            f"{text}2",
            FieldProfile(f"{text}2", 10, characters=LENGTHS),
            FieldProfile(f"{text}2", 10, characters=(0, *LENGTHS[1:]), values=LENGTHS),
            10,
            10,
        ),
    ]
    return ChangeReview(
        Kind.RELEASE,
        "a",
        old="a@1.0.0",
        new=f"a@{version}",
        summary=text,
        numbering=Numbering(Level.MINOR, Level.MAJOR, (f"field {text} removed",), policy="balanced", allowed=text),
        records=COUNTS,
        opaque=COUNTS,
        breakdown=Breakdown(
            PartCounts(old=8, new=10, added=2, modified=1),
            splits=(SplitCounts(text, PartCounts(old=8, new=10, added=2)), SplitCounts(None, PartCounts(new=1))),
            files=(FileCounts(text, added=1),),
        ),
        fields=FieldsChange((text,), (text,), (FieldType(text, ("string",), ("number",)),)),
        examples=[
            changed_record(kind, key=[text], old=before, new=after, before=was, after=now)
            for kind, before, after, was, now in shown
        ],
        statistics=numbers,
        quality=[ScoreComparison(text, text, Mean(8, 1.0, 0.5), Mean(9, 0.9, 0.6))],
        stated=(0.5, 0.6),
        origins=[Origin(f"{text}@1.0.0", text, 1, 2, None, 0, produced_by=text, repository=text)],
        waived=[(text, text)],
        lacks=[Lack("records", f"dsv fetch {text}", detail=text)],
    )


def review_of(
    *changes: ChangeReview, text: str = "said", statuses: Sequence[Status] = (Status.PASSED,), base: str = "main"
) -> Review:
    """A review of these changes of a dataset."""
    data = {"scorer": text, "records": 3, "summary": {"mean": 0.5, "metric": text}, "stage": text}
    happened = [
        PastEvent(
            file="f",
            event=event,
            dataset="a",
            version=Version(1, 0, 0),
            at="2026-01-01",
            by=text,
            reason=text,
            data=data,
        )
        for event in ("score", "yank")
    ]
    return Review(
        base=base,
        start="1" * 40,
        head="2" * 40,
        datasets=[DatasetReview("a", changes, happened, [text])],
        findings=findings(*statuses, text=text),
        settings=[text],
    )
