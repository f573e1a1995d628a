"""The gates of a release: every check of the dataset, held against the version before anything is written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from dsv.checks.rules.check import Check, RuleCheck
from dsv.checks.rules.metadata import RequiredMetadata
from dsv.checks.rules.outcome import Example, Outcome, Result
from dsv.checks.rules.version import CheckedVersion, Scores
from dsv.errors import DsvError, GateError, MissingDataError, NotFoundError, UsageError
from dsv.model.problems import shown
from dsv.repository.declared.declared_checks import declared_checks
from dsv.repository.releasing.checked import checked_version
from dsv.repository.scoring.summaries import as_checks_see, scores_of_snapshot

if TYPE_CHECKING:
    from dsv.model.dataset import DatasetSettings
    from dsv.model.facts import Facts
    from dsv.repository.releasing.decision import Decision
    from dsv.repository.repository import Repository

KEY = "key"
"""The check that no two records share the declared key, and that every one has it; it is waived like the others."""


@dataclass(frozen=True)
class Gates:
    """How the checks came out, none of which stops the release; waived ones carry the reason."""

    outcomes: Sequence[Outcome] = ()

    @property
    def ran(self) -> int:
        """How many had something to look at, but for the key, which every release looks at."""
        return sum(each.result is not Result.VACUOUS and each.check != KEY for each in self.outcomes)

    @property
    def waived(self) -> Sequence[Outcome]:
        """Those that found something which was allowed."""
        return [each for each in self.outcomes if each.result is Result.WAIVED]


def check_waivers(repository: Repository, settings: DatasetSettings, waived: Mapping[str, str]) -> None:
    """UsageError for a waiver of a check that the dataset does not have, or of several at once."""
    checks = declared_checks(repository, settings) if waived else ()
    for name in waived:
        if name == KEY:
            continue
        meant = [check.name for check in checks if _is_meant(check, name)]
        if not meant:
            known = [KEY, *(check.name for check in checks)]
            raise UsageError(f"there is no check {shown(name)} to waive", hint=f"known: {'; '.join(known)}")
        if len(meant) > 1:
            raise UsageError(f"{shown(name)} is several checks", hint=f"name one of: {'; '.join(meant)}")


def pass_gates(
    repository: Repository, decision: Decision, facts: Facts, *, scores: Mapping[str, Scores] | None = None
) -> Gates:
    """How every check of the dataset came out; GateError names each that failed and was not waived.

    Other errors are those of what a check needs and is not here, such as the record index of a protected version.
    """
    checks = [
        check
        for check in declared_checks(repository, decision.settings)
        if not (isinstance(check, RuleCheck) and check.over_change and decision.change_is_wanted)
    ]
    key = _waived_key(decision, facts)
    if not checks:
        return Gates(key)
    metadata = decision.settings.metadata_with(facts.metadata)
    version = checked_version(repository, decision, scores=scores or {}, metadata=metadata)
    outcomes = [_outcome(check, version, facts.waived) for check in checks]
    failed = [each for each in outcomes if each.result is Result.FAILED]
    if failed:
        raise _refused(decision, failed, of=len(outcomes))
    return Gates([*key, *outcomes])


def outcomes_again(
    repository: Repository, decision: Decision, *, metadata: Mapping[str, Any], waived: Mapping[str, str]
) -> Iterator[tuple[str, Outcome | DsvError]]:
    """How every check comes out for a version that was released already, by name; the error where one cannot be made.

    BadManifestError for rules that cannot be read.
    """
    checks = declared_checks(repository, decision.settings)
    scores = as_checks_see(scores_of_snapshot(repository, decision.snapshot, decision.settings)) if checks else {}
    version = checked_version(repository, decision, scores=scores, metadata=metadata) if checks else None
    for check in checks:
        if version is not None and not isinstance(check, RequiredMetadata):
            try:
                yield check.name, _outcome(check, version, waived)
            except (MissingDataError, NotFoundError, UsageError) as error:
                yield check.name, error


def _outcome(check: Check, version: CheckedVersion, waived: Mapping[str, str]) -> Outcome:
    reason = next((why for name, why in sorted(waived.items()) if _is_meant(check, name)), None)
    try:
        outcome = check.outcome(version)
    except (MissingDataError, NotFoundError, UsageError) as error:
        if reason is None:
            raise type(error)(f"{check.name}: {error.message}", hint=error.hint, details=error.details) from error
        return Outcome(check.name, Result.WAIVED, f"could not be looked at: {error.message}", reason=reason)
    if outcome.result is Result.FAILED and reason is not None:
        return replace(outcome, result=Result.WAIVED, reason=reason)
    return outcome


def _is_meant(check: Check, name: str) -> bool:
    """Whether a waiver names the check: by its line, by what it measures, or by its function; blanks do not matter."""
    names = {check.name}
    if isinstance(check, RuleCheck):
        names |= {str(check.rule.call), check.rule.call.function}
    return _without_blanks(name) in set(map(_without_blanks, names))


def _without_blanks(text: str) -> str:
    return re.sub(r"\s+", "", text)


def _refused(decision: Decision, failed: Sequence[Outcome], *, of: int) -> GateError:
    places = []
    for each in failed:
        places.append(f"{each.check}: {each.message}")
        places += [f"  {_located(decision, example)}" for example in each.first]
        more = each.count - len(each.first)
        places += [f"  and {more:,} more"] if each.first and more > 0 else []
    which = "a check fails" if of == 1 else f"{len(failed)} of {of} checks fail"
    names = " ".join(f'--waive "{each.check}=WHY"' for each in failed[:1])
    return GateError(
        f"{decision.settings.name} is not released, {which}",
        hint=f"mend the data, or release it all the same with {names}",
        details={"dataset": decision.settings.name, "checks": of, "findings": [each.document() for each in failed]},
        places=places,
    )


def _located(decision: Decision, example: Example) -> str:
    snapshot = decision.snapshot
    path = f"{snapshot.path}/{example.file}" if snapshot.is_directory else snapshot.path
    return f"{path} record {example.row}" + (f": {example.what}" if example.what else "")


def _waived_key(decision: Decision, facts: Facts) -> list[Outcome]:
    """The waiver of the key, with what it allows."""
    if KEY not in facts.waived:
        return []
    faults = decision.snapshot.key_faults()
    key = ", ".join(decision.snapshot.key)
    message = f"{faults.missing:,} records lack the key {key}, {faults.repeated:,} share it with another"
    first = tuple(Example(*each) for each in faults.first)
    return [
        Outcome(KEY, Result.WAIVED, message, str(faults.count), "== 0", faults.count, first, reason=facts.waived[KEY])
    ]
