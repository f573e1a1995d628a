"""References: what people write to name a version of a dataset, as values.

A reference is `[sub/dir:]NAME[@SELECTOR]`, or `NAME#STAGE`. Selectors, in the order in which a text is tried:

    latest, work           the highest release; the working tree
    sha256:0a1b2c3d        at least 8 digits of the tree digest
    git:REV                the pointer at a commit
    2026-01-31             the latest release created by the end of that day, UTC
    1.2.0, v1.2.0, =1.2.0  that version, yanked and removed ones too
    ^1.2, 1.x, 1.0..2.0    a range (dsv.model.ranges)
    prod                   a stage; `#prod` says so where the word is also a range (`x`, `v1`)

In a place that has a dataset already (`dsv diff leases@1.0.0 1.1.0`) the name may be left out; a word that may
name a dataset names one there, and `@prod` or `#prod` is the stage.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NoReturn, TypeAlias

from dsv.errors import BadVersionError, NoVersionError, UsageError
from dsv.model.name import is_name
from dsv.model.ranges import Range
from dsv.model.version import Version

MAXIMUM_LENGTH = 1000
SCHEMES = ("sha256", "git")
"""What may stand with a colon at the beginning of a selector."""

_HEX = re.compile(r"[0-9a-f]{8,64}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_OFFERED = 5
_FORMS = "write NAME or NAME@SELECTOR, for instance leases@1.2.0, leases@1.x, leases@prod or leases@work"


@dataclass(frozen=True)
class Latest:
    """The highest version that is neither a pre-release nor yanked nor removed."""

    def __str__(self) -> str:
        return "latest"


@dataclass(frozen=True)
class Work:
    """The data in the working tree."""

    def __str__(self) -> str:
        return "work"


@dataclass(frozen=True)
class Exact:
    """One version by its number."""

    version: Version

    def __str__(self) -> str:
        return str(self.version)


@dataclass(frozen=True)
class Stage:
    """The version that a stage points to."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class AsOf:
    """The latest version of those created by the end of that day, UTC."""

    day: date

    def __str__(self) -> str:
        return self.day.isoformat()


@dataclass(frozen=True)
class Digest:
    """The version whose tree digest starts with these lower-case hexadecimal digits."""

    digits: str

    def __str__(self) -> str:
        return f"sha256:{self.digits}"


@dataclass(frozen=True)
class GitRevision:
    """The dataset as its pointer has it at a commit; the text is for git to read."""

    revision: str

    def __str__(self) -> str:
        return f"git:{self.revision}"


Selector: TypeAlias = Latest | Exact | Range | Stage | AsOf | Digest | Work | GitRevision


@dataclass(frozen=True)
class Ref:
    """A dataset, which of its versions, and the DVC root below the git root that holds it ("" for the root)."""

    dataset: str
    selector: Selector
    prefix: str = ""

    @property
    def subject(self) -> str:
        """The reference without its selector, `[sub/dir:]NAME`."""
        if not self.prefix:
            return self.dataset
        return f"{'./' if self.prefix in SCHEMES else ''}{self.prefix}:{self.dataset}"

    def __str__(self) -> str:
        if isinstance(self.selector, Latest):
            return self.subject
        is_stage = isinstance(self.selector, Stage)
        mark = "#" if is_stage and _range(str(self.selector)) is not None else "@"
        return f"{self.subject}{mark}{self.selector}"


@dataclass(frozen=True)
class Candidate:
    """What choosing among versions needs to know of one.

    `created_at` is as in a manifest (`2026-11-22T07:30:00Z`), `tree` the tree digest, with or without `sha256:`;
    only days look at the one and only digests at the other, so for other selectors they may be left out.
    """

    version: Version
    created_at: str = ""
    tree: str = ""
    yanked: bool = False
    removed: bool = False
    stages: tuple[str, ...] = ()

    @property
    def withdrawn(self) -> bool:
        """Whether it is found only when it is named exactly."""
        return self.yanked or self.removed

    @property
    def is_release(self) -> bool:
        """Whether it can be the latest version."""
        return not (self.withdrawn or self.version.prerelease)


def parse_reference(text: str, *, default_dataset: str | None = None) -> Ref:
    """The reference that the text spells; UsageError when it is malformed.

    With a default dataset (`NAME`, or `sub/dir:NAME`) the text may be a selector alone.
    """
    check_characters(text)
    if default_dataset is not None and _is_bare_selector(text):
        prefix, dataset = _subject(default_dataset, whole=default_dataset)
        return Ref(dataset, _selector(text.removeprefix("@"), whole=text), prefix)
    head, mark, tail = split_mark(text)
    prefix, dataset = _subject(head, whole=text)
    if not mark:
        return Ref(dataset, Latest(), prefix)
    return Ref(dataset, _selector(mark.replace("@", "") + tail, whole=text), prefix)


