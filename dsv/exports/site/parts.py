"""Pieces that pages share: badges, facts side by side, counts of records, lists that are cut."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from dsv.exports.html import prose, table, text
from dsv.model.standing import Occurrence
from dsv.records.present import short_text

ACTIVE = "active"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def badge(word: str, kind: str = "") -> str:
    """A word in a frame; its kind gives it a colour."""
    return f'<span class="badge{f" {kind}" if kind else ""}">{text(word)}</span>'


def status_badge(status: str) -> str:
    """How something stands, where that is not as usual."""
    return "" if status == ACTIVE else badge(status, "warned")


def day(moment: str) -> str:
    """`22 Nov 2026` as a time that programs can read too; any other text as it is."""
    try:
        found = datetime.strptime(moment[:10], "%Y-%m-%d")  # noqa: DTZ007 - a day, as it was written
    except ValueError:
        return text(moment)
    return f'<time datetime="{text(moment)}">{found.day} {_MONTHS[found.month - 1]} {found.year}</time>'


def person(name: str) -> str:
    """The name without its address."""
    return text(name.partition(" <")[0])


def facts(pairs: Iterable[tuple[str, str]]) -> str:
    """Names, which are text, with their values, which are HTML; those without a value are left out."""
    shown = "".join(f"<div><dt>{text(name)}</dt><dd>{value}</dd></div>" for name, value in pairs if value)
    return f'<dl class="facts">{shown}</dl>'


def labels(words: Iterable[str]) -> str:
    """Free labels."""
    return " ".join(badge(each) for each in words)


def cut_table(
    headers: Sequence[str], rows: Sequence[Sequence[str]], *, most: int, what: str, words: Collection[int] = ()
) -> str:
    """The first rows as a table, and how many more there are; the columns of `words` hold no numbers."""
    more = len(rows) - most
    return table(headers, rows[:most], words=words) + (f"<p>and {more:,} more {text(what)}</p>" if more > 0 else "")


def head(content: str) -> str:
    """The cell that names its row; the content is HTML."""
    return f"<th scope=row>{content}</th>"


def cell(content: str, kind: str = "") -> str:
    """A cell of HTML."""
    return f'<td class="{kind}">{content}</td>' if kind else f"<td>{content}</td>"


def numbers(values: Iterable[int | None]) -> list[str]:
    """A cell for each number, empty where it is not known."""
    return [cell("" if each is None else f"{each:,}") for each in values]


def percent(share: float | None) -> str:
    """`90.0 %`; nothing where it is not known."""
    return "" if share is None else f"{share:.1%}".replace("%", " %")


def figure(value: float | None) -> str:
    """A score with as many digits as mean something."""
    return "" if value is None else f"{value:.4g}"


def mapping_table(values: Mapping[str, Any], *, most: int) -> str:
    """Names with whatever JSON values they have."""
    rows = [[head(text(name)), cell(prose(value_text(value)), "words")] for name, value in values.items()]
    return cut_table(["name", "value"], rows, most=most, what="facts", words=[1])


def value_text(value: Any) -> str:
    """A text as it is, anything else as JSON, cut where it is very long."""
    return value if isinstance(value, str) else short_text(value)


def timeline(events: Sequence[Occurrence], *, most: int) -> str:
    """What happened, the last first."""
    shown = []
    for each in list(reversed(events))[:most]:
        version = "" if each.version is None else f" {text(str(each.version))}"
        stage = each.data.get("stage")
        to = f" to {text(stage)}" if isinstance(stage, str) else ""
        reason = f"<p>{prose(each.reason)}</p>" if each.reason.strip() else ""
        by = f", {person(each.by)}" if each.by else ""
        shown.append(
            f"<li><strong>{text(each.event)}</strong>{version}{to} <small>{day(each.at)}{by}</small>{reason}</li>"
        )
    more = len(events) - most
    return f'<ol class="events">{"".join(shown)}</ol>' + (f"<p>and {more:,} more</p>" if more > 0 else "")
