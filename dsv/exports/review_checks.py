"""What the checks said, as parts of a review in Markdown and in HTML: what fails first, what passed in a word."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from dsv.exports import html, markdown
from dsv.exports.markdown import cut
from dsv.exports.room import Part, Shorter
from dsv.model.finding import Status

if TYPE_CHECKING:
    from dsv.model.finding import Finding, Findings

_FIRST = 5
_LISTED = 30
_LINES = 10
_LONGEST = 500

_MARKS = {
    Status.FAILED: ("\u274c", "failed"),
    Status.WARNING: ("\u26a0\ufe0f", "warning"),
    Status.SKIPPED: ("\u2796", "not looked at"),
}


def failures_markdown(findings: Findings) -> Iterator[str]:
    """The first of what fails, a line each, for below the verdict."""
    failed = findings.failed
    if failed:
        yield ""
    for each in failed[:_FIRST]:
        name, place = markdown.code(f"{each.number} {each.check}"), markdown.code(cut(each.place, longest=200))
        yield f"- {name} {place}: {markdown.code(cut(each.message, longest=_LONGEST))}"
    if len(failed) > _FIRST:
        yield f"- and {len(failed) - _FIRST:,} more, below"


def checks_markdown(findings: Findings) -> Iterator[Part]:
    """All of it: what fails or is worth a look in full, what passed by its name."""
    if not findings.results:
        return
    yield Part(f"\n#### Checks\n\n{findings.verdict}\n", "checks", [Shorter(85, "")])
    told = _told(findings)
    lines = [_line(each) for each in told[:_LISTED]]
    brief = [line.splitlines()[0] for line in lines]
    more = [f"- and {len(told) - _LISTED:,} more"] if len(told) > _LISTED else []
    full, short = ("".join(f"{line}\n" for line in ["", *each, *more]) for each in (lines, brief))
    if told:
        yield Part(full, "checks", [Shorter(75, short), Shorter(82, "")])
    passed = _passed(findings)
    names = ", ".join(f"{markdown.code(name)}{f' ({count:,})' if count > 1 else ''}" for name, count in passed)
    lines = [f"passed: {names}"] if passed else []
    lines += ["", *(_line(each).splitlines()[0] for each in findings.skipped[:_LISTED])]
    if passed or findings.skipped:
        found = markdown.details(
            "what passed, and what was not looked at" if findings.skipped else "what passed", lines
        )
        yield Part("\n" + "\n".join(found) + "\n", "checks that passed", [Shorter(0, "")])


def checks_html(findings: Findings) -> str:
    """The section."""
    if not findings.results:
        return ""
    told = _told(findings)
    items = "".join(_item(each) for each in told[:_LISTED])
    more = f"<li>and {len(told) - _LISTED:,} more</li>" if len(told) > _LISTED else ""
    listed = f'<ul class="checks">{items}{more}</ul>' if told else ""
    passed = _passed(findings)
    names = ", ".join(
        f"{html.text(name)}{f' <small>x{count:,}</small>' if count > 1 else ''}" for name, count in passed
    )
    skipped = "".join(map(_item, findings.skipped[:_LISTED]))
    title = "what passed, and what was not looked at" if skipped else "what passed"
    folded = (
        f'<details><summary>{title}</summary><p>{names}</p><ul class="checks">{skipped}</ul></details>'
        if passed or skipped
        else ""
    )
    return html.section('<span id="checks">Checks</span>', f"<p>{html.text(findings.verdict)}</p>\n{listed}\n{folded}")


def failures_html(findings: Findings) -> str:
    """The first of what fails, for below the verdict."""
    failed = findings.failed
    items = [f"<li>{_name(each)} {_place(each)} {_message(each)}</li>" for each in failed[:_FIRST]]
    if len(failed) > _FIRST:
        items.append(f'<li><a href="#checks">and {len(failed) - _FIRST:,} more</a></li>')
    return f"<ul>{''.join(items)}</ul>\n" if items else ""


def _told(findings: Findings) -> Sequence[Finding]:
    """What somebody has to look at: what fails first."""
    return [*findings.failed, *findings.warnings]


def _passed(findings: Findings) -> list[tuple[str, int]]:
    """The names of checks that passed, and how often, in the order of their numbers."""
    counted = Counter((each.number, each.check) for each in findings.results if each.status is Status.PASSED)
    return [(f"{number} {name}", count) for (number, name), count in sorted(counted.items())]


def _line(finding: Finding) -> str:
    mark, word = _MARKS[finding.status]
    place = markdown.code(cut(finding.place, longest=200))
    name = markdown.code(f"{finding.number} {finding.check}")
    lines = [f"- {mark} {word}: {name} {place}: {markdown.code(cut(finding.message, longest=_LONGEST))}"]
    lines += [f"  - {markdown.code(cut(each, longest=200))}" for each in finding.content[:_LINES]]
    if len(finding.content) > _LINES:
        lines.append(f"  - and {len(finding.content) - _LINES:,} more")
    if finding.fix:
        lines.append(f"  - to mend it: {markdown.code(cut(finding.fix, longest=_LONGEST))}")
    return "\n".join(lines)


def _item(finding: Finding) -> str:
    _, word = _MARKS[finding.status]
    content = "".join(f"<li><code>{html.text(cut(each, longest=200))}</code></li>" for each in finding.content[:_LINES])
    if len(finding.content) > _LINES:
        content += f"<li>and {len(finding.content) - _LINES:,} more</li>"
    fix = f"<p><small>to mend it: {html.text(cut(finding.fix, longest=_LONGEST))}</small></p>" if finding.fix else ""
    return (
        f'<li class="{finding.status.value}"><strong>{word}</strong> '
        f"{_name(finding)} {_place(finding)}<p>{_message(finding)}</p>"
        f"{f'<ul>{content}</ul>' if content else ''}{fix}</li>"
    )


def _name(finding: Finding) -> str:
    return f"<small>{html.text(finding.number)} {html.text(finding.check)}</small>"


def _place(finding: Finding) -> str:
    return f"<code>{html.text(cut(finding.place, longest=200))}</code>"


def _message(finding: Finding) -> str:
    return html.text(cut(finding.message, longest=_LONGEST))
