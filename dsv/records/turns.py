"""Conversations: lists of turns, as chat models are trained on them, in the two spellings that are in use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dsv.records.pairing import similarity

_SPELLINGS = (("role", "content"), ("from", "value"))
_OTHER_ROLE = 0.4


@dataclass(frozen=True)
class Turn:
    """The number of a turn in its conversation from 1, and who speaks."""

    number: int
    role: str


def spelling_of(value: Any) -> tuple[str, str] | None:
    """The members that hold role and text of each turn; None when the value is no conversation."""
    if not isinstance(value, list) or not value or not all(isinstance(each, dict) for each in value):
        return None
    return next((each for each in _SPELLINGS if _is_spelled(value, *each)), None)


def turn_of(turns: Sequence[Any], place: int, *, spelling: tuple[str, str]) -> Turn:
    """The turn at this place."""
    return Turn(place + 1, turns[place][spelling[0]])


def turn_likeness(spelling: tuple[str, str]) -> Any:
    """How much two turns of this spelling have in common: their texts, less where another speaks."""
    role, text = spelling

    def likeness(old: Any, new: Any) -> float:
        alike = similarity(old.get(text), new.get(text))
        return alike if old[role] == new[role] else alike * _OTHER_ROLE

    return likeness


def _is_spelled(turns: Sequence[Any], role: str, text: str) -> bool:
    return all(isinstance(each.get(role), str) for each in turns) and any(text in each for each in turns)
