"""The facts that a dataset's versions have to state: which are there, and whether they say what they should."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dsv.checks.rules.outcome import Outcome, Result
from dsv.model.problems import shown

if TYPE_CHECKING:
    from dsv.checks.rules.version import CheckedVersion
    from dsv.records.inspection import Inspection


@dataclass(frozen=True)
class RequiredMetadata:
    """That the metadata of a version has each of the required facts, and of the known ones a value that can be one."""

    required: Sequence[str]
    name: str = "metadata_required"

    def inspections(self) -> Sequence[Inspection]:
        """None: records are not asked."""
        return ()

    def outcome(self, version: CheckedVersion) -> Outcome:
        """FAILED where a fact is missing or cannot be one."""
        problems = self.problems(version.metadata)
        missing = self._missing(version.metadata)
        return Outcome(
            check=self.name,
            result=Result.FAILED if problems else Result.PASSED,
            message="; ".join(problems) or "every required fact is stated",
            value=str(len(self.required) - len(missing)),
            limit=str(len(self.required)),
        )

    def problems(self, metadata: Mapping[str, Any]) -> list[str]:
        """What is missing, and what cannot be, in words."""
        missing = self._missing(metadata)
        wrong = [
            f"{each} must be {words} (got {shown(metadata[each])})"
            for each in self.required
            if each not in missing and each in KNOWN
            for words, holds in (KNOWN[each],)
            if not holds(metadata[each])
        ]
        return [*([_not_stated(missing)] if missing else ()), *wrong]

    def _missing(self, metadata: Mapping[str, Any]) -> list[str]:
        return [each for each in self.required if not _is_stated(metadata.get(each))]


def _not_stated(missing: Sequence[str]) -> str:
    return f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} not stated (--meta {missing[0]}=...)"


def _is_stated(value: Any) -> bool:
    """An empty list states that there is none; a blank text states nothing."""
    return bool(value.strip()) if isinstance(value, str) else value is not None


def _is_number(value: Any, low: float, high: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _are_texts(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, list | tuple) and all(isinstance(each, str) for each in value))


def _is_count_or_texts(value: Any) -> bool:
    is_count = isinstance(value, int) and not isinstance(value, bool) and value >= 1
    return is_count or (bool(value) and _are_texts(value))


KNOWN: Mapping[str, tuple[str, Callable[[Any], bool]]] = {
    "source": ("text, or a list of texts", _are_texts),
    "annotation_method": ("text", _is_text),
    "annotators": ("how many there were, or a list of names", _is_count_or_texts),
    "inter_annotator_agreement": ("a number from -1 to 1", lambda value: _is_number(value, -1, 1)),
    "quality_score": ("a number from 0 to 1", lambda value: _is_number(value, 0, 1)),
    "regulations_applicable": ("a list of texts, empty where there are none", _are_texts),
}
"""The facts that dsv knows the meaning of: what each must be."""
