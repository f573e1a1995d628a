"""Whatever bytes arrive, a reader reads them or refuses them by name: it does not crash, hang or take all memory.

This is the short run; `python -m tests.fuzz --minutes 10 --seed N` goes on for as long as it is told.
"""

from __future__ import annotations

import pytest

from dsv.records.formats import FORMATS

from .runner import Target, attack, outcome
from .targets import refusable, targets

TARGETS = targets()
INPUTS = 60


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_hostile_input_is_read_or_refused_by_name(target):
    found = [finding for finding in attack(target, seed=2026, numbers=range(INPUTS)) if finding]
    assert not found, f"python -m tests.fuzz --seed 2026 --target {found[0]}"


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_the_good_input_that_is_changed_is_good(target):
    assert any(refusable(target.run, data) for data in target.good)


def test_every_format_is_attacked():
    names = {target.name for target in TARGETS}
    assert {f"{each.name}: file{suffix}" for each in FORMATS for suffix in each.suffixes} <= names


def _hang(_: bytes) -> None:
    while True:
        pass


def test_a_hang_and_a_crash_would_be_noticed(monkeypatch):
    monkeypatch.setattr("tests.fuzz.runner.LONGEST_SECONDS", 0.05)
    assert "processor time" in outcome(Target("hang", (b"",), _hang), b"")
    assert "ZeroDivisionError" in outcome(Target("crash", (b"",), lambda data: 1 // len(data)), b"")
