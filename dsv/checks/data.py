"""Checks of the data itself: on the remote, against its digests, against what its manifest and its dataset say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from dsv.checks.rules.outcome import Result
from dsv.model.finding import Check, Finding, Status

if TYPE_CHECKING:
    from dsv.checks.rules.outcome import Example, Outcome
    from dsv.checks.subject import Subject
    from dsv.model.manifest import Manifest

ON_REMOTE = Check(
    "C901",
    "remote",
    "With `--remote`: every object of a version is on the DVC remote, data and record index, and the lists of both.",
    "Whoever pulls gets a part of it, and `dvc push` says that all is there: it believes the list of a directory.",
    "A pull request was opened before `dsv push`.",
    "{count} of {all} objects {are} not there",
    "dsv push {dataset} where it was released",
)
DIGESTS = Check(
    "C902",
    "data",
    "With `--data`: the bytes of the data are those that the manifest names, all of them read.",
    "It is other data than the version's.",
    "A disk flipped a bit in DVC's cache, which no DVC command notices.",
    "{count} of {all} files {are} not what was released",
    "dsv verify --deep --repair {ref} looks for good bytes",
)
DATA_HERE = Check(
    "C903",
    "data",
    "With `--data`: the data is here, in DVC's cache or in the working tree.",
    "Nothing can be said of it otherwise.",
    "A pipeline ran `dsv check --data` and not `dsv pull` before it.",
    "its data is not here",
    "dsv fetch {ref} brings it",
)
DATA_FACTS = Check(
    "C904",
    "facts",
    "With `--data`: records, splits, fields, digests and sizes of the data, counted anew, are what the manifest says.",
    "People choose a version by these, and its number follows from them.",
    "Somebody wrote a manifest by hand.",
    "the data has other {facts} than the manifest says",
    "dsv undo {ref} where it is on no remote, and dsv bump {dataset} counts anew; else dsv yank {ref}",
)
RULES = Check(
    "C905",
    "rule",
    "With `--data`: the data keeps the rules of its dataset.yaml as they are now, but for those that were waived.",
    "A rule that came after the release, or that the release went past, says that the data is not fit for use.",
    "Somebody added `missing(text) == 0` to `checks`, and the data lacks it in 12 records.",
    "{rule}: {value} where {limit} is asked for",
    "mend the data, and dsv bump {dataset}; or dsv yank {ref} where nobody should use it",
)
KEYS = Check(
    "C906",
    "key",
    "With `--data`: every record has the declared key, and no two share it, but where that was waived.",
    "Of two records with one key nobody knows which one changed.",
    "Somebody wrote `key: [doc_id]` into dataset.yaml after the release.",
    "{count} records lack the key {key}, {repeated} share it with another",
    "mend the data, and dsv bump {dataset}; or declare another key",
)
REPEATED = Check(
    "C907",
    "member names",
    "With `--data`: no JSON object names a member twice.",
    "dsv, and Python, take the last one; other programs take the first, or refuse the record.",
    'Somebody wrote `{"label": "ham", "label": "spam"}`.',
    "{count} a member twice, of which the last counts",
    "write each member once, and dsv bump {dataset}",
)

DATA = (ON_REMOTE, DIGESTS, DATA_HERE, DATA_FACTS, RULES, KEYS, REPEATED)

SHOWN = 10
"""Places that a finding names."""


def on_remote(subject: Subject, *, asked: int, missing: Sequence[str], remote: str) -> Finding:
    """Whether all objects are there; `missing` are the files that the missing ones are of."""
    if not missing:
        return subject.finding(ON_REMOTE, Status.PASSED, f"all {asked:,} objects are on the remote {remote}")
    said = f"{len(missing):,} of {asked:,} objects {_are(missing)} not there"
    return subject.finding(
        ON_REMOTE, Status.FAILED, said, value=asked - len(missing), limit=asked, content=_first(missing)
    )


def is_not_here(subject: Subject) -> Finding:
    """There is nothing to read."""
    return subject.finding(DATA_HERE, Status.FAILED, "its data is not here")


def same_bytes(subject: Subject, *, files: int, differing: Sequence[str]) -> Finding:
    """Whether the files are what was released."""
    if not differing:
        return subject.finding(DIGESTS, Status.PASSED, f"{files:,} files are what was released", key="digests")
    said = f"{len(differing):,} of {files:,} files {_are(differing)} not what was released"
    return subject.finding(DIGESTS, Status.FAILED, said, key="digests", content=_first(differing))


def same_facts(subject: Subject, *, manifest: Manifest, found: Mapping[str, tuple[object, object]]) -> Finding:
    """Whether the facts follow from the data; `found` are those that do not, as (in the data, in the manifest)."""
    if not found:
        said = f"all that it says of {manifest.data.records:,} records follows from them"
        return subject.finding(DATA_FACTS, Status.PASSED, said, key="data")
    lines = [f"{name}: {now} in the data, {said} in the manifest" for name, (now, said) in found.items()]
    message = f"the data has other {', '.join(found)} than the manifest says"
    return subject.finding(DATA_FACTS, Status.FAILED, message, key="data", content=tuple(lines))


def of_rule(subject: Subject, outcome: Outcome) -> Finding:
    """How a rule came out."""
    if outcome.result is Result.VACUOUS:
        return subject.finding(RULES, Status.SKIPPED, f"{outcome.check}: {outcome.message}")
    if outcome.result is not Result.FAILED:
        waived = f", waived: {outcome.reason}" if outcome.reason else ""
        return subject.finding(RULES, Status.PASSED, f"{outcome.check}: is kept{waived}", key="validation")
    content = (outcome.message, *(_place(each) for each in outcome.first))
    said = f"{outcome.check}: {outcome.value or 'no'} where {outcome.limit} is asked for"
    return subject.finding(
        RULES, Status.FAILED, said, key="validation", value=outcome.value, limit=outcome.limit, content=content
    )


def could_not_ask(subject: Subject, rule: str, why: str, hint: str) -> Finding:
    """What a rule needs is not here."""
    return subject.finding(RULES, Status.SKIPPED, f"{rule}: {why}", remedy=hint)


def keys(subject: Subject, *, key: Sequence[str], missing: int, repeated: int, first: Iterable[Example]) -> Finding:
    """Whether every record has a key of its own."""
    if not missing and not repeated:
        return subject.finding(KEYS, Status.PASSED, f"each record has a {', '.join(key)} of its own", key="key")
    said = f"{missing:,} records lack the key {', '.join(key)}, {repeated:,} share it with another"
    return subject.finding(
        KEYS, Status.FAILED, said, key="key", value=missing + repeated, content=tuple(map(_place, first))
    )


def repeated_members(subject: Subject, *, count: int, first: Sequence[str]) -> Finding:
    """Whether members are named once."""
    if not count:
        return subject.finding(REPEATED, Status.PASSED, "every object names its members once")
    records = "1 record names" if count == 1 else f"{count:,} records name"
    said = f"{records} a member twice, of which the last counts"
    return subject.finding(REPEATED, Status.WARNING, said, value=count, content=_first(first, of=count))


def _place(example: Example) -> str:
    return f"{example.file} record {example.row}" + (f": {example.what}" if example.what else "")


def _are(several: Sequence[str]) -> str:
    return "is" if len(several) == 1 else "are"


def _first(places: Sequence[str], *, of: int = 0) -> tuple[str, ...]:
    more = max(of, len(places)) - SHOWN
    return (*places[:SHOWN], *([f"and {more:,} more"] if more > 0 else []))
