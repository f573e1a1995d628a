"""dsv.lock: which versions of other repositories' datasets a project uses, locked by commit and digests.

People may write name, repository and range themselves; the rest is what these came to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from dsv.errors import NoPathError
from dsv.model.documents import SCHEMA, Loaded, Part, load, plain
from dsv.model.git_address import GitAddress
from dsv.model.portion import Portion
from dsv.model.problems import Path
from dsv.model.ranges import Range
from dsv.model.reference import Digest, Exact, GitRevision, Latest, Ref, Selector, Work, parse_reference
from dsv.model.texts import Commit, DvcObject, Glob, Label, Name, RelativePath, Rule, Sha256, SplitName, VersionText
from dsv.model.yamlwriter import FLOW, QUOTED, Layout, Style, render

FILE_NAME = "dsv.lock"

_FIRST_LINE = "# Written by dsv: `dsv pin` changes what is locked here, `dsv sync` brings it.\n"
_LAYOUT = Layout(
    keys={
        "pins": Layout(Style.BLOCK, items=Layout(Style.BLOCK, keys={"version": QUOTED, "digests": FLOW, "files": FLOW}))
    }
)
_RELATIVE = re.compile(r"\.\.?(?:/[^/\x00-\x1f\x7f]+)*")


def check_place(text: str) -> None:
    """ValueError unless the text is an address that may stand in a file: without anything secret, or `./` or `../`."""
    if _RELATIVE.fullmatch(text):
        return
    address = GitAddress.parse(text)
    if address.recorded != text:
        raise ValueError(f"must not name a user, which may be a token: write {address.recorded}")


def check_range(text: str) -> None:
    """ValueError unless the text selects released versions."""
    selector = parse_reference(f"x@{text}").selector
    if isinstance(selector, Work | GitRevision):
        raise ValueError(f"must select released versions, which {text} does not")  # noqa: TRY004 - for pydantic


Place = Annotated[Label, Rule(check_place)]
RangeText = Annotated[Label, Rule(check_range)]


class LockedDigests(Part):
    """What proves that data is the locked version's."""

    tree: Sha256 = Field(description="SHA-256 of the sorted `sha256sum` lines of all files.")
    records: Sha256 = Field(description="SHA-256 over the sorted fingerprints of the records.")
    dvc: DvcObject = Field(description="DVC's name of the data.")


class Pin(Part):
    """A dataset that is used here, and the version of it that its range came to; None where that is not known yet."""

    name: Name = Field(description="What it is called here.")
    repository: Place = Field(description="Where its repository is: an address, or a path from this file's directory.")
    root: RelativePath | None = Field(default=None, description="The DVC root there, where that is not git's root.")
    dataset: Name | None = Field(default=None, description="What it is called there, where that is another name.")
    range: RangeText = Field(description="Which versions may be taken, as behind the @ of a reference.")
    version: VersionText | None = Field(default=None, description="The version that is locked.")
    commit: Commit | None = Field(
        default=None, description="The commit it was found at: that of its tag, if it has one."
    )
    tag: Label | None = Field(default=None, description="Its tag; left out where it had none.")
    digests: LockedDigests | None = Field(default=None, description="What proves that data is this version's.")
    splits: tuple[SplitName, ...] | None = Field(default=None, description="Only files of these splits are brought.")
    files: tuple[Glob, ...] | None = Field(default=None, description="Only files that one of these globs fits.")
    path: RelativePath | None = Field(default=None, description="The directory that its files lie in.")
    left_out: ClassVar[frozenset[str]] = frozenset(
        {"root", "dataset", "version", "commit", "tag", "digests", "splits", "files", "path"}
    )

    @model_validator(mode="after")
    def _locked_whole(self) -> Pin:
        known = [each is not None for each in (self.version, self.commit, self.digests)]
        if any(known) and not all(known):
            raise ValueError("version, commit and digests stand together, or all are left out")
        return self

    @property
    def unlocked(self) -> str:
        """Why it is not known which version is meant: there is none, or the range was changed since; "" where it is.

        A range that goes by what else there is, such as `latest` or a stage, is looked at again by an update alone.
        """
        if self.version is None or self.digests is None:
            return "no version is locked"
        return "" if self._fits(self.reference.selector) is not False else f"{self.version} is not in {self.range}"

    def is_meant_by(self, reference: Ref) -> bool:
        """Whether whoever names the dataset like this may be given what is locked: any of it, or what fits, will do."""
        selector = reference.selector
        return isinstance(selector, Latest) or selector == self.reference.selector or self._fits(selector) is True

    def _fits(self, selector: Selector) -> bool | None:
        """Whether the selector fits what is locked; None where that depends on what else there is."""
        if self.version is None or self.digests is None:
            return False
        if isinstance(selector, Range):
            return selector.admits(self.version)
        if isinstance(selector, Exact):
            return selector.version == self.version
        if isinstance(selector, Digest):
            return self.digests.tree.removeprefix("sha256:").startswith(selector.digits)
        return None

    @property
    def locked(self) -> bool:
        """Whether a version is locked."""
        return self.version is not None

    @property
    def reference(self) -> Ref:
        """The dataset and its range as they are named in its repository."""
        before = f"./{self.root}:" if self.root else ""
        return parse_reference(f"{before}{self.dataset or self.name}@{self.range}")

    @property
    def version_name(self) -> str:
        """`NAME@X.Y.Z` by the name that it has here."""
        return f"{self.name}@{self.version}"

    @property
    def portion(self) -> Portion:
        """Which of its files are wanted."""
        return Portion.parse(globs=self.files or (), splits=self.splits or ())

    @property
    def place(self) -> str:
        """The directory that its files lie in, from that of the lock file."""
        return self.path or f"data/{self.name}"


