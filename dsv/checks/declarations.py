"""Checks of what people declare: dsv.yaml and each dataset.yaml can be read, and say what can be done."""

from __future__ import annotations

from collections.abc import Sequence

from dsv.errors import BadManifestError
from dsv.model.finding import Check, Finding, Status

SETTINGS_READ = Check(
    "C101",
    "declaration",
    "dsv.yaml can be read, and each of its settings can be.",
    "Every command reads it first, and stops where it cannot.",
    "Somebody wrote `major: lots` under `policy`.",
    "{setting}: must be {what}",
    "correct {file}; git restore {file} brings the committed one back",
)
DATASET_READS = Check(
    "C102",
    "declaration",
    "Each dataset.yaml can be read, lies in the directory of its name, and names a format that there is.",
    "Nothing can be said of a dataset whose declaration cannot be read.",
    "Somebody wrote `key: 7`, where a list of fields belongs.",
    "{setting}: must be {what}",
    "correct {file}; git restore {file} brings the committed one back",
)
NOT_DECLARED = Check(
    "C103",
    "declaration",
    "What has versions has a dataset.yaml.",
    "Its next version cannot be released, and nobody can tell what it is.",
    "Somebody deleted `manifests/leases/dataset.yaml` and left the versions.",
    "is not there",
    "git log -- {file} shows the commit that took it away; git checkout COMMIT^ -- {file} brings it back",
)

DECLARATIONS = (SETTINGS_READ, DATASET_READS, NOT_DECLARED)


def reads(check: Check, *, file: str, dataset: str | None = None) -> Finding:
    """The file can be read."""
    return Finding(check, Status.PASSED, "reads", dataset=dataset, file=file)


def is_not_there(*, file: str, dataset: str) -> Finding:
    """There is no such file."""
    return Finding(NOT_DECLARED, Status.WARNING, "is not there", dataset=dataset, file=file)


def unreadable(check: Check, error: BadManifestError, *, file: str, dataset: str | None = None) -> list[Finding]:
    """Everything that is wrong with the file, each at its line."""
    problems: Sequence[dict[str, object]] = error.details.get("problems") or [
        {"line": 1, "path": "", "message": error.message}
    ]
    return [
        Finding(
            check,
            Status.FAILED,
            f"{problem['path']}: {problem['message']}" if problem["path"] else str(problem["message"]),
            dataset=dataset,
            file=file,
            line=line if isinstance(line := problem["line"], int) and line else 1,
        )
        for problem in problems
    ]
