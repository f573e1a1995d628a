"""What an event is about: a dataset, or one of its versions."""

from __future__ import annotations

from dataclasses import dataclass

from dsv.model.reference import Ref, parse_reference


@dataclass(frozen=True)
class Subject:
    """A reference as somebody wrote it, who means the dataset as a whole where no selector stands behind its name."""

    reference: Ref
    whole: bool


def parse_subject(text: str) -> Subject:
    """The subject that the text names; UsageError when it is malformed."""
    return Subject(parse_reference(text), whole=not {"@", "#"}.intersection(text))
