"""`python -m tests.faults --minutes 10 --seed 1`: faults at steps chosen at random, until the time is up."""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.faults.commands import COMMANDS
from tests.faults.steps import Way
from tests.faults.trial import Fault, NoCompilerError, Trial, Trials


def main() -> int:
    """The exit code: 1 when something did not survive."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--command", action="append", choices=COMMANDS, help="only this one; may be repeated")
    parser.add_argument(
        "--way", action="append", choices=[way.value for way in Way], help="only this one; may be repeated"
    )
    parser.add_argument("--step", type=int, help="only this step, of each command in each way")
    options = parser.parse_args()
    commands, ways = (
        options.command or list(COMMANDS),
        [Way(each) for each in options.way or [way.value for way in Way]],
    )
    tried, survived = Counter[str](), Counter[str]()
    with tempfile.TemporaryDirectory(prefix="dsv-faults-") as directory, Trials(Path(directory)) as trials:
        all_trials = {name: trials.of(name) for name in commands}
        _say(f"seed {options.seed}; " + ", ".join(f"{name} {len(each.steps)}" for name, each in all_trials.items()))
        for name, fault in _chosen(options, all_trials, ways):
            outcome = all_trials[name].try_one(fault)
            tried[name] += 1
            survived[name] += not outcome.wrong
            if outcome.wrong or options.step:
                _say(f"--command {name} --way {fault.way.value!r} --step {fault.number}: {outcome}")
    _say(f"{'command':12}{'steps':>8}{'tried':>8}{'survived':>10}")
    for name, trial in all_trials.items():
        _say(f"{name:12}{len(trial.steps):8,}{tried[name]:8,}{survived[name]:10,}")
    _say(f"{tried.total():,} faults tried, {survived.total():,} survived")
    return 0 if tried == survived else 1


def _chosen(options: argparse.Namespace, trials: dict[str, Trial], ways: list[Way]) -> Iterator[tuple[str, Fault]]:
    if options.step:
        yield from ((name, Fault(way, options.step)) for name in trials for way in ways)
        return
    chance = random.Random(options.seed)  # noqa: S311 - to choose, not to hide
    end = time.monotonic() + 60 * options.minutes
    while time.monotonic() < end:
        name = chance.choice(sorted(trials))
        yield name, Fault(chance.choice(ways), chance.randint(1, len(trials[name].steps)))


def _say(what: object) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except NoCompilerError:
        sys.exit("a C compiler, cc, and Linux are needed")
