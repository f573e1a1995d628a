"""What was checked as GitHub's workflow commands, which GitHub shows beside the lines of a pull request."""

from __future__ import annotations

from dsv.model.finding import Finding, Findings, Status
from dsv.model.visible import visible

_COMMANDS = {Status.FAILED: "error", Status.WARNING: "warning"}


def workflow_commands(checked: Findings) -> str:
    """A line for each thing that is wrong, errors first, because GitHub shows ten of a step; then the verdict."""
    wrong = [*checked.failed, *checked.warnings]
    return "".join(f"{_command(each, prefix=checked.prefix)}\n" for each in wrong) + f"dsv check: {checked.verdict}\n"


def _command(finding: Finding, *, prefix: str) -> str:
    properties = {"title": f"{finding.number} {finding.check}"}
    if finding.file:
        path = f"{prefix}/{finding.file}" if prefix else finding.file
        properties = {"file": path, "line": str(finding.line or 1), **properties}
    told = [finding.message, *finding.content, *([f"to mend it: {finding.fix}"] if finding.fix else [])]
    if not finding.file:
        told[0] = f"{finding.subject}: {told[0]}"
    given = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{_COMMANDS[finding.status]} {given}::{_data(told)}"


def _data(lines: list[str]) -> str:
    """The message; a percent sign and line ends stand as GitHub reads them back."""
    return "%0A".join(visible(line).replace("%", "%25") for line in lines)


def _property(text: str) -> str:
    """The value of a property, in which a colon and a comma would end it."""
    return visible(text).replace("%", "%25").replace(":", "%3A").replace(",", "%2C")
