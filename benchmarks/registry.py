"""GTO, which keeps a registry in git's tags as dsv does, in an environment of its own."""

from __future__ import annotations

import subprocess
import sys
import venv
from dataclasses import replace
from pathlib import Path

from sides import Side


def gto_in(ours: Side, where: Path) -> Side | None:
    """The repository with GTO as the program that works in it; None where GTO cannot be installed."""
    venv.create(where, with_pip=True)
    done = subprocess.run(
        [where / "bin" / "python", "-m", "pip", "install", "--quiet", "gto"],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        print(f"gto cannot be installed, and is left out: {done.stderr.strip()}", file=sys.stderr)
        return None
    subprocess.run([where / "bin" / "python", "-m", "compileall", "-q", where / "lib"], check=False)
    return replace(ours, program=str(where / "bin" / "gto"))
