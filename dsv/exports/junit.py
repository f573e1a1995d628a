"""What was checked as JUnit's XML, which pipelines show as tests: a suite for each dataset, a case for each check."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

from dsv.model.finding import Finding, Findings, Status
from dsv.model.visible import visible, visible_lines

_REPOSITORY = "repository"


def junit(checked: Findings) -> str:
    """The document; a failed check is a failure, one that could not be looked at is skipped, a warning passes."""
    suites: dict[str, list[Finding]] = {}
    for each in checked.results:
        suites.setdefault(each.dataset or _REPOSITORY, []).append(each)
    written = "".join(_suite(name, suites[name]) for name in sorted(suites))
    head = f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites{_totals("dsv check", checked.results)}>\n'
    return f"{head}{written}</testsuites>\n"


def _suite(name: str, findings: Sequence[Finding]) -> str:
    skipped = sum(each.status is Status.SKIPPED for each in findings)
    head = f'{_totals(name, findings)} skipped="{skipped}"'
    return f"  <testsuite{head}>\n{''.join(map(_case, findings))}  </testsuite>\n"


def _totals(name: str, findings: Sequence[Finding]) -> str:
    failed = sum(each.status is Status.FAILED for each in findings)
    return f' name={_attribute(name)} tests="{len(findings)}" failures="{failed}" errors="0" time="0"'


def _case(finding: Finding) -> str:
    named = f"{finding.number} {finding.check}" + (f" {finding.file}" if finding.file else "")
    head = f'    <testcase name={_attribute(named)} classname={_attribute(finding.subject)} time="0"'
    if finding.status is Status.PASSED:
        return f"{head}/>\n"
    if finding.status is Status.SKIPPED:
        return f"{head}>\n      <skipped message={_attribute(finding.message)}/>\n    </testcase>\n"
    text = _text("\n".join(_told(finding)))
    if finding.status is Status.WARNING:
        return f"{head}>\n      <system-out>{text}</system-out>\n    </testcase>\n"
    said = f"message={_attribute(finding.message)} type={_attribute(finding.number)}"
    return f"{head}>\n      <failure {said}>{text}</failure>\n    </testcase>\n"


def _told(finding: Finding) -> list[str]:
    mending = [f"to mend it: {finding.fix}"] if finding.fix else []
    return [f"{finding.place}: {finding.message}", *finding.content, *mending]


def _attribute(text: str) -> str:
    return quoteattr(visible(text))


def _text(text: str) -> str:
    """Control characters, which XML has no way to write, stand as escapes."""
    return escape(visible_lines(text))