def parse_named(text: str) -> Ref:
    """The reference, or a text without a selector as a name; whether a dataset has it is seen where it is looked up."""
    return parse_reference(text) if "@" in text or "#" in text else Ref(text, Latest())


def choose(reference: Ref, candidates: Sequence[Candidate]) -> Candidate:
    """The version that the reference means among all versions of its dataset.

    Latest, ranges, stages and days never give a yanked or removed version. A digest names data, which several
    versions may hold: of these the latest one counts. NoVersionError (with the candidates) when nothing
    is found or a digest prefix fits different data; also for the working tree and a commit, which are not
    found in a list of versions.
    """
    selector = reference.selector
    found: list[Candidate] = []
    if isinstance(selector, Digest):
        found = _by_digest(selector, candidates, dataset=reference.dataset)
    elif isinstance(selector, Exact):
        found = [each for each in candidates if each.version == selector.version]
    elif isinstance(selector, Range):
        found = [each for each in candidates if not each.withdrawn and selector.admits(each.version)]
    elif isinstance(selector, Stage):
        found = [each for each in candidates if selector.name in each.stages and not each.withdrawn]
    elif isinstance(selector, Latest | AsOf):
        found = [each for each in candidates if each.is_release]
        if isinstance(selector, AsOf):
            found = [each for each in found if each.created_at[:10] <= selector.day.isoformat()]
    if not found:
        raise _nothing_found(selector, candidates, dataset=reference.dataset)
    return max(found, key=lambda each: (not each.withdrawn, each.version))


def check_characters(text: str) -> None:
    """UsageError for a text that is too long for a reference, or holds what cannot be seen."""
    if len(text) > MAXIMUM_LENGTH:
        malformed(text, hint=f"it has {len(text)} characters; at most {MAXIMUM_LENGTH} are allowed")
    if not text.isprintable() or text != text.strip():
        malformed(text, hint=_FORMS)


def malformed(text: str, *, hint: str = _FORMS) -> NoReturn:
    """UsageError: the text is no reference."""
    if hint == _FORMS and "+" in text:
        hint = "dsv takes no build metadata (+...) in versions"
    raise UsageError(f"{text[:100]!a} is not a reference", hint=hint, details={"reference": text})


def split_mark(text: str) -> tuple[str, str, str]:
    """What stands before the first @ or #, that mark, and the rest."""
    head = re.split("[@#]", text, maxsplit=1)[0]
    return head, text[len(head) : len(head) + 1], text[len(head) + 1 :]


def _is_bare_selector(text: str) -> bool:
    if text.startswith(("@", "#", "sha256:", "git:")):
        return True
    head, mark, _ = split_mark(text)
    return not mark and ":" not in head and not is_name(head)


def _subject(text: str, *, whole: str) -> tuple[str, str]:
    """The prefix and the name out of `[sub/dir:]NAME`."""
    prefix, colon, name = text.rpartition(":")
    if prefix in SCHEMES:
        malformed(whole, hint=f"{whole} names no dataset: write NAME@{whole}")
    if not is_name(name):
        malformed(whole)
    if not colon:
        return "", name
    prefix = prefix.removeprefix("./")
    if ":" in prefix or any(part in ("", ".", "..") for part in prefix.split("/")):
        malformed(whole, hint="before the colon stands the directory of a DVC root, as in sub/dir:NAME")
    return prefix, name


def _selector(text: str, *, whole: str) -> Selector:
    if text in ("latest", "work"):
        return Latest() if text == "latest" else Work()
    if text.startswith("sha256:"):
        digits = text.removeprefix("sha256:").lower()
        if not _HEX.fullmatch(digits):
            malformed(whole, hint="after sha256: stand 8 to 64 hexadecimal digits")
        return Digest(digits)
    if text.startswith("git:"):
        revision = text.removeprefix("git:")
        if not revision or revision.startswith("-"):
            malformed(whole, hint="after git: stands a commit, a branch or a tag, as in leases@git:main")
        return GitRevision(revision)
    if _DAY.fullmatch(text):
        try:
            return AsOf(date.fromisoformat(text))
        except ValueError:
            malformed(whole, hint=f"there is no day {text}; write YYYY-MM-DD")
    return _exact(text) or _range(text) or _stage(text, whole=whole)


