"""`python -m dsv`, and the entry point of the `dsv` command."""

from __future__ import annotations

import gc
import os
import sys


def main() -> None:
    """Run the command line and leave with its exit code."""
    if sys.stdout is None:  # closed by who started us: print must not fail
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - for as long as the process lives
    try:
        gc.set_threshold(500_000)  # a list of fifty thousand files is no circle, and looking for some in it takes long
        from dsv.cli.app import run

        code = run(sys.argv[1:])
    except KeyboardInterrupt:  # while it was loading; run says more
        code = 130
    sys.exit(code)


if __name__ == "__main__":
    main()