class Lock(Part):
    """All pins of a project, by name."""

    schema_number: Literal[1] = Field(default=1, alias="schema", description="The number of this file's format.")
    pins: tuple[Pin, ...] = Field(default=(), description="What is used here.")

    def get(self, name: str) -> Pin | None:
        """The pin of this name; None where there is none."""
        return next((each for each in self.pins if each.name == name), None)

    def with_pins(self, *pins: Pin) -> Lock:
        """The lock with these pins, each in place of one of its name."""
        held = {**{each.name: each for each in self.pins}, **{each.name: each for each in pins}}
        return self.model_copy(update={"pins": tuple(held[name] for name in sorted(held))})

    def without(self, *names: str) -> Lock:
        """The lock without the pins of these names."""
        return self.model_copy(update={"pins": tuple(each for each in self.pins if each.name not in names)})

    def chosen(self, names: Sequence[str]) -> list[Pin]:
        """The pins of these names, all without one, by name; NoPathError for one that is not pinned."""
        unknown = [each for each in names if self.get(each) is None]
        if unknown:
            there = ", ".join(sorted(each.name for each in self.pins)) or "nothing"
            raise NoPathError(
                f"{unknown[0]!a} is not pinned", hint=f"{FILE_NAME} pins {there}", details={"name": unknown[0]}
            )
        return [each for each in sorted(self.pins, key=lambda pin: pin.name) if not names or each.name in names]


def load_lock(data: bytes, *, file: str = FILE_NAME) -> Loaded[Lock]:
    """The lock in the bytes of a file; BadManifestError lists everything that is wrong with it."""
    return load(Lock, data, file=file, contradictions=contradictions)


def dump_lock(lock: Lock) -> bytes:
    """The bytes of dsv.lock."""
    value = {**plain(lock), "schema": SCHEMA}
    value["pins"] = sorted(value["pins"], key=lambda pin: str(pin["name"]))
    return (_FIRST_LINE + render(value, layout=_LAYOUT, what=FILE_NAME)).encode()


def contradictions(lock: Lock) -> Iterator[tuple[Path, str]]:
    """Pins that cannot stand beside each other: of one name, or in one place."""
    for number, pin in enumerate(lock.pins):
        for other in lock.pins[:number]:
            if pin.name.lower() == other.name.lower():
                yield ("pins", number, "name"), f"is the name of another pin already (got {pin.name!r})"
            elif overlap(pin.place, other.place):
                yield ("pins", number, "path"), f"is where {other.name} lies (got {pin.place!a})"


def overlap(one: str, other: str) -> bool:
    """Whether one of two paths is the other, or lies in it."""
    return f"{one}/".startswith(f"{other}/") or f"{other}/".startswith(f"{one}/")
