"""What `dsv check` says: numbered checks, what each found, and all of it together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing_extensions import Self


class Status(Enum):
    """How a check came out; what it needs is not here where it was SKIPPED."""

    PASSED = "passed"
    FAILED = "failed"
    WARNING = "warning"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Check:
    """One thing that must hold. `number` is never given twice, `name` may be that of several that are akin.

    `holds` says what must be so, and `why` what it leads to where it is not. `failing` is an example of what somebody
    did, and `says` what is found then, in which names in braces stand for what it is about. `mending` is what to do,
    with `{file}`, `{dataset}`, `{version}` and `{ref}` (`NAME@X.Y.Z`) for those of the finding.
    """

    number: str
    name: str
    holds: str
    why: str
    failing: str
    says: str
    mending: str


@dataclass(frozen=True)
class Area:
    """Checks about one thing, by number."""

    title: str
    checks: Sequence[Check]


@dataclass(frozen=True)
class Finding:
    """The outcome of one check; `value` is what was found where `limit` was asked for.

    `content` are lines that may show data: records, names of files, labels. Nothing else of a finding does. `remedy` is
    what mends it, where that is more exact than what the check says of all.
    """

    of: Check
    status: Status
    message: str
    dataset: str | None = None
    version: str | None = None
    value: Any = None
    limit: Any = None
    file: str | None = None
    line: int | None = None
    content: tuple[str, ...] = ()
    remedy: str = ""

    @property
    def check(self) -> str:
        """The name of the check."""
        return self.of.name

    @property
    def number(self) -> str:
        """The number of the check."""
        return self.of.number

    @property
    def fix(self) -> str | None:
        """What to do about it; None where nothing is wrong."""
        if self.status in (Status.PASSED, Status.SKIPPED) and not self.remedy:
            return None
        dataset, version = self.dataset or "NAME", self.version or "VERSION"
        return self.remedy or self.of.mending.format(
            file=self.file or "FILE", dataset=dataset, version=version, ref=f"{dataset}@{version}"
        )

    @property
    def place(self) -> str:
        """`FILE:LINE`, or as much of it as there is; else the version or the dataset, `dsv.yaml` where it is none's."""
        if self.file:
            return f"{self.file}:{self.line}" if self.line else self.file
        return self.subject

    @property
    def subject(self) -> str:
        """The version or the dataset that it is about; the repository where it is about none."""
        return "@".join(filter(None, (self.dataset, self.version))) or "the repository"

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {
            "check": self.check,
            "number": self.number,
            "dataset": self.dataset,
            "version": self.version,
            "status": self.status.value,
            "value": self.value,
            "limit": self.limit,
            "message": self.message,
            "file": self.file,
            "line": self.line,
            "content": list(self.content),
            "fix": self.fix,
        }


@dataclass(frozen=True)
class Findings:
    """What the checks found, and how many versions they looked at.

    `base` is the revision that was held against, as it was given, and `new` are the versions that it has not, as
    `NAME@X.Y.Z`. `prefix` is where the DVC root, from which files count, lies below git's root.
    """

    results: Sequence[Finding]
    versions: int
    base: str | None = None
    new: Sequence[str] = ()
    prefix: str = ""

    @property
    def ok(self) -> bool:
        """Whether nothing failed; warnings do not."""
        return not self.failed

    @property
    def failed(self) -> list[Finding]:
        """What is wrong."""
        return self._with(Status.FAILED)

    @property
    def warnings(self) -> list[Finding]:
        """What is worth a look."""
        return self._with(Status.WARNING)

    @property
    def skipped(self) -> list[Finding]:
        """What could not be looked at, and what that needs."""
        return self._with(Status.SKIPPED)

    @property
    def verdict(self) -> str:
        """All of it in a line: `2 failed, 1 warning, 40 passed`."""
        counted = [
            (len(self.failed), "failed"),
            (len(self.warnings), "warning" if len(self.warnings) == 1 else "warnings"),
            (len(self._with(Status.PASSED)), "passed"),
            (len(self.skipped), "not looked at"),
        ]
        return ", ".join(f"{count:,} {word}" for count, word in counted if count) or "nothing to check"

    def without_content(self) -> Self:
        """The same, in which no data is shown."""
        return replace(self, results=[replace(each, content=()) for each in self.results])

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {
            "ok": self.ok,
            "results": [each.document() for each in self.results],
            "versions": self.versions,
            "base": self.base,
            "new": list(self.new),
        }

    def _with(self, status: Status) -> list[Finding]:
        return [each for each in self.results if each.status is status]
