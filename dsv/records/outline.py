"""A record at a glance: its first fields with the beginnings of their values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dsv.records.present import short_text
from dsv.records.turns import spelling_of

FIELDS_SHOWN = 12
_BEGINNING = 300
_TURNS_SHOWN = 2
_TURN_SHOWN = 100


@dataclass(frozen=True)
class Outline:
    """The first fields as (name, text), and how many more there are; what is no object has one without a name."""

    fields: tuple[tuple[str, str], ...]
    more: int


def outline(record: Any) -> Outline:
    """The record at a glance."""
    if not isinstance(record, dict):
        return Outline((("", _beginning(record)),), 0)
    shown = list(record.items())[:FIELDS_SHOWN]
    return Outline(tuple((name, _beginning(value)) for name, value in shown), len(record) - len(shown))


def _beginning(value: Any) -> str:
    """The beginning of a value; of a conversation, how long it is and how it begins."""
    spelling = spelling_of(value)
    if spelling is None:
        return _cut(short_text(value), _BEGINNING)
    role, said = spelling
    turns = f"{len(value)} {'turn' if len(value) == 1 else 'turns'}"
    first = [f"{each[role]}: {_cut(short_text(each.get(said)), _TURN_SHOWN)}" for each in value[:_TURNS_SHOWN]]
    return "; ".join([turns, *first])


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
