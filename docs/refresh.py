"""Every generated page of docs/, made anew: run it after a change of the command line, the models or an example.

python docs/refresh.py
"""  # noqa: INP001 - a script beside the pages it makes

from __future__ import annotations

import tempfile
from pathlib import Path

import generate_checks
import generate_cli
import generate_doctor
import generate_index
import generate_manifest
import transcripts

DOCS = Path(__file__).parent


def main() -> None:
    """Write the references, the stories' transcripts and the tutorial's outputs."""
    generate_manifest.main()
    generate_cli.main()
    generate_checks.main()
    generate_doctor.main()
    generate_index.main()
    for name in transcripts.STORIES:
        with tempfile.TemporaryDirectory() as scratch:
            page = transcripts.story(name, Path(scratch))
        (DOCS / "examples" / f"{name}.md").write_text(page, encoding="utf-8")
    for name in transcripts.WALKS:
        walk = DOCS / f"{name}.md"
        with tempfile.TemporaryDirectory() as scratch:
            page = transcripts.walk_through(walk.read_text(encoding="utf-8"), Path(scratch))
        walk.write_text(page, encoding="utf-8")
    for name in transcripts.LOOKS:
        looks = DOCS / f"{name}.md"
        with tempfile.TemporaryDirectory() as scratch:
            page = transcripts.looks(looks.read_text(encoding="utf-8"), Path(scratch))
        looks.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
