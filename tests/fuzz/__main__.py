"""`python -m tests.fuzz --minutes 10 --seed 1`: hostile input for every reader, until the time is up."""

from __future__ import annotations

import argparse
import faulthandler
import itertools
import os
import resource
import sys
import tempfile
import time

from .runner import attack, hostile, outcome
from .targets import targets

HUNG_SECONDS = 300


def main() -> int:
    """The exit code: 1 when something was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--target", action="append", help="only this one; may be repeated")
    parser.add_argument("--number", type=int, help="only the input with this number, shown")
    parser.add_argument("--memory", type=int, default=16 << 10, metavar="MIB", help="address space of the process")
    options = parser.parse_args()
    chosen = [each for each in targets() if not options.target or each.name in options.target]
    if options.number is not None:
        for each in chosen:
            data = hostile(each, seed=options.seed, number=options.number)
            _say(f"{each.name}: {data!r}\n{outcome(each, data) or 'nothing wrong'}")
        return 0
    resource.setrlimit(resource.RLIMIT_AS, (options.memory << 20, resource.getrlimit(resource.RLIMIT_AS)[1]))
    at_hand = os.path.join(tempfile.gettempdir(), f"dsv-fuzz-{os.getpid()}")
    _say(f"seed {options.seed}, {len(chosen)} targets; the input at hand is named in {at_hand}")
    end, tried, found = time.monotonic() + 60 * options.minutes, 0, set()
    with open(at_hand, "w", encoding="utf-8") as note:
        for batch in itertools.count():
            if time.monotonic() > end:
                break
            for each in chosen:
                note.seek(0)
                note.write(f"--seed {options.seed} --target {each.name!r} --number {batch * 20} and on \n")
                note.flush()
                faulthandler.dump_traceback_later(HUNG_SECONDS, exit=True)
                for finding in attack(each, seed=options.seed, numbers=range(batch * 20, batch * 20 + 20)):
                    tried += 1
                    cause = finding and (finding.target, finding.said[-200:])
                    if cause and cause not in found:
                        found.add(cause)
                        _say(finding)
    faulthandler.cancel_dump_traceback_later()
    os.unlink(at_hand)
    _say(f"{tried:,} inputs, {len(found)} findings")
    return 1 if found else 0


def _say(what: object) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
