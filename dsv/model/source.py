"""What a version was made from: the texts of `--from`, `[REPOSITORY::]REF[:RELATION]`, as values.

The repository is all that stands before the last `::` behind which a name begins; no name, no relation and no
reference to a version holds `::`, a URL of git may. The relation is the word after the last colon that belongs to no
`sub/dir:` prefix and to no `sha256:` or `git:` selector.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from dsv.errors import UsageError
from dsv.model.git_address import GitAddress
from dsv.model.reference import SCHEMES, Ref, check_characters, malformed, parse_reference, split_mark

DEFAULT_RELATION = "derive"
"""The relation of a source that was given without one."""

PREVIOUS = "previous"
"""The relation to the version before, which dsv writes by itself."""

RELATIONS = (
    "filter",
    "merge",
    "augment",
    "retrain",
    "judge_filter",
    "dedupe",
    "relabel",
    "split",
    "redact",
    "convert",
    "import",
    "mix",
)
"""The usual words; any other may stand in their place."""

_RELATION = re.compile(r"[a-z][a-z0-9_-]{0,99}")
_RELATIVE = re.compile(r"[^-:/][^:]*")
_PART = r"[^@#:/{}^~]+"
_REPOSITORY = re.compile(rf"(.*)::((?:{_PART}(?:/{_PART})*:)?[A-Za-z][A-Za-z0-9_-]*(?::[^@#]*)?(?:[@#].*)?)")


@dataclass(frozen=True)
class Located:
    """A reference, and the repository that it counts in: an address, a relative path or a name; "" is this one."""

    reference: Ref
    repository: str = ""

    def __str__(self) -> str:
        return located(str(self.reference), self.repository)


@dataclass(frozen=True)
class Source:
    """Where data came from, and in what relation; the note is for people."""

    located: Located
    relation: str = DEFAULT_RELATION
    note: str = ""

    def __str__(self) -> str:
        return f"{self.located}:{self.relation}"


def located(name: str, repository: str) -> str:
    """How a version, or a reference, of another repository is written: `REPOSITORY::NAME`."""
    return f"{repository}::{name}" if repository else name


def parse_located(text: str) -> Located:
    """The reference that `[REPOSITORY::]REF` spells; UsageError when it is malformed."""
    check_characters(text)
    repository, reference = _split_repository(text)
    return Located(parse_reference(reference), repository)


def parse_source(text: str) -> Source:
    """The source that `[REPOSITORY::]REF[:RELATION]` spells; the relation is `derive` where none is given.

    `NAME:RELATION` is what a single word before a name would otherwise be, so a DVC root that lies directly
    below the git root is written `./sub:NAME` or `sub:NAME@SELECTOR` here.
    """
    check_characters(text)
    repository, rest = _split_repository(text)
    reference, relation = _split_relation(rest)
    if relation is None:
        return Source(Located(parse_reference(reference), repository))
    if not _RELATION.fullmatch(relation):
        malformed(text, hint="a relation is one word in small letters: REF:RELATION, for instance raw@2.0.0:filter")
    if relation == PREVIOUS:
        malformed(text, hint="previous is written by dsv itself; take another word, for instance derive")
    return Source(Located(parse_reference(reference), repository), relation)


def parse_sources(texts: Sequence[str], *, notes: Sequence[str] = ()) -> list[Source]:
    """The sources, each with its note: one note is for all of them, several are for one each, in their order."""
    if notes and (not texts or len(notes) not in (1, len(texts))):
        raise UsageError(
            f"{len(notes)} notes cannot be shared out among {len(texts)} sources" if texts else "a note is on a source",
            hint="give --note once for all of --from, or once for each" if texts else "name the source with --from REF",
        )
    said = notes if len(notes) == len(texts) else [*notes, ""][:1] * len(texts)
    parsed = [parse_source(text) for text in texts]
    return [Source(each.located, each.relation, note) for each, note in zip(parsed, said, strict=True)]


def _split_repository(text: str) -> tuple[str, str]:
    found = _REPOSITORY.fullmatch(text)
    if found is None:
        return "", text
    if not _RELATIVE.fullmatch(found[1]):
        GitAddress.parse(found[1])
    return found[1], found[2]


def _split_relation(text: str) -> tuple[str, str | None]:
    """A reference and what follows its relation colon, None where there is no such colon."""
    head, mark, tail = split_mark(text)
    if not mark:
        reference, colon, relation = head.rpartition(":")
        is_prefix = "/" in reference and ":" not in reference
        return (text, None) if is_prefix or not colon else (reference, relation)
    scheme = next((f"{scheme}:" for scheme in SCHEMES if tail.startswith(f"{scheme}:")), "")
    selector, colon, relation = tail.removeprefix(scheme).rpartition(":")
    # a colon inside `git:HEAD^{/fix: dates}` is git's: what follows it is no word
    if not colon or (scheme == "git:" and not _RELATION.fullmatch(relation)):
        return text, None
    return f"{head}{mark}{scheme}{selector}", relation