def _exact(text: str) -> Exact | None:
    try:
        return Exact(Version.parse(text.removeprefix("=").removeprefix("v")))
    except BadVersionError:
        return None


def _range(text: str) -> Range | None:
    try:
        return Range.parse(text)
    except ValueError:
        return None


def _stage(text: str, *, whole: str) -> Stage:
    name = text.removeprefix("#")
    if not is_name(name):
        malformed(whole)
    return Stage(name)


def _by_digest(selector: Digest, candidates: Sequence[Candidate], *, dataset: str) -> list[Candidate]:
    found = [each for each in candidates if _digits(each.tree).startswith(selector.digits)]
    trees = {_digits(each.tree): each.version for each in found}
    if len(trees) > 1:
        offers = [f"sha256:{digits} ({trees[digits]})" for digits in sorted(trees)]
        raise NoVersionError(
            f"{selector} fits {len(trees)} different versions of {dataset}",
            hint="give more digits: " + ", ".join(offers[:_OFFERED]),
            details={"dataset": dataset, "selector": str(selector), "candidates": _texts(found)},
        )
    return [each for each in found if each.is_release] or found


def _digits(tree: str) -> str:
    return tree.removeprefix("sha256:")


def _texts(candidates: Sequence[Candidate]) -> list[str]:
    return [str(version) for version in sorted(each.version for each in candidates)]


def _nothing_found(selector: Selector, candidates: Sequence[Candidate], *, dataset: str) -> NoVersionError:
    if isinstance(selector, Stage) and any(each.stages for each in candidates):
        return _no_stage(selector, candidates, dataset=dataset)
    said = {
        Exact: f"{dataset} has no version {selector}",
        Range: f"{dataset} has no version in {selector}",
        Digest: f"{dataset} has no version with the tree digest {selector}",
        AsOf: f"{dataset} has no release created by the end of {selector}",
        Latest: f"{dataset} has no release",
        Stage: f"{dataset} has no stage {selector}",
        Work: f"{dataset}@work is the working tree, not a released version",
        GitRevision: f"{dataset}@{selector} is a commit, not a released version",
    }[type(selector)]
    known = sorted(each.version for each in candidates if not each.withdrawn)
    withdrawn = sorted(each.version for each in candidates if each.withdrawn)
    if known:
        hint = f"{dataset} has {_offer(known, selector)}"
    elif withdrawn:
        hint = f"only withdrawn versions are there; name one exactly: {dataset}@{withdrawn[-1]}"
    else:
        hint = f"{dataset} has no versions here; a clone without tags may lack them: git fetch --tags"
    details = {"dataset": dataset, "selector": str(selector), "candidates": list(map(str, known or withdrawn))}
    return NoVersionError(said, hint=hint, details=details)


def _no_stage(selector: Stage, candidates: Sequence[Candidate], *, dataset: str) -> NoVersionError:
    """What is said of a stage that points to nothing, or to a version that was withdrawn."""
    pointed = {stage: each for each in candidates for stage in each.stages}
    if gone := pointed.get(selector.name):
        word = "removed" if gone.removed else "yanked"
        said = f"the stage {selector} of {dataset} is {gone.version}, which is {word}"
        hint = f"dsv promote another version, or name it exactly: {dataset}@{gone.version}"
    else:
        said = f"{dataset} has no stage {selector}"
        offers = [f"{stage} ({pointed[stage].version})" for stage in sorted(pointed)]
        hint = f"its stages are {', '.join(offers)}"
    known = _texts([each for each in candidates if not each.withdrawn])
    stages = {stage: str(pointed[stage].version) for stage in sorted(pointed)}
    details = {"dataset": dataset, "selector": str(selector), "candidates": known, "stages": stages}
    return NoVersionError(said, hint=hint, details=details)


def _offer(versions: Sequence[Version], selector: Selector) -> str:
    """The versions nearest to what was asked for, lowest first, else the newest."""
    if isinstance(selector, Exact):
        below = sum(version < selector.version for version in versions)
        start = min(max(below - _OFFERED // 2, 0), max(len(versions) - _OFFERED, 0))
    else:
        start = max(len(versions) - _OFFERED, 0)
    shown = versions[start : start + _OFFERED]
    more = len(versions) - len(shown)
    return ", ".join(map(str, shown)) + (f" and {more} more" if more else "")
